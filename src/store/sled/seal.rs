//! The seal: the last value of each commit. It numbers the commits and holds what the rest is checked against.
//!
//! All changes to sled pass here, except the jobs themselves. A batch and its seal are one batch; pushed jobs, which are
//! no batch, are followed by their seal. So a crash never leaves a seal that does not fit what it seals.

use super::changes::{Changes, Tally, write_failed};
use super::keys;
use super::ledger::Ledger;
use crate::job::JobType;
use crate::store::StoreError;
use crate::store::record::{self, RecordError};
use std::collections::BTreeMap;

/// Tallies that are newer than those under their own keys.
pub(super) type NewerTallies = BTreeMap<JobType, Tally>;

/// The most tallies that a seal takes along, so that it stays within the longest value.
pub(super) const MOST_TALLIES: usize = 24;

/// What the last seal said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seal {
    /// Rises with each seal.
    pub(super) number: u64,
    ledger: Ledger,
    /// Of the types of which jobs were only pushed since their tally was stored.
    tallies: NewerTallies,
}

impl Seal {
    /// Reads the stored seal; `None` if there is none.
    pub(super) fn read(db: &::sled::Db) -> Result<Option<Result<Self, RecordError>>, StoreError> {
        let value = db
            .get(keys::SEAL)
            .map_err(|error| keys::read_failed(&error))?;
        Ok(value.map(|value| Self::decode(&value)))
    }

    /// Whether the ledger is that of what is stored.
    pub(super) fn fits(&self, db: &::sled::Db) -> Result<bool, StoreError> {
        Ok(Ledger::of(db)? == self.ledger)
    }

    /// The tallies that are newer than those under their own keys.
    pub(super) fn tallies(&self) -> &NewerTallies {
        &self.tallies
    }

    /// Applies changes together with the seal over them, as one batch.
    pub(super) fn apply(
        &mut self,
        db: &::sled::Db,
        changes: Changes,
        tallies: NewerTallies,
    ) -> Result<(), StoreError> {
        let mut next = self.next(tallies);
        let mut batch = ::sled::Batch::default();
        for (key, value) in changes.into_entries() {
            if keys::is_in_ledger(&key) {
                let old = db.get(&key).map_err(|error| keys::read_failed(&error))?;
                if old == value {
                    continue;
                }
                next.ledger.change(&key, old.as_deref(), value.as_deref());
            }
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch.insert(keys::SEAL, next.encode());
        db.apply_batch(batch)
            .map_err(|error| write_failed(&error))?;
        *self = next;
        Ok(())
    }

    /// Seals what was written since the last seal and is in no batch.
    pub(super) fn put(&mut self, db: &::sled::Db, tallies: NewerTallies) -> Result<(), StoreError> {
        let next = self.next(tallies);
        db.insert(keys::SEAL, next.encode())
            .map_err(|error| write_failed(&error))?;
        *self = next;
        Ok(())
    }

    fn next(&self, tallies: NewerTallies) -> Self {
        Self {
            number: self.number.saturating_add(1),
            ledger: self.ledger,
            tallies,
        }
    }

    /// Number, ledger, and for each tally the length of the type's name, the name, the tally.
    fn encode(&self) -> Vec<u8> {
        let mut body = self.number.to_be_bytes().to_vec();
        body.extend_from_slice(&self.ledger.0.to_be_bytes());
        for (kind, tally) in &self.tallies {
            let name = kind.as_str().as_bytes();
            body.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            body.extend_from_slice(name);
            body.extend_from_slice(&tally.encode());
        }
        record::with_checksum(&body)
    }

    fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let body = record::without_checksum(value)?;
        Self::read_body(body).ok_or(RecordError::Garbled)
    }

    fn read_body(body: &[u8]) -> Option<Self> {
        let (number, rest) = body.split_first_chunk::<8>()?;
        let (ledger, mut rest) = rest.split_first_chunk::<16>()?;
        let mut tallies = NewerTallies::new();
        while let Some((length, more)) = rest.split_first() {
            let (name, more) = more.split_at_checked(usize::from(*length))?;
            let (tally, more) = more.split_at_checked(Tally::BYTES)?;
            let kind = JobType::parse(std::str::from_utf8(name).ok()?)?;
            tallies.insert(kind, Tally::decode(tally)?);
            rest = more;
        }
        Some(Self {
            number: u64::from_be_bytes(*number),
            ledger: Ledger(u128::from_be_bytes(*ledger)),
            tallies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::PIECE_BYTES;

    fn seal(tallies: usize) -> Seal {
        let tallies = (0..tallies).map(|number| {
            let kind = JobType::parse(&format!("{number:060}")).unwrap();
            let tally = Tally {
                counted_below: u64::MAX,
                ..Tally::default()
            };
            (kind, tally)
        });
        Seal {
            number: 77,
            ledger: Ledger(u128::MAX - 5),
            tallies: tallies.collect(),
        }
    }

    #[test]
    fn a_seal_is_read_back_and_fits_into_a_value() {
        for tallies in [0, 1, MOST_TALLIES] {
            let value = seal(tallies).encode();
            assert!(value.len() <= PIECE_BYTES);
            assert_eq!(Seal::decode(&value), Ok(seal(tallies)));
        }
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let value = seal(2).encode();
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 4;
            assert!(Seal::decode(&changed).is_err(), "{at}");
            assert!(Seal::decode(&value[..at]).is_err(), "{at}");
        }
    }
}
