//! The four header fields that the extension reads, found line by line.
//!
//! This decides which user a mail is about, so it follows the extension where the mail standards differ: names are compared
//! with their case, exactly one space follows the colon, folded lines are not joined, the last field of a name wins, and a
//! value is not decoded.

use super::lines::{is_blank, lines};

/// Header fields of a mail, as raw bytes; `None` where the mail has no such field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailHeaders<'a> {
    /// `To`: the address that the mail was returned to.
    pub to: Option<&'a [u8]>,
    /// `Subject`, any length.
    pub subject: Option<&'a [u8]>,
    /// `Date`, not looked into.
    pub date: Option<&'a [u8]>,
    /// `X-Failed-Recipients`, as Exim writes it: addresses, separated by commas. Present even when empty.
    pub x_failed_recipients: Option<&'a [u8]>,
}

impl<'a> MailHeaders<'a> {
    /// Takes note of the field that `line` is, if it is one of the four.
    fn note(&mut self, line: &'a [u8]) {
        let (field, value) = match line {
            [b'T', b'o', b':', b' ', value @ ..] => (&mut self.to, Some(value)),
            [b'S', ..] => (&mut self.subject, line.strip_prefix(b"Subject: ")),
            [b'D', ..] => (&mut self.date, line.strip_prefix(b"Date: ")),
            [b'X', ..] => (
                &mut self.x_failed_recipients,
                line.strip_prefix(b"X-Failed-Recipients: "),
            ),
            _ => return,
        };
        *field = value.or(*field);
    }
}

/// Reads the headers of `mail`: the lines before the first blank one. Nothing after it is touched.
///
/// `MediaWiki`: the first step of `BounceHandler`, for the API and for the job alike.
pub fn scan(mail: &[u8]) -> MailHeaders<'_> {
    let mut headers = MailHeaders::default();
    for line in lines(mail).take_while(|line| !is_blank(line)) {
        headers.note(line);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_of(mail: &str) -> Option<&[u8]> {
        scan(mail.as_bytes()).to
    }

    #[test]
    fn the_four_fields_are_read_raw() {
        let mail = b"From: x\r\nTo: <a@b>  \r\nSubject: caf\xe9 =?UTF-8?Q?x?=\r\nDate: never\r\n\
                     X-Failed-Recipients: a@b, c@d\r\n\r\nTo: other\r\n";
        assert_eq!(
            scan(mail),
            MailHeaders {
                to: Some(b"<a@b>  "),
                subject: Some(b"caf\xe9 =?UTF-8?Q?x?="),
                date: Some(b"never"),
                x_failed_recipients: Some(b"a@b, c@d"),
            }
        );
    }

    #[test]
    fn a_field_needs_its_exact_name_and_one_space() {
        // conformance/cases/verp.jsonl: to-lower, to-no-space, to-indented, delivered-to; to-empty is read as empty.
        for mail in [
            "to: a",
            "To:a",
            " To: a",
            "Delivered-To: a",
            "To:\ta",
            "TO: a",
            "To",
        ] {
            assert_eq!(to_of(mail), None, "{mail}");
        }
        assert_eq!(to_of("To: "), Some(&b""[..]));
        assert_eq!(to_of("To:  a"), Some(&b" a"[..]));
        assert_eq!(
            scan(b"Subject:\nDate:\nX-Failed-Recipients:"),
            MailHeaders::default()
        );
    }

    #[test]
    fn the_last_field_of_a_name_wins_and_folds_are_not_joined() {
        assert_eq!(to_of("To: a\nTo: b\n"), Some(&b"b"[..]));
        assert_eq!(to_of("To: a\n b\n"), Some(&b"a"[..]));
        assert_eq!(to_of("To: a\nTo:b\nTx\nSubject\n"), Some(&b"a"[..]));
        assert_eq!(scan(b"Subject: a\nSender: b").subject, Some(&b"a"[..]));
    }

    #[test]
    fn a_line_of_white_space_ends_the_headers() {
        // conformance/cases/verp.jsonl: space-line-first, tab-line-first, double-cr, to-after-blank.
        for blank in ["\n", "   \n", "\t\n", "\r\r\n", "\r", "\r\n", " \t\r\n"] {
            assert_eq!(to_of(&format!("{blank}To: a\n")), None, "{blank:?}");
        }
        // php: trim("\0\x0b") is "", trim("\x0c") and trim of a no-break space are not.
        assert_eq!(to_of("\0\x0b\nTo: a\n"), None);
        assert_eq!(to_of("\x0c\nTo: a\n"), Some(&b"a"[..]));
        assert_eq!(to_of("\u{a0}\nTo: a\n"), Some(&b"a"[..]));
    }

    #[test]
    fn all_three_line_ends_separate_headers_and_others_do_not() {
        // conformance/cases/verp.jsonl: cr-only, mixed-eol, ff, u2028.
        assert_eq!(
            to_of("From: a\r\nX: b\rTo: c\nSubject: y\r\n\r\nz"),
            Some(&b"c"[..])
        );
        assert_eq!(to_of("To: a\rSubject: x\r\rTo: b\r"), Some(&b"a"[..]));
        assert_eq!(to_of("From: a\x0cTo: b\n\nx"), None);
        assert_eq!(to_of("From: a\u{2028}To: b\n\nx"), None);
    }

    #[test]
    fn a_mail_may_be_headers_only_or_nothing() {
        assert_eq!(to_of("To: a"), Some(&b"a"[..]));
        for mail in ["", " ", "0", "\n"] {
            assert_eq!(scan(mail.as_bytes()), MailHeaders::default(), "{mail:?}");
        }
    }
}
