//! Stores that earlier versions wrote are opened and read by this one.
//!
//! `fixtures/queue/v1` was written by `cargo test --test contract -- --ignored a_fixture`. It is not to be written again once
//! a version with that layout is released.

use crate::damage::hit;
use crate::importing::{IMPORT, everything, inventory, open_without_users};
use crate::support::queue::{KIND, settle_one};
use crate::support::{NOW, block_on, wiki};
use bouncehandlerd::effects::UserId;
use bouncehandlerd::job::JobId;
use bouncehandlerd::store::{Outcome, StoreError};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

/// sled's segments, of which its file is made.
const SEGMENT: u64 = 1 << 20;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/queue/v1")
}

/// A copy of the fixture with the zeros at the end of sled's file, which are left out there.
fn copied(place: &Path) {
    hit::copy(&fixture(), place);
    let file = OpenOptions::new()
        .write(true)
        .open(place.join("store/db"))
        .unwrap();
    let length = file.metadata().unwrap().len().next_multiple_of(SEGMENT);
    file.set_len(length).unwrap();
}

#[test]
fn a_store_that_layout_1_was_written_in_is_read_whole_and_used() {
    let place = tempfile::tempdir().unwrap();
    copied(place.path());
    let (found, findings) = inventory(place.path());
    assert_eq!(findings.faults, [""; 0]);
    assert_eq!(found, everything());
    let store = open_without_users(place.path());
    let claimed = block_on(store.claim(&[(KIND, 1)])).unwrap();
    assert_eq!(claimed[0].job.id, JobId(4));
    block_on(settle_one(&store, &claimed[0], Outcome::Done(Vec::new())));
    let bob = block_on(store.user(&wiki(), UserId(3))).unwrap().unwrap();
    assert_eq!(
        (bob.email_authenticated, bob.touched.map(|moment| moment.0)),
        (None, Some(5))
    );
    store.close();
}

#[test]
fn another_layout_is_refused_with_both_numbers() {
    let place = tempfile::tempdir().unwrap();
    copied(place.path());
    let db = sled::Config::new()
        .path(place.path().join("store"))
        .segment_size(1 << 20)
        .open()
        .unwrap();
    db.insert(b"v", &2_u32.to_be_bytes()).unwrap();
    drop(db);
    let options = crate::support::options(
        place.path(),
        &bouncehandlerd::clock::Clock::fixed(NOW),
        Vec::new(),
    );
    let error = bouncehandlerd::store::Store::open(options).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Version {
                found: 2,
                expected: 1,
                ..
            }
        ),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("layout version 2, this program reads version 1"),
        "{text}"
    );
}

#[test]
#[ignore = "writes into the source tree"]
fn a_fixture_is_written() {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = open_without_users(place.path());
    assert!(block_on(store.restore(IMPORT, everything())).unwrap());
    store.close();
    fs::remove_file(place.path().join("lock")).unwrap();
    let db = place.path().join("store/db");
    let bytes = fs::read(&db).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    fs::write(&db, &bytes[..=end]).unwrap();
    if fixture().exists() {
        fs::remove_dir_all(fixture()).unwrap();
    }
    hit::copy(place.path(), &fixture());
}
