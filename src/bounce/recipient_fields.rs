//! The header fields in which the address may stand that a mail was returned to.
//!
//! Unlike [`header_scan`](super::header_scan) this follows the mail standards: names in any case, no or any white space
//! about the colon, folded values joined. Where the header ends is the extension's rule, so that whatever `To` the extension
//! sees is among the fields here.

use super::lines::{is_blank, lines};
use std::borrow::Cow;
use std::collections::VecDeque;

/// Names of the fields, the most trusted first.
///
/// `To` is what the mail server that returned the mail wrote. Then what servers on the way noted of the envelope: the one
/// that delivered it (`Delivered-To` of Postfix, qmail and Courier), the address before its aliases (`X-Original-To` of
/// Postfix), the recipients of an SMTP transaction (Exim's and others' names), and what a server made up for a mail without
/// `To`. Last what people's programs write. No order makes an address good: the proof in it does.
const NAMES: [&str; 9] = [
    "To",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-RCPT-TO",
    "Apparently-To",
    "Resent-To",
    "Cc",
];

/// The names of the fields, the most trusted first.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// The most fields of one name that are kept: the last ones of `To`, the first ones of others.
///
/// A mail has one or two; a header of nothing but such fields is not worth the memory.
pub const MOST_OF_A_NAME: usize = 32;

/// A field that may hold the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientField<'a> {
    /// Its name as the standards write it.
    pub name: &'static str,
    /// Its value, unfolded (RFC 5322 section 2.2.3), without the one space after the colon; copied only where it was folded.
    pub value: Cow<'a, [u8]>,
}

/// The fields of `mail` that may hold the address it was returned to, the most trusted first.
///
/// Of several `To` the last comes first, since it is the one that the extension takes; of the others, which each server puts
/// on top, the first does. Linear in the length of the header; nothing behind it is touched.
pub fn scan(mail: &[u8]) -> impl Iterator<Item = RecipientField<'_>> {
    let mut kept = Kept::default();
    let mut rest = lines(mail).take_while(|line| !is_blank(line)).peekable();
    while let Some(line) = rest.next() {
        let Some((name, first)) = recipient_field(line) else {
            continue;
        };
        let mut value = Cow::Borrowed(first);
        while let Some(more) = rest.next_if(|line| matches!(line, [b' ' | b'\t', ..])) {
            value.to_mut().extend_from_slice(more);
        }
        kept.keep(name, value);
    }
    kept.in_order()
}

