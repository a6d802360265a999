//! The format `json`: RFC 8259 as PHP writes it, without white space; with `callback` a script (JSONP).

mod writer;

pub use self::writer::{Layout, write};

use super::{DATA_FORMATS, Document, FORMAT_VERSION, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::params::Params;
use crate::api::result::{FormatVersion, Object, Printed};

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "json",
        path: "json",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatJson",
        help_urls: DATA_FORMATS,
        summary: "The answer in JSON.",
        params: PARAMS,
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

/// The format's params.
const PARAMS: &[ParamSpec] = &[CALLBACK_PARAM, UTF8, ASCII, FORMAT_VERSION];

/// `callback`
pub(super) const CALLBACK_PARAM: ParamSpec = ParamSpec::optional(CALLBACK, ParamKind::Text)
    .help("The function that a script calls with the answer. Nobody is logged in for a script.");

/// `utf8`: in version 1, where the default is the other one.
pub(super) const UTF8: ParamSpec = ParamSpec::optional("utf8", ParamKind::Presence)
    .help("Whether letters outside ASCII stand as they are. Version 2 does that anyway.");

/// `ascii`: in version 2.
pub(super) const ASCII: ParamSpec = ParamSpec::optional("ascii", ParamKind::Presence)
    .help("Whether letters outside ASCII are written as <code>\\u</code> and their number. Version 1 does that anyway.");

/// The param that asks for a script that calls this function. A browser runs it whatever the page's origin.
pub const CALLBACK: &str = "callback";

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let is_script = call.params.text(CALLBACK).is_some();
    let (content_type, file_name) = if is_script {
        ("text/javascript; charset=utf-8", "api-result.js")
    } else {
        ("application/json; charset=utf-8", "api-result.json")
    };
    let json = text(call.params, result, Layout::Compact);
    Document::data(content_type, file_name, json)
}

/// The JSON, or the script, that the params ask for.
pub(super) fn text(params: &Params<'_>, result: &Object, layout: Layout) -> String {
    let version = FormatVersion::asked_by(params);
    let only_ascii = match version {
        FormatVersion::V1 => !params.is_present("utf8"),
        FormatVersion::V2 => params.is_present("ascii"),
    };
    let json = write(&Printed::result(result, version), layout, only_ascii);
    match params.text(CALLBACK) {
        Some(callback) => format!("/**/{}({json})", callable(callback)),
        None => json,
    }
}

/// What of a callback can be a path of properties; the rest is dropped.
fn callable(callback: &str) -> String {
    let allowed = |character: &char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '[' | ']' | '\'' | '"')
    };
    callback.chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::php_input::PhpInput;
    use crate::api::result::Value;
    use crate::api::tests::support::{get, given, options};
    use proptest::prelude::*;

    /// A document with this text as printed under a query string.
    fn printed(query: &str, text: &str) -> Document {
        let request = get(query);
        let input = PhpInput::read(&request, 1000);
        let params = given(INFO.info.path, INFO.info.params, &input)
            .accept()
            .unwrap();
        let mut result = Object::default();
        result.set_content("t", Value::text(text));
        print_with(&params, &result)
    }

    fn print_with(params: &Params<'_>, result: &Object) -> Document {
        print(&PrintCall::for_tests(params, &options()), result)
    }

    #[test]
    fn text_is_escaped_as_php_does() {
        // Recorded cases formats/json-unicode-v1, formats/json-special-v1, formats/json-utf8-empty, formats/json-utf8-v2.
        let text = "\u{e9}\u{4e2d}\u{1f600}\u{2028}";
        let table = [
            ("", text, r#"{"*":"\u00e9\u4e2d\ud83d\ude00\u2028"}"#),
            ("utf8=", text, "{\"*\":\"\u{e9}\u{4e2d}\u{1f600}\\u2028\"}"),
            (
                "formatversion=2",
                text,
                "{\"t\":\"\u{e9}\u{4e2d}\u{1f600}\\u2028\"}",
            ),
            (
                "formatversion=latest&ascii=1",
                "\u{e9}",
                r#"{"t":"\u00e9"}"#,
            ),
            (
                "ascii=1",
                "<>&'\"/\\\r\n\t\u{7f}",
                "{\"*\":\"<>&'\\\"/\\\\\\r\\n\\t\u{7f}\"}",
            ),
        ];
        for (query, text, expected) in table {
            assert_eq!(printed(query, text).text, expected, "{query}");
        }
    }

    #[test]
    fn lists_and_numbers_have_no_white_space() {
        let list = Value::list(
            "v",
            [Value::Number(-1), Value::text("a"), Value::list("v", [])],
        );
        let result = Object::of([("l", list), ("o", Value::Object(Object::default()))]);
        let printed = print_with(&Params::defaults(INFO.info.params), &result);
        assert_eq!(printed.text, r#"{"l":[-1,"a",[]],"o":{}}"#);
    }

    #[test]
    fn a_callback_makes_a_script() {
        // Recorded cases formats/callback-*.
        let table = [
            ("cb", "cb"),
            ("a.b%5B0%5D", "a.b[0]"),
            ("%3Cx%3E", "x"),
            ("%C3%A9", ""),
            ("1+2%3Balert%281%29", "12alert1"),
            ("o%5B%27k%27%5D", "o['k']"),
        ];
        for (callback, name) in table {
            let script = printed(&format!("callback={callback}"), "x");
            assert_eq!(script.text, format!("/**/{name}({{\"*\":\"x\"}})"));
            assert_eq!(script.content_type, "text/javascript; charset=utf-8");
            assert_eq!(script.file_name, "api-result.js");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_back(text in "\\PC*", query in prop_oneof![Just(""), Just("utf8=1"), Just("formatversion=2")]) {
            let text = crate::api::text::clean(text.as_bytes()).into_owned();
            let read: serde_json::Value = serde_json::from_str(&printed(query, &text).text).unwrap();
            let name = if query == "formatversion=2" { "t" } else { "*" };
            prop_assert_eq!(read[name].as_str(), Some(text.as_str()));
        }
    }
}
