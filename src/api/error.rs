//! What can go wrong with a request, one variant a condition, and what each is on the wire.

use super::main_module;
use super::messages::{self, Message, MessageParam};
use super::request_id::RequestId;
use super::result::{Object, Value};
use crate::ip::UnresolvableClient;
use crate::store::StoreError;
use crate::verp::{AlgorithmError, NumberTooLarge};
use thiserror::Error;

/// Why a request is answered with an error.
#[derive(Debug, Clone)]
pub enum ApiError {
    /// A required param is missing or empty.
    MissingParam {
        /// The module that has the param.
        module: &'static str,
        /// The param.
        param: &'static str,
    },
    /// The value is none of those that the param takes.
    BadValue {
        /// The module that has the param.
        module: &'static str,
        /// The param.
        param: &'static str,
        /// The value.
        value: String,
        /// What the param takes.
        allowed: Vec<&'static str>,
    },
    /// Several values, separated by U+001F, for a param that takes one.
    NotMultiValued {
        /// The module that has the param.
        module: &'static str,
        /// The param.
        param: &'static str,
        /// The value.
        value: String,
    },
    /// The module changes something, and the client promised that the request would not.
    PromisedNonWrite,
    /// A method other than `GET`, `HEAD` and `POST`.
    InvalidMethod,
    /// The module takes `POST` only.
    MustBePosted {
        /// The module.
        module: &'static str,
    },
    /// The client is outside `BounceHandlerInternalIPs`.
    InternalUseOnly {
        /// The module.
        module: &'static str,
    },
    /// The body is too large to be read.
    ContentTooLarge {
        /// The largest number of bytes that is read.
        limit: usize,
    },
    /// A fault of the wiki or its settings.
    Exception(Exception),
}

/// A fault that the original dies of. The client is told its class; the details are for the log.
#[derive(Debug, Clone, Error)]
pub enum Exception {
    /// The client's address cannot be told.
    #[error(transparent)]
    NoClientAddress(UnresolvableClient),
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
    /// The code of the answer, and the class that the original throws.
    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoClientAddress(_) => ("internal_api_error_MWException", "MWException"),
            Self::UnusableAlgorithm(_) | Self::NumberTooLarge(_) => {
                ("internal_api_error_ValueError", "ValueError")
            }
            Self::MalformedWikiId(_) => (
                "internal_api_error_InvalidArgumentException",
                "InvalidArgumentException",
            ),
            Self::WikiNotLocal(_) => ("internal_api_error_LogicException", "LogicException"),
            Self::Store(_) => (
                "internal_api_error_DBQueryError",
                "Wikimedia\\Rdbms\\DBQueryError",
            ),
        }
    }

    /// The class that the original throws.
    pub fn class(&self) -> &'static str {
        self.names().1
    }

    /// What the client is told: the identifier under which the log has the details, and the class or the details.
    fn message(&self, request_id: &RequestId, with_details: bool) -> Message {
        let request_id = MessageParam::Text(request_id.as_str().to_owned());
        if with_details {
            let details = MessageParam::Plaintext(self.to_string());
            Message::new(&messages::EXCEPTION, [request_id, details])
        } else {
            let class = MessageParam::Text(self.class().to_owned());
            Message::new(&messages::EXCEPTION_TYPE, [request_id, class])
        }
    }
}

