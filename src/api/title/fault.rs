//! Why a text is no title.

use crate::api::markup::escape_wikitext;
use crate::api::messages::{self, MessageParam, MessageText};
use crate::api::report::Report;

/// Why a text is no title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TitleFault {
    /// There is nothing in it, or only a namespace.
    Empty,
    /// It was not UTF-8.
    BadUtf8,
    /// It has characters that no title may have.
    Characters {
        /// The first of them.
        characters: String,
        /// The text.
        title: String,
    },
    /// It is a path relative to another one.
    Relative,
    /// It has what stands for a signature in wikitext.
    MagicTilde,
    /// A colon follows the namespace.
    LeadingColon,
    /// It is the talk page of something that has a talk namespace of its own.
    TalkNamespace,
    /// It is too long.
    TooLong {
        /// The most bytes.
        longest: usize,
    },
}

impl TitleFault {
    /// What it is on the wire. Only the message counts: it stands in an entry about a page.
    pub fn report(&self) -> Report {
        let report = |text: &'static MessageText, params: Vec<MessageParam>| Report {
            module: None,
            ..Report::new("query", text.key(), text, params)
        };
        match self {
            Self::Empty => report(&messages::TITLE_EMPTY, vec![]),
            Self::BadUtf8 => report(&messages::TITLE_UTF8, vec![]),
            Self::Characters { characters, title } => {
                let params = [characters.as_str(), &escape_wikitext(title)].map(MessageParam::text);
                report(&messages::TITLE_CHARACTERS, params.to_vec())
            }
            Self::Relative => report(&messages::TITLE_RELATIVE, vec![]),
            Self::MagicTilde => report(&messages::TITLE_TILDE, vec![]),
            Self::LeadingColon => report(&messages::TITLE_COLON, vec![]),
            Self::TalkNamespace => report(&messages::TITLE_TALK, vec![]),
            Self::TooLong { longest } => report(
                &messages::TITLE_TOO_LONG,
                vec![MessageParam::marked_count(*longest)],
            ),
        }
    }
}
