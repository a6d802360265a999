//! A set of changes that is applied wholly or not at all.

use super::keys;
use crate::job::JobType;
use crate::store::{JobCounts, StoreError};
use std::collections::BTreeMap;

/// Changes that are gathered before they are applied; of two to the same key the later counts.
///
/// They are applied with a seal as one batch of sled's, which is atomic, also across a crash: after it either all of them
/// are there or none. Each batch costs two extra writes of sled's buffer, so many changes belong into one.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<::sled::IVec, Option<::sled::IVec>>);

impl Changes {
    /// Stores `value` under `key`.
    pub(super) fn put(&mut self, key: impl Into<::sled::IVec>, value: &[u8]) {
        self.0.insert(key.into(), Some(value.into()));
    }

    /// Removes `key` and its value.
    pub(super) fn remove(&mut self, key: impl Into<::sled::IVec>) {
        self.0.insert(key.into(), None);
    }

    /// Stores what is counted of a type.
    pub(super) fn put_tally(&mut self, kind: &JobType, tally: &Tally) {
        self.put(keys::tally(kind), &tally.encode());
    }

    /// Whether nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each key with its new value, if it is to have one.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (::sled::IVec, Option<::sled::IVec>)> {
        self.0.into_iter()
    }
}

/// What is counted of a job type, so that a silent loss shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// How many jobs are in which state.
    pub(super) counts: JobCounts,
    /// Jobs with a lower number are in the counts.
    pub(super) counted_below: u64,
    /// Jobs from this number on were never claimed, unless they have a stored state; those before it that are ready
    /// have one.
    pub(super) first_fresh: u64,
}

impl Tally {
    /// How long its value is.
    pub(super) const BYTES: usize = 48;

    /// The value to store.
    pub(super) fn encode(&self) -> [u8; Self::BYTES] {
        let JobCounts {
            ready,
            claimed,
            delayed,
            abandoned,
        } = self.counts;
        let mut value = [0; Self::BYTES];
        for (field, number) in value.chunks_exact_mut(8).zip([
            ready,
            claimed,
            delayed,
            abandoned,
            self.counted_below,
            self.first_fresh,
        ]) {
            field.copy_from_slice(&number.to_be_bytes());
        }
        value
    }

    /// Reads what [`Tally::encode`] wrote.
    pub(super) fn decode(value: &[u8]) -> Option<Self> {
        let fields: [u8; Self::BYTES] = value.try_into().ok()?;
        let mut numbers = fields
            .chunks_exact(8)
            .filter_map(|field| Some(u64::from_be_bytes(field.try_into().ok()?)));
        let counts = JobCounts {
            ready: numbers.next()?,
            claimed: numbers.next()?,
            delayed: numbers.next()?,
            abandoned: numbers.next()?,
        };
        Some(Self {
            counts,
            counted_below: numbers.next()?,
            first_fresh: numbers.next()?,
        })
    }
}

/// A failed write as an error of the store.
pub(super) fn write_failed(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::WriteFailed {
        reason: error.to_string(),
    }
}
