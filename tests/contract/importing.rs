//! Jobs that come from another store keep the state in which they stood there.

use crate::support::queue::{KIND, claim_one, counts, job, numbers, settle_one};
use crate::support::{NOW, block_on, open};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::state::JobState;
use bouncehandlerd::job::{ClaimToken, JobId};
use bouncehandlerd::store::{Outcome, Store, StoredJob};
use std::path::Path;

fn stored(id: u64, state: JobState) -> StoredJob {
    StoredJob {
        id: Some(JobId(id)),
        job: job(format!("job {id}").as_bytes()),
        pushed: NOW.minus(7),
        state,
        error: String::new(),
    }
}

/// One of each state, fresh ones between those that are not.
fn one_of_each() -> Vec<StoredJob> {
    let held = JobState::Claimed {
        token: ClaimToken(5),
        since: NOW,
        attempts: 1,
    };
    let given_up = JobState::Abandoned {
        attempts: 3,
        since: NOW,
        repushed: false,
    };
    vec![
        stored(3, JobState::Ready { attempts: 0 }),
        stored(4, JobState::Ready { attempts: 2 }),
        StoredJob {
            error: "no mail server".to_owned(),
            ..stored(6, held)
        },
        stored(7, given_up),
        stored(9, JobState::Ready { attempts: 0 }),
    ]
}

fn reopened(directory: &Path, clock: &Clock, store: Store) -> Store {
    store.close();
    open(directory, clock)
}

#[test]
fn imported_jobs_stand_where_they_stood_also_over_an_opening() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    let ids = block_on(store.import(one_of_each())).unwrap();
    assert_eq!(ids, [3, 4, 6, 7, 9].map(JobId));
    assert_eq!(block_on(counts(&store)), numbers(3, 1, 1));
    let store = reopened(directory.path(), &clock, store);
    assert_eq!(block_on(counts(&store)), numbers(3, 1, 1));
    let mut ran = Vec::new();
    while let Some(claimed) = block_on(claim_one(&store)) {
        assert_eq!(claimed.job.pushed, NOW.minus(7));
        ran.push((claimed.job.id.0, claimed.attempts));
        block_on(settle_one(&store, &claimed, Outcome::Done(Vec::new())));
    }
    ran.sort_unstable();
    assert_eq!(ran, [(3, 1), (4, 3), (9, 1)]);
    assert_eq!(block_on(counts(&store)), numbers(0, 1, 1));
    clock.advance(3601);
    assert_eq!(block_on(store.recycle()).unwrap().ready, 1);
    assert_eq!(block_on(claim_one(&store)).unwrap().job.params, b"job 6");
    store.close();
}

#[test]
fn a_fresh_job_before_an_imported_one_is_not_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    block_on(store.push(job(b"mine"))).unwrap();
    block_on(store.import(one_of_each())).unwrap();
    let held: Vec<_> = (0..2)
        .map(|_| block_on(claim_one(&store)).unwrap().job.id)
        .collect();
    assert_eq!(held.len(), 2);
    let store = reopened(directory.path(), &clock, store);
    assert_eq!(
        block_on(counts(&store)).ready + block_on(counts(&store)).abandoned,
        5
    );
    let mut left = 0;
    while block_on(store.claim(&[(KIND, 10)]))
        .unwrap()
        .pop()
        .is_some()
    {
        left += 1;
    }
    assert!(left > 0);
    assert_eq!(
        block_on(counts(&store)).ready,
        0,
        "every ready job can be claimed"
    );
    store.close();
}

#[test]
fn a_number_that_was_given_out_is_not_given_again() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    for _ in 0..5 {
        block_on(store.push(job(b"mine"))).unwrap();
    }
    let ids = block_on(store.import(one_of_each())).unwrap();
    assert_eq!(ids, [6, 7, 8, 9, 10].map(JobId));
    assert_eq!(block_on(store.push(job(b"next"))).unwrap(), JobId(11));
    store.close();
}
