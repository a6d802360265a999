//! The format `xmlfm`: `xml` on a page for people.

use super::pretty::{self, Syntax, View, WRAPPED};
use super::xml::{self, INCLUDE_NAMESPACE, XSLT};
use super::{DATA_FORMATS, Document, FormatInfo, Layout, PrintCall};
use crate::api::module::{Group, ModuleInfo};
use crate::api::result::Object;

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "xmlfm",
        path: "xmlfm",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatXml",
        help_urls: DATA_FORMATS,
        summary: "The answer in XML, on a page for people.",
        params: &[WRAPPED, XSLT, INCLUDE_NAMESPACE],
        ..ModuleInfo::BASE
    },
    warn: xml::warn,
    print,
};

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let view = View {
        syntax: Syntax::Xml,
        called: "XML",
        plain: Some("xml"),
        text: xml::text(call.params, result, Layout::Pretty),
    };
    pretty::document(call, result, &view)
}
