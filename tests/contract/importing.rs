//! Jobs that come from another store keep the state in which they stood there.

use crate::support::queue::{KIND, claim_one, counts, job, numbers, settle_one};
use crate::support::{NOW, block_on, open, options, wiki};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::decision::Weight;
use bouncehandlerd::effects::{BounceIdentity, BounceRecord, UserId};
use bouncehandlerd::job::signature::JobSignature;
use bouncehandlerd::job::state::JobState;
use bouncehandlerd::job::{ClaimToken, JobId, JobType};
use bouncehandlerd::store::{
    Entry, Findings, Import, Inventory, Outcome, Store, StoreOptions, StoredJob, StoredRecord,
};
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
        token: ClaimToken(0),
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

/// Everything that a store can hold.
pub fn everything() -> Vec<Entry> {
    let delayed = JobState::Delayed {
        attempts: 1,
        until: NOW.plus(60),
    };
    let mut unique = stored(12, JobState::Ready { attempts: 0 });
    unique.job.unique = Some(JobSignature([7; 20]));
    unique.job.kind = JobType::known("Other");
    unique.job.params = (0..20_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let jobs = one_of_each()
        .into_iter()
        .chain([stored(11, delayed), unique]);
    let record = |id, reason: &[u8]| Entry::Record {
        wiki: wiki(),
        record: StoredRecord {
            id,
            record: BounceRecord {
                email: "bob@example.com".to_owned(),
                timestamp: NOW.minus(100),
                reason: reason.to_vec(),
                weight: Weight::WHOLE,
                complaint: false,
            },
        },
    };
    let row = r#"{"email_authenticated":null,"touched":5,"configured":{"name":"Bob","email":"bob@example.com","email_authenticated":1}}"#;
    jobs.map(Entry::Job)
        .chain([
            Entry::Backoff {
                kind: KIND,
                until: 1.5_f64.to_bits(),
            },
            Entry::Counted {
                wiki: wiki(),
                time: NOW,
                identity: BounceIdentity([3; 16]),
            },
            Entry::LastRepush {
                kind: KIND,
                time: NOW,
            },
            record(70, b"any \xFF bytes"),
            record(71, b""),
            Entry::User {
                wiki: wiki(),
                id: UserId(3),
                row: row.to_owned(),
            },
        ])
        .collect()
}

/// Reads a store from end to end. The token of a claim goes with the process that held it.
pub fn inventory(directory: &Path) -> (Vec<Entry>, Findings) {
    let options = StoreOptions {
        users: None,
        ..options(directory, &Clock::fixed(NOW), Vec::new())
    };
    let mut entries = Vec::new();
    let inventory = Inventory::open(options).unwrap();
    let findings = inventory.read(&mut |entry| {
        entries.push(entry);
        Ok(())
    });
    (entries, findings.unwrap())
}

/// A store without users in its settings.
pub fn open_without_users(directory: &Path) -> Store {
    let options = options(directory, &Clock::fixed(NOW), Vec::new());
    let users = None;
    Store::open(StoreOptions { users, ..options }).unwrap()
}

/// The first of an import into a new store.
pub const IMPORT: Import = Import {
    mark: [1; 16],
    done: 0,
    merge: false,
};

#[test]
fn whatever_a_store_holds_is_read_as_it_was_put_in() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_without_users(directory.path());
    assert!(block_on(store.restore(IMPORT, everything())).unwrap());
    store.close();
    let (found, findings) = inventory(directory.path());
    assert_eq!(findings.faults, [""; 0]);
    let expected = everything();
    assert_eq!(found, expected);
    let store = open_without_users(directory.path());
    let twin = everything().into_iter().find_map(|entry| match entry {
        Entry::Job(job) if job.job.unique.is_some() => Some(job.job),
        _ => None,
    });
    assert_eq!(
        block_on(store.push(twin.unwrap())).unwrap(),
        JobId(12),
        "a job that is pushed only once is known here, too"
    );
    assert_eq!(
        block_on(store.push(job(b"next"))).unwrap(),
        JobId(72),
        "no job gets the number of a record"
    );
    store.close();
}

#[test]
fn an_import_that_was_taken_is_not_taken_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_without_users(directory.path());
    let merge = Import {
        merge: true,
        ..IMPORT
    };
    assert!(block_on(store.restore(merge, everything())).unwrap());
    assert!(!block_on(store.restore(merge, everything())).unwrap());
    let next = Import { done: 13, ..merge };
    assert!(block_on(store.restore(next, everything())).unwrap());
    store.close();
    let (_, findings) = inventory(directory.path());
    assert_eq!(findings.faults, [""; 0]);
    assert_eq!((findings.jobs[&KIND].ready, findings.records), (6, 2));
}
