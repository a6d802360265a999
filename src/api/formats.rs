//! How a result becomes a document. One file a format; [`registry`](super::registry) has the list.

pub mod json;

use super::ApiOptions;
use super::module::ModuleInfo;
use super::params::Params;
use super::result::Object;
use std::borrow::Cow;

/// A format, as the param `format` names it.
#[derive(Debug)]
pub struct FormatInfo {
    /// What it is.
    pub info: ModuleInfo,
    /// Prints a result.
    pub print: fn(&PrintCall<'_>, &Object) -> Document,
}

/// What a format works with.
#[derive(Debug, Clone, Copy)]
pub struct PrintCall<'p> {
    /// The format's params.
    pub params: &'p Params<'p>,
    /// The settings of the API.
    pub options: &'p ApiOptions,
    /// The HTTP status that the answer has if nothing about the format changes it.
    pub status: u16,
}

/// A printed result.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The name under which a browser would save it.
    pub file_name: Cow<'static, str>,
    /// The text.
    pub text: String,
    /// Whether it is a page for people.
    pub is_page: bool,
}

impl Document {
    /// A document that programs read.
    pub fn data(content_type: &'static str, file_name: &'static str, text: String) -> Self {
        Self {
            content_type,
            file_name: file_name.into(),
            text,
            is_page: false,
        }
    }

    /// A page for people.
    pub fn page(content_type: &'static str, file_name: &'static str, text: String) -> Self {
        Self {
            is_page: true,
            ..Self::data(content_type, file_name, text)
        }
    }
}
