//! The format `xml`: texts are attributes, what holds others is an element. It has no versions.

mod names;
mod writer;

#[cfg(test)]
pub(super) use self::names::encode as encode_name;

use super::{DATA_FORMATS, Document, FormatInfo, Layout, PrintCall};
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::params::Params;
use crate::api::result::Object;
use crate::api::warning::ApiWarning;

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "xml",
        path: "xml",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatXml",
        help_urls: DATA_FORMATS,
        summary: "The answer in XML.",
        params: &[XSLT, INCLUDE_NAMESPACE],
        ..ModuleInfo::BASE
    },
    warn,
    print,
};

/// `xslt`
pub(super) const XSLT: ParamSpec = ParamSpec::optional("xslt", ParamKind::Text)
    .help("A stylesheet for the answer. This wiki has that switched off.");

/// `includexmlnamespace`
pub(super) const INCLUDE_NAMESPACE: ParamSpec =
    ParamSpec::optional("includexmlnamespace", ParamKind::Presence)
        .help("Whether the elements are in a namespace.");

/// The namespace that `includexmlnamespace` adds.
const NAMESPACE: &str = "http://www.mediawiki.org/xml/api/";

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let xml = text(call.params, result, Layout::Compact);
    Document::data("text/xml; charset=utf-8", "api-result.xml", xml)
}

/// The result as an XML document.
pub(super) fn text(params: &Params<'_>, result: &Object, layout: Layout) -> String {
    let namespace = params.is_present(INCLUDE_NAMESPACE.name);
    writer::write(result, namespace.then_some(NAMESPACE), layout)
}

/// Stylesheets are pages of the wiki, of which this one has none.
pub(super) fn warn(params: &Params<'_>) -> Option<ApiWarning> {
    params.text(XSLT.name).map(|_| ApiWarning::XsltDisabled)
}

#[cfg(test)]
mod tests;
