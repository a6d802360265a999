//! The state machine of a job as a function from state and event to state.
//!
//! ```text
//! push ──> Ready ──claim──> Claimed ──acknowledge──> (gone)
//!          ^  ^                │ │ └──release──> Ready, the attempt given back
//!          │  └────recycle─────┘ ├─fail──> Delayed ──claim, once it is due──> Claimed
//!          │                     └─fail, attempts used up──> Abandoned
//!          └────────────────────────retry───────────────────────┘
//! ```
//!
//! Under [`RetryRule::AfterClaimTtl`] a failed job with attempts left stays claimed until its claim is older than the
//! claim TTL, as in MediaWiki.

use super::ClaimToken;
use super::retry::{AttemptRules, Chance, RetryRule};
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
    /// It failed and is tried again later.
    Delayed {
        /// Claims so far.
        attempts: u32,
        /// Not before this moment.
        until: Timestamp,
    },
    /// Given up; kept, never run again by itself.
    Abandoned {
        /// Claims so far.
        attempts: u32,
        /// When it was given up.
        since: Timestamp,
        /// A copy of it was pushed.
        repushed: bool,
    },
}

/// What is listed as the error of a job that was given up although it never failed.
pub const RUNNER_LOST: &str = "the runner died, or did not end in time, at the last attempt";

impl JobState {
    /// The error to keep beside this state: a job that is given up always has one.
    pub fn with_error(&self, error: String) -> String {
        match self {
            Self::Abandoned { .. } if error.is_empty() => RUNNER_LOST.to_owned(),
            _ => error,
        }
    }

    /// Claims so far.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Ready { attempts }
            | Self::Claimed { attempts, .. }
            | Self::Delayed { attempts, .. }
            | Self::Abandoned { attempts, .. } => *attempts,
        }
    }
}

/// What may happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEvent {
    /// A runner takes it.
    Claim(ClaimToken),
    /// The runner gives it back without having run it.
    Release(ClaimToken),
    /// The runner ran it and it failed.
    Fail {
        /// The runner's token.
        token: ClaimToken,
        /// Whether jobs of this type are tried again at all.
        may_retry: bool,
        /// Where in the jitter the wait lies.
        chance: Chance,
    },
    /// Time to look whether the claim is older than the claim TTL.
    Recycle,
    /// The process that held the claim is known to be dead.
    Orphan,
    /// Somebody wants a job that was given up to be tried anew.
    Retry,
    /// A copy of a job that was given up is pushed.
    Repush,
}

/// The state after `event`, or `None` where the event does not apply and nothing changes.
pub fn next(
    state: JobState,
    event: JobEvent,
    now: Timestamp,
    rules: &AttemptRules,
) -> Option<JobState> {
    match (state, event) {
        (JobState::Ready { attempts }, JobEvent::Claim(token)) => Some(claim(attempts, token, now)),
        (JobState::Delayed { attempts, until }, JobEvent::Claim(token)) => {
            (until <= now).then(|| claim(attempts, token, now))
        }
        (
            JobState::Claimed {
                token, attempts, ..
            },
            event,
        ) => of_claimed(token, attempts, state, event, now, rules),
        (JobState::Abandoned { .. }, JobEvent::Retry) => Some(JobState::Ready { attempts: 0 }),
        (
            JobState::Abandoned {
                attempts,
                since,
                repushed: false,
            },
            JobEvent::Repush,
        ) => Some(JobState::Abandoned {
            attempts,
            since,
            repushed: true,
        }),
        (JobState::Ready { .. } | JobState::Delayed { .. } | JobState::Abandoned { .. }, _) => None,
    }
}

fn claim(attempts: u32, token: ClaimToken, now: Timestamp) -> JobState {
    JobState::Claimed {
        token,
        since: now,
        attempts: attempts.saturating_add(1),
    }
}

fn of_claimed(
    held: ClaimToken,
    attempts: u32,
    state: JobState,
    event: JobEvent,
    now: Timestamp,
    rules: &AttemptRules,
) -> Option<JobState> {
    let used_up = attempts >= rules.max_attempts;
    match event {
        JobEvent::Release(token) if token == held => Some(JobState::Ready {
            attempts: attempts.saturating_sub(1),
        }),
        JobEvent::Fail {
            token, may_retry, ..
        } if token == held && (used_up || !may_retry) => Some(give_up(attempts, now)),
        JobEvent::Fail { token, chance, .. } if token == held => match rules.retry {
            RetryRule::BackOff(back_off) => Some(JobState::Delayed {
                attempts,
                until: back_off.next_try(attempts, now, chance),
            }),
            RetryRule::AfterClaimTtl if rules.claim_ttl <= 0 => Some(give_up(attempts, now)),
            RetryRule::AfterClaimTtl => None,
        },
        JobEvent::Recycle => {
            let JobState::Claimed { since, .. } = state else {
                return None;
            };
            let too_old = rules.claim_ttl > 0 && since < now.minus(rules.claim_ttl);
            too_old.then(|| give_back(attempts, now, rules))
        }
        JobEvent::Orphan => Some(give_back(attempts, now, rules)),
        JobEvent::Claim(_)
        | JobEvent::Release(_)
        | JobEvent::Fail { .. }
        | JobEvent::Retry
        | JobEvent::Repush => None,
    }
}

/// A claim that nobody holds any more. Without a claim TTL a job whose runner died is never run again by itself.
fn give_back(attempts: u32, now: Timestamp, rules: &AttemptRules) -> JobState {
    if attempts >= rules.max_attempts || rules.claim_ttl <= 0 {
        give_up(attempts, now)
    } else {
        JobState::Ready { attempts }
    }
}

fn give_up(attempts: u32, now: Timestamp) -> JobState {
    JobState::Abandoned {
        attempts,
        since: now,
        repushed: false,
    }
}

#[cfg(test)]
mod tests;
