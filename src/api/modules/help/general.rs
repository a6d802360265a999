//! What stands on help pages whatever they describe.

use crate::api::markup::escape_html;

/// The introduction. `script_url` is the address of the API.
pub fn introduction(script_url: &str) -> String {
    let url = escape_html(script_url);
    format!(
        "<p>This is the API of a server that takes bounced mails in place of a MediaWiki 1.43 with the BounceHandler \
         extension. It answers as that wiki does, for the modules and formats that are described here.</p>\n\
         <p class=\"soft\">Requests go to <kbd>{url}</kbd>, with params in the query string, or in the body of a \
         <kbd>POST</kbd>. Programs should ask for <kbd>format=json&amp;formatversion=2</kbd>. An answer that is an error has \
         its code in the header <kbd>MediaWiki-API-Error</kbd>.</p>\n"
    )
}

/// How values are written.
pub const DATA_TYPES: &str = "\
<p class=\"label\">How values are written</p>
<dl class=\"params\">
<div><dt>text</dt><dd>UTF-8 in normalisation form C. Other text is brought into that form, with a warning.</dd></div>
<div><dt>yes or no</dt><dd>A param that is there says yes, whatever its value. To say no, leave it out.</dd></div>
<div><dt>several</dt><dd>Values are separated by <kbd>|</kbd>. If a value has that character in it, begin with U+001F \
(<kbd>%1F</kbd>) and separate by that.</dd></div>
<div><dt>time</dt><dd>ISO 8601 in UTC, such as <kbd>2001-01-15T14:56:00Z</kbd>.</dd></div>
</dl>
";
