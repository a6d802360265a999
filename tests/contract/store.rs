//! The semantics of a store, whichever it is.

use crate::support::queue::{
    KIND, bounce, claim_one, counts, failed, job, numbers, records, settle_one, store_bounce,
};
use crate::support::{NOW, block_on, open, wiki};
use bouncehandlerd::clock::{Clock, Timestamp};
use bouncehandlerd::decision::UnconfirmRule;
use bouncehandlerd::effects::{Applied, Bounce, Effect, Unconfirmed, UserId};
use bouncehandlerd::job::{ClaimToken, JobType, NewJob, WikiId};
use bouncehandlerd::store::{Outcome, Recycled, Settled, Settlement, Store, StoreError};

const UNKNOWN: JobType = JobType::known("Unknown");

fn with_store(test: impl AsyncFnOnce(&Store, &Clock)) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    block_on(test(&store, &clock));
    store.close();
}

#[test]
fn jobs_come_back_whole_and_oldest_first() {
    with_store(async |store, _| {
        let sizes = [0, 1, 4095, 4096, 4097, 50_000, 3_000_000];
        for size in sizes {
            store.push(job(&vec![b'a'; size])).await.unwrap();
        }
        let claimed = store.claim(&[(KIND, 100)]).await.unwrap();
        let found: Vec<usize> = claimed
            .iter()
            .map(|claimed| claimed.job.params.len())
            .collect();
        assert_eq!(found, sizes);
        assert!(
            claimed
                .iter()
                .all(|claimed| claimed.job.pushed == NOW && claimed.attempts == 1)
        );
        assert_eq!(counts(store).await, numbers(0, 7, 0));
        assert!(store.claim(&[(KIND, 100)]).await.unwrap().is_empty());
    });
}

#[test]
fn a_claim_takes_only_the_types_that_were_asked_for_and_the_oldest_of_them() {
    with_store(async |store, _| {
        let other = JobType::known("Other");
        store.push(job(b"first")).await.unwrap();
        store
            .push(NewJob {
                kind: other.clone(),
                wiki: wiki(),
                params: b"second".to_vec(),
                unique: None,
            })
            .await
            .unwrap();
        store.push(job(b"third")).await.unwrap();
        assert!(store.claim(&[(UNKNOWN, 10)]).await.unwrap().is_empty());
        let mut order = Vec::new();
        while let Some(claimed) = store
            .claim(&[(other.clone(), 1), (KIND, 1)])
            .await
            .unwrap()
            .pop()
        {
            order.push(String::from_utf8(claimed.job.params).unwrap());
        }
        assert_eq!(order, ["first", "second", "third"]);
    });
}

