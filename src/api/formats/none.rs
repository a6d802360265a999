//! The format `none`: nothing, for clients that look at the headers only.

use super::{DATA_FORMATS, Document, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::result::Object;

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "none",
        path: "none",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatNone",
        help_urls: DATA_FORMATS,
        summary: "An empty body; what matters is in the headers.",
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

fn print(_: &PrintCall<'_>, _: &Object) -> Document {
    Document::data("text/plain; charset=utf-8", "api-result.txt", String::new())
}
