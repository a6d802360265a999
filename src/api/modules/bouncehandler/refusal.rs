//! Why a mail is not taken, for the operator's log: what was seen, and what to do.
//!
//! The channel `BounceHandler` has the original's lines, which say less; these are in the channel `bounces` beside them. An
//! address is followed by its `@`, so that the log hides it where addresses are not to be logged (`LogAddresses`); nothing else is.

use crate::bounce::recipient_fields;
use crate::ip::{ClientAddress, ClientSource, IpRangeList};
use crate::verp::VerpRejection;

/// The parts of a return path, as the operator's settings and the user table have them.
const PARTS: [&str; 5] = ["prefix", "wiki", "user", "time", "hash"];

/// How many characters of a value are shown, and how many entries of a list.
const SHOWN: usize = 200;
const SHOWN_ENTRIES: usize = 20;

/// Fields that the header of a bounce has.
const FIELDS: [&[u8]; 7] = [
    b"To: ",
    b"Subject: ",
    b"From: ",
    b"Date: ",
    b"Received: ",
    b"Message-I",
    b"MIME-Version: ",
];

/// Why a mail is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What was seen, and what to do.
    pub(super) line: String,
    /// Whether something is set up wrongly, so that every mail will be refused.
    pub(super) is_setup_fault: bool,
}

impl Refusal {
    /// The client is not one of those that may deliver; `source` is where its address comes from.
    pub(super) fn of_stranger(
        client: &ClientAddress,
        source: &ClientSource,
        allowed: &IpRangeList,
    ) -> Self {
        Self::of_setup(format!(
            "refused: the client {client} ({source}) is in none of BounceHandlerInternalIPs ({}); add it there if it is your \
             mail server, or to CdnServers if it is a proxy before it",
            listed(allowed)
        ))
    }

    /// There is no address in the mail; `to` is the value of `To:` if it has one.
    pub(super) fn without_address(mail: &[u8]) -> Self {
        if let Some(refusal) = Self::of_mangled(mail) {
            return refusal;
        }
        let header = header(mail);
        let seen = if header.is_empty() {
            "the mail begins with an empty line, so that it has no header".to_owned()
        } else if header.iter().any(|line| *line == b"To: ") {
            "the line `To: ` of the mail is empty".to_owned()
        } else if let Some(near) = header.iter().find(|line| is_nearly_to(line)) {
            format!(
                "the mail has no line that begins with `To: `, with this case and one space; it has `{}`",
                shown(near.get(..3).unwrap_or_default())
            )
        } else {
            format!(
                "the mail has no line `To: ` among the {} lines of its header",
                header.len()
            )
        };
        Self::of_mail(&seen)
    }

    /// There is no address in any field that may have one (`BounceVerdict = "strict"`).
    pub(super) fn without_any_address(mail: &[u8]) -> Self {
        Self::of_mangled(mail).unwrap_or_else(|| {
            let names: Vec<_> = recipient_fields::names().collect();
            Self::of_mail(&format!(
                "the mail has nothing in any of the fields {} among the {} lines of its header",
                names.join(", "),
                header(mail).len()
            ))
        })
    }

    /// The address in the mail is not to be believed.
    pub(super) fn unproved(mail: &[u8], rejection: &VerpRejection) -> Self {
        if let Some(refusal) = Self::of_mangled(mail) {
            return refusal;
        }
        let part = match rejection {
            VerpRejection::NoAtSign { to } => {
                format!("`To: ` is {} characters", to.chars().count())
            }
            VerpRejection::Malformed { local_part } => {
                let count = local_part.split('-').count();
                let missing: Vec<_> = PARTS.into_iter().skip(count).collect();
                format!(
                    "part {} is missing in {}@",
                    missing.join(", "),
                    shown(local_part.as_bytes())
                )
            }
            VerpRejection::HashMismatch { signed, hash } if hash.contains(' ') => format!(
                "part hash of {}-{}@ holds a space, as if it had been a + that was posted without percent-encoding; use \
                 --data-urlencode of curl",
                shown(signed.as_bytes()),
                shown(hash.as_bytes()).replace(' ', "+")
            ),
            VerpRejection::HashMismatch { signed, hash } => format!(
                "part hash ({} characters) of {}-{}@",
                hash.chars().count(),
                shown(signed.as_bytes()),
                shown(hash.as_bytes())
            ),
            VerpRejection::Expired { signed, .. } => {
                format!("part time of {}@", shown(signed.as_bytes()))
            }
            VerpRejection::NumberTooLarge(_) => "part user or time".to_owned(),
        };
        Self::of_mail(&format!("{part}: {rejection}"))
    }

