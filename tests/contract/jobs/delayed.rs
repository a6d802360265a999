//! A failed job is tried again later, and in the end is kept.

use crate::support::queue::{KIND, claim_one, counts, failed, job, settle_one};
use crate::support::{NOW, block_on, options, user};
use bouncehandlerd::clock::{Clock, Timestamp};
use bouncehandlerd::job::retry::{AttemptRules, BackOff, RetryRule};
use bouncehandlerd::store::{JobCounts, JobStatus, Settled, Store};
use std::path::Path;

/// 100 seconds, then 300, without jitter.
pub const RULES: AttemptRules = AttemptRules {
    max_attempts: 3,
    claim_ttl: 3600,
    retry: RetryRule::BackOff(BackOff {
        first: 100,
        factor: 3.0,
        most: 1000,
        jitter: 0.0,
    }),
};

pub fn open_with(directory: &Path, clock: &Clock, rules: AttemptRules) -> Store {
    let users = vec![user(3, "Bob", "bob@example.com")];
    let mut options = options(directory, clock, users);
    options.rules = rules;
    Store::open(options).unwrap()
}

#[test]
fn a_failed_job_comes_back_when_it_is_due_and_keeps_its_error_over_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(async {
        store.push(job(b"N;")).await.unwrap();
        let claimed = claim_one(&store).await.unwrap();
        // By hand: due 100 seconds after the failure.
        let due = Timestamp(NOW.0 + 100);
        let settled = settle_one(&store, &claimed, failed("no route")).await;
        assert_eq!(settled, Settled::Failed(Some(due)));
    });
    store.close();
    clock.advance(99);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(async {
        let one_delayed = JobCounts {
            delayed: 1,
            ..JobCounts::default()
        };
        assert_eq!(counts(&store).await, one_delayed);
        let listed = store
            .list(&KIND, JobStatus::Delayed, None, 9)
            .await
            .unwrap();
        assert_eq!(listed[0].error, "no route");
        assert!(claim_one(&store).await.is_none());
        clock.advance(1);
        let claimed = claim_one(&store).await.unwrap();
        assert_eq!(claimed.attempts, 2);
        let due = Timestamp(NOW.0 + 100 + 300);
        let settled = settle_one(&store, &claimed, failed("again")).await;
        assert_eq!(settled, Settled::Failed(Some(due)));
        clock.advance(300);
        let claimed = claim_one(&store).await.unwrap();
        assert_eq!(
            settle_one(&store, &claimed, failed("the end")).await,
            Settled::Abandoned
        );
        let listed = store
            .list(&KIND, JobStatus::Abandoned, None, 9)
            .await
            .unwrap();
        assert_eq!(
            (listed[0].error.as_str(), listed[0].state.attempts()),
            ("the end", 3)
        );
    });
    store.close();
}

#[test]
fn a_job_whose_runner_died_at_the_last_attempt_is_listed_with_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    for attempt in 1..=3 {
        let store = open_with(directory.path(), &clock, RULES);
        block_on(async {
            if attempt == 1 {
                store.push(job(b"N;")).await.unwrap();
            }
            assert_eq!(claim_one(&store).await.unwrap().attempts, attempt);
        });
        store.close();
    }
    let store = open_with(directory.path(), &clock, RULES);
    block_on(async {
        let listed = store
            .list(&KIND, JobStatus::Abandoned, None, 9)
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        assert!(
            listed[0].error.contains("runner died"),
            "{}",
            listed[0].error
        );
    });
    store.close();
}

#[test]
fn a_claim_that_is_kept_alive_is_not_taken_back_and_a_stale_token_settles_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(async {
        store.push(job(b"N;")).await.unwrap();
        let first = claim_one(&store).await.unwrap();
        clock.advance(3000);
        store.keep_alive(vec![first.claim()]).await.unwrap();
        clock.advance(3600);
        assert_eq!(store.recycle().await.unwrap().ready, 0);
        clock.advance(1);
        assert_eq!(store.recycle().await.unwrap().ready, 1);
        let second = claim_one(&store).await.unwrap();
        assert_eq!(
            settle_one(&store, &first, failed("late")).await,
            Settled::ClaimLost
        );
        assert!(matches!(
            settle_one(&store, &second, failed("x")).await,
            Settled::Failed(_)
        ));
    });
    store.close();
}
