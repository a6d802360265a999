//! The module `paraminfo`: what modules and formats there are and what they take, out of the rows that say so.
//!
//! MediaWiki: `ApiParamInfo`. Recorded cases: `paraminfo/*`, `modes/private-paraminfo`.

mod module_entry;
mod param_entry;
#[cfg(test)]
mod tests;

use self::module_entry::Describer;
use crate::api::answer::Answer;
use crate::api::catalogue::Catalogue;
use crate::api::error::ApiError;
use crate::api::help_text::HelpFormat;
use crate::api::module::{ActionModule, Execution, Group, ModuleCall, ModuleInfo};
use crate::api::module_path::ModulePathError;
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::registry::CATALOGUE;
use crate::api::result::{Object, Value};
use crate::api::warning::ApiWarning;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: NAME,
        path: NAME,
        class: "MediaWiki\\Api\\ApiParamInfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Parameter_information"],
        summary: "Describes modules and formats, and the params that each takes.",
        examples: &[
            (
                "action=paraminfo&modules=bouncehandler|query%2Bsiteinfo",
                "Describes <kbd>action=bouncehandler</kbd> and <kbd>action=query&meta=siteinfo</kbd>.",
            ),
            (
                "action=paraminfo&modules=query%2B*&helpformat=html",
                "Describes all modules of <kbd>action=query</kbd>, with help texts in HTML.",
            ),
        ],
        params: PARAMS,
        is_read_mode: false,
        ..ModuleInfo::BASE
    },
    execute,
};

const NAME: &str = "paraminfo";
const MODULES: &str = "modules";
const HELP_FORMAT: &str = "helpformat";
const QUERY_MODULES: &str = "querymodules";
const MAIN_MODULE: &str = "mainmodule";
const PAGE_SET_MODULE: &str = "pagesetmodule";
const FORMAT_MODULES: &str = "formatmodules";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(MODULES, ParamKind::Text).multi().help(
        "The modules, by their paths: <kbd>main</kbd>, the name of an action or a format, or <kbd>query+</kbd> and the name of \
         one of the modules of <kbd>query</kbd>. <kbd>*</kbd> behind a path stands for all modules of that module, \
         <kbd>**</kbd> for theirs as well.",
    ),
    ParamSpec::with_default(HELP_FORMAT, ParamKind::Choice(HelpFormat::names), "none")
        .help("In what form help texts are given; <kbd>none</kbd> leaves them out."),
    ParamSpec::optional(QUERY_MODULES, ParamKind::Choice(query_names))
        .multi()
        .deprecated()
        .help("Modules of <kbd>query</kbd>, by their names. <var>modules</var> does the same."),
    ParamSpec::optional(MAIN_MODULE, ParamKind::Text)
        .deprecated()
        .help("Describes the main module. <kbd>modules=main</kbd> does the same."),
    ParamSpec::optional(PAGE_SET_MODULE, ParamKind::Text)
        .deprecated()
        .help("Describes those params of <kbd>query</kbd> that say which pages are meant."),
    ParamSpec::optional(FORMAT_MODULES, ParamKind::Choice(format_names))
        .multi()
        .deprecated()
        .help("Formats, by their names. <var>modules</var> does the same."),
];

/// Params of `query` that it shares with other modules of the original that take pages.
const PAGE_SET_PARAMS: [&str; 6] = [
    "titles",
    "pageids",
    "revids",
    "generator",
    "redirects",
    "converttitles",
];

/// The names of all modules of `query`, whatever their groups.
fn format_names() -> Vec<&'static str> {
    CATALOGUE.names(Group::Format)
}

fn query_names() -> Vec<&'static str> {
    let mut names: Vec<_> = CATALOGUE
        .queries
        .iter()
        .map(|module| module.info.name)
        .collect();
    names.sort_unstable();
    names
}