#[test]
fn effects_and_acknowledgement_happen_together_and_once() {
    with_store(async |store, _| {
        store.push(job(b"x")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        let done = || Outcome::Done(vec![Effect::RecordBounce(bounce(NOW))]);
        let settled = settle_one(store, &claimed, done()).await;
        let recorded = Applied::BounceRecorded {
            wiki: wiki(),
            complaint: false,
            pruned: 0,
            unconfirmed: None,
            held: None,
        };
        assert_eq!(settled, Settled::Acknowledged(vec![recorded]));
        assert_eq!(
            settle_one(store, &claimed, done()).await,
            Settled::ClaimLost
        );
        assert_eq!(records(store).await.len(), 1);
        assert_eq!(counts(store).await, numbers(0, 0, 0));
    });
}

#[test]
fn the_same_claim_twice_in_one_call_is_settled_once() {
    with_store(async |store, _| {
        store.push(job(b"x")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        let settlement = Settlement {
            claim: claimed.claim(),
            outcome: Outcome::Done(vec![Effect::RecordBounce(bounce(NOW))]),
        };
        let settled = store
            .settle(vec![settlement.clone(), settlement])
            .await
            .unwrap();
        assert!(
            matches!(
                settled.as_slice(),
                [Settled::Acknowledged(_), Settled::ClaimLost]
            ),
            "{settled:?}"
        );
        assert_eq!(records(store).await.len(), 1);
    });
}

#[test]
fn a_wrong_token_changes_nothing() {
    with_store(async |store, _| {
        store.push(job(b"x")).await.unwrap();
        let mut claimed = claim_one(store).await.unwrap();
        let token = claimed.token;
        claimed.token = ClaimToken(token.0 ^ 1);
        for outcome in [
            Outcome::Done(vec![Effect::RecordBounce(bounce(NOW))]),
            failed("no"),
        ] {
            assert_eq!(
                settle_one(store, &claimed, outcome).await,
                Settled::ClaimLost
            );
        }
        store.release(vec![claimed.claim()]).await.unwrap();
        assert_eq!(counts(store).await, numbers(0, 1, 0));
        assert!(records(store).await.is_empty());
    });
}

#[test]
fn a_released_job_is_ready_with_its_attempt_given_back() {
    with_store(async |store, _| {
        store.push(job(b"x")).await.unwrap();
        for _ in 0..5 {
            let claimed = claim_one(store).await.unwrap();
            assert_eq!(claimed.attempts, 1);
            store.release(vec![claimed.claim()]).await.unwrap();
            assert_eq!(counts(store).await, numbers(1, 0, 0));
        }
    });
}

#[test]
fn a_failed_job_waits_for_its_claim_to_grow_stale_and_is_abandoned_after_three_attempts() {
    // jobs/golden/crash.json, D0 to D4.
    with_store(async |store, clock| {
        store.push(job(b"x")).await.unwrap();
        for attempt in 1..=3 {
            let claimed = claim_one(store).await.unwrap();
            assert_eq!(claimed.attempts, attempt);
            let settled = settle_one(store, &claimed, failed("boom")).await;
            assert_eq!(
                settled,
                if attempt < 3 {
                    Settled::Failed(None)
                } else {
                    Settled::Abandoned
                }
            );
            assert!(claim_one(store).await.is_none());
            clock.advance(3595);
            assert_eq!(store.recycle().await.unwrap(), Recycled::default());
            clock.advance(10);
            let ready = u64::from(attempt < 3);
            assert_eq!(
                store.recycle().await.unwrap(),
                Recycled {
                    ready,
                    abandoned: 0
                }
            );
        }
        assert_eq!(counts(store).await, numbers(0, 0, 1));
        clock.advance(8 * 86_400);
        store.recycle().await.unwrap();
        assert_eq!(
            counts(store).await,
            numbers(0, 0, 1),
            "nothing is deleted in silence"
        );
    });
}

#[test]
fn a_runner_that_outlives_its_claim_cannot_settle_it() {
    // jobs/golden/crash.json, C0 to C3: there the first runner's acknowledgement removes the row under the second.
    with_store(async |store, clock| {
        store.push(job(b"x")).await.unwrap();
        let first = claim_one(store).await.unwrap();
        clock.advance(3601);
        assert_eq!(store.recycle().await.unwrap().ready, 1);
        let second = claim_one(store).await.unwrap();
        let done = || Outcome::Done(vec![Effect::RecordBounce(bounce(NOW))]);
        assert_eq!(settle_one(store, &first, done()).await, Settled::ClaimLost);
        assert!(matches!(
            settle_one(store, &second, done()).await,
            Settled::Acknowledged(_)
        ));
        assert_eq!(records(store).await.len(), 1);
    });
}

#[test]
fn a_job_that_was_claimed_before_is_taken_alone() {
    with_store(async |store, clock| {
        for _ in 0..3 {
            store.push(job(b"x")).await.unwrap();
        }
        assert_eq!(store.claim(&[(KIND, 2)]).await.unwrap().len(), 2);
        clock.advance(3601);
        store.recycle().await.unwrap();
        let sizes = [
            store.claim(&[(KIND, 10)]).await.unwrap().len(),
            store.claim(&[(KIND, 10)]).await.unwrap().len(),
            store.claim(&[(KIND, 10)]).await.unwrap().len(),
        ];
        assert_eq!(sizes, [1, 1, 1]);
    });
}

#[test]
fn two_bounces_settled_together_see_each_other() {
    // jobs/golden/crash.json, G1: there each counts only its own record, and nobody is un-confirmed.
    with_store(async |store, _| {
        store.push(job(b"x")).await.unwrap();
        store.push(job(b"y")).await.unwrap();
        let claimed = store.claim(&[(KIND, 2)]).await.unwrap();
        let rule = UnconfirmRule {
            enabled: true,
            limit: 2,
            counted_from: NOW.minus(60),
        };
        let settlements = claimed.iter().map(|claimed| Settlement {
            claim: claimed.claim(),
            outcome: Outcome::Done(vec![Effect::RecordBounce(Bounce {
                rule,
                ..bounce(NOW)
            })]),
        });
        let settled = store.settle(settlements.collect()).await.unwrap();
        let unconfirmed: Vec<bool> = settled.iter().map(is_unconfirmed).collect();
        assert_eq!(unconfirmed, [false, true]);
        let bob = store.user(&wiki(), UserId(3)).await.unwrap().unwrap();
        assert_eq!((bob.email_authenticated, bob.touched), (None, Some(NOW)));
    });
}

fn is_unconfirmed(settled: &Settled) -> bool {
    match settled {
        Settled::Acknowledged(applied) => applied.iter().any(|one| {
            matches!(
                one,
                Applied::BounceRecorded {
                    unconfirmed: Some(_),
                    ..
                }
            )
        }),
        _ => false,
    }
}

#[test]
fn only_bounces_of_the_period_and_of_the_same_address_count() {
    with_store(async |store, _| {
        let rule = UnconfirmRule {
            enabled: true,
            limit: 3,
            counted_from: NOW.minus(100),
        };
        let at = |seconds: i64| Bounce {
            rule,
            ..bounce(NOW.minus(seconds))
        };
        assert!(!is_unconfirmed(&store_bounce(store, at(101)).await));
        assert!(!is_unconfirmed(&store_bounce(store, at(100)).await));
        let mut other = at(5);
        other.record.email = "Bob@example.com".to_owned();
        assert!(!is_unconfirmed(&store_bounce(store, other).await));
        assert!(!is_unconfirmed(&store_bounce(store, at(1)).await));
        let Settled::Acknowledged(applied) = store_bounce(store, at(0)).await else {
            panic!()
        };
        let unconfirmed = Unconfirmed {
            name: "Bob".to_owned(),
            email: "bob@example.com".to_owned(),
            limit: 3,
        };
        let expected = Applied::BounceRecorded {
            wiki: wiki(),
            complaint: false,
            pruned: 0,
            unconfirmed: Some(unconfirmed),
            held: None,
        };
        assert_eq!(applied, [expected]);
    });
}

#[test]
fn a_hundred_old_records_are_pruned_at_a_time_also_within_one_call() {
    with_store(async |store, _| {
        for second in 0..250 {
            store_bounce(store, bounce(Timestamp(1000 + second))).await;
        }
        for _ in 0..3 {
            store.push(job(b"x")).await.unwrap();
        }
        let claimed = store.claim(&[(KIND, 3)]).await.unwrap();
        let pruning = Bounce {
            prune_before: Some(Timestamp(5000)),
            ..bounce(NOW)
        };
        let settlements = claimed.iter().map(|claimed| Settlement {
            claim: claimed.claim(),
            outcome: Outcome::Done(vec![Effect::RecordBounce(pruning.clone())]),
        });
        let settled = store.settle(settlements.collect()).await.unwrap();
        let pruned: Vec<usize> = settled.iter().map(pruned).collect();
        assert_eq!(pruned, [100, 100, 50]);
        assert!(
            records(store)
                .await
                .iter()
                .all(|stored| stored.record.timestamp == NOW)
        );
        assert_eq!(records(store).await.len(), 3);
    });
}

fn pruned(settled: &Settled) -> usize {
    match settled {
        Settled::Acknowledged(applied) => match applied.as_slice() {
            [Applied::BounceRecorded { pruned, .. }] => *pruned,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pruned_record_no_longer_counts() {
    with_store(async |store, _| {
        let rule = UnconfirmRule {
            enabled: true,
            limit: 2,
            counted_from: Timestamp(0),
        };
        store_bounce(store, bounce(Timestamp(1000))).await;
        let pruning = Bounce {
            rule,
            prune_before: Some(Timestamp(5000)),
            ..bounce(NOW)
        };
        assert!(!is_unconfirmed(&store_bounce(store, pruning.clone()).await));
        assert!(is_unconfirmed(&store_bounce(store, pruning).await));
    });
}

#[test]
fn a_job_may_push_another() {
    with_store(async |store, _| {
        store.push(job(b"parent")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        settle_one(
            store,
            &claimed,
            Outcome::Done(vec![Effect::Push(job(b"child"))]),
        )
        .await;
        assert_eq!(counts(store).await, numbers(1, 0, 0));
        assert_eq!(claim_one(store).await.unwrap().job.params, b"child");
    });
}

#[test]
fn a_wiki_that_does_not_exist_is_an_error_and_a_user_that_does_not_is_none() {
    with_store(async |store, _| {
        let nowhere = WikiId("nowiki".to_owned());
        assert!(matches!(
            store.user(&nowhere, UserId(3)).await,
            Err(StoreError::UnknownWiki(_))
        ));
        assert!(matches!(
            store.users(&nowhere).await,
            Err(StoreError::UnknownWiki(_))
        ));
        assert!(matches!(
            store.records(&nowhere, None, 1).await,
            Err(StoreError::UnknownWiki(_))
        ));
        assert_eq!(store.user(&wiki(), UserId(9)).await.unwrap(), None);
        assert_eq!(store.users(&wiki()).await.unwrap().len(), 1);
    });
}

#[test]
fn records_are_listed_in_pages_by_time() {
    with_store(async |store, _| {
        for second in [30, 10, 20, 10] {
            store_bounce(store, bounce(Timestamp(second))).await;
        }
        let mut after = None;
        let mut times = Vec::new();
        while let [stored] = store.records(&wiki(), after, 1).await.unwrap().as_slice() {
            after = Some((stored.record.timestamp, stored.id));
            times.push(stored.record.timestamp.unix());
        }
        assert_eq!(times, [10, 10, 20, 30]);
    });
}
