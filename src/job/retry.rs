//! How often a job is tried, and when again.

use crate::clock::Timestamp;

/// The rules that decide over a job whose runner failed or died.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttemptRules {
    /// Claims after which a failure is final (`JobMaxAttempts`, MediaWiki's `maxTries`).
    pub max_attempts: u32,
    /// Seconds after which a claim is taken back (`JobClaimTTL`, MediaWiki's `claimTTL`); 0: a job is never tried again
    /// unless it is known to have failed.
    pub claim_ttl: i64,
    /// When a failed job is tried again.
    pub retry: RetryRule,
}

impl Default for AttemptRules {
    /// MediaWiki's, with the back-off of this program.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            claim_ttl: 3600,
            retry: RetryRule::BackOff(BackOff::default()),
        }
    }
}

/// When a failed job is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RetryRule {
    /// When its claim is older than the claim TTL, as in MediaWiki; with a claim TTL of 0 never.
    AfterClaimTtl,
    /// Sooner at first, and later each time.
    BackOff(BackOff),
}

/// Exponential back-off with jitter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackOff {
    /// Seconds before the second attempt.
    pub first: i64,
    /// By how much each further wait is longer.
    pub factor: f64,
    /// The most seconds to wait.
    pub most: i64,
    /// The share by which a wait may be longer or shorter, so that jobs which failed together are not tried together.
    pub jitter: f64,
}

impl Default for BackOff {
    fn default() -> Self {
        Self {
            first: 300,
            factor: 4.0,
            most: 3600,
            jitter: 0.2,
        }
    }
}

/// A random number: where in the range of the jitter a wait lies, 0 at its beginning and `u32::MAX` at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance(pub u32);

impl Chance {
    /// The middle of the range.
    pub const MIDDLE: Self = Self(1 << 31);

    /// The number as a share of 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(u32::MAX)
    }
}

impl BackOff {
    /// When a job that has failed after so many attempts is tried again; at least a second later.
    pub fn next_try(&self, attempts: u32, now: Timestamp, chance: Chance) -> Timestamp {
        let steps = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of waits are small numbers"
        )]
        let (first, most) = (self.first as f64, self.most as f64);
        let wait = (first * self.factor.powi(steps)).min(most);
        let spread = self.jitter * (2.0 * chance.share() - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast of a float saturates"
        )]
        let wait = (wait * (1.0 + spread)).round() as i64;
        now.plus(wait.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(10_000);

    fn wait(rule: BackOff, attempts: u32, chance: Chance) -> i64 {
        rule.next_try(attempts, NOW, chance).0.saturating_sub(NOW.0)
    }

    #[test]
    fn each_wait_is_longer_by_the_factor_until_the_most() {
        let rule = BackOff {
            first: 300,
            factor: 4.0,
            most: 3600,
            jitter: 0.0,
        };
        // By hand: 300, 300*4, 300*16 = 4800 and so 3600.
        for (attempts, expected) in [(1, 300), (2, 1200), (3, 3600), (4, 3600), (u32::MAX, 3600)] {
            assert_eq!(wait(rule, attempts, Chance::MIDDLE), expected, "{attempts}");
        }
    }

    #[test]
    fn the_jitter_makes_a_wait_longer_or_shorter_by_its_share() {
        let rule = BackOff {
            jitter: 0.2,
            ..BackOff::default()
        };
        assert_eq!(wait(rule, 1, Chance(0)), 240);
        assert_eq!(wait(rule, 1, Chance::MIDDLE), 300);
        assert_eq!(wait(rule, 1, Chance(u32::MAX)), 360);
    }

    #[test]
    fn a_wait_is_never_nothing() {
        let rule = BackOff {
            first: 0,
            factor: 0.0,
            most: 0,
            jitter: 1.0,
        };
        assert_eq!(wait(rule, 1, Chance(0)), 1);
    }
}
