//! Dead letters: tried anew, copied, deleted.

use super::delayed::{RULES, open_with};
use crate::support::queue::{KIND, claim_one, counts, job, numbers, settle_one};
use crate::support::{NOW, block_on};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::JobId;
use bouncehandlerd::store::{JobStatus, Outcome, Repushed, Settled, Settlement, Store, Which};

/// More than two pages of the store's work.
const MANY: u64 = 600;

fn final_failure() -> Outcome {
    Outcome::Failed {
        error: "final".to_owned(),
        may_retry: false,
    }
}

async fn abandon_many(store: &Store) {
    for _ in 0..MANY {
        store.push(job(b"N;")).await.unwrap();
    }
    let claimed = store.claim(&[(KIND, 1000)]).await.unwrap();
    let settlements = claimed.iter().map(|claimed| Settlement {
        claim: claimed.claim(),
        outcome: final_failure(),
    });
    store.settle(settlements.collect()).await.unwrap();
    assert_eq!(counts(store).await, numbers(0, 0, MANY));
}

fn with_store(test: impl AsyncFnOnce(&Store)) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(test(&store));
    let counted = block_on(counts(&store));
    store.close();
    // The store says itself when its counts do not fit what is there.
    let store = open_with(directory.path(), &clock, RULES);
    assert_eq!(block_on(counts(&store)).abandoned, counted.abandoned);
    store.close();
}

#[test]
fn copies_of_many_dead_letters_are_pushed_once_each() {
    with_store(async |store| {
        abandon_many(store).await;
        let once = store.repush_abandoned(&KIND).await.unwrap();
        assert_eq!(
            once,
            Repushed {
                pushed: MANY,
                skipped: 0
            }
        );
        let twice = store.repush_abandoned(&KIND).await.unwrap();
        assert_eq!(
            twice,
            Repushed {
                pushed: 0,
                skipped: MANY
            }
        );
        assert_eq!(counts(store).await, numbers(MANY, 0, MANY));
        assert_eq!(store.last_repush(&KIND).unwrap(), Some(NOW));
    });
}

#[test]
fn many_dead_letters_are_made_ready_with_all_their_attempts() {
    with_store(async |store| {
        abandon_many(store).await;
        assert_eq!(
            store
                .retry_abandoned(&KIND, Which::Abandoned)
                .await
                .unwrap(),
            MANY
        );
        assert_eq!(counts(store).await, numbers(MANY, 0, 0));
        let claimed = store.claim(&[(KIND, 1000)]).await.unwrap();
        assert_eq!(claimed.len() as u64, MANY);
        assert!(claimed.iter().all(|claimed| claimed.attempts == 1));
    });
}

#[test]
fn deleting_the_dead_leaves_the_living_and_deleting_all_leaves_nothing() {
    with_store(async |store| {
        abandon_many(store).await;
        // Of several pieces, so that those have to go as well.
        store.push(job(&vec![b'a'; 100_000])).await.unwrap();
        assert_eq!(store.delete(&KIND, Which::Abandoned).await.unwrap(), MANY);
        assert_eq!(counts(store).await, numbers(1, 0, 0));
        for _ in 0..MANY {
            store.push(job(b"N;")).await.unwrap();
        }
        assert_eq!(store.delete(&KIND, Which::All).await.unwrap(), MANY + 1);
        assert_eq!(counts(store).await, numbers(0, 0, 0));
        assert!(claim_one(store).await.is_none());
        store.push(job(b"N;")).await.unwrap();
        assert!(claim_one(store).await.is_some());
    });
}

#[test]
fn a_claimed_job_that_is_deleted_settles_nothing() {
    with_store(async |store| {
        let id = store.push(job(b"N;")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        assert_eq!(store.delete(&KIND, Which::One(id)).await.unwrap(), 1);
        assert_eq!(store.delete(&KIND, Which::One(id)).await.unwrap(), 0);
        let settled = settle_one(store, &claimed, Outcome::Done(Vec::new())).await;
        assert_eq!(settled, Settled::ClaimLost);
        assert_eq!(counts(store).await, numbers(0, 0, 0));
    });
}

#[test]
fn pages_of_a_list_meet_without_gap_or_overlap() {
    with_store(async |store| {
        abandon_many(store).await;
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .list(&KIND, JobStatus::Abandoned, after, 7)
                .await
                .unwrap();
            ids.extend(page.iter().map(|job| job.id));
            after = page.last().map(|job| job.id);
            if after.is_none() {
                break;
            }
        }
        let expected: Vec<JobId> = (1..=MANY).map(JobId).collect();
        assert_eq!(ids, expected);
    });
}
