//! How a result becomes a document. One file a format; [`registry`](super::registry) has the list.

pub mod json;

use super::param_spec::ParamSpec;
use super::params::Params;
use super::result::Object;

/// A format, as the param `format` names it.
#[derive(Debug)]
pub struct FormatInfo {
    /// Its name, under which it also warns.
    pub name: &'static str,
    /// Its params.
    pub params: &'static [ParamSpec],
    /// Prints a result.
    pub print: fn(&Params<'_>, &Object) -> Document,
}

/// A printed result.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The name under which a browser would save it.
    pub file_name: &'static str,
    /// The text.
    pub text: String,
}
