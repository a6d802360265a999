//! Text as the wiki takes it from a request: UTF-8 in normalisation form C, without characters that XML forbids.
//!
//! MediaWiki: every value of a request is brought into this form before a module sees it, and every text of an answer
//! before it is printed. Recorded cases: `core/utf8-*`, `core/u-*`, `core/nfd`; bytes: `job_rows.jsonl`.

use std::borrow::Cow;
use std::str;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// At the beginning of a value it says that this byte, and not `|`, separates the parts of the value.
pub const MULTI_VALUE_SEPARATOR: u8 = 0x1F;

/// The value of a param as text. It is borrowed exactly when nothing had to be changed.
///
/// With `named_in_query` a value that is not UTF-8 is read as windows-1252; if it is not that either, nothing remains.
pub fn of_value(raw: &[u8], named_in_query: bool) -> Cow<'_, str> {
    if raw.first() == Some(&MULTI_VALUE_SEPARATOR) {
        return of_multi_value(raw);
    }
    of_variable(raw, named_in_query)
}

/// The same for a variable that is no param of the API and so has no parts.
pub fn of_variable(raw: &[u8], named_in_query: bool) -> Cow<'_, str> {
    if named_in_query && str::from_utf8(raw).is_err() {
        let text = from_windows_1252(raw).unwrap_or_default();
        return Cow::Owned(clean(text.as_bytes()).into_owned());
    }
    clean(raw)
}

/// Cleans the parts between the separators, so that these stay.
fn of_multi_value(raw: &[u8]) -> Cow<'_, str> {
    let parts = raw.split(|byte| *byte == MULTI_VALUE_SEPARATOR);
    let cleaned = parts.map(clean).collect::<Vec<_>>().join("\u{1f}");
    match str::from_utf8(raw) {
        Ok(text) if text == cleaned => Cow::Borrowed(text),
        Ok(_) | Err(_) => Cow::Owned(cleaned),
    }
}

/// Any bytes as clean text. It is borrowed exactly when nothing had to be changed.
///
/// Each forbidden character and each broken sequence becomes one U+FFFD; then the text is brought into form C.
pub fn clean(raw: &[u8]) -> Cow<'_, str> {
    match without_forbidden(raw) {
        Cow::Borrowed(text) => to_nfc(text).map_or(Cow::Borrowed(text), Cow::Owned),
        Cow::Owned(text) => Cow::Owned(to_nfc(&text).unwrap_or(text)),
    }
}

/// The text in normalisation form C; `None` if it is in that form already.
fn to_nfc(text: &str) -> Option<String> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return None;
    }
    let normalised: String = text.nfc().collect();
    (normalised != text).then_some(normalised)
}

fn without_forbidden(raw: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(raw) {
        Ok(text) if !has_forbidden(text) => Cow::Borrowed(text),
        Ok(_) | Err(_) => Cow::Owned(repaired(raw)),
    }
}

/// Most texts are long and have nothing forbidden, so all bytes are looked at in one go without a way out.
fn has_forbidden(text: &str) -> bool {
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let has_control = text
        .bytes()
        .fold(false, |found, byte| found | is_control(&byte));
    has_control || (!text.is_ascii() && text.contains(['\u{FFFE}', '\u{FFFF}']))
}

/// Forbidden by XML 1.0 section 2.2. Surrogates, which it forbids too, cannot be in a text.
fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}'
    )
}

fn repaired(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((sequence, after)) = split_sequence(rest) {
        match str::from_utf8(sequence) {
            Ok(character) if !character.contains(is_forbidden) => text.push_str(character),
            Ok(_) | Err(_) => text.push(char::REPLACEMENT_CHARACTER),
        }
        rest = after;
    }
    text
}

/// Splits off a lead byte with as many continuation bytes as it announces, or those of them that are there.
///
/// The announced length is that of the original definition of UTF-8 (RFC 2279), up to 6 bytes: sequences that are too
/// long, too large or surrogates are one error, not one for each byte.
fn split_sequence(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (lead, tail) = rest.split_first()?;
    let announced = match lead {
        0xC0..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF7 => 3,
        0xF8..=0xFB => 4,
        0xFC..=0xFD => 5,
        _ => 0,
    };
    let continuation = tail
        .iter()
        .take(announced)
        .take_while(|byte| matches!(byte, 0x80..=0xBF));
    rest.split_at_checked(continuation.count().saturating_add(1))
}

/// Text of windows-1252; `None` if one of the five bytes is in it that have no character there.
fn from_windows_1252(raw: &[u8]) -> Option<String> {
    raw.iter()
        .map(|byte| windows_1252_character(*byte))
        .collect()
}

fn windows_1252_character(byte: u8) -> Option<char> {
    match byte.checked_sub(0x80).map(usize::from) {
        Some(index @ 0..0x20) => WINDOWS_1252_C1.get(index).copied().flatten(),
        Some(_) | None => Some(char::from(byte)),
    }
}

/// What windows-1252 has at 0x80 to 0x9F; elsewhere it is ISO 8859-1.
const WINDOWS_1252_C1: [Option<char>; 32] = [
    Some('\u{20AC}'),
    None,
    Some('\u{201A}'),
    Some('\u{0192}'),
    Some('\u{201E}'),
    Some('\u{2026}'),
    Some('\u{2020}'),
    Some('\u{2021}'),
    Some('\u{02C6}'),
    Some('\u{2030}'),
    Some('\u{0160}'),
    Some('\u{2039}'),
    Some('\u{0152}'),
    None,
    Some('\u{017D}'),
    None,
    None,
    Some('\u{2018}'),
    Some('\u{2019}'),
    Some('\u{201C}'),
    Some('\u{201D}'),
    Some('\u{2022}'),
    Some('\u{2013}'),
    Some('\u{2014}'),
    Some('\u{02DC}'),
    Some('\u{2122}'),
    Some('\u{0161}'),
    Some('\u{203A}'),
    Some('\u{0153}'),
    None,
    Some('\u{017E}'),
    Some('\u{0178}'),
];

#[cfg(test)]
mod tests;
