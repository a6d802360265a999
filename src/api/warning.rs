//! What an answer warns of, one variant a condition, and what each is on the wire.

use super::error::ApiError;
use super::markup::escape_wikitext;
use super::messages::{self, Message, MessageParam};
use super::request_id::RequestId;
use super::result::{Object, Value};
use super::text;

/// Something that did not keep the request from being done.
#[derive(Debug, Clone)]
pub enum ApiWarning {
    /// The value of the param had to be changed to be clean text.
    BadUtf8 {
        /// The param.
        param: &'static str,
    },
    /// The param came as `name[]`.
    UnsupportedArray {
        /// The param.
        param: &'static str,
    },
    /// Nobody knows params with these names; any bytes.
    UnrecognizedParams(Vec<Vec<u8>>),
    /// A `POST` that does not say what its body is.
    PostWithoutContentType,
    /// Goes with a warning of something that will end: where the end will be announced.
    DeprecationHelp,
    /// `DebugAPI` is on.
    DebugApi,
    /// The answer was to be printed in a way that there is not.
    ErrorPrinterFailed,
    /// What would be an error elsewhere.
    Tolerated(ApiError),
}

impl ApiWarning {
    /// The `code` of the warning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUtf8 { .. } => "badutf8",
            Self::UnsupportedArray { .. } => "unsupportedarray",
            Self::UnrecognizedParams(_) => "unrecognizedparams",
            Self::PostWithoutContentType => "deprecation",
            Self::DeprecationHelp => "deprecation-help",
            Self::DebugApi => "wgdebugapi",
            Self::ErrorPrinterFailed => "errorprinterfailed",
            Self::Tolerated(error) => error.code(),
        }
    }

    /// The message of the warning. `with_details` is as in [`ApiError::message`].
    pub fn message(&self, request_id: &RequestId, with_details: bool) -> Message {
        match self {
            Self::BadUtf8 { param } => Message::new(
                &messages::BAD_UTF8,
                [MessageParam::Text((*param).to_owned())],
            ),
            Self::UnsupportedArray { param } => Message::new(
                &messages::UNSUPPORTED_ARRAY,
                [MessageParam::Text((*param).to_owned())],
            ),
            Self::UnrecognizedParams(names) => {
                let escaped = names.iter().map(|name| escape_wikitext(&text::clean(name)));
                let list = MessageParam::CommaList(escaped.collect());
                let count = MessageParam::Number(names.len());
                Message::new(&messages::UNRECOGNIZED_PARAMS, [list, count])
            }
            Self::PostWithoutContentType => Message::new(&messages::POST_WITHOUT_CONTENT_TYPE, []),
            Self::DeprecationHelp => Message::new(&messages::MAILING_LIST, []),
            Self::DebugApi => Message::new(&messages::DEBUG_API, []),
            Self::ErrorPrinterFailed => Message::new(&messages::ERROR_PRINTER_FAILED, []),
            Self::Tolerated(error) => error.message(request_id, with_details),
        }
    }

    /// What the warning has beside code and message.
    pub fn data(&self) -> Object {
        match self {
            Self::PostWithoutContentType => {
                Object::of([("feature", Value::text("post-without-content-type"))])
            }
            Self::Tolerated(error) => error.data(),
            Self::BadUtf8 { .. }
            | Self::UnsupportedArray { .. }
            | Self::UnrecognizedParams(_)
            | Self::DeprecationHelp
            | Self::DebugApi
            | Self::ErrorPrinterFailed => Object::default(),
        }
    }
}