impl ApiError {
    /// The `code` of the answer, which is in the header `MediaWiki-API-Error` too.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingParam { .. } => "missingparam",
            Self::BadValue { .. } | Self::NotMultiValued { .. } => "badvalue",
            Self::PromisedNonWrite => "promised-nonwrite-api",
            Self::InvalidMethod => "invalidmethod",
            Self::MustBePosted { .. } => "mustbeposted",
            Self::InternalUseOnly { .. } => "invalid-ip",
            Self::ContentTooLarge { .. } => "http-contenttoolarge",
            Self::Exception(exception) => exception.names().0,
        }
    }

    /// The module that found the error; exceptions are nobody's.
    pub fn module(&self) -> Option<&'static str> {
        match self {
            Self::MissingParam { module, .. }
            | Self::BadValue { module, .. }
            | Self::NotMultiValued { module, .. }
            | Self::InternalUseOnly { module } => Some(module),
            Self::PromisedNonWrite
            | Self::InvalidMethod
            | Self::MustBePosted { .. }
            | Self::ContentTooLarge { .. } => Some(main_module::NAME),
            Self::Exception(_) => None,
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::InvalidMethod => 405,
            Self::ContentTooLarge { .. } => 413,
            Self::MissingParam { .. }
            | Self::BadValue { .. }
            | Self::NotMultiValued { .. }
            | Self::PromisedNonWrite
            | Self::MustBePosted { .. }
            | Self::InternalUseOnly { .. }
            | Self::Exception(_) => 200,
        }
    }

    /// The message of the answer. `with_details` shows what an exception says (`ShowExceptionDetails`).
    pub fn message(&self, request_id: &RequestId, with_details: bool) -> Message {
        let plain = |text: &str| MessageParam::Plaintext(text.to_owned());
        match self {
            Self::MissingParam { param, .. } => {
                Message::new(&messages::MISSING_PARAM, [plain(param)])
            }
            Self::BadValue {
                param,
                value,
                allowed,
                ..
            } => {
                let count = MessageParam::MarkedNumber(allowed.len());
                let allowed = MessageParam::TextList(allowed.clone());
                Message::new(
                    &messages::BAD_VALUE,
                    [plain(param), plain(value), allowed, count],
                )
            }
            Self::NotMultiValued { param, value, .. } => {
                Message::new(&messages::NOT_MULTI, [plain(param), plain(value)])
            }
            Self::PromisedNonWrite => Message::new(&messages::PROMISED_NON_WRITE, []),
            Self::InvalidMethod => Message::new(&messages::INVALID_METHOD, []),
            Self::MustBePosted { module } => {
                let module = MessageParam::Text((*module).to_owned());
                Message::new(&messages::MUST_BE_POSTED, [module])
            }
            Self::InternalUseOnly { .. } => Message::new(&messages::INTERNAL_USE_ONLY, []),
            Self::ContentTooLarge { limit } => {
                let limit = MessageParam::Text(limit.to_string());
                Message::new(&messages::CONTENT_TOO_LARGE, [limit])
            }
            Self::Exception(exception) => exception.message(request_id, with_details),
        }
    }

    /// What the answer has beside code and message.
    pub fn data(&self) -> Object {
        match self {
            Self::Exception(exception) => {
                Object::of([("errorclass", Value::text(exception.class()))])
            }
            Self::MissingParam { .. }
            | Self::BadValue { .. }
            | Self::NotMultiValued { .. }
            | Self::PromisedNonWrite
            | Self::InvalidMethod
            | Self::MustBePosted { .. }
            | Self::InternalUseOnly { .. }
            | Self::ContentTooLarge { .. } => Object::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::WikiId;
    use crate::verp::VerpKeys;

    #[test]
    fn conditions_are_on_the_wire_what_they_are_in_the_recordings() {
        let module = "bouncehandler";
        let unusable = VerpKeys::new("crc32", b"", 0).unwrap_err();
        let table = [
            (
                ApiError::MissingParam {
                    module,
                    param: "email",
                },
                "missingparam",
                200,
                Some(module),
            ),
            (
                ApiError::PromisedNonWrite,
                "promised-nonwrite-api",
                200,
                Some("main"),
            ),
            (ApiError::InvalidMethod, "invalidmethod", 405, Some("main")),
            (
                ApiError::MustBePosted { module },
                "mustbeposted",
                200,
                Some("main"),
            ),
            (
                ApiError::InternalUseOnly { module },
                "invalid-ip",
                200,
                Some(module),
            ),
            (
                ApiError::ContentTooLarge { limit: 1 },
                "http-contenttoolarge",
                413,
                Some("main"),
            ),
            (
                ApiError::Exception(Exception::UnusableAlgorithm(unusable)),
                "internal_api_error_ValueError",
                200,
                None,
            ),
            (
                ApiError::Exception(Exception::WikiNotLocal("w".to_owned())),
                "internal_api_error_LogicException",
                200,
                None,
            ),
        ];
        for (error, code, status, module) in table {
            assert_eq!(
                (error.code(), error.http_status(), error.module()),
                (code, status, module)
            );
        }
    }

    #[test]
    fn an_exception_tells_its_class_and_only_on_demand_its_details() {
        let exception = Exception::Store(StoreError::UnknownWiki(WikiId("nowiki".to_owned())));
        let details = exception.to_string();
        let error = ApiError::Exception(exception);
        let id = RequestId::random();
        let text = |with_details| {
            let message = error.message(&id, with_details);
            message.render(messages::Language::English, messages::TextForm::Wikitext)
        };
        let id = id.as_str();
        assert_eq!(
            text(false),
            format!("[{id}] Caught exception of type Wikimedia\\Rdbms\\DBQueryError")
        );
        assert_eq!(text(true), format!("[{id}] Exception caught: {details}"));
    }
}
