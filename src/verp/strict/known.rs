//! What is known of the return paths of these wikis, for addresses whose own letters are lost.

use std::collections::HashMap;

/// The prefix and the wikis of return paths, by which the letters of an address are restored that was brought to one case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownReturnPaths {
    prefix: Vec<u8>,
    /// Wikis as return paths write them, by their lower-case form.
    wikis: HashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl KnownReturnPaths {
    /// `prefix` is `VERPprefix`, `wikis` the identifiers of the wikis whose bounces are taken.
    pub fn new<'a>(prefix: &str, wikis: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = Self {
            prefix: prefix.as_bytes().to_vec(),
            wikis: HashMap::new(),
        };
        for wiki in wikis {
            let written = wiki.replace('-', ".").into_bytes();
            let same = known.wikis.entry(written.to_ascii_lowercase()).or_default();
            if !same.contains(&written) {
                same.push(written);
            }
        }
        known
    }

    /// The prefix that `found` was, but for its case. One that is not known was in lower case, as most are.
    pub(super) fn prefix(&self, found: &[u8]) -> Vec<u8> {
        if self.prefix.eq_ignore_ascii_case(found) {
            self.prefix.clone()
        } else {
            found.to_ascii_lowercase()
        }
    }

    /// The wikis that `found` may have been, but for its case. One that is not known takes no bounces.
    pub(super) fn wikis(&self, found: &[u8]) -> &[Vec<u8>] {
        self.wikis
            .get(&found.to_ascii_lowercase())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}
