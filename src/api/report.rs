//! What an error or a warning is on the wire.

use super::messages::{Message, MessageParam, MessageText};
use super::request_id::RequestId;
use super::result::Object;
use std::borrow::Cow;

/// Code, message and data, and the module that reports.
#[derive(Debug)]
pub struct Report {
    /// The `code`; that of an error is in the header `MediaWiki-API-Error` too.
    pub code: Cow<'static, str>,
    /// The path of the module that found it; exceptions are nobody's.
    pub module: Option<&'static str>,
    /// The message.
    pub message: Message,
    /// What there is beside code and message.
    pub data: Object,
}

/// What is told of exceptions.
#[derive(Debug, Clone)]
pub struct Telling {
    /// The identifier under which the log has the details.
    pub request_id: RequestId,
    /// Whether the client sees the details too (`ShowExceptionDetails`).
    pub with_details: bool,
}

impl Report {
    /// A report of `module` without data.
    pub fn new(
        module: &'static str,
        code: impl Into<Cow<'static, str>>,
        text: &'static MessageText,
        params: impl Into<Vec<MessageParam>>,
    ) -> Self {
        Self {
            code: code.into(),
            module: Some(module),
            message: Message::new(text, params),
            data: Object::default(),
        }
    }

    /// The report, with data.
    #[must_use]
    pub fn with_data(self, data: Object) -> Self {
        Self { data, ..self }
    }
}
