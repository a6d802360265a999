//! The boundaries that a mail announces for delivery reports (RFC 6522).
//!
//! Seen is only `Content-Type: multipart/report; report-type=delivery-status; boundary="..."`, the attributes in this order
//! and notation, with any or no white space before each, anywhere in a line or in a line and its successor.

use super::super::lines::{is_white_space, lines};
use memchr::memmem::Finder;
use memchr::{memchr2, memchr3};

/// The boundaries of all delivery reports announced in `mail`, in order: of each line the first one.
pub(super) fn announced_in(mail: &[u8]) -> Vec<&[u8]> {
    const FIELD: &[u8] = b"Content-Type: multipart/report;";
    let field = Finder::new(FIELD);
    let mut boundaries = Vec::new();
    let mut rest = mail;
    while let Some(attributes) = field
        .find(rest)
        .and_then(|start| rest.get(start.saturating_add(FIELD.len())..))
    {
        rest = attributes;
        if let Some(boundary) = boundary_attribute(attributes) {
            boundaries.push(boundary);
            rest = rest_after_line(attributes);
        }
    }
    boundaries
}

/// What follows the line that `text` starts in; the line end is still there.
fn rest_after_line(text: &[u8]) -> &[u8] {
    memchr2(b'\r', b'\n', text)
        .and_then(|end| text.get(end..))
        .unwrap_or_default()
}

/// The boundary in `attributes`, the text behind `multipart/report;`, if it ends in the same line or the next one.
fn boundary_attribute(attributes: &[u8]) -> Option<&[u8]> {
    let (gap, text) = split_white_space(attributes);
    let text = text.strip_prefix(b"report-type=delivery-status;")?;
    let (second_gap, text) = split_white_space(text);
    let text = text.strip_prefix(b"boundary=\"")?;
    let mut line_ends = lines(gap).skip(1).chain(lines(second_gap).skip(1));
    if line_ends.nth(1).is_some() {
        return None;
    }
    quoted(text)
}

/// White space and what follows it.
fn split_white_space(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !is_white_space(*byte));
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, &[]))
}

/// The text up to the closing quote on the same line, at least one character: a quote that comes first is part of it.
fn quoted(text: &[u8]) -> Option<&[u8]> {
    let (first, behind) = text.split_first()?;
    if matches!(first, b'\r' | b'\n') {
        return None;
    }
    let end = memchr3(b'"', b'\r', b'\n', behind)?.saturating_add(1);
    let (inside, rest) = text.split_at_checked(end)?;
    rest.starts_with(b"\"").then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "Content-Type: multipart/report; report-type=delivery-status;";

    fn announced(mail: &str) -> Vec<&str> {
        announced_in(mail.as_bytes())
            .into_iter()
            .map(|boundary| str::from_utf8(boundary).unwrap())
            .collect()
    }

    #[test]
    fn an_announcement_stands_in_one_line_or_two() {
        for mail in [
            format!("{FIELD} boundary=\"B\""),
            format!("{FIELD}boundary=\"B\"\n"),
            format!("{FIELD}\tboundary=\"B\"; charset=\"x\""),
            format!("{FIELD}\n\tboundary=\"B\"\n\n"),
            format!("{FIELD} \n\t   \x0b    boundary=\"B\" \n"),
            "Content-Type: multipart/report;\n report-type=delivery-status; boundary=\"B\""
                .to_owned(),
            format!("> {FIELD} boundary=\"B\" x"),
            format!("x\n\nX-{FIELD}\nboundary=\"B\" x"),
        ] {
            assert_eq!(announced(&mail), ["B"], "{mail:?}");
            let crlf = mail.replace('\n', "\r\n");
            assert_eq!(announced(&crlf), ["B"], "{crlf:?}");
            let cr = mail.replace('\n', "\r");
            assert_eq!(announced(&cr), ["B"], "{cr:?}");
        }
    }

    #[test]
    fn another_notation_is_not_seen() {
        for mail in [
            format!("{FIELD} boundary=B"),
            format!("{FIELD}\n\n boundary=\"B\""),
            format!("{FIELD}\n \n boundary=\"B\""),
            format!("{FIELD}\n\tx=y; boundary=\"B\""),
            format!("{FIELD}\n\tBoundary=\"B\""),
            format!("{FIELD}\u{a0}boundary=\"B\""),
            "Content-Type: multipart/report;\n report-type=delivery-status;\n boundary=\"B\""
                .to_owned(),
            "Content-Type: multipart/report; boundary=\"B\"; report-type=delivery-status"
                .to_owned(),
            "Content-Type: multipart/report; report-type=\"delivery-status\"; boundary=\"B\""
                .to_owned(),
            FIELD.replace("Type", "type") + " boundary=\"B\"",
            FIELD.replace("multipart/report", "Multipart/Report") + " boundary=\"B\"",
            FIELD.replace("Type: ", "Type:  ") + " boundary=\"B\"",
            FIELD.replace("Type: ", "Type:") + " boundary=\"B\"",
            FIELD.replace("multipart/report", "multipart/mixed") + " boundary=\"B\"",
            FIELD.to_owned(),
        ] {
            assert!(announced(&mail).is_empty(), "{mail:?}");
        }
    }

    #[test]
    fn a_boundary_is_any_text_up_to_the_next_quote_in_its_line() {
        for (value, expected) in [
            ("=_(.*)+[a]\\d/x? é\"", Some("=_(.*)+[a]\\d/x? é")),
            (" \"", Some(" ")),
            ("B\"C\"", Some("B")),
            ("\"\"", Some("\"")),
            ("\"x\"y\"", Some("\"x")),
            ("\"", None),
            ("\"\n\"", None),
            ("B", None),
            ("B\n\"", None),
            ("\nB\"", None),
            ("\rB\"", None),
            ("", None),
        ] {
            let mail = format!("{FIELD} boundary=\"{value}");
            assert_eq!(announced(&mail), Vec::from_iter(expected), "{value:?}");
        }
    }

    #[test]
    fn of_each_line_the_first_announcement_counts() {
        let both = format!("{FIELD} boundary=\"A\" {FIELD} boundary=\"B\"");
        assert_eq!(announced(&both), ["A"]);
        let broken_first = format!("{FIELD} {FIELD} boundary=\"B\"");
        assert_eq!(announced(&broken_first), ["B"]);
        let folded =
            format!("{FIELD}\n boundary=\"A\" {FIELD}\n boundary=\"B\"\n{FIELD} boundary=\"C\"");
        assert_eq!(announced(&folded), ["A", "B", "C"]);
    }
}
