//! What the tests share: places, times, users, recordings, and the log.

pub mod log_lines;
pub mod queue;
pub mod recordings;

use bouncehandlerd::clock::{Clock, Timestamp};
use bouncehandlerd::effects::UserId;
use bouncehandlerd::job::WikiId;
use bouncehandlerd::job::retry::{AttemptRules, RetryRule};
use bouncehandlerd::store::{Store, StoreOptions, User};
use std::io::Write as _;
use std::path::Path;

/// The wiki of the job recordings.
pub const WIKI: &str = "wikijobs";

/// 2026-11-23T21:23:57Z.
pub const NOW: Timestamp = Timestamp(1_795_469_037);

/// How often the original tries a job, and when again.
pub const THEIRS: AttemptRules = AttemptRules {
    max_attempts: 3,
    claim_ttl: 3600,
    retry: RetryRule::AfterClaimTtl,
};

/// Runs a test that waits for things.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The wiki's identifier.
pub fn wiki() -> WikiId {
    WikiId(WIKI.to_owned())
}

/// A user whose address was confirmed at the beginning of 2026.
pub fn user(id: u64, name: &str, email: &str) -> User {
    let confirmed = (!email.is_empty()).then(|| Timestamp::from_mw("20260101000000").unwrap());
    User {
        id: UserId(id),
        name: name.to_owned(),
        email: email.to_owned(),
        email_authenticated: confirmed,
        touched: None,
    }
}

/// Options for a store in `directory` with these users.
pub fn options(directory: &Path, clock: &Clock, users: Vec<User>) -> StoreOptions {
    StoreOptions {
        directory: directory.to_path_buf(),
        cache_bytes: 8 << 20,
        rules: THEIRS,
        min_free_bytes: 0,
        if_endless: |error| {
            drop(writeln!(std::io::stderr(), "{error}"));
            std::process::exit(1)
        },
        wikis: vec![wiki()],
        users: Some(users),
        clock: clock.clone(),
    }
}

/// A store with the user Bob, who has the number 3.
pub fn open(directory: &Path, clock: &Clock) -> Store {
    Store::open(options(
        directory,
        clock,
        vec![user(3, "Bob", "bob@example.com")],
    ))
    .unwrap()
}
