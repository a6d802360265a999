//! What a store is after it was closed, or its process died, and it is opened again.

use crate::support::queue::{
    KIND, bounce, claim_one, counts, failed, job, numbers, records, settle_one,
};
use crate::support::{NOW, block_on, open, options, user, wiki};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::decision::UnconfirmRule;
use bouncehandlerd::effects::{Bounce, Effect, UserId};
use bouncehandlerd::store::{Outcome, Store, StoreError};
use std::path::Path;

/// Opens the store, lets something happen, closes it.
fn while_open<T>(directory: &Path, clock: &Clock, happen: impl AsyncFnOnce(&Store) -> T) -> T {
    let store = open(directory, clock);
    let result = block_on(happen(&store));
    store.close();
    result
}

#[test]
fn everything_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        store.push(job(&vec![b'x'; 20_000])).await.unwrap();
        let rule = UnconfirmRule {
            enabled: true,
            limit: 0,
            counted_from: NOW,
        };
        let claimed = claim_one(store).await.unwrap();
        store.push(job(b"waits")).await.unwrap();
        let effects = vec![Effect::RecordBounce(Bounce {
            rule,
            ..bounce(NOW)
        })];
        settle_one(store, &claimed, Outcome::Done(effects)).await;
    });
    while_open(directory.path(), &clock, async |store| {
        assert_eq!(counts(store).await, numbers(1, 0, 0));
        assert_eq!(records(store).await.len(), 1);
        let bob = store.user(&wiki(), UserId(3)).await.unwrap().unwrap();
        assert_eq!(
            bob.email_authenticated, None,
            "an unchanged line in the settings does not confirm him again"
        );
        let claimed = claim_one(store).await.unwrap();
        assert_eq!(claimed.job.params, b"waits");
        assert_ne!(store.push(job(b"new")).await.unwrap(), claimed.job.id);
    });
}

#[test]
fn a_claim_of_a_process_that_is_gone_is_ready_again_at_once_and_keeps_its_attempts() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        store.push(job(b"x")).await.unwrap();
    });
    for attempt in 1..=3 {
        while_open(directory.path(), &clock, async |store| {
            assert_eq!(claim_one(store).await.unwrap().attempts, attempt);
        });
    }
    while_open(directory.path(), &clock, async |store| {
        assert!(
            claim_one(store).await.is_none(),
            "a job that took three processes down is not tried again"
        );
        assert_eq!(counts(store).await, numbers(0, 0, 1));
    });
}

#[test]
fn a_changed_line_in_the_settings_replaces_the_user_and_a_missing_one_removes_him() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |_| ());
    let renamed = options(
        directory.path(),
        &clock,
        vec![user(3, "Bob", "new@example.com"), user(4, "Eve", "")],
    );
    let store = Store::open(renamed).unwrap();
    let emails: Vec<String> = block_on(store.users(&wiki()))
        .unwrap()
        .into_iter()
        .map(|user| user.email)
        .collect();
    assert_eq!(emails, ["new@example.com", ""]);
    store.close();
    while_open(directory.path(), &clock, async |store| {
        assert_eq!(store.users(&wiki()).await.unwrap().len(), 1);
    });
}

#[test]
fn without_users_in_the_settings_the_stored_ones_stay() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |_| ());
    let mut as_stored = options(directory.path(), &clock, Vec::new());
    as_stored.users = None;
    let store = Store::open(as_stored).unwrap();
    let users = block_on(store.users(&wiki())).unwrap();
    assert_eq!(users, [user(3, "Bob", "bob@example.com")]);
    store.close();
}

#[test]
fn a_directory_in_use_is_refused_and_names_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    let error = Store::open(options(directory.path(), &clock, Vec::new())).unwrap_err();
    assert!(
        matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == std::process::id()),
        "{error}"
    );
    store.close();
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let error =
        Store::open(options(&file.join("data"), &Clock::fixed(NOW), Vec::new())).unwrap_err();
    assert!(matches!(&error, StoreError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        for _ in 0..200 {
            store.push(job(&[b'x'; 3000])).await.unwrap();
        }
    });
    let snapshot = directory.path().join("store").join("snap.0000000000001000");
    std::fs::write(&snapshot, b"torn").unwrap();
    let error = Store::open(options(directory.path(), &clock, Vec::new())).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(&snapshot).unwrap(), b"torn");
}

#[test]
fn a_failed_job_waits_for_its_claim_to_grow_stale_also_over_an_opening() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        store.push(job(b"x")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        settle_one(store, &claimed, failed("mail server down")).await;
    });
    while_open(directory.path(), &clock, async |store| {
        assert!(claim_one(store).await.is_none());
        assert_eq!(counts(store).await, numbers(0, 1, 0));
        clock.advance(3601);
        assert_eq!(store.recycle().await.unwrap().ready, 1);
        assert_eq!(claim_one(store).await.unwrap().attempts, 2);
    });
}

#[test]
fn a_settled_part_of_a_claim_stays_settled_when_the_rest_is_orphaned() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        for _ in 0..3 {
            store.push(job(b"x")).await.unwrap();
        }
        let claimed = store.claim(&[(KIND, 3)]).await.unwrap();
        settle_one(store, &claimed[0], Outcome::Done(Vec::new())).await;
        store.release(vec![claimed[1].claim()]).await.unwrap();
        assert_eq!(counts(store).await, numbers(1, 1, 0));
    });
    while_open(directory.path(), &clock, async |store| {
        assert_eq!(counts(store).await, numbers(2, 0, 0));
        let mut ids = Vec::new();
        while let Some(claimed) = claim_one(store).await {
            ids.push(claimed.job.id.0);
            settle_one(store, &claimed, Outcome::Done(Vec::new())).await;
        }
        assert_eq!(ids, [2, 3]);
    });
    while_open(directory.path(), &clock, async |store| {
        assert_eq!(counts(store).await, numbers(0, 0, 0));
    });
}

#[test]
fn jobs_that_cannot_be_read_are_set_aside_and_hide_none_behind_them() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    while_open(directory.path(), &clock, async |store| {
        store.push(job(b"damaged")).await.unwrap();
        store.push(job(b"whole")).await.unwrap();
    });
    let db = sled::Config::new()
        .path(directory.path().join("store"))
        .segment_size(1 << 20)
        .open()
        .unwrap();
    let head = db.scan_prefix(b"j").keys().next().unwrap().unwrap();
    db.insert(head, b"garbage").unwrap();
    drop(db);
    while_open(directory.path(), &clock, async |store| {
        assert_eq!(claim_one(store).await.unwrap().job.params, b"whole");
        assert_eq!(counts(store).await, numbers(0, 1, 1));
    });
}
