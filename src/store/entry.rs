//! All that a store holds, one entry after another: for carrying it elsewhere, and for looking whether it is whole.

use super::{JobCounts, StoredJob, StoredRecord};
use crate::clock::Timestamp;
use crate::effects::{BounceIdentity, UserId};
use crate::job::{JobId, JobType, WikiId};
use std::collections::BTreeMap;

/// Something that a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A job with its state.
    Job(StoredJob),
    /// A user.
    User {
        /// The wiki of the user.
        wiki: WikiId,
        /// The number of the user.
        id: UserId,
        /// What is stored of the user, as JSON.
        row: String,
    },
    /// A bounce record.
    Record {
        /// The wiki that it belongs to.
        wiki: WikiId,
        /// The record.
        record: StoredRecord,
    },
    /// A bounce that was counted, so that it is not counted again.
    Counted {
        /// The wiki that it belongs to.
        wiki: WikiId,
        /// When its mail was sent.
        time: Timestamp,
        /// What makes it the same as another.
        identity: BounceIdentity,
    },
    /// Until when a throttled type is not run.
    Backoff {
        /// The type.
        kind: JobType,
        /// The bits of the time in seconds since the epoch.
        until: u64,
    },
    /// When copies of the abandoned jobs of a type were last pushed.
    LastRepush {
        /// The type.
        kind: JobType,
        /// The moment.
        time: Timestamp,
    },
}

/// What was found by reading a store from end to end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The jobs that were read.
    pub jobs: BTreeMap<JobType, JobCounts>,
    /// Bounce records.
    pub records: u64,
    /// Users.
    pub users: u64,
    /// What else there is.
    pub others: u64,
    /// What is missing or cannot be read; empty if the store is whole.
    pub faults: Vec<String>,
}

/// How entries are taken into a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import {
    /// What tells this import from others, so that it is not done twice.
    pub mark: [u8; 16],
    /// How many entries of it were taken before these.
    pub done: u64,
    /// The store holds other things already: jobs get new numbers, and users that there are stay as they are.
    pub merge: bool,
}

impl Findings {
    /// The number of a job and what is wrong with it.
    pub(crate) fn job_fault(&mut self, kind: &JobType, id: JobId, what: &dyn std::fmt::Display) {
        self.faults.push(format!("{kind} job {id}: {what}"));
    }
}
