//! Local parts that mail servers have wrapped around others, and what was inside.
//!
//! The tags and hashes of the wrapping were made with keys of others. They are not looked at: the hash inside decides.

use super::form::Rewriting;
use std::borrow::Cow;

/// The most characters of a BATV tag; the draft has 10, others up to 13.
const LONGEST_TAG: usize = 32;

/// Takes off the outermost rewriting.
pub(super) fn unwrap(local: &[u8]) -> Option<(Rewriting, Cow<'_, [u8]>)> {
    let inner = |(rewriting, inner)| (rewriting, Cow::Borrowed(inner));
    srs(local)
        .or_else(|| batv(local))
        .map(inner)
        .or_else(|| decoded(local).map(|inner| (Rewriting::Encoded, Cow::Owned(inner))))
        .or_else(|| moved_domain(local).map(inner))
}

/// SRS, as `Mail::SRS` and libsrs2 write it: after the scheme `=`, `+` or `-`, between the other fields always `=`.
fn srs(local: &[u8]) -> Option<(Rewriting, &[u8])> {
    if let Some(rest) = after_name(local, b"SRS0").and_then(after_separator) {
        return Some((Rewriting::Srs0, original(rest)?));
    }
    // Hash, first forwarder, then what that one had written after its `SRS0`.
    let rest = after_name(local, b"SRS1").and_then(after_separator)?;
    let (_hash, rest) = cut(rest, b'=')?;
    let (_forwarder, rest) = cut(rest, b'=')?;
    Some((Rewriting::Srs1, original(after_separator(rest)?)?))
}

/// What follows hash, time and domain.
fn original(rest: &[u8]) -> Option<&[u8]> {
    let (_hash, rest) = cut(rest, b'=')?;
    let (_time, rest) = cut(rest, b'=')?;
    let (_domain, local) = cut(rest, b'=')?;
    Some(local)
}

/// A space is a plus sign that was posted without being encoded.
fn after_separator(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [b'=' | b'+' | b'-' | b' ', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// BATV: draft-levine-smtp-batv, its earlier forms, and Barracuda's.
fn batv(local: &[u8]) -> Option<(Rewriting, &[u8])> {
    if let Some(rest) = after_name(local, b"prvs=") {
        let inner = cut(rest, b'=')
            .filter(|(tag, _)| is_tag(tag))
            .map(|(_, inner)| inner)
            .or_else(|| before_tag(rest, b'='))
            .or_else(|| before_tag(rest, b'/'))?;
        return Some((Rewriting::Prvs, inner));
    }
    let rest = after_name(local, b"btv1==")?;
    let (tag, rest) = cut(rest, b'=')?;
    let inner = rest.strip_prefix(b"=").filter(|_| is_tag(tag))?;
    Some((Rewriting::Btv1, inner))
}

fn before_tag(rest: &[u8], separator: u8) -> Option<&[u8]> {
    let (inner, tag) = cut_last(rest, separator)?;
    is_tag(tag).then_some(inner)
}

fn is_tag(tag: &[u8]) -> bool {
    (1..=LONGEST_TAG).contains(&tag.len()) && tag.iter().all(u8::is_ascii_alphanumeric)
}

/// The local part of an address whose domain was moved into it. Hashes hold none of the three signs.
fn moved_domain(local: &[u8]) -> Option<(Rewriting, &[u8])> {
    let left = |sign, rewriting| {
        let (inner, domain) = cut_last(local, sign)?;
        is_domain(domain).then_some((rewriting, inner))
    };
    left(b'=', Rewriting::DomainWithEquals)
        .or_else(|| left(b'%', Rewriting::DomainWithPercent))
        .or_else(|| {
            let (domain, inner) = cut_last(local, b'!')?;
            is_domain(domain).then_some((Rewriting::DomainWithBang, inner))
        })
}

/// Hosts on the way of UUCP are separated by `!`.
fn is_domain(text: &[u8]) -> bool {
    let fits =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'!');
    !text.is_empty() && text.iter().all(fits)
}

/// The text with the encoded signs of a hash decoded, if there are any.
fn decoded(local: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(local.len());
    let mut rest = local;
    while let Some((byte, tail)) = rest.split_first() {
        let (byte, tail) = match rest {
            [b'%' | b'=', b'2', b'B' | b'b', tail @ ..] => (b'+', tail),
            [b'%' | b'=', b'2', b'F' | b'f', tail @ ..] => (b'/', tail),
            _ => (*byte, tail),
        };
        text.push(byte);
        rest = tail;
    }
    (text.len() < local.len()).then_some(text)
}

fn after_name<'a>(local: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = local.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(rest)
}

