//! What the groups of a wiki may do (MediaWiki: `$wgGroupPermissions`).

mod defaults;

use std::collections::BTreeMap;

/// Groups and their rights, each in MediaWiki's order.
#[derive(Debug, Clone)]
pub struct GroupPermissions {
    groups: Vec<(String, Vec<String>)>,
}

impl GroupPermissions {
    /// MediaWiki's defaults, changed as `GroupPermissions` says: per group, rights that are given (`true`) or taken
    /// (`false`).
    pub fn with_changes(changes: &BTreeMap<String, BTreeMap<String, bool>>) -> Self {
        let mut permissions = Self::default();
        for (group, rights) in changes {
            let own = permissions.rights_of_group_mut(group);
            for (right, given) in rights {
                own.retain(|known| known != right || *given);
                if *given && !own.contains(right) {
                    own.push(right.clone());
                }
            }
        }
        permissions
    }

    /// All groups and what each may do.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.groups
            .iter()
            .map(|(name, rights)| (name.as_str(), rights.as_slice()))
    }

    /// What members of these groups may do: group by group, nothing twice.
    pub fn rights_of<'p>(&'p self, groups: &[&str]) -> Vec<&'p str> {
        let mut rights = Vec::new();
        for group in groups {
            let own = self.groups.iter().find(|(name, _)| name == group);
            for right in own.into_iter().flat_map(|(_, rights)| rights) {
                if !rights.contains(&right.as_str()) {
                    rights.push(right.as_str());
                }
            }
        }
        rights
    }

    /// Whether strangers have this right.
    pub fn is_everyone_allowed(&self, right: &str) -> bool {
        self.rights_of(&["*"]).contains(&right)
    }

    fn rights_of_group_mut(&mut self, group: &str) -> &mut Vec<String> {
        let place = self.groups.iter().position(|(name, _)| name == group);
        let place = place.unwrap_or_else(|| {
            self.groups.push((group.to_owned(), Vec::new()));
            self.groups.len().saturating_sub(1)
        });
        #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
        &mut self.groups[place].1
    }
}

impl Default for GroupPermissions {
    fn default() -> Self {
        let own = |rights: &[&str]| rights.iter().map(|right| (*right).to_owned()).collect();
        let groups = defaults::GROUPS.iter();
        Self {
            groups: groups
                .map(|(name, rights)| ((*name).to_owned(), own(rights)))
                .collect(),
        }
    }
}
