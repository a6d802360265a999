//! Why a request does not get as far as its module, and what each reason is on the wire.
//!
//! MediaWiki: `ApiMain`. Recorded cases: `params/*`, `modes/*`, `transport/*`, `auth/*`.

use super::markup::escape_wikitext;
use super::messages::{self, MessageParam};
use super::module::MAIN;
use super::report::Report;
use super::result::{Object, Value};
use std::borrow::Cow;

/// What every client has to wait before it asks again after [`GateError::MaxLag`], in seconds.
const LAG_RETRY_SECONDS: i64 = 5;

/// What a client is asked to wait after [`GateError::QueueNotWritable`], in seconds.
const NOT_WRITABLE_RETRY_SECONDS: &str = "60";

/// The lag that a database server without replicas reports, in seconds.
pub const LAG: i64 = -1;

/// Why a request is refused before its module sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateError {
    /// The module changes something, and the client promised that the request would not.
    PromisedNonWrite,
    /// A method other than `GET`, `HEAD` and `POST`.
    InvalidMethod,
    /// The module takes `POST` only.
    MustBePosted {
        /// The module.
        module: &'static str,
    },
    /// These params are in the URL, where they end up in logs.
    MustPostParams {
        /// The module.
        module: &'static str,
        /// The params.
        params: Vec<&'static str>,
    },
    /// The token does not prove that the request was made by the user's own page or program.
    BadToken {
        /// The module.
        module: &'static str,
    },
    /// The body is too large to be read.
    ContentTooLarge {
        /// The largest number of bytes that is read.
        limit: usize,
    },
    /// The wiki is for reading only (`ReadOnly`).
    ReadOnly {
        /// Why.
        reason: String,
    },
    /// The store takes nothing at present, for want of room or because writing fails. The original has the same code for a
    /// database that cannot be written.
    QueueNotWritable {
        /// Why, for the client; the log has more.
        reason: &'static str,
    },
    /// The client may not read the wiki.
    ReadDenied,
    /// The database is further behind than `maxlag` allows.
    MaxLag {
        /// `maxlag`, in seconds.
        allowed: i64,
    },
    /// `assert=user`, and nobody is logged in.
    NotUser,
    /// `assert=bot`, and the client has not the right `bot`.
    NotBot,
    /// `assert=anon`, and somebody is logged in.
    NotAnonymous,
    /// `assertuser`, and somebody else or nobody is logged in.
    NotNamedUser {
        /// The name in `assertuser`.
        name: String,
    },
}

impl GateError {
    /// What it is on the wire.
    pub fn report(&self) -> Report {
        let main = |code: &'static str, text, params: Vec<MessageParam>| {
            Report::new(MAIN, code, text, params)
        };
        match self {
            Self::PromisedNonWrite => main(
                "promised-nonwrite-api",
                &messages::PROMISED_NON_WRITE,
                vec![],
            ),
            Self::InvalidMethod => main("invalidmethod", &messages::INVALID_METHOD, vec![]),
            Self::MustBePosted { module } => {
                let module = MessageParam::text(*module);
                main("mustbeposted", &messages::MUST_BE_POSTED, vec![module])
            }
            Self::MustPostParams { module, params } => {
                let count = MessageParam::count(params.len());
                let names = MessageParam::text(params.join(", "));
                let text = &messages::MUST_POST_PARAMS;
                Report::new(module, "mustpostparams", text, [names, count])
            }
            Self::BadToken { module } => Report::new(module, "badtoken", &messages::BAD_TOKEN, []),
            Self::ContentTooLarge { limit } => {
                let limit = MessageParam::text(limit.to_string());
                let text = &messages::CONTENT_TOO_LARGE;
                main("http-contenttoolarge", text, vec![limit])
            }
            Self::ReadOnly { reason } => read_only(reason),
            Self::QueueNotWritable { reason } => read_only(reason),
            Self::ReadDenied => main("readapidenied", &messages::READ_DENIED, vec![]),
            Self::MaxLag { .. } => max_lag(),
            Self::NotUser => main("assertuserfailed", &messages::ASSERT_USER, vec![]),
            Self::NotBot => main("assertbotfailed", &messages::ASSERT_BOT, vec![]),
            Self::NotAnonymous => main("assertanonfailed", &messages::ASSERT_ANON, vec![]),
            Self::NotNamedUser { name } => {
                let name = MessageParam::text(escape_wikitext(name));
                let text = &messages::ASSERT_NAMED_USER;
                main("assertnameduserfailed", text, vec![name])
            }
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::InvalidMethod => 405,
            Self::ContentTooLarge { .. } => 413,
            Self::QueueNotWritable { .. } => 503,
            Self::PromisedNonWrite
            | Self::MustBePosted { .. }
            | Self::MustPostParams { .. }
            | Self::BadToken { .. }
            | Self::ReadOnly { .. }
            | Self::ReadDenied
            | Self::MaxLag { .. }
            | Self::NotUser
            | Self::NotBot
            | Self::NotAnonymous
            | Self::NotNamedUser { .. } => 200,
        }
    }

    /// The HTTP status for those who look at nothing else (see [`ApiError::honest_status`](super::error::ApiError)).
    pub fn honest_status(&self) -> u16 {
        match self {
            Self::ReadOnly { .. } | Self::QueueNotWritable { .. } | Self::MaxLag { .. } => 503,
            Self::ReadDenied
            | Self::NotUser
            | Self::NotBot
            | Self::NotAnonymous
            | Self::NotNamedUser { .. } => 403,
            Self::InvalidMethod | Self::MustBePosted { .. } => 405,
            Self::ContentTooLarge { .. } => 413,
            Self::PromisedNonWrite | Self::MustPostParams { .. } | Self::BadToken { .. } => 400,
        }
    }

    /// The headers of the answer that are only there with this error.
    pub fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        match self {
            Self::MaxLag { allowed } => vec![
                (
                    "Retry-After",
                    (*allowed).max(LAG_RETRY_SECONDS).to_string().into(),
                ),
                ("X-Database-Lag", LAG.to_string().into()),
            ],
            Self::QueueNotWritable { .. } => {
                vec![("Retry-After", NOT_WRITABLE_RETRY_SECONDS.into())]
            }
            Self::PromisedNonWrite
            | Self::InvalidMethod
            | Self::MustBePosted { .. }
            | Self::MustPostParams { .. }
            | Self::BadToken { .. }
            | Self::ContentTooLarge { .. }
            | Self::ReadOnly { .. }
            | Self::ReadDenied
            | Self::NotUser
            | Self::NotBot
            | Self::NotAnonymous
            | Self::NotNamedUser { .. } => Vec::new(),
        }
    }
}

fn read_only(reason: &str) -> Report {
    Report::new(MAIN, "readonly", &messages::READ_ONLY, [])
        .with_data(Object::of([("readonlyreason", Value::text(reason))]))
}

fn max_lag() -> Report {
    // The host is one that the client need not know of.
    let data = Object::of([
        ("host", Value::text("")),
        ("lag", Value::Number(LAG)),
        ("type", Value::text("db")),
    ]);
    let lag = MessageParam::Number(LAG);
    Report::new(MAIN, "maxlag", &messages::MAX_LAG, [lag]).with_data(data)
}
