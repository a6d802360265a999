//! A module as `paraminfo` describes it.

use crate::api::ApiOptions;
use crate::api::catalogue::Catalogue;
use crate::api::help_text::{HelpFormat, HelpText};
use crate::api::messages::Language;
use crate::api::module::{MAIN, ModuleInfo};
use crate::api::param_spec::ParamSpec;
use crate::api::params::ValueLimit;
use crate::api::result::{Object, Value};

/// Describes modules.
pub struct Describer<'d> {
    /// What modules there are.
    pub catalogue: &'static Catalogue,
    /// The settings of the API.
    pub options: &'d ApiOptions,
    /// In what form descriptions are.
    pub format: HelpFormat,
    /// Their language.
    pub language: Language,
    /// What the client may ask for.
    pub limit: ValueLimit,
}

impl Describer<'_> {
    /// A module.
    pub fn module(&self, info: &ModuleInfo) -> Object {
        let mut entry = Object::of([
            ("name", Value::text(info.name)),
            ("classname", Value::text(info.class)),
            ("path", Value::text(info.path)),
        ]);
        if info.path != MAIN {
            entry.set("group", Value::text(info.group.name()));
        }
        self.add_source(&mut entry, info);
        self.add_description(&mut entry, &HelpText::of_module(info));
        add_flags(&mut entry, info);
        entry.set("helpurls", Value::texts("helpurl", info.help_urls));
        self.add_examples(&mut entry, info);
        let params: Vec<_> = info.params.iter().collect();
        self.add_params(&mut entry, info, &params);
        if info.has_dynamic_params {
            entry.set("dynamicparameters", Value::Bool(true));
        }
        entry
    }

    /// A class of the original that is no module, with these params of `query`.
    pub fn class(&self, class: &'static str, params: &[&ParamSpec]) -> Object {
        let info = ModuleInfo {
            class,
            ..ModuleInfo::BASE
        };
        let mut entry = Object::of([("classname", Value::text(class))]);
        self.add_source(&mut entry, &info);
        add_flags(&mut entry, &info);
        entry.set("helpurls", Value::texts("helpurl", info.help_urls));
        self.add_params(&mut entry, &info, params);
        entry
    }

    fn add_source(&self, entry: &mut Object, info: &ModuleInfo) {
        let source = info.source.name();
        entry.set("prefix", Value::text(info.prefix));
        entry.set("source", Value::text(source));
        entry.set("sourcename", Value::text(source));
        entry.set("licensetag", Value::text(info.source.license()));
        let link = info.source.license_link(&self.options.site);
        entry.set("licenselink", Value::text(link));
    }

    /// A list that is empty is told too, but not the one of examples.
    fn add_examples(&self, entry: &mut Object, info: &ModuleInfo) {
        if self.format == HelpFormat::None || info.examples.is_empty() {
            return;
        }
        let examples = info
            .examples
            .iter()
            .enumerate()
            .map(|(place, (query, text))| {
                let mut example = Object::of([("query", Value::text(query))]);
                let text = HelpText::of_example(info, place, text);
                match self.format {
                    HelpFormat::Raw => example.set("description", text.message()),
                    HelpFormat::Html | HelpFormat::None | HelpFormat::Wikitext => {
                        example = example.with_subelements(&["description"]);
                        self.add_description(&mut example, &text);
                    }
                }
                Value::Object(example)
            });
        entry.set("examples", Value::list("example", examples));
    }

    fn add_params(&self, entry: &mut Object, info: &ModuleInfo, params: &[&ParamSpec]) {
        let rows = params.iter().enumerate().map(|(place, spec)| {
            let index = place.saturating_add(1);
            Value::Object(self.param(info, index, spec))
        });
        entry.set("parameters", Value::list("param", rows));
        // No module here has params whose names depend on values of others.
        entry.set("templatedparameters", Value::list("param", []));
    }

    /// The text in the form that was asked for, if any was.
    pub fn add_description(&self, entry: &mut Object, text: &HelpText) {
        let description = match self.format {
            HelpFormat::None => return,
            HelpFormat::Html => Value::text(text.html(&self.language)),
            HelpFormat::Wikitext => Value::text(text.wikitext(&self.language)),
            HelpFormat::Raw => Value::list("msg", [Value::Object(text.message())]),
        };
        entry.set("description", description);
    }
}

fn add_flags(entry: &mut Object, info: &ModuleInfo) {
    let flags = [
        ("deprecated", info.is_deprecated),
        ("internal", info.is_internal),
        ("readrights", info.is_read_mode),
        ("writerights", info.is_write_mode),
        ("mustbeposted", info.must_be_posted),
    ];
    for (name, _) in flags.iter().filter(|(_, is_set)| *is_set) {
        entry.set(*name, Value::Bool(true));
    }
}
