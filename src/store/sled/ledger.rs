//! The ledger: a sum over all small values, so that the loss or the return of a single one shows at opening.
//!
//! Each key with its value has a hash of 128 bits; the ledger is the sum of all these hashes. A change adds the new hash
//! and takes the old one away, so it costs the same however much is stored. The sum is stored in the same batch as the
//! changes. Jobs are left out, since there may be millions: they have their checksums, and the tallies count them.

use super::keys;
use crate::store::StoreError;
use sha2::{Digest as _, Sha256};

/// The sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ledger(pub(super) u128);

impl Ledger {
    /// Sums up what is stored.
    pub(super) fn of(db: &::sled::Db) -> Result<Self, StoreError> {
        let mut ledger = Self::default();
        for space in keys::ledger_ranges() {
            for entry in db.range(space) {
                let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
                ledger.change(&key, None, Some(&value));
            }
        }
        Ok(ledger)
    }

    /// The value under a key becomes another, or goes, or comes.
    pub(super) fn change(&mut self, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) {
        if let Some(old) = old {
            self.0 = self.0.wrapping_sub(hash(key, old));
        }
        if let Some(new) = new {
            self.0 = self.0.wrapping_add(hash(key, new));
        }
    }
}

/// The first half of SHA-256 over the key's length, the key and the value.
fn hash(key: &[u8], value: &[u8]) -> u128 {
    let hasher = Sha256::new()
        .chain_update((key.len() as u64).to_be_bytes())
        .chain_update(key)
        .chain_update(value);
    let digest: [u8; 32] = hasher.finalize().into();
    let (half, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    u128::from_be_bytes(*half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_changes_does_not_matter_and_what_goes_leaves_nothing() {
        let (mut one, mut other) = (Ledger::default(), Ledger::default());
        one.change(b"a", None, Some(b"1"));
        one.change(b"b", None, Some(b"2"));
        one.change(b"a", Some(b"1"), Some(b"3"));
        other.change(b"b", None, Some(b"2"));
        other.change(b"a", None, Some(b"3"));
        assert_eq!(one, other);
        one.change(b"a", Some(b"3"), None);
        one.change(b"b", Some(b"2"), None);
        assert_eq!(one, Ledger::default());
    }

    #[test]
    fn a_byte_that_moves_from_key_to_value_changes_the_sum() {
        let (mut one, mut other) = (Ledger::default(), Ledger::default());
        one.change(b"ab", None, Some(b"c"));
        other.change(b"a", None, Some(b"bc"));
        assert_ne!(one, other);
    }
}
