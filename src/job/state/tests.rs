use super::*;
use crate::job::retry::BackOff;

const NOW: Timestamp = Timestamp(10_000);
const MINE: ClaimToken = ClaimToken(1);
const OTHER: ClaimToken = ClaimToken(2);

/// MediaWiki's rules.
const THEIRS: AttemptRules = AttemptRules {
    max_attempts: 3,
    claim_ttl: 3600,
    retry: RetryRule::AfterClaimTtl,
};

fn ours() -> AttemptRules {
    let back_off = BackOff {
        first: 300,
        factor: 4.0,
        most: 3600,
        jitter: 0.0,
    };
    AttemptRules {
        retry: RetryRule::BackOff(back_off),
        ..THEIRS
    }
}

fn claimed(seconds_ago: i64, attempts: u32) -> JobState {
    JobState::Claimed {
        token: MINE,
        since: NOW.minus(seconds_ago),
        attempts,
    }
}

fn abandoned(attempts: u32) -> JobState {
    JobState::Abandoned {
        attempts,
        since: NOW,
        repushed: false,
    }
}

fn fail(token: ClaimToken) -> JobEvent {
    JobEvent::Fail {
        token,
        may_retry: true,
        chance: Chance::MIDDLE,
    }
}

#[test]
fn a_claim_costs_an_attempt() {
    let ready = JobState::Ready { attempts: 0 };
    let after = next(ready, JobEvent::Claim(MINE), NOW, &ours());
    assert_eq!(after, Some(claimed(0, 1)));
}

#[test]
fn only_the_holder_of_the_token_can_release_or_fail() {
    for event in [JobEvent::Release(OTHER), fail(OTHER)] {
        for rules in [THEIRS, ours()] {
            assert_eq!(next(claimed(0, 3), event, NOW, &rules), None);
        }
    }
    let released = next(claimed(0, 1), JobEvent::Release(MINE), NOW, &ours());
    assert_eq!(released, Some(JobState::Ready { attempts: 0 }));
}

#[test]
fn a_claim_of_3595_seconds_is_kept_and_one_of_3605_is_recycled() {
    // jobs/golden/crash.json, steps A4 and A5.
    let recycle = |seconds_ago| next(claimed(seconds_ago, 1), JobEvent::Recycle, NOW, &THEIRS);
    assert_eq!(recycle(3595), None);
    assert_eq!(recycle(3600), None);
    assert_eq!(recycle(3605), Some(JobState::Ready { attempts: 1 }));
}

#[test]
fn by_the_original_rhythm_a_failed_job_stays_claimed() {
    assert_eq!(next(claimed(0, 1), fail(MINE), NOW, &THEIRS), None);
}

#[test]
fn a_failed_job_is_delayed_longer_each_time() {
    for (attempts, wait) in [(1, 300), (2, 1200)] {
        let delayed = JobState::Delayed {
            attempts,
            until: NOW.plus(wait),
        };
        assert_eq!(
            next(claimed(5, attempts), fail(MINE), NOW, &ours()),
            Some(delayed)
        );
    }
}

#[test]
fn a_delayed_job_can_be_claimed_when_it_is_due() {
    let until = |moment| JobState::Delayed {
        attempts: 1,
        until: moment,
    };
    let claim = JobEvent::Claim(MINE);
    assert_eq!(next(until(NOW.plus(1)), claim, NOW, &ours()), None);
    assert_eq!(next(until(NOW), claim, NOW, &ours()), Some(claimed(0, 2)));
}

#[test]
fn the_third_failure_abandons() {
    // jobs/golden/crash.json, steps D1 to D4.
    for rules in [THEIRS, ours()] {
        for event in [fail(MINE), JobEvent::Orphan] {
            assert_eq!(next(claimed(1, 3), event, NOW, &rules), Some(abandoned(3)));
        }
        let stale = next(claimed(3605, 3), JobEvent::Recycle, NOW, &rules);
        assert_eq!(stale, Some(abandoned(3)));
    }
}

#[test]
fn a_type_that_is_not_tried_again_is_abandoned_by_its_first_failure() {
    let event = JobEvent::Fail {
        token: MINE,
        may_retry: false,
        chance: Chance::MIDDLE,
    };
    assert_eq!(next(claimed(0, 1), event, NOW, &ours()), Some(abandoned(1)));
}

#[test]
fn without_a_claim_ttl_a_job_whose_runner_died_is_not_run_again() {
    let once = AttemptRules {
        claim_ttl: 0,
        ..THEIRS
    };
    assert_eq!(
        next(claimed(1_000_000, 1), JobEvent::Recycle, NOW, &once),
        None
    );
    for event in [JobEvent::Orphan, fail(MINE)] {
        assert_eq!(next(claimed(0, 1), event, NOW, &once), Some(abandoned(1)));
    }
}

#[test]
fn only_a_person_moves_an_abandoned_job() {
    let later = NOW.plus(1_000_000);
    for event in [
        JobEvent::Claim(MINE),
        JobEvent::Release(MINE),
        fail(MINE),
        JobEvent::Recycle,
        JobEvent::Orphan,
    ] {
        assert_eq!(next(abandoned(3), event, later, &ours()), None);
    }
    let retried = next(abandoned(3), JobEvent::Retry, later, &ours());
    assert_eq!(retried, Some(JobState::Ready { attempts: 0 }));
    let repushed = next(abandoned(3), JobEvent::Repush, later, &ours()).unwrap();
    assert_eq!(next(repushed, JobEvent::Repush, later, &ours()), None);
}
