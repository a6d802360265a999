//! Writing the format, byte for byte as PHP 8 does.

use super::value::{PhpArray, PhpKey, PhpValue};
use std::io::Write as _;

/// The bytes of a value.
pub fn write(value: &PhpValue<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_hint(value));
    write_into(value, &mut bytes);
    bytes
}

/// The bytes of an array with these string keys, which must differ.
pub fn write_params<const N: usize>(pairs: [(&str, PhpValue<'_>); N]) -> Vec<u8> {
    write(&PhpValue::Array(PhpArray::from_pairs(pairs)))
}

/// About as many bytes as strings will need, so that a mail is copied once.
fn size_hint(value: &PhpValue<'_>) -> usize {
    match value {
        PhpValue::Str(bytes) => bytes.len().saturating_add(32),
        PhpValue::Array(array) => array.iter().fold(32, |sum: usize, (_, value)| {
            sum.saturating_add(48).saturating_add(size_hint(value))
        }),
        _ => 32,
    }
}

fn write_into(value: &PhpValue<'_>, out: &mut Vec<u8>) {
    match value {
        PhpValue::Null => out.extend_from_slice(b"N;"),
        PhpValue::Bool(on) => put(out, format_args!("b:{};", u8::from(*on))),
        PhpValue::Int(number) => put(out, format_args!("i:{number};")),
        PhpValue::Float(number) => put(out, format_args!("d:{};", float_text(*number))),
        PhpValue::Str(bytes) => {
            write_string(b's', bytes, out);
            out.push(b';');
        }
        PhpValue::Array(array) => {
            out.push(b'a');
            write_elements(array, out);
        }
        PhpValue::Object(object) => {
            write_string(b'O', object.class, out);
            write_elements(&object.properties, out);
        }
    }
}

fn write_string(letter: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(letter);
    put(out, format_args!(":{}:\"", bytes.len()));
    out.extend_from_slice(bytes);
    out.push(b'"');
}

fn write_elements(array: &PhpArray<'_>, out: &mut Vec<u8>) {
    put(out, format_args!(":{}:{{", array.len()));
    for (key, value) in array.iter() {
        match key {
            PhpKey::Int(number) => put(out, format_args!("i:{number};")),
            PhpKey::Str(bytes) => {
                write_string(b's', bytes, out);
                out.push(b';');
            }
        }
        write_into(value, out);
    }
    out.push(b'}');
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    drop(out.write_fmt(text));
}

/// A float as PHP spells it with `serialize_precision = -1`: the shortest digits that read back as the same number.
pub fn float_text(number: f64) -> String {
    spell(number, &shortest(number), 17)
}

/// The shortest scientific notation that reads back as the same number. Of two that are as near, PHP takes the one with
/// the even digit and Rust the larger one.
fn shortest(number: f64) -> String {
    let any = format!("{number:e}");
    let digits = any
        .bytes()
        .take_while(|byte| *byte != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    let even = format!("{number:.*e}", digits.saturating_sub(1));
    let same = even
        .parse::<f64>()
        .is_ok_and(|read| read.to_bits() == number.to_bits());
    if same { even } else { any }
}

/// A float as PHP makes text of it with `precision` significant digits (from 1 on).
///
/// One oddity is left out: of whole numbers of 15 digits that end in 05, PHP keeps the zeros at the end of 14 digits
/// (`1.0000000000000E+14`).
pub fn float_text_with(number: f64, precision: usize) -> String {
    let digits = precision.saturating_sub(1);
    spell(
        number,
        &format!("{number:.digits$e}"),
        i32::try_from(precision).unwrap_or(i32::MAX),
    )
}

/// Spells a float from its digits in scientific notation; from 10 to the power of `precision` on, and below 0.0001, it
/// gets an exponent.
fn spell(number: f64, scientific: &str, precision: i32) -> String {
    if number.is_nan() {
        return "NAN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "INF".to_owned()
        } else {
            "-INF".to_owned()
        };
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let body = if exponent < -4 || exponent >= precision {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let rest = if rest.is_empty() { "0" } else { rest };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{first}.{rest}E{sign}{}", exponent.unsigned_abs())
    } else {
        positional(digits, exponent)
    };
    format!("{sign}{body}")
}

/// Digits with the point where the exponent puts it.
fn positional(digits: &str, exponent: i32) -> String {
    let Ok(exponent) = usize::try_from(exponent) else {
        let zeros = usize::try_from(exponent.unsigned_abs())
            .unwrap_or(0)
            .saturating_sub(1);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    let whole = exponent.saturating_add(1);
    match digits.split_at_checked(whole) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits}{}", "0".repeat(whole.saturating_sub(digits.len()))),
    }
}