fn cut(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    halves(text, memchr::memchr(separator, text)?)
}

fn cut_last(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    halves(text, memchr::memrchr(separator, text)?)
}

fn halves(text: &[u8], place: usize) -> Option<(&[u8], &[u8])> {
    let (before, after) = text.split_at_checked(place)?;
    Some((before, after.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp";

    fn unwrapped(local: &str) -> Option<(Rewriting, String)> {
        let (rewriting, inner) = unwrap(local.as_bytes())?;
        Some((rewriting, String::from_utf8(inner.into_owned()).unwrap()))
    }

    #[test]
    fn each_rewriting_gives_back_what_was_inside() {
        for (wrapped, rewriting) in [
            ("SRS0=Tn4Z=OD=wiki.example.org=", Rewriting::Srs0),
            ("SRS0+Tn4Z=OD=wiki.example.org=", Rewriting::Srs0),
            ("SRS0-Tn-Z=OD=wiki-x.example.org=", Rewriting::Srs0),
            ("srs0=tn4z=od=wiki.example.org=", Rewriting::Srs0),
            (
                "SRS1=hN+/=first.example==Tn4Z=OD=wiki.example.org=",
                Rewriting::Srs1,
            ),
            (
                "SRS1=hN+/=first.example=+Tn4Z=OD=wiki.example.org=",
                Rewriting::Srs1,
            ),
            (
                "SRS1-hN+/=first.example=-Tn4Z=OD=wiki.example.org=",
                Rewriting::Srs1,
            ),
            ("prvs=7123ABCDEF=", Rewriting::Prvs),
            ("PRVS=0487c1e0a=", Rewriting::Prvs),
            ("btv1==46723bbf7df==", Rewriting::Btv1),
            ("wiki.example.org!", Rewriting::DomainWithBang),
            ("relay!wiki.example.org!", Rewriting::DomainWithBang),
        ] {
            let expected = Some((rewriting, LOCAL.to_owned()));
            assert_eq!(
                unwrapped(&format!("{wrapped}{LOCAL}")),
                expected,
                "{wrapped}"
            );
        }
        for (after, rewriting) in [
            ("=wiki.example.org", Rewriting::DomainWithEquals),
            ("%wiki.example.org", Rewriting::DomainWithPercent),
        ] {
            let expected = Some((rewriting, LOCAL.to_owned()));
            assert_eq!(unwrapped(&format!("{LOCAL}{after}")), expected, "{after}");
        }
    }

    #[test]
    fn an_older_tag_of_batv_may_stand_behind_a_local_part_with_a_slash() {
        let inner = "wiki-testwiki-0003-t85s00-8volp7qT/4n5mcyz";
        for wrapped in [
            format!("prvs={inner}/7123ABCDEF"),
            format!("prvs={inner}=7123ABCDEF"),
            format!("prvs=7123ABCDEF={inner}"),
        ] {
            let expected = Some((Rewriting::Prvs, inner.to_owned()));
            assert_eq!(unwrapped(&wrapped), expected, "{wrapped}");
        }
    }

    #[test]
    fn encoded_signs_are_decoded_before_a_domain_is_looked_for() {
        let expected = Some((Rewriting::Encoded, "a+b/c+d/e".to_owned()));
        assert_eq!(unwrapped("a%2Bb%2Fc=2bd=2fe"), expected);
    }

    #[test]
    fn what_is_not_rewritten_or_not_whole_stays_as_it_is() {
        for local in [
            LOCAL,
            "",
            "SRS0",
            "SRS0=",
            "SRS0=a=b=",
            "SRS2",
            "prvs=",
            "prvs",
            "btv1==a",
            "%",
            "=",
            "!",
        ] {
            let found =
                unwrapped(local).filter(|(rewriting, _)| *rewriting != Rewriting::DomainWithEquals);
            assert_eq!(found, None, "{local}");
        }
        assert_eq!(unwrapped(LOCAL), None);
    }
}
