//! Where jobs, users and bounce records lie. The semantics are stated here once, whatever the store.
//!
//! * A push is answered only when the job would survive a power cut.
//! * A claim costs an attempt and yields a token; whoever settles a claim shows the token.
//! * The effects of a job and its acknowledgement are settled together: either all of it is stored, or nothing.
//! * The count against the limit of bounces is taken in that same step, so two bounces never miss each other.
//!
//! There is one store now, over sled; its methods are `async` because the next one speaks to a server.

pub mod entry;
mod held;
pub mod record;
pub mod sled;

pub use self::entry::{Entry, Findings, Import};
pub use self::held::{HeldUnconfirm, HeldWord};
pub use self::sled::{Inventory, SledStore as Store};

use crate::clock::{Clock, Timestamp};
use crate::effects::{Applied, BounceRecord, Effect, UserId};
use crate::job::retry::AttemptRules;
use crate::job::state::JobState;
use crate::job::{Claim, Job, JobId, JobType, NewJob, WikiId};
use record::RecordError;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// What the store is opened with.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Directory that holds everything; made if missing.
    pub directory: PathBuf,
    /// Bytes of memory for the store's page cache.
    pub cache_bytes: u64,
    /// How often a job is tried, and when again.
    pub rules: AttemptRules,
    /// With fewer bytes free in the directory's file system no job is taken; 0 does not ask.
    pub min_free_bytes: u64,
    /// The wikis that exist. A question about any other is an error.
    pub wikis: Vec<WikiId>,
    /// The users that the settings give each wiki; `None` leaves them as they are stored.
    pub users: Option<Vec<User>>,
    /// Where the time comes from.
    pub clock: Clock,
    /// What is done when reading a damaged store finds no end: the process has to be ended, since a thread cannot be.
    pub if_endless: fn(&StoreError) -> !,
}

/// A user of a wiki, as far as bounces concern them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// MediaWiki's `user_id`.
    pub id: UserId,
    /// MediaWiki's `user_name`.
    pub name: String,
    /// The address, empty if there is none.
    pub email: String,
    /// When the address was confirmed; `None` if it is not confirmed.
    pub email_authenticated: Option<Timestamp>,
    /// When the row last changed (MediaWiki's `user_touched`).
    pub touched: Option<Timestamp>,
}

/// How many jobs of a type are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Wait for a runner.
    pub ready: u64,
    /// Held by a runner, or by one that failed or died.
    pub claimed: u64,
    /// Failed, to be tried again later.
    pub delayed: u64,
    /// Given up after the last attempt.
    pub abandoned: u64,
}

impl JobCounts {
    /// One job more in this state.
    pub(crate) fn add(&mut self, state: &JobState) {
        let count = match state {
            JobState::Ready { .. } => &mut self.ready,
            JobState::Claimed { .. } => &mut self.claimed,
            JobState::Delayed { .. } => &mut self.delayed,
            JobState::Abandoned { .. } => &mut self.abandoned,
        };
        *count = count.saturating_add(1);
    }
}

/// Job counts by type, sorted by the type's name.
pub type CountsByType = BTreeMap<JobType, JobCounts>;

/// How a claimed job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The claim under which it ran.
    pub claim: Claim,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of running a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It ran; these effects are to be applied and the job removed.
    Done(Vec<Effect>),
    /// It failed.
    Failed {
        /// What went wrong, to be kept beside the job.
        error: String,
        /// Whether jobs of this type are tried again at all.
        may_retry: bool,
    },
}

/// What the store made of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The effects are stored and the job is gone.
    Acknowledged(Vec<Applied>),
    /// The failure is stored; the job is tried again, at this moment or when its claim is stale.
    Failed(Option<Timestamp>),
    /// The failure is stored and was the last: the job is abandoned.
    Abandoned,
    /// The claim was no longer this runner's: nothing was changed.
    ClaimLost,
}

/// What a recycling pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recycled {
    /// Jobs that are ready again.
    pub ready: u64,
    /// Jobs that had no attempts left.
    pub abandoned: u64,
}

/// What jobs are listed by (MediaWiki's words; its `showJobs.php --status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// Ready.
    Unclaimed,
    /// Failed, to be tried again later.
    Delayed,
    /// Held by a runner, or abandoned.
    Claimed,
    /// Abandoned.
    Abandoned,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedJob {
    /// Its number.
    pub id: JobId,
    /// The job, or why it cannot be read.
    pub job: Result<Job, RecordError>,
    /// Where it stands.
    pub state: JobState,
    /// The error of the last attempt, empty if there was none.
    pub error: String,
}

/// Which jobs of a type somebody means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them, claimed ones included.
    All,
    /// Those that were given up.
    Abandoned,
    /// This one.
    One(JobId),
}

/// What came of pushing copies of abandoned jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repushed {
    /// Jobs of which a copy was pushed.
    pub pushed: u64,
    /// Jobs of which a copy had been pushed before, or that cannot be read.
    pub skipped: u64,
}

/// A job with where it stands, as it is carried from one store to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// Its number; a store that has given that number out already, and a job without one, takes a new one.
    pub id: Option<JobId>,
    /// What is to be done.
    pub job: NewJob,
    /// When it was pushed.
    pub pushed: Timestamp,
    /// Where it stands.
    pub state: JobState,
    /// The last failure, empty if there was none.
    pub error: String,
}

/// A stored bounce record with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Number of the record: that of the job that made it.
    pub id: u64,
    /// The record.
    pub record: BounceRecord,
}

/// Why the store could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process has the directory open.
    #[error(
        "the data directory {} is held by another process{}; stop that one first, or give this one a directory of its own with --data-dir",
        directory.display(),
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The directory.
        directory: PathBuf,
        /// The process, if it left its number.
        pid: Option<u32>,
    },
    /// The directory cannot be made or written.
    #[error(
        "the data directory {} cannot be written ({reason}); make it writable for this user, or name another with --data-dir",
        directory.display()
    )]
    NotWritable {
        /// The directory.
        directory: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// What lies in the directory cannot be read as a store.
    #[error(
        "the store in {} is damaged: {what}. Copy the whole directory before trying anything else, also before starting again; then see docs/STORAGE.md, \"When a store is damaged\"",
        directory.display()
    )]
    Damaged {
        /// The directory.
        directory: PathBuf,
        /// What was found.
        what: String,
    },
    /// The directory was written by another version of the layout.
    #[error("the store in {} has layout version {found}, this program reads version {expected}; use the program that wrote it", directory.display())]
    Version {
        /// The directory.
        directory: PathBuf,
        /// The version found.
        found: u32,
        /// The version understood.
        expected: u32,
    },
    /// There is too little room on the disk for further jobs.
    #[error(
        "there are {free} bytes free where {} lies, and no job is taken with fewer than {least} (StoreMinFreeSpace); make room, or lower the setting",
        directory.display()
    )]
    Full {
        /// The directory.
        directory: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that there have to be.
        least: u64,
    },
    /// A write did not reach the disk.
    #[error(
        "the store could not be written: {reason}. It takes nothing until it can be written, and tries that again every second; check the disk"
    )]
    WriteFailed {
        /// What the system said.
        reason: String,
    },
    /// A read failed.
    #[error("the store could not be read: {reason}")]
    ReadFailed {
        /// What the system said.
        reason: String,
    },
    /// No such wiki.
    #[error("there is no wiki {0} here; the setting Databases lists those there are")]
    UnknownWiki(WikiId),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn not_writable(directory: &std::path::Path, error: &io::Error) -> Self {
        Self::NotWritable {
            directory: directory.to_path_buf(),
            reason: error.to_string(),
        }
    }
}
