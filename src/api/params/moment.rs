//! Moments as params name them.
//!
//! MediaWiki: `TimestampDef`. Asked of a MediaWiki 1.39, as no recorded case has one.

use crate::clock::Timestamp;

/// A moment that a client named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The present one.
    Now,
    /// This one.
    At(Timestamp),
}

impl Moment {
    /// Reads a moment; `None` if it is in none of the forms.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "now" => Some(Self::Now),
            _ if is_unclear_now(text) => Some(Self::Now),
            _ => Timestamp::read(text).map(Self::At),
        }
    }

    /// The moment, where `now` is the present one.
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::At(moment) => moment,
        }
    }
}

/// Whether the text says `now` in a way that is going to end.
pub(super) fn is_unclear_now(text: &str) -> bool {
    matches!(text, "" | "0")
}
