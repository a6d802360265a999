//! Faults of the wiki or its settings, and what the client is told of them.

use super::messages::{self, Message, MessageParam};
use super::report::{Report, Telling};
use super::result::{Object, Value};
use crate::ip::UnresolvableClient;
use crate::store::StoreError;
use crate::verp::{AlgorithmError, NumberTooLarge};
use thiserror::Error;

/// A fault that the original dies of. The client is told its class; the details are for the log.
#[derive(Debug, Clone, Error)]
pub enum Exception {
    /// The client's address cannot be told.
    #[error(transparent)]
    NoClientAddress(UnresolvableClient),
    /// The header `Origin` has more than one origin.
    #[error("the header Origin is {0:?}; expected one origin, or null")]
    MalformedOrigin(String),
    /// The wiki's `VERPalgorithm` cannot be used.
    #[error(transparent)]
    UnusableAlgorithm(AlgorithmError),
    /// A number in a VERP address is beyond PHP.
    #[error(transparent)]
    NumberTooLarge(NumberTooLarge),
    /// The wiki in a VERP address has an identifier that none could have.
    #[error(
        "the wiki identifier {0:?} has more than three parts; expected `database`, or `database-prefix`"
    )]
    MalformedWikiId(String),
    /// The wiki exists, but is no wiki of this farm.
    #[error(
        "jobs for the wiki {0:?} are not taken here; if they are to be, add it to LocalDatabases"
    )]
    WikiNotLocal(String),
    /// The store did not do what it was asked.
    #[error(transparent)]
    Store(StoreError),
}

impl Exception {
    /// The class that the original throws.
    pub fn class(&self) -> &'static str {
        match self {
            Self::NoClientAddress(_) => "MWException",
            Self::MalformedOrigin(_) => "MediaWiki\\Rest\\HeaderParser\\HeaderParserError",
            Self::UnusableAlgorithm(_) | Self::NumberTooLarge(_) => "ValueError",
            Self::MalformedWikiId(_) => "InvalidArgumentException",
            Self::WikiNotLocal(_) => "LogicException",
            Self::Store(_) => "Wikimedia\\Rdbms\\DBQueryError",
        }
    }

    /// 503 where the store failed: the same request may be answered later. The original has 200 for all, which a mail server
    /// takes for an answer; a wiki that does not exist will not later either.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Store(error) if !matches!(error, StoreError::UnknownWiki(_)) => 503,
            Self::Store(_)
            | Self::NoClientAddress(_)
            | Self::MalformedOrigin(_)
            | Self::UnusableAlgorithm(_)
            | Self::NumberTooLarge(_)
            | Self::MalformedWikiId(_)
            | Self::WikiNotLocal(_) => 200,
        }
    }

    /// Code and data name the class; the code does so without the namespace of database classes.
    pub fn report(&self, telling: &Telling) -> Report {
        let class = self.class();
        let name = class.strip_prefix("Wikimedia\\Rdbms\\").unwrap_or(class);
        Report {
            code: format!("internal_api_error_{name}").into(),
            module: None,
            message: self.message(telling),
            data: Object::of([("errorclass", Value::text(class))]),
        }
    }

    /// What the client is told: the identifier under which the log has the details, and the class or the details.
    fn message(&self, telling: &Telling) -> Message {
        let request_id = MessageParam::text(telling.request_id.as_str());
        if telling.with_details {
            let details = MessageParam::plain(self.to_string());
            Message::new(&messages::EXCEPTION, [request_id, details])
        } else {
            let class = MessageParam::text(self.class());
            Message::new(&messages::EXCEPTION_TYPE, [request_id, class])
        }
    }
}