    /// What was posted is no mail any more, by a known mistake in posting it.
    fn of_mangled(mail: &[u8]) -> Option<Self> {
        let advice = "use --data-urlencode of curl, or `bouncehandlerd submit`";
        if let [b'@', name @ ..] = mail
            && name.len() < SHOWN
            && !name.iter().any(u8::is_ascii_whitespace)
        {
            return Some(Self::of_setup(format!(
                "not taken: in place of the mail there is the name of a file ({} characters); {advice}",
                name.len()
            )));
        }
        let has_lines = mail.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        let fields = FIELDS.iter().filter(|field| holds(mail, field)).count();
        (!has_lines && fields > 1).then(|| {
            Self::of_setup(format!(
                "not taken: the mail arrived without its line breaks, {} bytes in one line, as --data of curl sends it; {advice}",
                mail.len()
            ))
        })
    }

    fn of_mail(seen: &str) -> Self {
        Self {
            line: format!("not taken (submitted: failure): {seen}"),
            is_setup_fault: false,
        }
    }

    fn of_setup(line: String) -> Self {
        Self {
            line,
            is_setup_fault: true,
        }
    }
}

/// The entries of a list, as configured.
fn listed(list: &IpRangeList) -> String {
    let mut entries: Vec<_> = list.texts().take(SHOWN_ENTRIES).collect();
    if list.texts().nth(SHOWN_ENTRIES).is_some() {
        entries.push("...");
    }
    entries.join(", ")
}

/// The lines before the first empty one.
fn header(mail: &[u8]) -> Vec<&[u8]> {
    let lines = mail
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .take_while(|line| !line.trim_ascii().is_empty())
        .collect()
}

