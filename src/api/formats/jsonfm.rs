//! The format `jsonfm`: `json` on a page for people.

use super::json::{self, ASCII, CALLBACK_PARAM, Layout, UTF8};
use super::pretty::{self, Syntax, View, WRAPPED};
use super::{DATA_FORMATS, Document, FORMAT_VERSION, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::result::Object;

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "jsonfm",
        path: "jsonfm",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatJson",
        help_urls: DATA_FORMATS,
        summary: "The answer in JSON, on a page for people.",
        params: &[WRAPPED, CALLBACK_PARAM, UTF8, ASCII, FORMAT_VERSION],
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let view = View {
        syntax: Syntax::Json,
        called: "JSON",
        plain: Some("json"),
        text: json::text(call.params, result, Layout::Pretty),
    };
    pretty::document(call, result, &view)
}
