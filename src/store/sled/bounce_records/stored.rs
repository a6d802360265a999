//! Bounce records as they lie in the store: the record by its time, and a key by its address that holds what it weighs.

use crate::clock::Timestamp;
use crate::decision::Weight;
use crate::effects::BounceRecord;
use crate::job::WikiId;
use crate::store::sled::changes::Changes;
use crate::store::sled::keys;
use crate::store::{StoreError, StoredRecord, record};
use std::ops::Bound;

/// Set in the length of the address if weight and kind follow it.
const WEIGHED: u16 = 0x8000;

/// Stores a record under both its keys.
pub(in crate::store::sled) fn put(
    changes: &mut Changes,
    wiki: &WikiId,
    id: u64,
    record: &BounceRecord,
) {
    let time = record.timestamp;
    changes.put(keys::record(wiki, time, id), &encode(record));
    let by_address = keys::record_of(wiki, &record.email, time, id);
    if record.weight == Weight::WHOLE {
        changes.put(by_address, &[]);
    } else {
        changes.put(by_address, &record.weight.0.to_be_bytes());
    }
}

/// What a record weighs, by the value under its address: nothing is said of one that counts in full.
pub(super) fn weight_in(value: &[u8]) -> Weight {
    let given = value.try_into().ok().map(u32::from_be_bytes);
    given.map_or(Weight::WHOLE, Weight)
}

/// Up to `most` records of a wiki in the order of time and number, from behind `after`.
pub(in crate::store::sled) fn list(
    db: &::sled::Db,
    wiki: &WikiId,
    after: Option<(Timestamp, u64)>,
    most: usize,
) -> Result<Vec<StoredRecord>, StoreError> {
    let prefix = keys::records(wiki);
    let from = match after {
        Some((time, id)) => Bound::Excluded(keys::record(wiki, time, id)),
        None => Bound::Included(prefix.clone()),
    };
    let mut records = Vec::new();
    for entry in db.range((from, Bound::<Vec<u8>>::Unbounded)).take(most) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        if !key.starts_with(&prefix) {
            break;
        }
        let read =
            keys::time_and_id_in(&key).and_then(|(time, id)| Some((id, decode(time, &value)?)));
        let (id, record) = read.ok_or_else(|| keys::garbled("a bounce record is garbled"))?;
        records.push(StoredRecord { id, record });
    }
    Ok(records)
}

/// Length of the address (two bytes), address, reason. If the record does not count in full, or is one of a complaint, the
/// length is marked, and weight (four bytes) and kind (one byte) stand before the reason.
pub(in crate::store::sled) fn encode(record: &BounceRecord) -> Vec<u8> {
    let email = record.email.as_bytes();
    let email = email.get(..usize::from(!WEIGHED)).unwrap_or(email);
    let length = u16::try_from(email.len()).unwrap_or(!WEIGHED);
    let plain = record.weight == Weight::WHOLE && !record.complaint;
    let length = if plain { length } else { length | WEIGHED };
    let mut body = length.to_be_bytes().to_vec();
    body.extend_from_slice(email);
    if !plain {
        body.extend_from_slice(&record.weight.0.to_be_bytes());
        body.push(u8::from(record.complaint));
    }
    body.extend_from_slice(&record.reason);
    record::with_checksum(&body)
}

/// Reads what [`encode`] wrote.
pub(in crate::store::sled) fn decode(timestamp: Timestamp, value: &[u8]) -> Option<BounceRecord> {
    let body = record::without_checksum(value).ok()?;
    let (length, rest) = body.split_first_chunk::<2>()?;
    let length = u16::from_be_bytes(*length);
    let (email, rest) = rest.split_at_checked(usize::from(length & !WEIGHED))?;
    let (weight, complaint, reason) = if length & WEIGHED == 0 {
        (Weight::WHOLE, false, rest)
    } else {
        let (weight, rest) = rest.split_first_chunk::<4>()?;
        let (kind, reason) = rest.split_first()?;
        (Weight(u32::from_be_bytes(*weight)), *kind == 1, reason)
    };
    Some(BounceRecord {
        email: String::from_utf8(email.to_vec()).ok()?,
        timestamp,
        reason: reason.to_vec(),
        weight,
        complaint,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(weight: Weight, complaint: bool) -> BounceRecord {
        BounceRecord {
            email: "bob@example.com".to_owned(),
            timestamp: Timestamp(7),
            reason: b"Gone \xff".to_vec(),
            weight,
            complaint,
        }
    }

    #[test]
    fn a_record_is_read_back_as_it_was() {
        for weight in [Weight::NONE, Weight(200), Weight::WHOLE, Weight(100_000)] {
            for complaint in [false, true] {
                let record = record(weight, complaint);
                assert_eq!(decode(Timestamp(7), &encode(&record)), Some(record));
            }
        }
    }

    #[test]
    fn a_record_that_counts_in_full_lies_there_as_before_there_were_weights() {
        let body = b"\x00\x0fbob@example.comGone \xff";
        let old = record::with_checksum(body);
        assert_eq!(encode(&record(Weight::WHOLE, false)), old);
        assert_eq!(weight_in(&[]), Weight::WHOLE);
    }
}
