//! What the formats for people share: a page of HTML, or with `wrappedhtml` the heart of it in JSON for pages that put it
//! into themselves.

mod highlight;
mod page;

pub use self::highlight::Syntax;

use self::page::Page;
use super::json::{self, Layout};
use super::{Document, PrintCall};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{FormatVersion, Object, Printed, Value};

/// The param that asks for the heart of the page in JSON.
pub const WRAPPED: ParamSpec = ParamSpec::optional("wrappedhtml", ParamKind::Presence)
    .help("Whether the HTML comes as part of a JSON document, for pages that show it.");

/// The modules with which the original styles that.
const STYLES: &str = "mediawiki.apipretty";

/// A printed result to be shown.
pub struct View {
    /// How to read it.
    pub syntax: Syntax,
    /// What it is called.
    pub called: &'static str,
    /// The format that gives it without a page around it, if there is one.
    pub plain: Option<&'static str>,
    /// The result, laid out for people.
    pub text: String,
}

/// The page, or its heart.
pub fn document(call: &PrintCall<'_>, result: &Object, view: &View) -> Document {
    let html = highlight::to_html(&view.text, view.syntax);
    if call.params.is_present(WRAPPED.name) {
        let text = wrapped(call, result, &html);
        return Document {
            tells_status: true,
            ..Document::data(
                "text/mediawiki-api-prettyprint-wrapped; charset=utf-8",
                "api-result-wrapped.json",
                text,
            )
        };
    }
    let page = Page {
        call,
        error: error_code(result),
        view,
        html: &html,
    };
    Document::page("text/html; charset=UTF-8", "api-result.html", page.write())
}

fn wrapped(call: &PrintCall<'_>, result: &Object, html: &str) -> String {
    let html = format!("<pre class=\"api-pretty-content\">{html}</pre>");
    let more = result.get("continue");
    let fields = [
        ("status", Printed::Number(call.status.into())),
        ("statustext", Printed::Text(reason(call.status))),
        ("html", Printed::Text(&html)),
        ("modules", Printed::List(vec![Printed::Text(STYLES)])),
        (
            "continue",
            more.map_or(Printed::Null, |more| Printed::of(more, FormatVersion::V1)),
        ),
        ("time", Printed::Number(milliseconds(call))),
    ];
    let fields = fields.map(|(name, value)| (name.into(), value));
    json::write(&Printed::Map(fields.into()), Layout::Compact, false)
}

fn milliseconds(call: &PrintCall<'_>) -> i64 {
    i64::try_from(call.elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// The code of the error that the result tells of, in either error format.
fn error_code(result: &Object) -> Option<&str> {
    let error = match (result.get("error"), result.get("errors")) {
        (Some(error), _) => error,
        (None, Some(Value::List(errors))) => errors.items.first()?,
        (None, _) => return None,
    };
    match error {
        Value::Object(error) => match error.get("code")? {
            Value::Text(code) => Some(code),
            _ => None,
        },
        _ => None,
    }
}

/// The name of a status (RFC 9110 section 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
