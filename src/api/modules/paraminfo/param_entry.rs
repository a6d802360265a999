//! A param as `paraminfo` describes it.

use super::module_entry::Describer;
use crate::api::help_text::HelpText;
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::{Absent, Multi, ParamKind, ParamSpec};
use crate::api::result::{Object, Value};

/// The name of list elements in XML that the original gives none.
const UNNAMED: &str = "_v";

/// What a generator's own params begin with in a request.
const GENERATOR_PREFIX: &str = "g";

impl Describer<'_> {
    /// The param in this place, counted from 1.
    pub fn param(&self, info: &ModuleInfo, index: usize, spec: &ParamSpec) -> Object {
        let mut entry = Object::of([
            ("index", Value::number(index)),
            ("name", Value::text(info.short_name(spec))),
        ]);
        self.add_description(&mut entry, &HelpText::of_param(info, spec));
        entry.set("type", self.type_of(spec));
        entry.set("required", Value::Bool(spec.is_required()));
        if spec.is_deprecated {
            entry.set("deprecated", Value::Bool(true));
        }
        if let Absent::Default(default) = spec.absent {
            entry.set("default", default_value(spec.kind, default));
        }
        if spec.is_sensitive {
            entry.set("sensitive", Value::Bool(true));
        }
        self.add_multi(&mut entry, spec);
        match spec.kind {
            ParamKind::Module(group) => add_submodules(&mut entry, &self.modules_of(group)),
            ParamKind::Generator => {
                add_submodules(&mut entry, &[]);
                entry.set("submoduleparamprefix", Value::text(GENERATOR_PREFIX));
            }
            _ => {}
        }
        if let Some(token_type) = spec.token_type {
            entry.set("tokentype", Value::text(token_type.name()));
        }
        self.add_range(&mut entry, spec.kind);
        if !spec.subtypes.is_empty() {
            entry.set("subtypes", Value::texts(UNNAMED, spec.subtypes));
        }
        entry
    }

    /// The name of the type, or the names that the param takes.
    fn type_of(&self, spec: &ParamSpec) -> Value {
        let name = match spec.kind {
            ParamKind::Text if spec.is_long => "text",
            ParamKind::Text => "string",
            ParamKind::Password => "password",
            ParamKind::Presence => "boolean",
            ParamKind::Integer { .. } => "integer",
            ParamKind::Limit => "limit",
            ParamKind::User => "user",
            ParamKind::Moment => "timestamp",
            ParamKind::Choice(names) => {
                let mut names = names();
                names.sort_unstable();
                return Value::texts("t", names);
            }
            ParamKind::Module(group) => {
                let modules = self.modules_of(group);
                return Value::texts("t", modules.iter().map(|info| info.name));
            }
            ParamKind::Generator => return Value::list("t", []),
        };
        Value::text(name)
    }

    /// The modules of a group: those for everybody first, then those that are not.
    fn modules_of(&self, group: Group) -> Vec<&'static ModuleInfo> {
        let mut modules = self.catalogue.group(group);
        modules.sort_by_key(|info| (info.is_deprecated || info.is_internal, info.name));
        modules
    }

    fn add_multi(&self, entry: &mut Object, spec: &ParamSpec) {
        entry.set("multi", Value::Bool(spec.is_multi()));
        if !spec.is_multi() {
            return;
        }
        let limits = self.limit.values();
        entry.set("lowlimit", Value::number(limits.low));
        entry.set("highlimit", Value::number(limits.high));
        entry.set("limit", Value::number(limits.own));
        if spec.allows_duplicates {
            entry.set("allowsduplicates", Value::Bool(true));
        }
        if spec.multi == Multi::OrAll {
            entry.set("allspecifier", Value::text("*"));
        }
    }

    fn add_range(&self, entry: &mut Object, kind: ParamKind) {
        match kind {
            ParamKind::Integer { min: Some(min) } => entry.set("min", Value::Number(min)),
            ParamKind::Limit => {
                let [_, max, high_max] = self.limit.entries();
                entry.set("min", Value::Number(1));
                entry.set("max", Value::Number(max));
                entry.set("highmax", Value::Number(high_max));
            }
            ParamKind::Integer { min: None }
            | ParamKind::Text
            | ParamKind::Password
            | ParamKind::Generator
            | ParamKind::Presence
            | ParamKind::User
            | ParamKind::Moment
            | ParamKind::Choice(_)
            | ParamKind::Module(_) => {}
        }
    }
}

/// Defaults of numbers are numbers.
fn default_value(kind: ParamKind, default: &'static str) -> Value {
    match kind {
        ParamKind::Integer { .. } | ParamKind::Limit => default
            .parse()
            .map_or_else(|_text| Value::text(default), Value::Number),
        ParamKind::Text
        | ParamKind::Password
        | ParamKind::Generator
        | ParamKind::Presence
        | ParamKind::User
        | ParamKind::Moment
        | ParamKind::Choice(_)
        | ParamKind::Module(_) => Value::text(default),
    }
}

/// The modules that the param names, and which of them are deprecated or internal.
fn add_submodules(entry: &mut Object, modules: &[&ModuleInfo]) {
    let mut paths = Object::default();
    for info in modules {
        paths.set(info.name, Value::text(info.path));
    }
    entry.set("submodules", paths);
    let deprecated = modules.iter().filter(|info| info.is_deprecated);
    add_names(entry, "deprecatedvalues", deprecated.map(|info| info.name));
    let internal = modules.iter().filter(|info| info.is_internal);
    add_names(entry, "internalvalues", internal.map(|info| info.name));
}

fn add_names(entry: &mut Object, list: &'static str, names: impl Iterator<Item = &'static str>) {
    let names: Vec<_> = names.collect();
    if !names.is_empty() {
        entry.set(list, Value::texts("v", names));
    }
}
