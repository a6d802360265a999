//! Jobs of which one that waits is enough.

use super::delayed::{RULES, open_with};
use crate::support::queue::{KIND, claim_one, counts, failed, numbers, settle_one};
use crate::support::{NOW, block_on, wiki};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::NewJob;
use bouncehandlerd::job::signature::JobSignature;
use bouncehandlerd::store::{Outcome, Store, Which};

fn unique() -> NewJob {
    NewJob {
        kind: KIND,
        wiki: wiki(),
        params: b"a:0:{}".to_vec(),
        unique: Some(JobSignature([7; 20])),
    }
}

fn with_store(test: impl AsyncFnOnce(&Store, &Clock)) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(test(&store, &clock));
    store.close();
}

#[test]
fn an_equal_job_that_waits_is_enough_and_one_that_runs_is_not() {
    with_store(async |store, _| {
        let first = store.push(unique()).await.unwrap();
        assert_eq!(store.push(unique()).await.unwrap(), first);
        let claimed = claim_one(store).await.unwrap();
        let second = store.push(unique()).await.unwrap();
        assert_ne!(second, first);
        assert_eq!(store.push(unique()).await.unwrap(), second);
        settle_one(store, &claimed, Outcome::Done(Vec::new())).await;
        assert_eq!(store.push(unique()).await.unwrap(), second);
        assert_eq!(counts(store).await, numbers(1, 0, 0));
    });
}

#[test]
fn a_job_that_was_deleted_is_nobodys_twin() {
    with_store(async |store, _| {
        let first = store.push(unique()).await.unwrap();
        store.delete(&KIND, Which::All).await.unwrap();
        assert_ne!(store.push(unique()).await.unwrap(), first);
        assert_eq!(counts(store).await, numbers(1, 0, 0));
    });
}

#[test]
fn a_job_that_came_back_is_a_twin_again_also_when_a_later_one_is_done() {
    with_store(async |store, clock| {
        let first = store.push(unique()).await.unwrap();
        let lost = claim_one(store).await.unwrap();
        store.push(unique()).await.unwrap();
        let later = claim_one(store).await.unwrap();
        settle_one(store, &later, Outcome::Done(Vec::new())).await;
        clock.advance(3601);
        assert_eq!(store.recycle().await.unwrap().ready, 1);
        assert_eq!(store.push(unique()).await.unwrap(), first);
        assert_eq!(counts(store).await, numbers(1, 0, 0));
        assert_eq!(lost.job.id, first);
    });
}

#[test]
fn a_failed_job_that_waits_for_its_time_is_no_twin() {
    with_store(async |store, _| {
        let first = store.push(unique()).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        settle_one(store, &claimed, failed("x")).await;
        assert_ne!(store.push(unique()).await.unwrap(), first);
    });
}
