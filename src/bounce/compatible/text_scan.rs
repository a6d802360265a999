//! A reply code in free text, for mails that are no delivery report.
//!
//! In each line, headers included, only one place is looked at: the first word character that follows white space. There the
//! extension expects a reply code and one more character of any kind, or an enhanced status code, or both, and then a word
//! boundary. The first line that has either ends the search.

use super::super::lines::{is_white_space, is_word, lines};
use super::split_status;

/// The first reply code in `mail`; empty if an enhanced status code without one comes first.
pub(super) fn find(mail: &[u8]) -> Option<&str> {
    lines(mail).find_map(|line| {
        let word = first_indented_word(line)?;
        reply_code(word).or_else(|| starts_with_status(word).then_some(""))
    })
}

/// `line` from the first word character on that directly follows white space.
fn first_indented_word(line: &[u8]) -> Option<&[u8]> {
    let gap_end = line.windows(2).position(
        |pair| matches!(pair, [white, word] if is_white_space(*white) && is_word(*word)),
    )?;
    line.get(gap_end.saturating_add(1)..)
}

/// The reply code at the start of `text`: 100 to 599, one character that is swallowed, then an enhanced status code that ends
/// at a word boundary, or a word boundary at once.
fn reply_code(text: &[u8]) -> Option<&str> {
    let (code, rest) = text.split_at_checked(3)?;
    let [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] = code else {
        return None;
    };
    let (swallowed, rest) = rest.split_first()?;
    let ends_here = is_word(*swallowed) != starts_with_word(rest);
    if ends_here || starts_with_status(rest) {
        str::from_utf8(code).ok()
    } else {
        None
    }
}

/// Whether `text` starts with an enhanced status code of class 2, 4 or 5 that ends at a word boundary.
fn starts_with_status(text: &[u8]) -> bool {
    matches!(text, [b'2' | b'4' | b'5', ..])
        && split_status(text).is_some_and(|(_, rest)| !starts_with_word(rest))
}

/// Whether the first byte is a word character.
fn starts_with_word(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| is_word(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, code: what PHP 8.2 answers to an expression written from the rule (`None`: neither code nor status).
    const LINES: &[(&[u8], Option<&str>)] = &[
        (b" 550 5.1.1 no such user", Some("550")),
        (b" 550-5.1.1 x", Some("550")),
        (b" 550 x", Some("550")),
        (b" 5501 items", Some("550")),
        (b" 55012", None),
        (b" 550", None),
        (b" 550 ", None),
        (b" 550\t", None),
        (b" 550 (x)", None),
        (b" 550  x", None),
        (b" 550..", None),
        (b" 550..a", None),
        (b" 550_", Some("550")),
        (b" 550_x", None),
        (b" 550\0x", Some("550")),
        (b" 550\xc3\xa9 x", None),
        (b" 5505.1.1", Some("550")),
        (b" 550 5.1.1x", Some("550")),
        (b" 550 5.1.", Some("550")),
        (b" 550 5.12345.1", Some("550")),
        (b" 550 5.1.1.1", Some("550")),
        (b" 550 5.1.1\xe9", Some("550")),
        (b" 550 3.1.1", Some("550")),
        (b" 550x5.1.1", Some("550")),
        (b" 550x5.1.1y", None),
        (b" 600 x 550 y", None),
        (b" 099 x", None),
        (b" 134 x", Some("134")),
        (b" 5.1.1 550", Some("")),
        (b" 5.1.1\xe9", Some("")),
        (b" 2.0.0", Some("")),
        (b" 4.44.444", Some("")),
        (b" 4.44.4444", None),
        (b" 5.1.1x 550 y", None),
        (b" 1.2.3 x", None),
        (b" x 550 y", None),
        (b"550 x", None),
        (b"550 550 x", Some("550")),
        (b"- 551 x", Some("551")),
        (b"  ( 550 x", Some("550")),
        (b" \x85 550 x", Some("550")),
        (b"\xa0550 x", None),
        (b"\x0b550 x", Some("550")),
        (b"\x0c550 x", Some("550")),
        (b"", None),
        (b"   ", None),
        (b" 5", None),
    ];

    #[test]
    fn a_line_is_read_as_php_reads_it() {
        for (line, expected) in LINES {
            assert_eq!(find(line), *expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn the_first_line_with_a_code_or_a_status_ends_the_search() {
        assert_eq!(find(b"X: a\n 450 busy\n 550 gone\n"), Some("450"));
        assert_eq!(find(b"Subject: 5.1.1 x\n\n 550 gone\n"), Some(""));
        assert_eq!(find(b" 550\n 551 x\n"), Some("551"));
    }

    #[test]
    fn white_space_before_the_code_must_be_in_its_line() {
        assert_eq!(find(b"a:\n550 x\n"), None);
        assert_eq!(find(b"a: \r550 x\r"), None);
        assert_eq!(find(b"a:\r\n 550 x\r\n"), Some("550"));
    }

    #[test]
    fn the_swallowed_character_must_be_in_the_line_of_the_code() {
        assert_eq!(find(b" 550\nx\n"), None);
        assert_eq!(find(b" 550\r\nx"), None);
    }
}