/// Whether a line would be the field `To` for others.
fn is_nearly_to(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.get(..3)
        .is_some_and(|name| name.eq_ignore_ascii_case(b"to:"))
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verp::{VerpKeys, verify};

    /// 2026-11-23T21:33:23Z, the day of the recordings.
    const NOW: i64 = 1_795_469_603;

    fn unproved(to: &str) -> Refusal {
        let keys = VerpKeys::new("md5", b"MediawikiVERP", 1000).unwrap();
        let rejection = verify(to.as_bytes(), NOW, &keys).unwrap_err();
        Refusal::unproved(format!("To: {to}\n\nx").as_bytes(), &rejection)
    }

    fn assert_says(refusal: &Refusal, is_setup_fault: bool, words: &[&str]) {
        assert_eq!(refusal.is_setup_fault, is_setup_fault, "{refusal:?}");
        for word in words {
            assert!(
                refusal.line.contains(word),
                "no {word:?} in {}",
                refusal.line
            );
        }
    }

    #[test]
    fn a_stranger_is_told_from_the_list() {
        let client = ClientAddress::parse("192.0.2.7").unwrap();
        let mut entries = vec!["127.0.0.1".to_owned(), "10.0.0.0/8".to_owned()];
        let peer = ClientSource::Peer;
        let refusal = Refusal::of_stranger(&client, &peer, &IpRangeList::parse(&entries));
        let words = [
            "the client 192.0.2.7 (peer address)",
            "BounceHandlerInternalIPs (127.0.0.1, 10.0.0.0/8)",
        ];
        assert_says(&refusal, true, &words);
        entries.extend((0..100).map(|number| format!("10.1.1.{number}")));
        let proxy = ClientSource::ForwardedFor(ClientAddress::parse("127.0.0.1").unwrap());
        let refusal = Refusal::of_stranger(&client, &proxy, &IpRangeList::parse(&entries));
        assert_says(
            &refusal,
            true,
            &["(X-Forwarded-For of proxy 127.0.0.1)", "10.1.1.17, ...)"],
        );
        assert!(!refusal.line.contains("10.1.1.18"));
    }

    #[test]
    fn the_part_of_the_address_that_failed_is_named() {
        assert_says(&unproved("nobody"), false, &["has no `@`", "6 characters"]);
        assert_says(
            &unproved("wiki-testwiki-3@x"),
            false,
            &["part time, hash is missing in wiki-testwiki-3@"],
        );
        let wrong = "wiki-testwiki-3-t85s00-0123456789abcdef@wiki.example.org";
        assert_says(
            &unproved(wrong),
            false,
            &["part hash (16 characters) of wiki-testwiki-3-t85s00-0123456789abcdef@"],
        );
        // Recorded case `verp/bob`, posted with its plus sign bare.
        let bare = "wiki-testwiki-3-t85s00-FRP zkpsmpTTFqZp@wiki.example.org";
        assert_says(
            &unproved(bare),
            false,
            &["part hash", "FRP+zkpsmpTTFqZp@", "--data-urlencode"],
        );
        // The same address, proved but too old for an acceptance of 1000 seconds a year later.
        let keys = VerpKeys::new("md5", b"MediawikiVERP", 1000).unwrap();
        let old = verify(bare.replace(' ', "+").as_bytes(), NOW + 31_000_000, &keys).unwrap_err();
        let refusal = Refusal::unproved(b"To: x\n\n", &old);
        assert_says(
            &refusal,
            false,
            &["part time of wiki-testwiki-3-t85s00@", "too old"],
        );
    }

    #[test]
    fn a_mail_without_an_address_says_what_it_has_instead() {
        for (mail, words) in [
            (
                &b"From: a\nSubject: b\n\nTo: c\n"[..],
                "no line `To: ` among the 2 lines",
            ),
            (b"From: a\r\nTo:b@c\r\n\r\n", "it has `To:`"),
            (b"to: b@c\n\n", "it has `to:`"),
            (b"To: \nFrom: a\n\n", "`To: ` of the mail is empty"),
            (b"\nTo: a\n", "begins with an empty line"),
            (b"", "begins with an empty line"),
            (b"no header", "among the 1 lines"),
        ] {
            assert_says(&Refusal::without_address(mail), false, &[words]);
        }
    }

    #[test]
    fn a_mail_without_any_address_says_where_one_was_looked_for() {
        let refusal = Refusal::without_any_address(b"From: a\nSubject: b\n\nTo: c\n");
        let words = [
            "fields To, Delivered-To, X-Original-To,",
            "Cc among the 2 lines",
        ];
        assert_says(&refusal, false, &words);
        let stripped = b"From: a@bSubject: cReceived: by mx; nowMIME-Version: 1.0";
        assert_says(
            &Refusal::without_any_address(stripped),
            true,
            &["without its line breaks"],
        );
    }

    #[test]
    fn a_mail_that_was_mangled_in_posting_it_is_recognised() {
        let mail =
            b"Received: by mx; now\r\nFrom: a@b\r\nTo: wiki-a-3-t-x@b\r\nSubject: c\r\n\r\nbody";
        let stripped: Vec<u8> = mail
            .iter()
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        assert_says(
            &Refusal::without_address(&stripped),
            true,
            &["without its line breaks", "--data-urlencode"],
        );
        let from_to = [b"To: a-b-c-d-e@f", &stripped[..]].concat();
        let rejection = VerpRejection::NoAtSign { to: String::new() };
        assert_says(
            &Refusal::unproved(&from_to, &rejection),
            true,
            &["without its line breaks"],
        );
        assert_says(
            &Refusal::without_address(b"@-"),
            true,
            &["the name of a file"],
        );
        for sound in [&mail[..], b"To: a", b"@ home", b"From: a\nTo: b\n"] {
            let refusal = Refusal::without_address(sound);
            assert!(!refusal.is_setup_fault, "{refusal:?}");
        }
    }
}