/// The place in `NAMES` and the first line of the value, if the line begins such a field.
fn recipient_field(line: &[u8]) -> Option<(usize, &[u8])> {
    // A look at one byte spares most lines the search for the colon.
    if !matches!(
        line.first()?.to_ascii_lowercase(),
        b't' | b'd' | b'x' | b'e' | b'a' | b'r' | b'c'
    ) {
        return None;
    }
    let (name, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
    let name = name.trim_ascii_end();
    let place = NAMES
        .iter()
        .position(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
    let value = value.strip_prefix(b":").unwrap_or(value);
    Some((place, value.strip_prefix(b" ").unwrap_or(value)))
}

/// The values that were seen, by the place of their name.
#[derive(Default)]
struct Kept<'a> {
    values: [VecDeque<Cow<'a, [u8]>>; NAMES.len()],
}

impl<'a> Kept<'a> {
    fn keep(&mut self, place: usize, value: Cow<'a, [u8]>) {
        let Some(values) = self.values.get_mut(place) else {
            return;
        };
        if place == 0 {
            values.push_front(value);
            values.truncate(MOST_OF_A_NAME);
        } else if values.len() < MOST_OF_A_NAME {
            values.push_back(value);
        }
    }

    fn in_order(self) -> impl Iterator<Item = RecipientField<'a>> {
        NAMES
            .into_iter()
            .zip(self.values)
            .flat_map(|(name, values)| {
                values
                    .into_iter()
                    .map(move |value| RecipientField { name, value })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounce::header_scan;
    use proptest::prelude::*;

    fn fields(mail: &str) -> Vec<(&'static str, String)> {
        scan(mail.as_bytes())
            .map(|field| {
                let value = String::from_utf8(field.value.into_owned()).unwrap();
                (field.name, value)
            })
            .collect()
    }

    fn to(values: &[&str]) -> Vec<(&'static str, String)> {
        values
            .iter()
            .map(|value| ("To", (*value).to_owned()))
            .collect()
    }

    #[test]
    fn all_fields_are_found_the_most_trusted_first() {
        let mail = "Cc: 9\nResent-To: 8\nApparently-To: 7\nX-RCPT-TO: 6\nX-Envelope-To: 5\nEnvelope-to: 4\n\
                    X-Original-To: 3\nDelivered-To: 2\nSubject: x\nTo: 1\n\nTo: body\n";
        let found = fields(mail);
        let values: Vec<_> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        assert_eq!(found[5].0, "X-RCPT-TO");
    }

    #[test]
    fn the_last_to_and_the_first_delivered_to_come_first() {
        let mail = "Delivered-To: late\nDelivered-To: early\nTo: one\nTo: two\n\n";
        let found: Vec<_> = fields(mail).into_iter().map(|(_, value)| value).collect();
        assert_eq!(found, ["two", "one", "late", "early"]);
    }

    #[test]
    fn names_are_read_in_any_case_and_white_space_about_the_colon_does_not_matter() {
        // conformance/cases/verp.jsonl: to-lower, to-no-space.
        for line in ["to: a", "TO: a", "To:a", "To : a", "tO\t:a"] {
            assert_eq!(fields(line), to(&["a"]), "{line}");
        }
        assert_eq!(fields("To:\ta"), to(&["\ta"]));
        for other in [
            "To",
            "Tom: a",
            "X-To: a",
            ": a",
            "T o: a",
            "From: a",
            "Reply-To: a",
        ] {
            assert_eq!(fields(other), [], "{other}");
        }
    }

    #[test]
    fn folded_values_are_joined_as_the_standard_says_and_others_are_not_copied() {
        // RFC 5322 section 2.2.3: only the line end goes.
        for end in ["\r\n", "\n", "\r"] {
            let mail = ["To: a,", "\tb,", "  c", "Subject: x", " To: y", "", "z"].join(end);
            assert_eq!(fields(&mail), to(&["a,\tb,  c"]), "{end:?}");
        }
        let owned = |mail: &'static str| {
            let field = scan(mail.as_bytes()).next().unwrap();
            matches!(field.value, Cow::Owned(_))
        };
        assert!(owned("To: a\n b\n"));
        assert!(!owned("To: a\nb: c\n"));
    }

    #[test]
    fn a_header_ends_where_the_extension_ends_it() {
        // conformance/cases/verp.jsonl: to-after-blank, space-line-first, tab-line-first, to-indented.
        for mail in [
            "Subject: x\n\nTo: a\n",
            "From: a\n   \nTo: a\n",
            "From: a\n\t\nTo: a\n",
            " To: a\n\n",
        ] {
            assert_eq!(fields(mail), [], "{mail:?}");
        }
    }

    #[test]
    fn a_flood_of_fields_is_cut_to_the_last_to_and_the_first_others() {
        let flood = |name: &str| -> String {
            (0..1000).fold(String::new(), |mail, number| {
                mail + &format!("{name}: {number}\n")
            })
        };
        let found = fields(&flood("To"));
        assert_eq!(found.len(), MOST_OF_A_NAME);
        assert_eq!((found[0].1.as_str(), found[31].1.as_str()), ("999", "968"));
        let found = fields(&flood("Cc"));
        assert_eq!(found.len(), MOST_OF_A_NAME);
        assert_eq!((found[0].1.as_str(), found[31].1.as_str()), ("0", "31"));
    }

    proptest! {
        #[test]
        fn the_to_that_the_extension_takes_is_among_the_fields(
            lines in proptest::collection::vec("(To: |to:|X: | |\t|Delivered-To: )?[a-c@ ]{0,4}", 0..12),
            end in prop_oneof![Just("\r\n"), Just("\n"), Just("\r")],
        ) {
            let mail = lines.join(end);
            let seen: Vec<_> = scan(mail.as_bytes()).filter(|field| field.name == "To").collect();
            if let Some(extensions) = header_scan::scan(mail.as_bytes()).to {
                prop_assert!(seen.iter().any(|field| field.value.starts_with(extensions)));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(mail in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(scan(&mail).count() <= NAMES.len().saturating_mul(MOST_OF_A_NAME));
        }
    }
}