#[expect(clippy::unnecessary_wraps, reason = "other modules of the table fail")]
fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    let params = call.params;
    let format_name = params.text(HELP_FORMAT).unwrap_or_default().to_owned();
    let describer = Describer {
        catalogue: call.catalogue,
        options: call.api,
        format: HelpFormat::from_name(&format_name),
        language: answer.language().clone(),
        limit: call.reader.limit,
    };
    let wanted = wanted_modules(call, answer);
    let mut entry = Object::of([("helpformat", Value::text(format_name))]);
    set_list(
        &mut entry,
        MODULES,
        wanted.into_iter().map(|info| describer.module(info)),
    );
    let of_query = params.values(QUERY_MODULES).filter_map(|name| {
        let mut queries = call.catalogue.queries.iter();
        let info = &queries.find(|module| module.info.name == name)?.info;
        let mut entry = describer.module(info);
        entry.set("querytype", Value::text(info.group.name()));
        Some(entry)
    });
    set_list(&mut entry, QUERY_MODULES, of_query);
    let formats = params
        .values(FORMAT_MODULES)
        .filter_map(|name| call.catalogue.format(name));
    set_list(
        &mut entry,
        FORMAT_MODULES,
        formats.map(|format| describer.module(&format.info)),
    );
    if is_wanted(params.text(MAIN_MODULE)) {
        entry.set(MAIN_MODULE, describer.module(call.catalogue.main));
    }
    if is_wanted(params.text(PAGE_SET_MODULE)) {
        entry.set(PAGE_SET_MODULE, page_set(&describer));
    }
    answer.result.set(NAME, entry);
    Ok(Execution::Complete)
}

/// A text that PHP takes for true.
fn is_wanted(text: Option<&str>) -> bool {
    !matches!(text, None | Some("" | "0"))
}

/// A list that has anything in it.
fn set_list(entry: &mut Object, name: &'static str, modules: impl Iterator<Item = Object>) {
    let modules: Vec<_> = modules.map(Value::Object).collect();
    if !modules.is_empty() {
        entry.set(name, Value::list("module", modules));
    }
}

/// The modules that `modules` names, each once. All wildcards are resolved before any path is.
fn wanted_modules(call: &ModuleCall<'_>, answer: &mut Answer) -> Vec<&'static ModuleInfo> {
    let catalogue = call.catalogue;
    let mut expanded = Vec::new();
    for path in call.params.values(MODULES) {
        match expand(catalogue, path) {
            Some(Ok(modules)) => {
                expanded.extend(modules.into_iter().map(|info| info.path.to_owned()));
            }
            Some(Err(error)) => answer.warn(NAME, &ApiWarning::BadModule(error)),
            None => expanded.push(path.to_owned()),
        }
    }
    let mut wanted: Vec<&'static ModuleInfo> = Vec::new();
    for path in expanded {
        match catalogue.at_path(&path) {
            Ok(info) if wanted.iter().any(|known| known.path == info.path) => {}
            Ok(info) => wanted.push(info),
            Err(error) => answer.warn(NAME, &ApiWarning::BadModule(error)),
        }
    }
    wanted
}

/// What a wildcard at the end of a path stands for; `None` if there is none.
fn expand(
    catalogue: &'static Catalogue,
    path: &str,
) -> Option<Result<Vec<&'static ModuleInfo>, ModulePathError>> {
    let (path, wildcard) = path.rsplit_once('+').unwrap_or(("main", path));
    let modules = |parent: &ModuleInfo| match wildcard {
        "*" => catalogue.submodules(parent),
        _ => catalogue.descendants(parent),
    };
    if !matches!(wildcard, "*" | "**") {
        return None;
    }
    Some(catalogue.at_path(path).and_then(|parent| {
        modules(parent).ok_or(ModulePathError::NoSubmodules {
            parent: parent.path,
        })
    }))
}

/// The original has a class of its own for these params.
fn page_set(describer: &Describer<'_>) -> Object {
    let query = describer.catalogue.at_path("query");
    let params = query.map_or(&[][..], |query| query.params);
    let of_pages: Vec<_> = params
        .iter()
        .filter(|spec| PAGE_SET_PARAMS.contains(&spec.name))
        .collect();
    describer.class("MediaWiki\\Api\\ApiPageSet", &of_pages)
}
