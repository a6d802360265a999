//! Keys of what belongs to a wiki: users, bounce records, counted bounces.

use super::{key, time_bytes};
use crate::clock::Timestamp;
use crate::effects::{BounceIdentity, UserId};
use crate::job::WikiId;
use std::ops::Range;

/// A user.
pub(in crate::store::sled) fn user(wiki: &WikiId, id: UserId) -> Vec<u8> {
    key(b'u', &[wiki.0.as_bytes(), &[0], &id.0.to_be_bytes()])
}

/// What all users begin with.
pub(in crate::store::sled) const ALL_USERS: &[u8] = b"u";

/// Wiki and number in the key of a user.
pub(in crate::store::sled) fn wiki_and_user_in(key: &[u8]) -> Option<(WikiId, UserId)> {
    let (wiki, id) = key.strip_prefix(ALL_USERS)?.split_last_chunk::<8>()?;
    let wiki = std::str::from_utf8(wiki.strip_suffix(&[0])?).ok()?;
    Some((WikiId(wiki.to_owned()), UserId(u64::from_be_bytes(*id))))
}

/// A bounce record.
pub(in crate::store::sled) fn record(wiki: &WikiId, time: Timestamp, id: u64) -> Vec<u8> {
    key(
        b't',
        &[
            wiki.0.as_bytes(),
            &[0],
            &time_bytes(time),
            &id.to_be_bytes(),
        ],
    )
}

/// What all bounce records of a wiki begin with.
pub(in crate::store::sled) fn records(wiki: &WikiId) -> Vec<u8> {
    key(b't', &[wiki.0.as_bytes(), &[0]])
}

/// A bounce record by its address.
pub(in crate::store::sled) fn record_of(
    wiki: &WikiId,
    email: &str,
    time: Timestamp,
    id: u64,
) -> Vec<u8> {
    key(
        b'e',
        &[
            wiki.0.as_bytes(),
            &[0],
            email.as_bytes(),
            &[0],
            &time_bytes(time),
            &id.to_be_bytes(),
        ],
    )
}

/// The bounce records of an address from a moment on.
pub(in crate::store::sled) fn records_of_from(
    wiki: &WikiId,
    email: &str,
    from: Timestamp,
) -> Range<Vec<u8>> {
    record_of(wiki, email, from, 0)..key(b'e', &[wiki.0.as_bytes(), &[0], email.as_bytes(), &[1]])
}

/// A bounce that was counted.
pub(in crate::store::sled) fn identity(
    wiki: &WikiId,
    time: Timestamp,
    identity: &BounceIdentity,
) -> Vec<u8> {
    key(
        b'i',
        &[wiki.0.as_bytes(), &[0], &time_bytes(time), &identity.0],
    )
}

/// The counted bounces of a wiki whose mail was sent before a moment.
pub(in crate::store::sled) fn identities_before(
    wiki: &WikiId,
    before: Timestamp,
) -> Range<Vec<u8>> {
    let first = key(b'i', &[wiki.0.as_bytes(), &[0]]);
    first..key(b'i', &[wiki.0.as_bytes(), &[0], &time_bytes(before)])
}

/// A user of a domain who is to be un-confirmed.
pub(in crate::store::sled) fn due_unconfirm(
    wiki: &WikiId,
    domain: &str,
    time: Timestamp,
    id: UserId,
) -> Vec<u8> {
    let (wiki, domain) = (wiki.0.as_bytes(), domain.as_bytes());
    let (time, id) = (time_bytes(time), id.0.to_be_bytes());
    key(b'o', &[wiki, &[0], domain, &[0], &time, &id])
}

/// All users of a domain who were to be un-confirmed.
pub(in crate::store::sled) fn due_unconfirms(wiki: &WikiId, domain: &str) -> Range<Vec<u8>> {
    let (wiki, domain) = (wiki.0.as_bytes(), domain.as_bytes());
    key(b'o', &[wiki, &[0], domain, &[0]])..key(b'o', &[wiki, &[0], domain, &[1]])
}

/// The wiki in the key of a bounce record.
pub(in crate::store::sled) fn wiki_in_record(key: &[u8]) -> Option<WikiId> {
    let (_, rest) = key.split_first()?;
    let (wiki, _time_and_id) = rest.split_last_chunk::<16>()?;
    let wiki = std::str::from_utf8(wiki.strip_suffix(&[0])?).ok()?;
    Some(WikiId(wiki.to_owned()))
}

/// What the key of a counted bounce says.
pub(in crate::store::sled) fn identity_in(key: &[u8]) -> Option<(WikiId, Timestamp, [u8; 16])> {
    let (_, rest) = key.split_first()?;
    let (rest, identity) = rest.split_last_chunk::<16>()?;
    let (wiki, time) = rest.split_last_chunk::<8>()?;
    let wiki = std::str::from_utf8(wiki.strip_suffix(&[0])?).ok()?;
    let time = Timestamp(i64::from_be_bytes(*time) ^ i64::MIN);
    Some((WikiId(wiki.to_owned()), time, *identity))
}
