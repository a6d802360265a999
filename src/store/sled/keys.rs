//! The keys of the embedded store. `docs/STORAGE.md` draws the layout; this is the only place that spells it.
//!
//! ```text
//! v                                     version of the layout
//! w                                     written to find out whether writing works
//! j TYPE 00 ID                          head of a job            (written once)
//! j TYPE 00 ID PIECE                    further piece of a job   (written once)
//! c TYPE 00 ID                          state of a job that has been claimed
//! d TYPE 00 TIME ID                     delayed job by the time at which it is due (no value)
//! h TYPE 00 ID                          jobs that were claimed together, ID the first of them
//! s TYPE 00 WIKI 00 SIGNATURE           number of the last job pushed with this signature
//! q TYPE 00 ID                          wiki and signature of a job that was pushed with one
//! p TYPE                                time at which copies of abandoned jobs were last pushed
//! b TYPE                                time until which a throttled type is not run
//! n TYPE                                tally: how many jobs of the type are in which state
//! k MARK                                how much of an import was taken
//! z                                     seal: its number, the ledger, newer tallies
//! u WIKI 00 ID                          user
//! t WIKI 00 TIME ID                     bounce record
//! e WIKI 00 EMAIL 00 TIME ID            the same by address (no value, or its weight)
//! i WIKI 00 TIME IDENTITY               bounce that was counted (no value)
//! o WIKI 00 DOMAIN 00 TIME ID           user who was to be un-confirmed in the last hour (no value)
//! ```
//!
//! Numbers are big-endian, so that keys sort as the numbers do; TIME has its sign bit flipped for the same reason.

mod of_wiki;

pub(super) use self::of_wiki::{
    ALL_USERS, due_unconfirm, due_unconfirms, identities_before, identity, identity_in, record,
    record_of, records, records_of_from, user, wiki_and_user_in, wiki_in_record,
};

use crate::clock::Timestamp;
use crate::job::signature::JobSignature;
use crate::job::{JobId, JobType, WikiId};
use crate::store::StoreError;
use crate::store::record::decode_head;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::path::PathBuf;

/// Version of the layout.
pub(super) const LAYOUT: &[u8] = b"v";
/// The seal.
pub(super) const SEAL: &[u8] = b"z";
/// Written to find out whether writing works.
pub(super) const WRITE_CHECK: &[u8] = b"w";

