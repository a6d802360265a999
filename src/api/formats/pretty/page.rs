//! What the page has in the frame of all pages.

use super::{View, reason};
use crate::api::formats::PrintCall;
use crate::api::markup::escape_html;
use crate::api::page;

/// What the page shows.
pub struct Page<'p> {
    /// What was asked.
    pub call: &'p PrintCall<'p>,
    /// The code of the error, if the result is one.
    pub error: Option<&'p str>,
    /// The result.
    pub view: &'p View,
    /// The result in HTML.
    pub html: &'p str,
}

impl Page<'_> {
    /// The page.
    pub fn write(&self) -> String {
        let title = format!("API answer in {}", self.view.called);
        let script = escape_html(&self.call.options.script_url);
        let (about, notes) = (self.about(), self.notes());
        let html = self.html;
        let body = format!(
            "{about}{notes}<pre>{html}</pre>\n\
             <p><a href=\"{script}?action=help\">What this API can do</a></p>\n"
        );
        page::page(&title, &body)
    }

    fn about(&self) -> String {
        let called = self.view.called;
        let Some(plain) = self.view.plain else {
            return "<p>This page shows the answer as it is before it is put into a format: names that begin with \
                    <code>_</code> say how formats print what they stand in. Programs cannot ask for it.</p>\n"
                .to_owned();
        };
        let way = match self.call.query {
            Some(query) => {
                let script = &self.call.options.script_url;
                let target = format!("{script}?{}", plain_query(query, plain));
                let target = escape_html(&target);
                format!("gets <a href=\"{target}\">the same without a page around it</a>")
            }
            None => "gets the same without a page around it".to_owned(),
        };
        format!(
            "<p>This page shows the answer in {called}, laid out for people. A program asks with \
             <code>format={plain}</code> and {way}. Requests that name no format get a page like this one.</p>\n"
        )
    }

    fn notes(&self) -> String {
        let error = self.error.map(|code| {
            let code = escape_html(code);
            format!(
                "<p class=\"bad\">The request failed. The code of the error is <code>{code}</code>.</p>\n"
            )
        });
        let status = self.call.status;
        let status = (status != 200).then(|| {
            let reason = reason(status);
            format!(
                "<p>The page has the HTTP status 200 OK; the plain format would have {status} {reason}.</p>\n"
            )
        });
        [error, status].into_iter().flatten().collect()
    }
}

/// The query string with this format in place of the one that it asks for.
pub fn plain_query(query: &[u8], format: &str) -> String {
    let is_replaced = |pair: &&[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        pair.is_empty() || matches!(name, b"format" | b"wrappedhtml")
    };
    let kept = query
        .split(|byte| *byte == b'&')
        .filter(|pair| !is_replaced(pair));
    let mut pairs: Vec<_> = kept.map(visible).collect();
    // Of two variables with one name the last counts, so this one counts however the other was written.
    pairs.push(format!("format={format}"));
    pairs.join("&")
}

/// The bytes, with those that cannot stand in an address written as numbers.
fn visible(bytes: &[u8]) -> String {
    let written = bytes.iter().map(|byte| match byte {
        b'!' | b'$'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' | b'[' | b']' => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    written.collect()
}
