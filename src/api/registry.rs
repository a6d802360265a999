//! The modules and the formats that there are. This is the only place to register one.

use super::formats::{FormatInfo, json};
use super::module::ModuleInfo;
use super::modules::bouncehandler;

/// The modules, sorted by name.
pub static MODULES: &[&ModuleInfo] = &[&bouncehandler::INFO];

/// The formats, sorted by name.
pub static FORMATS: &[&FormatInfo] = &[&json::INFO];

/// The format of answers to requests that name none, or one that there is not. The original has `jsonfm` here.
pub static DEFAULT_FORMAT: &FormatInfo = &json::INFO;

/// The module with this name.
pub fn module(name: &str) -> Option<&'static ModuleInfo> {
    MODULES.iter().copied().find(|module| module.name == name)
}

/// The format with this name.
pub fn format(name: &str) -> Option<&'static FormatInfo> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// The names of all modules.
pub fn module_names() -> Vec<&'static str> {
    MODULES.iter().map(|module| module.name).collect()
}

/// The names of all formats.
pub fn format_names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::main_module;
    use super::super::param_spec::{Absent, ParamKind, ParamSpec};
    use super::*;

    /// The params of the modules and formats.
    fn other_tables() -> impl Iterator<Item = &'static [ParamSpec]> {
        let modules = MODULES.iter().map(|module| module.params);
        modules.chain(FORMATS.iter().map(|format| format.params))
    }

    fn tables() -> impl Iterator<Item = &'static [ParamSpec]> {
        other_tables().chain([main_module::PARAMS])
    }

    #[test]
    fn names_are_unique_and_sorted() {
        for names in [module_names(), format_names()] {
            assert!(
                names.is_sorted_by(|first, second| first < second),
                "{names:?}"
            );
        }
        for table in tables() {
            for (at, spec) in table.iter().enumerate() {
                assert!(
                    table[..at].iter().all(|other| other.name != spec.name),
                    "{}",
                    spec.name
                );
            }
        }
    }

    #[test]
    fn every_default_is_a_value_that_the_param_takes() {
        for spec in tables().flatten() {
            if let (ParamKind::Choice(names), Absent::Default(default)) = (spec.kind, spec.absent) {
                assert!(names().contains(&default), "{}", spec.name);
            }
        }
    }

    #[test]
    fn params_of_modules_and_formats_are_none_of_the_main_module() {
        for spec in other_tables().flatten() {
            assert!(
                main_module::PARAMS
                    .iter()
                    .all(|main| main.name != spec.name),
                "{}",
                spec.name
            );
        }
    }
}
