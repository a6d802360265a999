//! The format `json`: RFC 8259 as PHP writes it, without white space; with `callback` a script (JSONP).

use super::{Document, FormatInfo, PrintCall};
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{FormatVersion, Object, Value};

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "json",
        path: "json",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatJson",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Data_formats"],
        params: PARAMS,
        ..ModuleInfo::BASE
    },
    print,
};

/// The format's params.
const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(CALLBACK, ParamKind::Text),
    ParamSpec::optional("utf8", ParamKind::Presence),
    ParamSpec::optional("ascii", ParamKind::Presence),
    ParamSpec::with_default(
        "formatversion",
        ParamKind::Choice(|| vec!["1", "2", "latest"]),
        "1",
    ),
];

/// The param that asks for a script that calls this function. A browser runs it whatever the page's origin.
pub const CALLBACK: &str = "callback";

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let params = call.params;
    let version = match params.text("formatversion") {
        Some("2" | "latest") => FormatVersion::V2,
        Some(_) | None => FormatVersion::V1,
    };
    let only_ascii = match version {
        FormatVersion::V1 => !params.is_present("utf8"),
        FormatVersion::V2 => params.is_present("ascii"),
    };
    let mut json = Writer {
        version,
        only_ascii,
        text: String::new(),
    };
    json.object(result);
    match params.text(CALLBACK) {
        Some(callback) => Document::data(
            "text/javascript; charset=utf-8",
            "api-result.js",
            format!("/**/{}({})", callable(callback), json.text),
        ),
        None => Document::data(
            "application/json; charset=utf-8",
            "api-result.json",
            json.text,
        ),
    }
}

/// What of a callback can be a path of properties; the rest is dropped.
fn callable(callback: &str) -> String {
    let allowed = |character: &char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '[' | ']' | '\'' | '"')
    };
    callback.chars().filter(allowed).collect()
}

/// Results are made by modules and are not deep, so it may call itself.
struct Writer {
    version: FormatVersion,
    only_ascii: bool,
    text: String,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(yes) if self.version == FormatVersion::V1 => {
                self.text.push_str(if *yes { "\"\"" } else { "false" });
            }
            Value::Bool(yes) | Value::PlainBool(yes) => {
                self.text.push_str(if *yes { "true" } else { "false" });
            }
            Value::Number(number) => self.text.push_str(&number.to_string()),
            Value::Text(text) => self.string(text),
            Value::List(list) => self.list(&list.items),
            Value::Object(object) => self.object(object),
        }
    }

    fn list(&mut self, values: &[Value]) {
        self.text.push('[');
        for (place, value) in values.iter().enumerate() {
            self.comma_unless_first(place);
            self.value(value);
        }
        self.text.push(']');
    }

    fn object(&mut self, object: &Object) {
        if object.is_empty_list(self.version) {
            self.text.push_str("[]");
            return;
        }
        self.text.push('{');
        for (place, (name, value)) in object.entries(self.version).enumerate() {
            self.comma_unless_first(place);
            self.string(name);
            self.text.push(':');
            self.value(value);
        }
        self.text.push('}');
    }

    fn comma_unless_first(&mut self, place: usize) {
        if place > 0 {
            self.text.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => self.code_units(character),
                _ if self.only_ascii && !character.is_ascii() => self.code_units(character),
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    fn code_units(&mut self, character: char) {
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.text.push_str("\\u");
            for byte in unit.to_be_bytes() {
                let digits =
                    [byte >> 4, byte & 0xF].map(|digit| char::from_digit(digit.into(), 16));
                self.text.extend(digits.into_iter().flatten());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::Params;
    use crate::api::php_input::PhpInput;
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
        let call = PrintCall {
            params,
            options: &options(),
            status: 200,
        };
        print(&call, result)
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
