//! The format `phpfm`: `php` on a page for people.

use super::php;
use super::pretty::{self, Syntax, View, WRAPPED};
use super::{DATA_FORMATS, Document, FORMAT_VERSION, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::result::Object;

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "phpfm",
        path: "phpfm",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatPhp",
        help_urls: DATA_FORMATS,
        summary: "The answer as serialized by PHP, on a page for people.",
        params: &[WRAPPED, FORMAT_VERSION],
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let view = View {
        syntax: Syntax::Plain,
        called: "PHP's serialization",
        plain: Some("php"),
        text: php::text(call.params, result),
    };
    pretty::document(call, result, &view)
}
