//! Finding modules by their paths: `main`, `query`, `query+siteinfo`.
//!
//! Recorded cases: `paraminfo/unknown-*`, `errors/action-help-bad`.

use super::catalogue::Catalogue;
use super::markup::escape_wikitext;
use super::messages::{self, MessageParam};
use super::module::{Group, MAIN, ModuleInfo};
use super::report::Report;

/// Why a path leads to no module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModulePathError {
    /// It goes on behind a module that has none of its own.
    NoSubmodules {
        /// The path of that module.
        parent: &'static str,
    },
    /// A module has none of its own with that name.
    BadSubmodule {
        /// The path of that module.
        parent: &'static str,
        /// The name.
        name: String,
    },
}

impl ModulePathError {
    /// What it is on the wire, in the name of `module`.
    pub fn report(&self, module: &'static str) -> Report {
        let (text, params) = match self {
            Self::NoSubmodules { parent } => (
                &messages::BAD_MODULE_NO_SUBMODULES,
                vec![MessageParam::text(*parent)],
            ),
            Self::BadSubmodule { parent, name } => (
                &messages::BAD_MODULE_BAD_SUBMODULE,
                vec![
                    MessageParam::text(*parent),
                    MessageParam::text(escape_wikitext(name)),
                ],
            ),
        };
        Report::new(module, "badmodule", text, params)
    }
}

impl Catalogue {
    /// The module at the end of the path.
    pub fn at_path(&self, path: &str) -> Result<&'static ModuleInfo, ModulePathError> {
        if path == MAIN {
            return Ok(self.main);
        }
        let mut names = path.split('+');
        names.try_fold(self.main, |parent, name| self.submodule(parent, name))
    }

    /// The modules of a module, in the order of their paths; `None` if it is none that has modules.
    pub fn submodules(&self, parent: &ModuleInfo) -> Option<Vec<&'static ModuleInfo>> {
        let groups = parent.submodule_groups()?;
        let of_group = groups.iter().flat_map(|group| self.group(*group));
        let mut modules: Vec<_> = of_group.collect();
        modules.sort_by_key(|module| module.path);
        Some(modules)
    }

    /// The modules of a module and all of theirs, in the order of their paths.
    pub fn descendants(&self, parent: &ModuleInfo) -> Option<Vec<&'static ModuleInfo>> {
        let mut modules = self.submodules(parent)?;
        let below = modules.iter().filter_map(|module| self.descendants(module));
        let below: Vec<_> = below.flatten().collect();
        modules.extend(below);
        modules.sort_by_key(|module| module.path);
        Some(modules)
    }

    /// A query that gives this param to the module at this path.
    pub fn query_for(&self, path: &str, param: &str) -> String {
        let mut query = String::new();
        if let Ok(module) = self.at_path(path)
            && path != MAIN
        {
            if path.contains('+') {
                query.push_str("action=query&");
            }
            query.extend([module.group.name(), "=", module.name, "&"]);
        }
        query + param
    }

    fn submodule(
        &self,
        parent: &'static ModuleInfo,
        name: &str,
    ) -> Result<&'static ModuleInfo, ModulePathError> {
        let modules = self
            .submodules(parent)
            .ok_or(ModulePathError::NoSubmodules {
                parent: parent.path,
            })?;
        let mut of_name = modules.into_iter().filter(|module| module.name == name);
        of_name.next().ok_or_else(|| ModulePathError::BadSubmodule {
            parent: parent.path,
            name: name.to_owned(),
        })
    }
}

impl ModuleInfo {
    /// The groups of the modules that it has; `None` if it has none.
    pub fn submodule_groups(&self) -> Option<&'static [Group]> {
        match self.path {
            MAIN => Some(&[Group::Action, Group::Format]),
            "query" => Some(&[Group::Prop, Group::List, Group::Meta]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::registry::CATALOGUE;

    fn found(path: &str) -> Result<&'static str, ModulePathError> {
        CATALOGUE.at_path(path).map(|module| module.path)
    }

    #[test]
    fn a_path_goes_from_module_to_module() {
        let bad = |parent, name: &str| {
            let name = name.to_owned();
            Err(ModulePathError::BadSubmodule { parent, name })
        };
        let no = |parent| Err(ModulePathError::NoSubmodules { parent });
        let table = [
            ("main", Ok("main")),
            ("query", Ok("query")),
            ("json", Ok("json")),
            ("", bad("main", "")),
            ("+", bad("main", "")),
            ("Query", bad("main", "Query")),
            ("main+query", bad("main", "main")),
            ("query+nope+x", bad("query", "nope")),
            ("query+", bad("query", "")),
            ("json+x", no("json")),
            ("bouncehandler+", no("bouncehandler")),
        ];
        for (path, expected) in table {
            assert_eq!(found(path), expected, "{path}");
        }
    }

    #[test]
    fn modules_are_listed_by_their_paths_whatever_their_groups() {
        let paths = |modules: Option<Vec<&'static ModuleInfo>>| {
            let paths = modules.into_iter().flatten().map(|module| module.path);
            paths.collect::<Vec<_>>()
        };
        let all = paths(CATALOGUE.descendants(CATALOGUE.main));
        assert!(all.is_sorted() && all.contains(&"json") && all.contains(&"query"));
        assert_eq!(all.len() + 1, CATALOGUE.all().len());
        assert!(
            paths(CATALOGUE.submodules(CATALOGUE.main))
                .iter()
                .all(|path| !path.contains('+'))
        );
        assert_eq!(
            CATALOGUE
                .submodules(&crate::api::modules::bouncehandler::MODULE.info)
                .map(|all| all.len()),
            None
        );
    }
}
