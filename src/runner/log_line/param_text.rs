//! A param's value as it stands in a line.

use super::{LogFormat, php_json, put};
use crate::php_serialize::{PhpArray, PhpValue, float_text_with};

/// Longer strings are shown by their length.
const MAX_CHARACTERS: usize = 1024;

/// The most elements of an array that are shown.
const MAX_ELEMENTS: usize = 10;

/// PHP's setting `precision`: the digits of a float that is made a string.
const PRECISION: usize = 14;

/// Appends a value. Only 1.43 looks into arrays and squashes white space, and so keeps a job on one line.
pub(super) fn write(format: LogFormat, value: &PhpValue<'_>, out: &mut Vec<u8>) {
    match value {
        PhpValue::Null | PhpValue::Bool(false) => {}
        PhpValue::Bool(true) => out.push(b'1'),
        PhpValue::Int(number) => put(out, format_args!("{number}")),
        PhpValue::Float(number) => {
            out.extend_from_slice(float_text_with(*number, PRECISION).as_bytes());
        }
        PhpValue::Str(text) => write_text(format, text, out),
        PhpValue::Array(array) => write_array(format, array, out),
        PhpValue::Object(object) => match format {
            LogFormat::Mw2014 => {
                let shown = [b"object(", object.class, b")"].concat();
                write_text(format, &shown, out);
            }
            LogFormat::Mw143 => write_text(format, object.class, out),
        },
    }
}

fn write_array(format: LogFormat, array: &PhpArray<'_>, out: &mut Vec<u8>) {
    if format == LogFormat::Mw2014 || array.len() > MAX_ELEMENTS {
        put(out, format_args!("array({})", array.len()));
    } else {
        write_text(format, &php_json::elements(array), out);
    }
}

fn write_text(format: LogFormat, text: &[u8], out: &mut Vec<u8>) {
    // A character has at least one byte.
    if text.len() > MAX_CHARACTERS {
        let characters = characters(text);
        if characters > MAX_CHARACTERS {
            return put(out, format_args!("string({characters})"));
        }
    }
    match format {
        LogFormat::Mw2014 => out.extend_from_slice(text),
        LogFormat::Mw143 => squash(text, out),
    }
}

/// Counts characters by their first bytes, whatever follows those (PHP: `mb_strlen`).
pub(super) fn characters(text: &[u8]) -> usize {
    let mut count = 0_usize;
    // Bytes ahead that belong to the last character counted.
    let mut ahead = 0_u8;
    for chunk in text.chunks(64) {
        if ahead == 0 && chunk.is_ascii() {
            count = count.saturating_add(chunk.len());
            continue;
        }
        for byte in chunk {
            if ahead > 0 {
                ahead = ahead.saturating_sub(1);
                continue;
            }
            count = count.saturating_add(1);
            ahead = match byte {
                0xC2..=0xDF => 1,
                0xE0..=0xEF => 2,
                0xF0..=0xF4 => 3,
                _ => 0,
            };
        }
    }
    count
}

/// Each run of ASCII white space becomes one space, as PHP's `\s` sees it without Unicode.
fn squash(text: &[u8], out: &mut Vec<u8>) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    for run in text.chunk_by(|one, next| is_space(one) == is_space(next)) {
        if run.first().is_some_and(is_space) {
            out.push(b' ');
        } else {
            out.extend_from_slice(run);
        }
    }
}
