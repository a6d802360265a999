//! JSON in the dialect of MediaWiki's log lines: non-ASCII and `< > &` escaped, slashes not.

use crate::php_serialize::{PhpArray, PhpKey, PhpValue, float_text};
use std::io::Write as _;

/// The longest JSON of an element that is shown.
const MAX_ELEMENT: usize = 512;

/// PHP's own limit on nesting.
const MAX_DEPTH: usize = 512;

/// Text that has no JSON.
struct NoJson;

/// The JSON of an array; elements that have none, or a long one, are shown by their type. Empty if a key has none.
pub(super) fn elements(array: &PhpArray<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let list = array.is_list();
    out.push(if list { b'[' } else { b'{' });
    for (place, (key, value)) in array.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if !list && write_key(*key, &mut out).is_err() {
            return Vec::new();
        }
        let start = out.len();
        let written = write_value(value, MAX_DEPTH, &mut out);
        if written.is_err() || out.len().saturating_sub(start) > MAX_ELEMENT {
            out.truncate(start);
            let shown = [b"\"", type_name(value), b"(...)\""].concat();
            out.extend_from_slice(&shown);
        }
    }
    out.push(if list { b']' } else { b'}' });
    out
}

/// PHP's `gettype()`, or the class of an object.
fn type_name<'v>(value: &'v PhpValue<'_>) -> &'v [u8] {
    match value {
        PhpValue::Null => b"NULL",
        PhpValue::Bool(_) => b"boolean",
        PhpValue::Int(_) => b"integer",
        PhpValue::Float(_) => b"double",
        PhpValue::Str(_) => b"string",
        PhpValue::Array(_) => b"array",
        PhpValue::Object(object) => object.class,
    }
}

fn write_value(value: &PhpValue<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), NoJson> {
    match value {
        PhpValue::Null => out.extend_from_slice(b"null"),
        PhpValue::Bool(on) => out.extend_from_slice(if *on { b"true" } else { b"false" }),
        PhpValue::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        PhpValue::Float(number) if number.is_finite() => {
            out.extend_from_slice(float_text(*number).replace('E', "e").as_bytes());
        }
        PhpValue::Float(_) => return Err(NoJson),
        PhpValue::Str(text) => write_string(text, out)?,
        PhpValue::Array(array) => write_array(array, array.is_list(), depth, out)?,
        PhpValue::Object(object) => write_array(&object.properties, false, depth, out)?,
    }
    Ok(())
}

fn write_array(
    array: &PhpArray<'_>,
    list: bool,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), NoJson> {
    let depth = depth.checked_sub(1).ok_or(NoJson)?;
    out.push(if list { b'[' } else { b'{' });
    for (place, (key, value)) in array.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if !list {
            write_key(*key, out)?;
        }
        write_value(value, depth, out)?;
    }
    out.push(if list { b']' } else { b'}' });
    Ok(())
}

fn write_key(key: PhpKey<'_>, out: &mut Vec<u8>) -> Result<(), NoJson> {
    match key {
        PhpKey::Int(number) => write_string(number.to_string().as_bytes(), out)?,
        PhpKey::Str(text) => write_string(text, out)?,
    }
    out.push(b':');
    Ok(())
}

fn write_string(text: &[u8], out: &mut Vec<u8>) -> Result<(), NoJson> {
    let text = std::str::from_utf8(text).map_err(|_| NoJson)?;
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '<' => out.extend_from_slice(b"\\u003C"),
            '>' => out.extend_from_slice(b"\\u003E"),
            '&' => out.extend_from_slice(b"\\u0026"),
            ' '..='\u{7f}' => out.push(u8::try_from(character).unwrap_or(b'?')),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to memory cannot fail.
                    drop(write!(out, "\\u{unit:04x}"));
                }
            }
        }
    }
    out.push(b'"');
    Ok(())
}
