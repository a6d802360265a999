//! What can be wrong with what is asked of `query` and its modules, and what each is on the wire.
//!
//! Recorded cases: `query/titles-and-pageids`; the others were asked of a MediaWiki 1.39.

use super::messages::{self, MessageParam};
use super::report::Report;

/// Why a module of `query` gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryError {
    /// Two of `titles`, `pageids` and `revids` were given.
    SeveralSources {
        /// The later one.
        param: &'static str,
        /// The earlier one.
        other: &'static str,
    },
    /// `generator` names no module.
    UnknownGenerator(String),
    /// `generator` names a module that gives no pages.
    NoGenerator(String),
    /// Values of a list of conditions contradict each other.
    ExclusiveValues {
        /// The path of the module.
        module: &'static str,
    },
    /// The value is neither an address nor a range.
    BadAddress {
        /// The path of the module.
        module: &'static str,
    },
    /// The range has more addresses than anybody may block.
    RangeTooBroad {
        /// The path of the module.
        module: &'static str,
        /// The version of the protocol.
        protocol: &'static str,
        /// The least number of bits that a prefix must have.
        least: i64,
    },
    /// The param to go on with is nothing that an answer has said.
    BadContinue {
        /// The path of the module.
        module: &'static str,
    },
}

impl QueryError {
    /// What it is on the wire.
    pub fn report(&self) -> Report {
        match self {
            Self::SeveralSources { param, other } => {
                let params = [param, other].map(|param| MessageParam::text(*param));
                Report::new("query", "multisource", &messages::CANNOT_USE_WITH, params)
            }
            Self::UnknownGenerator(name) => bad_generator(&messages::UNKNOWN_GENERATOR, name),
            Self::NoGenerator(name) => bad_generator(&messages::BAD_GENERATOR, name),
            Self::ExclusiveValues { module } => {
                Report::new(module, "show", &messages::EXCLUSIVE_VALUES, [])
            }
            Self::BadAddress { module } => {
                Report::new(module, "param_ip", &messages::BAD_ADDRESS, [])
            }
            Self::RangeTooBroad {
                module,
                protocol,
                least,
            } => {
                let params = [MessageParam::text(*protocol), MessageParam::Number(*least)];
                Report::new(module, "cidrtoobroad", &messages::RANGE_TOO_BROAD, params)
            }
            Self::BadContinue { module } => {
                Report::new(module, "badcontinue", &messages::BAD_CONTINUE, [])
            }
        }
    }
}

/// What was given may be markup.
fn bad_generator(text: &'static messages::MessageText, name: &str) -> Report {
    let name = super::markup::escape_wikitext(name);
    Report::new("query", "badgenerator", text, [MessageParam::text(name)])
}
