//! The rule of the limit: whether an address is un-confirmed.

use crate::clock::Timestamp;

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

/// What becomes of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stays as it is.
    Keep,
    /// It is un-confirmed.
    Unconfirm,
}

/// Decides from the number of counted bounces, the newest included.
///
/// Counting beyond `rule.limit` changes nothing, so a caller may stop there.
pub fn decide(counted: u64, rule: &UnconfirmRule) -> Decision {
    if rule.enabled && counted >= rule.limit {
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
                decide(counted, &rule(enabled, limit)),
                expected,
                "{enabled} {limit} {counted}"
            );
        }
    }
}
