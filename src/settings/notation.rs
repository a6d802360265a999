//! Values as texts: TOML notation for people to read and copy, and what an error may say of a value.

use serde_json::{Map, Value};

/// The most characters of a wrong value that an error repeats.
const SHOWN_CHARACTERS: usize = 60;

/// A value in TOML notation, on one line. What is not set is `false`, because TOML has no null.
pub(super) fn toml_text(value: &Value) -> String {
    match value {
        Value::Null => "false".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(toml_text).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => format!("{{ {} }}", table_text(entries)),
    }
}

fn table_text(entries: &Map<String, Value>) -> String {
    let pair =
        |(key, value): (&String, &Value)| format!("{} = {}", key_text(key), toml_text(value));
    entries.iter().map(pair).collect::<Vec<_>>().join(", ")
}

fn key_text(key: &str) -> String {
    let bare = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// A text in double quotes. JSON's escapes are TOML's, but JSON leaves some control characters as they are, which TOML
/// forbids and terminals obey.
fn quoted(text: &str) -> String {
    let escaped = |character: char| match character {
        control if control.is_control() => format!("\\u{:04x}", u32::from(control)),
        plain => plain.to_string(),
    };
    Value::from(text).to_string().chars().map(escaped).collect()
}

/// A wrong value as an error repeats it: texts and numbers themselves, the rest by its kind.
pub(super) fn seen(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() > SHOWN_CHARACTERS => {
            format!(
                "{}...",
                quoted(&text.chars().take(SHOWN_CHARACTERS).collect::<String>())
            )
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => toml_text(value),
        Value::Null | Value::Array(_) | Value::Object(_) => kind_seen(value).to_owned(),
    }
}

/// The kind of a wrong value that must not be repeated, because a secret may be in it.
pub(super) fn kind_seen(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_toml_writes_them() {
        let table = [
            (json!(null), "false"),
            (json!(1.5), "1.5"),
            (json!("a\"b\n\u{7f}\u{9b}é"), r#""a\"b\n\u007f\u009bé""#),
            (json!(["a", 1]), r#"["a", 1]"#),
            (json!({}), "{}"),
            (
                json!({"*": {"read": false}}),
                r#"{ "*" = { read = false } }"#,
            ),
        ];
        for (value, expected) in table {
            assert_eq!(toml_text(&value), expected);
            let back: toml::Table = toml::from_str(&format!("x = {expected}")).unwrap();
            assert!(back.contains_key("x"), "{expected}");
        }
    }

    #[test]
    fn a_long_text_is_cut_in_an_error() {
        let shown = seen(&json!("é".repeat(61)));
        assert_eq!(shown, format!("\"{}\"...", "é".repeat(60)));
    }
}
