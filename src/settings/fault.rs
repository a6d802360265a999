//! What is wrong with a value.

use super::hint::{did_you_mean, nearest};
use super::notation::{kind_seen, seen};
use serde_json::Value;

/// A value that does not fit its setting, and the way to it.
#[derive(Debug)]
pub struct Fault {
    /// The way from the setting to the value, such as `[2].email`; empty for the setting itself.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The value is something else.
    #[error("{seen} given, expected {expected}")]
    Unexpected {
        /// The value, or only its kind where a secret may be in it.
        seen: String,
        /// What would fit.
        expected: String,
    },
    /// The table has no such key.
    #[error("unknown key{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// A known key that looks like it.
        nearest: Option<String>,
    },
    /// The table needs a key that is not there.
    #[error("the key `{0}` is missing")]
    MissingKey(&'static str),
    /// A text that must be JSON is not.
    #[error("not valid JSON ({0}); give tables as JSON, lists as JSON or separated by commas")]
    NotJson(serde_json::Error),
}

impl Fault {
    /// The value, which is repeated, is not what was expected.
    pub(super) fn unexpected(value: &Value, expected: impl Into<String>) -> Self {
        Self::new(Problem::Unexpected {
            seen: seen(value),
            expected: expected.into(),
        })
    }

    /// The value, of which only the kind is told, is not what was expected.
    pub(super) fn unexpected_kind(value: &Value, expected: impl Into<String>) -> Self {
        Self::new(Problem::Unexpected {
            seen: kind_seen(value).to_owned(),
            expected: expected.into(),
        })
    }

    /// The table has a key that it cannot have.
    pub(super) fn unknown_key(key: &str, known: impl IntoIterator<Item = &'static str>) -> Self {
        let nearest = nearest(key, known).map(str::to_owned);
        Self::new(Problem::UnknownKey { nearest }).at_key(key)
    }

    pub(super) fn new(problem: Problem) -> Self {
        Self {
            path: String::new(),
            problem,
        }
    }

    pub(super) fn at_key(self, key: &str) -> Self {
        Self {
            path: format!(".{key}{}", self.path),
            ..self
        }
    }

    pub(super) fn at_index(self, index: usize) -> Self {
        Self {
            path: format!("[{index}]{}", self.path),
            ..self
        }
    }
}
