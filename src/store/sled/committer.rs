//! What makes all changes, and the group commit.

use super::changes::{Changes, write_failed};
use super::keys;
use super::open::Opened;
use super::seal::{MOST_TALLIES, NewerTallies, Seal};
use super::sync_range;
use super::type_queue::TypeQueue;
use super::users::UserTable;
use super::witness::Witness;
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::job::{Claim, JobType, WikiId};
use crate::store::{StoreError, StoreOptions, User};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

/// A claim whose job is still to be read.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) claim: Claim,
    pub(super) attempts: u32,
    pub(super) head: ::sled::IVec,
}

/// All that the thread works on.
pub(super) struct Committer {
    pub(super) db: ::sled::Db,
    /// sled's own file, to sync it where sled does not.
    file: File,
    pub(super) users: Arc<UserTable>,
    pub(super) options: StoreOptions,
    pub(super) queues: BTreeMap<JobType, TypeQueue>,
    pub(super) next_job: u64,
    /// By wiki a moment before which there is no bounce record, so that nobody need look for old ones.
    pub(super) no_records_before: BTreeMap<WikiId, Timestamp>,
    seal: Seal,
    witness: Witness,
    /// Something was written since the last seal.
    unsealed: bool,
    /// Something was written since the last sync.
    unsynced: bool,
    /// Set by the first failed write: what was applied then may or may not be on the disk.
    failed: Option<StoreError>,
}

impl Committer {
    /// Goes to work on an opened store.
    pub(super) fn new(opened: Opened, users: Arc<UserTable>, options: StoreOptions) -> Self {
        Self {
            db: opened.db,
            file: opened.file,
            users,
            options,
            queues: opened.queues,
            next_job: opened.next_job,
            no_records_before: BTreeMap::new(),
            seal: opened.seal,
            witness: opened.witness,
            unsealed: false,
            unsynced: false,
            failed: None,
        }
    }

    /// The first failure, if there was one: nothing more is to be asked of this one then.
    pub(super) fn failure(&self) -> Option<&StoreError> {
        self.failed.as_ref()
    }

    /// Writes one value that the ledger does not have.
    pub(super) fn insert(&mut self, key: impl AsRef<[u8]>, value: &[u8]) -> Result<(), StoreError> {
        (self.unsealed, self.unsynced) = (true, true);
        let written = self
            .db
            .insert(key, value)
            .map_err(|error| write_failed(&error));
        written.map(drop).inspect_err(|error| self.fail(error))
    }

    /// Writes one value that the ledger has.
    pub(super) fn put(&mut self, key: Vec<u8>, value: &[u8]) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.put(key, value);
        self.apply(changes)
    }

    /// Writes something that means nothing, to find out whether writing works.
    pub(super) fn check_writable(&mut self) -> Result<(), StoreError> {
        self.insert(keys::WRITE_CHECK, &[])
    }

    /// Un-confirms the address of a user.
    pub(super) fn unconfirm(
        &mut self,
        wiki: &WikiId,
        id: UserId,
    ) -> Result<Option<User>, StoreError> {
        let Some(mut user) = self.users.user(wiki, id)? else {
            return Ok(None);
        };
        user.email_authenticated = None;
        user.touched = Some(self.options.clock.now());
        let mut changes = Changes::default();
        self.users.put(&mut changes, wiki, &user)?;
        self.apply(changes)?;
        self.users.replace(vec![(wiki.clone(), user.clone())]);
        Ok(Some(user))
    }

    /// Says until when a throttled type is not run.
    pub(super) fn set_backoff(&mut self, kind: &JobType, until: f64) -> Result<(), StoreError> {
        self.put(keys::backoff(kind), &until.to_bits().to_be_bytes())
    }

    /// Applies changes.
    pub(super) fn apply(&mut self, changes: Changes) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.unsynced = true;
        let tallies = self.newer_tallies();
        self.seal
            .apply(&self.db, changes, tallies)
            .inspect_err(|error| self.fail(error))?;
        self.unsealed = false;
        Ok(())
    }

    /// The tallies that are to lie in the seal, since those under their own keys are behind.
    fn newer_tallies(&self) -> NewerTallies {
        let newer = self.queues.iter().filter(|(_, queue)| queue.tally_changed);
        newer
            .map(|(kind, queue)| (kind.clone(), queue.tally))
            .collect()
    }

    /// Makes durable what was written. The seal, with the tallies, follows the jobs it counts: a crash between the two
    /// leaves jobs that are not counted yet, which opening finds, and never a count without its job.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if !self.unsynced {
            return Ok(());
        }
        self.put_seal()
            .and_then(|()| self.sync())
            .inspect_err(|error| self.fail(error))
    }

    fn put_seal(&mut self) -> Result<(), StoreError> {
        if !self.unsealed {
            return Ok(());
        }
        let tallies = self.newer_tallies();
        if tallies.len() > MOST_TALLIES {
            return self.apply_with_all_tallies(Changes::default());
        }
        self.seal.put(&self.db, tallies)?;
        self.unsealed = false;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.db.flush().map_err(|error| write_failed(&error))?;
        let synced = if sync_range::is_in_force() {
            Ok(())
        } else {
            self.file.sync_data()
        };
        let noted = synced.and_then(|()| self.witness.note(self.seal.number));
        noted.map_err(|error| write_failed(&error))?;
        self.unsynced = false;
        Ok(())
    }

    /// Takes note of a failed write: what was written is on the disk or not, so nothing more is promised.
    pub(super) fn fail(&mut self, error: &StoreError) {
        log::error!(target: "store", "{error}");
        self.failed = Some(error.clone());
    }
}
