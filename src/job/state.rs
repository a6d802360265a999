//! The state machine of a job as a function from state and event to state.
//!
//! ```text
//! push ──> Ready ──claim──> Claimed ──acknowledge──> (gone)
//!            ^                 │ │ └──release──> Ready, the attempt given back
//!            │                 │ └─fail, attempts used up──> Abandoned
//!            └──────recycle────┘
//! ```
//!
//! A failed job with attempts left stays claimed until its claim is older than the claim TTL, as in MediaWiki.

use super::ClaimToken;
use crate::clock::Timestamp;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waits for a runner.
    Ready {
        /// Claims so far.
        attempts: u32,
    },
    /// A runner holds it, or died or failed while holding it.
    Claimed {
        /// What an acknowledgement must show.
        token: ClaimToken,
        /// When it was claimed.
        since: Timestamp,
        /// Claims so far, this one included.
        attempts: u32,
    },
    /// All attempts are used up; kept, never run again by itself.
    Abandoned {
        /// Claims so far.
        attempts: u32,
        /// When it was given up.
        since: Timestamp,
    },
}

/// What may happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEvent {
    /// A runner takes it.
    Claim(ClaimToken),
    /// The runner gives it back without having run it.
    Release(ClaimToken),
    /// The runner ran it and it failed.
    Fail(ClaimToken),
    /// Time to look whether the claim is older than `claim_ttl` seconds.
    Recycle {
        /// Seconds that a claim may last.
        claim_ttl: i64,
    },
    /// The process that held the claim is known to be dead.
    Orphan,
}

/// The state after `event`, or `None` where the event does not apply and nothing changes.
///
/// `max_attempts` is the number of claims after which a failure is final (MediaWiki's `maxTries`, 3).
pub fn next(
    state: JobState,
    event: JobEvent,
    now: Timestamp,
    max_attempts: u32,
) -> Option<JobState> {
    match (state, event) {
        (JobState::Ready { attempts }, JobEvent::Claim(token)) => Some(JobState::Claimed {
            token,
            since: now,
            attempts: attempts.saturating_add(1),
        }),
        (
            JobState::Claimed {
                token, attempts, ..
            },
            JobEvent::Release(shown),
        ) if token == shown => Some(JobState::Ready {
            attempts: attempts.saturating_sub(1),
        }),
        (
            JobState::Claimed {
                token, attempts, ..
            },
            JobEvent::Fail(shown),
        ) if token == shown => (attempts >= max_attempts).then_some(JobState::Abandoned {
            attempts,
            since: now,
        }),
        (
            JobState::Claimed {
                since, attempts, ..
            },
            JobEvent::Recycle { claim_ttl },
        ) => (since < now.minus(claim_ttl)).then(|| give_back(attempts, now, max_attempts)),
        (JobState::Claimed { attempts, .. }, JobEvent::Orphan) => {
            Some(give_back(attempts, now, max_attempts))
        }
        (JobState::Ready { .. } | JobState::Claimed { .. } | JobState::Abandoned { .. }, _) => None,
    }
}

fn give_back(attempts: u32, now: Timestamp, max_attempts: u32) -> JobState {
    if attempts >= max_attempts {
        JobState::Abandoned {
            attempts,
            since: now,
        }
    } else {
        JobState::Ready { attempts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(10_000);
    const MINE: ClaimToken = ClaimToken(1);
    const OTHER: ClaimToken = ClaimToken(2);

    fn claimed(seconds_ago: i64, attempts: u32) -> JobState {
        JobState::Claimed {
            token: MINE,
            since: NOW.minus(seconds_ago),
            attempts,
        }
    }

    #[test]
    fn a_claim_costs_an_attempt() {
        let after = next(
            JobState::Ready { attempts: 0 },
            JobEvent::Claim(MINE),
            NOW,
            3,
        );
        assert_eq!(after, Some(claimed(0, 1)));
    }

    #[test]
    fn only_the_holder_of_the_token_can_release_or_fail() {
        for event in [JobEvent::Release(OTHER), JobEvent::Fail(OTHER)] {
            assert_eq!(next(claimed(0, 3), event, NOW, 3), None);
        }
        assert_eq!(
            next(claimed(0, 1), JobEvent::Release(MINE), NOW, 3),
            Some(JobState::Ready { attempts: 0 })
        );
    }

    #[test]
    fn a_claim_of_3595_seconds_is_kept_and_one_of_3605_is_recycled() {
        // jobs/golden/crash.json, steps A4 and A5.
        let recycle = JobEvent::Recycle { claim_ttl: 3600 };
        assert_eq!(next(claimed(3595, 1), recycle, NOW, 3), None);
        assert_eq!(next(claimed(3600, 1), recycle, NOW, 3), None);
        assert_eq!(
            next(claimed(3605, 1), recycle, NOW, 3),
            Some(JobState::Ready { attempts: 1 })
        );
    }

    #[test]
    fn the_third_failure_abandons() {
        // jobs/golden/crash.json, steps D1 to D4.
        assert_eq!(next(claimed(0, 2), JobEvent::Fail(MINE), NOW, 3), None);
        let abandoned = JobState::Abandoned {
            attempts: 3,
            since: NOW,
        };
        assert_eq!(
            next(claimed(0, 3), JobEvent::Fail(MINE), NOW, 3),
            Some(abandoned)
        );
        assert_eq!(
            next(
                claimed(3605, 3),
                JobEvent::Recycle { claim_ttl: 3600 },
                NOW,
                3
            ),
            Some(abandoned)
        );
        assert_eq!(
            next(claimed(1, 3), JobEvent::Orphan, NOW, 3),
            Some(abandoned)
        );
    }

    #[test]
    fn an_abandoned_job_stays_abandoned() {
        let abandoned = JobState::Abandoned {
            attempts: 3,
            since: NOW,
        };
        for event in [
            JobEvent::Claim(MINE),
            JobEvent::Release(MINE),
            JobEvent::Fail(MINE),
            JobEvent::Recycle { claim_ttl: 0 },
            JobEvent::Orphan,
        ] {
            assert_eq!(next(abandoned, event, NOW.plus(1_000_000), 3), None);
        }
    }
}