fn key(space: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts
        .iter()
        .fold(1_usize, |sum, part| sum.saturating_add(part.len()));
    let mut key = Vec::with_capacity(length);
    key.push(space);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// Spaces that the ledger does not sum up: jobs and their signatures, which may be millions, and single values that are
/// checked otherwise. In order.
const NOT_IN_LEDGER: &[u8] = b"jqsvwz";

/// Whether the ledger has this key. Such keys are changed by batches only.
pub(super) fn is_in_ledger(key: &[u8]) -> bool {
    key.first()
        .is_some_and(|space| !NOT_IN_LEDGER.contains(space))
}

/// The ranges of the keys that the ledger has.
pub(super) fn ledger_ranges() -> impl Iterator<Item = (Bound<Vec<u8>>, Bound<Vec<u8>>)> {
    let from = NOT_IN_LEDGER
        .iter()
        .map(|space| Bound::Included(vec![space.saturating_add(1)]));
    let until = NOT_IN_LEDGER
        .iter()
        .map(|space| Bound::Excluded(vec![*space]));
    std::iter::once(Bound::Unbounded)
        .chain(from)
        .zip(until.chain([Bound::Unbounded]))
        .filter(|(from, until)| !same(from, until))
}

/// Whether nothing lies between two bounds.
fn same(from: &Bound<Vec<u8>>, until: &Bound<Vec<u8>>) -> bool {
    matches!((from, until), (Bound::Included(from), Bound::Excluded(until)) if from == until)
}

/// Head of a job.
pub(super) fn job(kind: &JobType, id: JobId) -> Vec<u8> {
    key(b'j', &[kind.as_str().as_bytes(), &[0], &id.0.to_be_bytes()])
}

/// Further piece of a job.
pub(super) fn piece(kind: &JobType, id: JobId, number: u32) -> Vec<u8> {
    key(
        b'j',
        &[
            kind.as_str().as_bytes(),
            &[0],
            &id.0.to_be_bytes(),
            &number.to_be_bytes(),
        ],
    )
}

/// From the head of job `from` to the end of the type, pieces included.
pub(super) fn jobs_from(kind: &JobType, from: JobId) -> Range<Vec<u8>> {
    job(kind, from)..key(b'j', &[kind.as_str().as_bytes(), &[1]])
}

/// State of a job.
pub(super) fn state(kind: &JobType, id: JobId) -> Vec<u8> {
    key(b'c', &[kind.as_str().as_bytes(), &[0], &id.0.to_be_bytes()])
}

/// The states of a type from job `from` on.
pub(super) fn states_from(kind: &JobType, from: JobId) -> Range<Vec<u8>> {
    state(kind, from)..key(b'c', &[kind.as_str().as_bytes(), &[1]])
}

/// What all states of a type begin with.
pub(super) fn states(kind: &JobType) -> Vec<u8> {
    key(b'c', &[kind.as_str().as_bytes(), &[0]])
}

/// A delayed job by the time at which it is due.
pub(super) fn due(kind: &JobType, until: Timestamp, id: JobId) -> Vec<u8> {
    key(
        b'd',
        &[
            kind.as_str().as_bytes(),
            &[0],
            &time_bytes(until),
            &id.0.to_be_bytes(),
        ],
    )
}

/// The delayed jobs of a type that are due by a moment.
pub(super) fn due_by(kind: &JobType, now: Timestamp) -> Range<Vec<u8>> {
    let first = key(b'd', &[kind.as_str().as_bytes(), &[0]]);
    first..due(kind, now.plus(1), JobId(0))
}

/// The last job of a type and wiki that was pushed with this signature.
pub(super) fn signature(kind: &JobType, wiki: &WikiId, signature: &JobSignature) -> Vec<u8> {
    key(
        b's',
        &[
            kind.as_str().as_bytes(),
            &[0],
            wiki.0.as_bytes(),
            &[0],
            &signature.0,
        ],
    )
}

/// Wiki and signature of a job.
pub(super) fn signature_of(kind: &JobType, id: JobId) -> Vec<u8> {
    key(b'q', &[kind.as_str().as_bytes(), &[0], &id.0.to_be_bytes()])
}

/// What the signatures of all jobs of a type begin with.
pub(super) fn signatures(kind: &JobType) -> Vec<u8> {
    key(b'q', &[kind.as_str().as_bytes(), &[0]])
}

/// When copies of abandoned jobs of a type were last pushed.
pub(super) fn last_repush(kind: &JobType) -> Vec<u8> {
    key(b'p', &[kind.as_str().as_bytes()])
}

/// Until when a type is not run.
pub(super) fn backoff(kind: &JobType) -> Vec<u8> {
    key(b'b', &[kind.as_str().as_bytes()])
}

/// What all such times begin with.
pub(super) const ALL_BACKOFFS: &[u8] = b"b";

/// Jobs that were claimed together.
pub(super) fn in_hand(kind: &JobType, first: JobId) -> Vec<u8> {
    key(
        b'h',
        &[kind.as_str().as_bytes(), &[0], &first.0.to_be_bytes()],
    )
}

/// What all such values of a type begin with.
pub(super) fn all_in_hand(kind: &JobType) -> Vec<u8> {
    key(b'h', &[kind.as_str().as_bytes(), &[0]])
}

/// Tally of a type.
pub(super) fn tally(kind: &JobType) -> Vec<u8> {
    key(b'n', &[kind.as_str().as_bytes()])
}

/// What all tallies begin with.
pub(super) const ALL_TALLIES: &[u8] = b"n";

/// What all jobs begin with.
const ALL_JOBS: &[u8] = b"j";

/// The types of which there are jobs, found by a seek for each.
pub(super) fn types(db: &::sled::Db) -> Result<Vec<JobType>, StoreError> {
    let mut found = Vec::new();
    let mut from = ALL_JOBS.to_vec();
    while let Some(entry) = db.range(from..).keys().next() {
        let key = entry.map_err(|error| read_failed(&error))?;
        let Some(name) = key
            .strip_prefix(ALL_JOBS)
            .and_then(|rest| rest.split(|byte| *byte == 0).next())
        else {
            break;
        };
        let kind = std::str::from_utf8(name).ok().and_then(JobType::parse);
        let kind = kind.ok_or_else(|| garbled("the name of a job type is garbled"))?;
        from = jobs_from(&kind, JobId(0)).end;
        found.push(kind);
    }
    Ok(found)
}

/// Until when types are not run, in seconds since the epoch.
pub(super) fn backoffs(db: &::sled::Db) -> Result<BTreeMap<JobType, f64>, StoreError> {
    let mut found = BTreeMap::new();
    for entry in db.scan_prefix(ALL_BACKOFFS) {
        let (key, value) = entry.map_err(|error| read_failed(&error))?;
        let name = key.strip_prefix(ALL_BACKOFFS).map(String::from_utf8_lossy);
        let until = value.as_ref().try_into().ok().map(u64::from_be_bytes);
        found.extend(
            name.and_then(|name| JobType::parse(&name))
                .zip(until.map(f64::from_bits)),
        );
    }
    Ok(found)
}

fn time_bytes(time: Timestamp) -> [u8; 8] {
    (time.0 ^ i64::MIN).to_be_bytes()
}

/// The number at the end of the key of a state or of the head of a job; `None` for any other key of that type.
pub(super) fn id_in(kind: &JobType, key: &[u8]) -> Option<JobId> {
    let tail = key.get(kind.as_str().len().checked_add(2)?..)?;
    Some(JobId(u64::from_be_bytes(tail.try_into().ok()?)))
}

/// The number of the job that a further piece belongs to; `None` for any other key of that type.
pub(super) fn id_of_piece(kind: &JobType, key: &[u8]) -> Option<JobId> {
    let (id, number) = key
        .get(kind.as_str().len().checked_add(2)?..)?
        .split_first_chunk::<8>()?;
    (number.len() == 4).then(|| JobId(u64::from_be_bytes(*id)))
}

/// Time and number at the end of the key of a bounce record.
pub(super) fn time_and_id_in(key: &[u8]) -> Option<(Timestamp, u64)> {
    let (rest, id) = key.split_last_chunk::<8>()?;
    let (_, time) = rest.split_last_chunk::<8>()?;
    Some((
        Timestamp(i64::from_be_bytes(*time) ^ i64::MIN),
        u64::from_be_bytes(*id),
    ))
}

/// The type in a key that has nothing else in it.
pub(super) fn type_in(key: &[u8]) -> Option<JobType> {
    let (_, name) = key.split_first()?;
    JobType::parse(std::str::from_utf8(name).ok()?)
}

/// How much of an import was taken.
pub(super) fn import(mark: &[u8; 16]) -> Vec<u8> {
    key(b'k', &[mark])
}

/// How many further pieces a job has; none if it cannot be read.
pub(super) fn piece_count(db: &::sled::Db, kind: &JobType, id: JobId) -> Result<u32, StoreError> {
    let head = db.get(job(kind, id)).map_err(|error| read_failed(&error))?;
    Ok(head
        .and_then(|head| decode_head(&head).ok().map(|head| head.pieces))
        .unwrap_or(0))
}

/// The further pieces of a job, as many as are there.
pub(super) fn pieces_of(
    db: &::sled::Db,
    kind: &JobType,
    id: JobId,
    pieces: u32,
) -> Result<Vec<::sled::IVec>, StoreError> {
    let found: Result<Vec<_>, _> = (0..pieces)
        .filter_map(|number| db.get(piece(kind, id, number)).transpose())
        .collect();
    found.map_err(|error| read_failed(&error))
}

/// A failed read of sled as an error of the store.
pub(super) fn read_failed(error: &::sled::Error) -> StoreError {
    let reason = error.to_string();
    match error {
        ::sled::Error::Io(_) => StoreError::ReadFailed { reason },
        _ => garbled(&reason),
    }
}

/// What is stored is not what was written. The guard, through which every read goes, adds which directory it is.
pub(super) fn garbled(what: &str) -> StoreError {
    StoreError::Damaged {
        directory: PathBuf::new(),
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_sort_by_time_also_before_1970() {
        let wiki = WikiId("w".to_owned());
        let times = [i64::MIN, -5, 0, 7, i64::MAX];
        let keys: Vec<_> = times
            .iter()
            .map(|time| record(&wiki, Timestamp(*time), 1))
            .collect();
        assert!(keys.is_sorted());
        for (key, time) in keys.iter().zip(times) {
            assert_eq!(time_and_id_in(key), Some((Timestamp(time), 1)));
        }
    }

    #[test]
    fn the_range_of_a_type_holds_its_jobs_and_no_others() {
        let (short, long) = (JobType::known("Bounce"), JobType::known("BounceHandlerJob"));
        let range = jobs_from(&short, JobId(3));
        assert!(range.contains(&job(&short, JobId(3))));
        assert!(range.contains(&piece(&short, JobId(u64::MAX), u32::MAX)));
        assert!(!range.contains(&job(&short, JobId(2))));
        assert!(!range.contains(&job(&long, JobId(3))));
    }

    #[test]
    fn the_ranges_of_the_ledger_hold_its_keys_and_no_others() {
        let spaces: Vec<u8> = ledger_ranges()
            .flat_map(|range| {
                (0..=u8::MAX)
                    .filter(move |space| std::ops::RangeBounds::contains(&range, &vec![*space, 7]))
            })
            .collect();
        let expected: Vec<u8> = (0..=u8::MAX)
            .filter(|space| is_in_ledger(&[*space]))
            .collect();
        assert_eq!(spaces, expected);
        assert_eq!(expected.len(), 250);
    }

    #[test]
    fn only_heads_and_states_have_a_number_at_their_end() {
        let kind = JobType::known("X");
        assert_eq!(id_in(&kind, &job(&kind, JobId(9))), Some(JobId(9)));
        assert_eq!(id_in(&kind, &state(&kind, JobId(9))), Some(JobId(9)));
        assert_eq!(id_in(&kind, &piece(&kind, JobId(9), 0)), None);
    }
}
