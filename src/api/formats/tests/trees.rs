//! Trees of any kind, and what should come of them, said once more and in another way than in the code.

use crate::api::formats::xml::encode_name;
use crate::api::result::{FormatVersion, List, Object, Value};
use crate::php_serialize::{PhpKey, PhpValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, json};
use std::collections::HashSet;

const TAGS: [&str; 5] = ["", "v", "ns", "a b", "1"];
const CONTENTS: [&str; 2] = ["text", "content name"];

/// A result.
pub fn tree() -> impl Strategy<Value = Object> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<bool>().prop_map(Value::PlainBool),
        any::<i64>().prop_map(Value::Number),
        any::<i16>().prop_map(|whole| Value::Decimal(format!("{whole}.5"))),
        any::<String>().prop_map(Value::text),
        "[ -~\r\n\t]{0,6}".prop_map(Value::text),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (select(&TAGS[..]), vec(inner.clone(), 0..4))
                .prop_map(|(tag, items)| Value::list(tag, items)),
            object(inner).prop_map(Value::Object),
        ]
    });
    object(value)
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    let name = prop_oneof![
        3 => "[a-z][a-z-]{0,5}",
        1 => any::<String>(),
        1 => "-?[0-9]{1,3}",
        1 => any::<i64>().prop_map(|number| number.to_string()),
    ];
    let entries = vec((name, value), 0..5);
    let content = proptest::option::of((select(&CONTENTS[..]), any::<String>()));
    (
        entries,
        content,
        proptest::option::of(select(&TAGS[..])),
        0..4_u8,
    )
        .prop_map(|(entries, content, tag, kind)| {
            let mut object = Object::default();
            let mut seen: HashSet<String> = CONTENTS
                .iter()
                .map(|name| encode_name(name).into_owned())
                .collect();
            // Names with an underscore are for formats; `*` is the content; `xmlns` is no attribute.
            let entries = entries.into_iter().filter(|(name, _)| {
                !name.starts_with('_')
                    && name != "*"
                    && name != "xmlns"
                    && seen.insert(encode_name(name).into_owned())
            });
            for (name, value) in entries {
                object.set(name, value);
            }
            if let Some((name, text)) = content {
                object.set_content(name, Value::text(text));
            }
            if let Some(tag) = tag.filter(|tag| !tag.is_empty()) {
                object = object.numbered(tag);
            }
            match kind {
                1 => object.or_empty_list(),
                2 => object.listed_in_v1(),
                3 => object.with_subelements(&["a", "b", "c", "text"]),
                _ => object,
            }
        })
}

/// The tree in JSON.
pub fn expected(tree: &Object, version: FormatVersion) -> serde_json::Value {
    object_in(tree, version)
}

fn value_in(value: &Value, version: FormatVersion) -> Option<serde_json::Value> {
    Some(match (value, version) {
        (Value::Bool(false), FormatVersion::V1) => return None,
        (Value::Bool(true), FormatVersion::V1) => json!(""),
        (Value::Null, _) => json!(null),
        (Value::Bool(yes) | Value::PlainBool(yes), _) => json!(yes),
        (Value::Number(number), _) => json!(number),
        (Value::Decimal(digits), _) => json!(digits.parse::<f64>().unwrap()),
        (Value::Text(text), _) => json!(text),
        (Value::Object(object), _) => object_in(object, version),
        (Value::List(List { items, .. }), _) => {
            let values: Vec<_> = items.iter().map(|item| value_in(item, version)).collect();
            let mut entries = Map::new();
            for (at, value) in values.into_iter().enumerate() {
                entries.extend(value.map(|value| (at.to_string(), value)));
            }
            listed_if_numbered(entries)
        }
    })
}

fn object_in(object: &Object, version: FormatVersion) -> serde_json::Value {
    let mut entries = Map::new();
    let mut content = None;
    for (name, value) in object.all() {
        match value_in(value, version) {
            Some(value) if version == FormatVersion::V1 && object.content() == Some(name) => {
                content = Some(value);
            }
            Some(value) => drop(entries.insert(name.to_owned(), value)),
            None => {}
        }
    }
    entries.extend(content.map(|content| ("*".to_owned(), content)));
    if object.is_listed_in_v1() && version == FormatVersion::V1 {
        return listed_if_numbered(entries);
    }
    if entries.is_empty() && object.clone().or_empty_list() == *object {
        return json!([]);
    }
    serde_json::Value::Object(entries)
}

fn listed_if_numbered(entries: Map<String, serde_json::Value>) -> serde_json::Value {
    let is_list = (0..)
        .zip(entries.keys())
        .all(|(at, key): (usize, _)| *key == at.to_string());
    if is_list {
        return entries.into_iter().map(|(_, value)| value).collect();
    }
    serde_json::Value::Object(entries)
}

/// Whether PHP's value is this one of JSON, where both lists and maps are arrays.
pub fn is_like_php(read: &PhpValue<'_>, expected: &serde_json::Value) -> bool {
    match (read, expected) {
        (PhpValue::Null, serde_json::Value::Null) => true,
        (PhpValue::Bool(read), serde_json::Value::Bool(expected)) => read == expected,
        (PhpValue::Float(read), expected) => expected.as_f64() == Some(*read),
        (PhpValue::Int(read), expected) => expected.as_i64() == Some(*read),
        (PhpValue::Str(read), serde_json::Value::String(expected)) => *read == expected.as_bytes(),
        (PhpValue::Array(read), serde_json::Value::Array(expected)) => {
            read.is_list()
                && read.len() == expected.len()
                && read
                    .iter()
                    .zip(expected)
                    .all(|((_, read), expected)| is_like_php(read, expected))
        }
        (PhpValue::Array(read), serde_json::Value::Object(expected)) => {
            read.len() == expected.len()
                && read
                    .iter()
                    .zip(expected)
                    .all(|((key, read), (name, expected))| {
                        *key == PhpKey::from_bytes(name.as_bytes()) && is_like_php(read, expected)
                    })
        }
        _ => false,
    }
}

/// The texts that stand in the tree's XML, as attributes or between tags.
pub fn xml_texts(object: &Object) -> Vec<String> {
    let mut texts = Vec::new();
    for (name, value) in object.all() {
        let is_number = matches!(PhpKey::from_bytes(name.as_bytes()), PhpKey::Int(_));
        let is_attribute =
            !is_number && !object.is_subelement(name) && object.content() != Some(name);
        match value {
            Value::Bool(_) | Value::PlainBool(_) if is_attribute => {}
            value => between_tags(value, &mut texts),
        }
    }
    texts
}

fn between_tags(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Bool(yes) | Value::PlainBool(yes) => texts.push(yes.to_string()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Decimal(digits) => texts.push(digits.clone()),
        Value::Text(text) => texts.push(text.clone()),
        Value::List(list) => list.items.iter().for_each(|item| between_tags(item, texts)),
        Value::Object(object) => texts.extend(xml_texts(object)),
    }
}
