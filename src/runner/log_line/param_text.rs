//! A param's value as it stands in a line.

use super::php_json;
use super::put;
use crate::php_serialize::{PhpValue, float_text_with};

/// Longer strings are shown by their length.
const MAX_CHARACTERS: usize = 1024;

/// The most elements of an array that are shown.
const MAX_ELEMENTS: usize = 10;

/// Appends a value as the runner of 2014 shows it: white space as it is.
pub(super) fn write_2014(value: &PhpValue<'_>, out: &mut Vec<u8>) {
    match value {
        PhpValue::Array(array) => put(out, format_args!("array({})", array.len())),
        PhpValue::Object(object) => {
            out.extend_from_slice(b"object(");
            out.extend_from_slice(object.class);
            out.push(b')');
        }
        _ => write_scalar(value, &mut |text, out| out.extend_from_slice(text), out),
    }
}

/// Appends a value as the runner of MediaWiki 1.43 shows it: each run of white space is one space.
pub(super) fn write_143(value: &PhpValue<'_>, out: &mut Vec<u8>) {
    match value {
        PhpValue::Array(array) if array.len() > MAX_ELEMENTS => {
            put(out, format_args!("array({})", array.len()))
        }
        PhpValue::Array(array) => write_text(&php_json::elements(array), &mut squash, out),
        PhpValue::Object(object) => write_text(object.class, &mut squash, out),
        _ => write_scalar(value, &mut squash, out),
    }
}

fn write_scalar(
    value: &PhpValue<'_>,
    show: &mut dyn FnMut(&[u8], &mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    match value {
        PhpValue::Null | PhpValue::Bool(false) => {}
        PhpValue::Bool(true) => out.push(b'1'),
        PhpValue::Int(number) => put(out, format_args!("{number}")),
        PhpValue::Float(number) => out.extend_from_slice(float_text_with(*number, 14).as_bytes()),
        PhpValue::Str(text) => write_text(text, show, out),
        PhpValue::Array(_) | PhpValue::Object(_) => {}
    }
}

fn write_text(text: &[u8], show: &mut dyn FnMut(&[u8], &mut Vec<u8>), out: &mut Vec<u8>) {
    let characters = characters(text);
    if characters > MAX_CHARACTERS {
        put(out, format_args!("string({characters})"));
    } else {
        show(text, out);
    }
}

/// Counts characters by their first bytes, whatever follows those (jobs/SPEC.md section 1.1).
pub(super) fn characters(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let mut rest = text;
    let mut count = 0_usize;
    while let Some(first) = rest.first() {
        let width = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        rest = rest.get(width..).unwrap_or_default();
        count = count.saturating_add(1);
    }
    count
}

fn squash(text: &[u8], out: &mut Vec<u8>) {
    let mut in_space = false;
    for byte in text {
        let space = matches!(byte, b' ' | b'\t'..=b'\r');
        if !space {
            out.push(*byte);
        } else if !in_space {
            out.push(b' ');
        }
        in_space = space;
    }
}
