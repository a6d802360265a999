//! The modules and formats that there are, as tables to look things up in.

use super::formats::FormatInfo;
use super::module::{ActionModule, Group, ModuleInfo, QueryModule};

/// All modules and formats, each list sorted by name.
#[derive(Debug)]
pub struct Catalogue {
    /// The main module.
    pub main: &'static ModuleInfo,
    /// The modules that `action` names.
    pub actions: &'static [&'static ActionModule],
    /// The modules that `prop`, `list` and `meta` of `query` name.
    pub queries: &'static [&'static QueryModule],
    /// The formats.
    pub formats: &'static [&'static FormatInfo],
    /// The format of answers to requests that name none, or one that there is not.
    pub default_format: &'static FormatInfo,
}

impl Catalogue {
    /// The action with this name.
    pub fn action(&self, name: &str) -> Option<&'static ActionModule> {
        self.actions
            .iter()
            .copied()
            .find(|module| module.info.name == name)
    }

    /// The module of `query` with this name in this group.
    pub fn query(&self, group: Group, name: &str) -> Option<&'static QueryModule> {
        let mut of_name = self.queries.iter().copied();
        of_name.find(|module| module.info.group == group && module.info.name == name)
    }

    /// The format with this name.
    pub fn format(&self, name: &str) -> Option<&'static FormatInfo> {
        self.formats
            .iter()
            .copied()
            .find(|format| format.info.name == name)
    }

    /// The modules of a group, in the order of their names.
    pub fn group(&self, group: Group) -> Vec<&'static ModuleInfo> {
        match group {
            Group::Action => self.actions.iter().map(|module| &module.info).collect(),
            Group::Format => self.formats.iter().map(|format| &format.info).collect(),
            Group::Prop | Group::List | Group::Meta => {
                let queries = self.queries.iter().map(|module| &module.info);
                queries.filter(|info| info.group == group).collect()
            }
        }
    }

    /// The names of a group's modules.
    pub fn names(&self, group: Group) -> Vec<&'static str> {
        self.group(group).iter().map(|info| info.name).collect()
    }

    /// Every module and format, the main module first.
    #[cfg(test)]
    pub fn all(&self) -> Vec<&'static ModuleInfo> {
        let groups = [
            Group::Action,
            Group::Prop,
            Group::List,
            Group::Meta,
            Group::Format,
        ];
        let members = groups.into_iter().flat_map(|group| self.group(group));
        std::iter::once(self.main).chain(members).collect()
    }
}
