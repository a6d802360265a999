//! Jobs to put into a store, and what came of them.

use super::wiki;
use bouncehandlerd::clock::Timestamp;
use bouncehandlerd::decision::{UnconfirmRule, Weight};
use bouncehandlerd::effects::{Bounce, BounceRecord, Effect, UserId};
use bouncehandlerd::job::{ClaimedJob, JobType, NewJob};
use bouncehandlerd::store::{JobCounts, Outcome, Settled, Settlement, Store, StoredRecord};

/// A type of its own for jobs that only carry something into the store.
pub const KIND: JobType = JobType::known("BounceHandlerJob");

/// A job with these params.
pub fn job(params: &[u8]) -> NewJob {
    NewJob {
        kind: KIND,
        wiki: wiki(),
        params: params.to_vec(),
        unique: None,
    }
}

/// Claims the next job, alone.
pub async fn claim_one(store: &Store) -> Option<ClaimedJob> {
    store.claim(&[(KIND, 1)]).await.unwrap().pop()
}

/// Settles one claim.
pub async fn settle_one(store: &Store, claimed: &ClaimedJob, outcome: Outcome) -> Settled {
    let settlement = Settlement {
        claim: claimed.claim(),
        outcome,
    };
    store.settle(vec![settlement]).await.unwrap().pop().unwrap()
}

/// A bounce of Bob's with a limit that is never reached.
pub fn bounce(time: Timestamp) -> Bounce {
    Bounce {
        wiki: wiki(),
        user: UserId(3),
        record: BounceRecord {
            email: "bob@example.com".to_owned(),
            timestamp: time,
            reason: b"Undelivered Mail".to_vec(),
            weight: Weight::WHOLE,
            complaint: false,
        },
        rule: UnconfirmRule {
            enabled: true,
            limit: u64::MAX,
            counted_from: Timestamp(0),
        },
        prune_before: None,
        once: None,
        brake: None,
    }
}

/// Stores a bounce record by way of a job.
pub async fn store_bounce(store: &Store, bounce: Bounce) -> Settled {
    store.push(job(b"N;")).await.unwrap();
    let claimed = claim_one(store).await.unwrap();
    settle_one(
        store,
        &claimed,
        Outcome::Done(vec![Effect::RecordBounce(bounce)]),
    )
    .await
}

/// All bounce records.
pub async fn records(store: &Store) -> Vec<StoredRecord> {
    store.records(&wiki(), None, usize::MAX).await.unwrap()
}

/// How many bounce jobs are in which state.
pub async fn counts(store: &Store) -> JobCounts {
    store
        .counts()
        .await
        .unwrap()
        .get(&KIND)
        .copied()
        .unwrap_or_default()
}

/// The same as plain numbers.
pub fn numbers(ready: u64, claimed: u64, abandoned: u64) -> JobCounts {
    JobCounts {
        ready,
        claimed,
        delayed: 0,
        abandoned,
    }
}

/// A failure of a type that is tried again.
pub fn failed(error: &str) -> Outcome {
    Outcome::Failed {
        error: error.to_owned(),
        may_retry: true,
    }
}
