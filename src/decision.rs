//! The rule of the limit: whether an address is un-confirmed.

mod brake;

pub use self::brake::{BRAKE_SPAN, Brake, domain_of};

use crate::clock::Timestamp;

/// How much a bounce counts, in thousandths of one that counts in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(pub u32);

impl Weight {
    /// It changes nothing.
    pub const NONE: Self = Self(0);
    /// It counts in full, as all do in the original.
    pub const WHOLE: Self = Self(1000);

    /// With what other bounces weigh together.
    #[must_use]
    pub fn added_to(self, sum: u64) -> u64 {
        sum.saturating_add(u64::from(self.0))
    }
}

/// When an address counts as dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnconfirmRule {
    /// Whether addresses are un-confirmed at all (`BounceHandlerUnconfirmUsers`).
    pub enabled: bool,
    /// The number of bounces that is too many (`BounceRecordLimit`).
    pub limit: u64,
    /// Only bounces of this moment or later count (now less `BounceRecordPeriod`).
    pub counted_from: Timestamp,
}

impl UnconfirmRule {
    /// What bounces have to weigh together to be too many, in thousandths.
    pub fn too_many(&self) -> u64 {
        self.limit.saturating_mul(u64::from(Weight::WHOLE.0))
    }
}

/// What becomes of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stays as it is.
    Keep,
    /// It is un-confirmed.
    Unconfirm,
}

/// Decides from the weight of the counted bounces in thousandths, the newest included.
///
/// Counting beyond [`UnconfirmRule::too_many`] changes nothing, so a caller may stop there.
pub fn decide(counted: u64, rule: &UnconfirmRule) -> Decision {
    if rule.enabled && counted >= rule.too_many() {
        Decision::Unconfirm
    } else {
        Decision::Keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(enabled: bool, limit: u64) -> UnconfirmRule {
        UnconfirmRule {
            enabled,
            limit,
            counted_from: Timestamp(0),
        }
    }

    #[test]
    fn the_address_is_unconfirmed_when_the_limit_is_reached() {
        // (enabled, limit, counted, decision): jobs/golden/processing.jsonl, limit1, limit3-*, limit10-*, limit0, limit1-off.
        let table = [
            (true, 1, 1, Decision::Unconfirm),
            (true, 3, 2, Decision::Keep),
            (true, 3, 3, Decision::Unconfirm),
            (true, 3, 6, Decision::Unconfirm),
            (true, 10, 9, Decision::Keep),
            (true, 10, 10, Decision::Unconfirm),
            (true, 0, 0, Decision::Unconfirm),
            (false, 1, 5, Decision::Keep),
        ];
        for (enabled, limit, counted, expected) in table {
            assert_eq!(
                decide(counted * 1000, &rule(enabled, limit)),
                expected,
                "{enabled} {limit} {counted}"
            );
        }
    }

    #[test]
    fn bounces_of_a_fifth_reach_a_limit_of_two_with_the_tenth() {
        let sum = |count| (0..count).fold(0, |sum, _| Weight(200).added_to(sum));
        assert_eq!(decide(sum(9), &rule(true, 2)), Decision::Keep);
        assert_eq!(decide(sum(10), &rule(true, 2)), Decision::Unconfirm);
    }

    #[test]
    fn a_limit_beyond_all_numbers_is_never_reached_by_less() {
        assert_eq!(decide(u64::MAX - 1, &rule(true, u64::MAX)), Decision::Keep);
    }
}
