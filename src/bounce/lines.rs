//! Lines and character classes as the extension sees them: bytes, never characters of an encoding.

use memchr::memchr2;

/// The lines of a text, without their ends; an end is CR LF, LF or a lone CR.
///
/// What follows the last line end is a line too, so the empty text has one empty line.
pub(super) fn lines(text: &[u8]) -> Lines<'_> {
    Lines { rest: Some(text) }
}

/// The iterator of [`lines`].
pub(super) struct Lines<'a> {
    /// What has not been handed out; `None` after the last line.
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let end = memchr2(b'\r', b'\n', rest);
        let Some((line, tail)) = end.and_then(|end| rest.split_at_checked(end)) else {
            return Some(rest);
        };
        self.rest = tail.strip_prefix(b"\r\n").or_else(|| tail.get(1..));
        Some(line)
    }
}

/// `\s` of PCRE on bytes: space, tab, LF, VT, FF, CR. NEL and no-break space are not among them.
pub(super) const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// `\w` of PCRE on bytes: ASCII letters, digits and the underscore.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Blank is a line of nothing but the characters that PHP's `trim` removes: space, tab, VT, NUL (and line ends); not FF.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\x0b' | b'\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        lines(text.as_bytes())
            .map(|line| str::from_utf8(line).unwrap())
            .collect()
    }

    #[test]
    fn every_line_end_ends_one_line() {
        assert_eq!(split("a\r\nb\nc\rd"), ["a", "b", "c", "d"]);
        assert_eq!(split("a\n\rb"), ["a", "", "b"]);
        // conformance/cases/verp.jsonl, double-cr: CR CR LF makes a blank line.
        assert_eq!(split("a\r\r\nb"), ["a", "", "b"]);
    }

    #[test]
    fn the_text_after_the_last_line_end_is_a_line() {
        assert_eq!(split(""), [""]);
        assert_eq!(split("a\n"), ["a", ""]);
        assert_eq!(split("\r"), ["", ""]);
    }

    #[test]
    fn form_feed_nel_and_line_separator_end_no_line() {
        let text = "a\x0cb\x0bc\u{85}d\u{2028}e";
        assert_eq!(split(text), [text]);
    }

    #[test]
    fn the_classes_hold_the_bytes_that_php_lists() {
        // php -r: all bytes that match /\s/ and /\w/, in the locales C and C.UTF-8.
        let white: Vec<u8> = (0..=255).filter(|byte| is_white_space(*byte)).collect();
        assert_eq!(white, [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);
        let word: Vec<u8> = (0..=255).filter(|byte| is_word(*byte)).collect();
        assert_eq!(
            word,
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
        );
    }
}
