//! How a result becomes a document. One file a format; [`registry`](super::registry) has the list.

pub mod json;
pub mod jsonfm;
pub mod none;
pub mod php;
pub mod phpfm;
mod pretty;
pub mod rawfm;
pub mod xml;
pub mod xmlfm;

pub use self::json::Layout;

use super::ApiOptions;
use super::module::ModuleInfo;
use super::param_spec::{ParamKind, ParamSpec};
use super::params::Params;
use super::result::Object;
use super::warning::ApiWarning;
use std::borrow::Cow;
use std::time::Duration;

/// A format, as the param `format` names it.
#[derive(Debug)]
pub struct FormatInfo {
    /// What it is.
    pub info: ModuleInfo,
    /// What is to be said about its params.
    pub warn: fn(&Params<'_>) -> Option<ApiWarning>,
    /// Prints a result.
    pub print: fn(&PrintCall<'_>, &Object) -> Document,
}

/// Where the formats of the original are described.
const DATA_FORMATS: &[&str] =
    &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Data_formats"];

/// The param that says how a tree is printed.
const FORMAT_VERSION: ParamSpec = ParamSpec::with_default(
    "formatversion",
    ParamKind::Choice(|| vec!["1", "2", "latest"]),
    "1",
)
.help("How the answer is printed: <kbd>1</kbd> has no <samp>true</samp> and <samp>false</samp>, and a name <samp>*</samp>; <kbd>2</kbd> is as one would expect.");

/// For formats whose params are always right.
fn no_warning(_: &Params<'_>) -> Option<ApiWarning> {
    None
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
    /// The query string, if all of the request is in it, for a link to the same in another format.
    pub query: Option<&'p [u8]>,
    /// How long it took to come to the result.
    pub elapsed: Duration,
}

#[cfg(test)]
impl<'p> PrintCall<'p> {
    /// With nothing but params and settings.
    pub fn for_tests(params: &'p Params<'p>, options: &'p ApiOptions) -> Self {
        Self {
            params,
            options,
            status: 200,
            query: None,
            elapsed: Duration::ZERO,
        }
    }
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
    /// Whether the text tells the HTTP status; the answer itself has 200 then.
    pub tells_status: bool,
}

impl Document {
    /// A document that programs read.
    pub fn data(content_type: &'static str, file_name: &'static str, text: String) -> Self {
        Self {
            content_type,
            file_name: file_name.into(),
            text,
            is_page: false,
            tells_status: false,
        }
    }

    /// A page for people.
    pub fn page(content_type: &'static str, file_name: &'static str, text: String) -> Self {
        Self {
            is_page: true,
            tells_status: true,
            ..Self::data(content_type, file_name, text)
        }
    }
}

#[cfg(test)]
mod tests;
