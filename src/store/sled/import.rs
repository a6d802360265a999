//! Jobs that come from another store, each in the state in which it stood there.

use super::bounce_records;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use super::type_queue::Held;
use crate::job::state::JobState;
use crate::job::{JobId, JobType, WikiId};
use crate::store::record::{self, StoredState};
use crate::store::{Entry, Import, StoreError, StoredJob, StoredRecord};

impl Committer {
    /// Stores jobs in the states that they bring along, in one set of changes.
    pub(super) fn import(&mut self, jobs: &[StoredJob]) -> Result<Vec<JobId>, StoreError> {
        let mut changes = Changes::default();
        let ids = jobs
            .iter()
            .map(|job| self.import_one(&mut changes, job))
            .collect();
        self.apply_with_all_tallies(changes)?;
        Ok(ids)
    }

    /// Takes entries as they stood elsewhere, in one set of changes, unless they were taken before.
    pub(super) fn restore(
        &mut self,
        import: Import,
        entries: &[Entry],
    ) -> Result<bool, StoreError> {
        let mark = keys::import(&import.mark);
        let done = self
            .stored(&mark)?
            .and_then(|done| done.as_ref().try_into().ok());
        if done.map_or(0, u64::from_be_bytes) > import.done {
            return Ok(false);
        }
        let mut changes = Changes::default();
        for entry in entries {
            self.restore_one(&mut changes, entry, import.merge)?;
        }
        let taken = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        changes.put(mark, &import.done.saturating_add(taken).to_be_bytes());
        self.apply_with_all_tallies(changes)?;
        Ok(true)
    }

    fn restore_one(
        &mut self,
        changes: &mut Changes,
        entry: &Entry,
        merge: bool,
    ) -> Result<(), StoreError> {
        match entry {
            Entry::Job(job) if merge => {
                let id = None;
                self.import_one(changes, &StoredJob { id, ..job.clone() });
            }
            Entry::Job(job) => drop(self.import_one(changes, job)),
            Entry::User { wiki, id, row } => {
                let key = keys::user(wiki, *id);
                if !merge || self.stored(&key)?.is_none() {
                    changes.put(key, &record::with_checksum(row.as_bytes()));
                }
            }
            Entry::Record { wiki, record } => self.restore_record(changes, wiki, record)?,
            Entry::Counted {
                wiki,
                time,
                identity,
            } => changes.put(keys::identity(wiki, *time, identity), &[]),
            Entry::Backoff { kind, until } => {
                changes.put(keys::backoff(kind), &until.to_be_bytes());
            }
            Entry::LastRepush { kind, time } => {
                changes.put(keys::last_repush(kind), &time.0.to_be_bytes());
            }
        }
        Ok(())
    }

    /// A record keeps its number, unless another one of that time has it. No job gets the number later.
    fn restore_record(
        &mut self,
        changes: &mut Changes,
        wiki: &WikiId,
        stored: &StoredRecord,
    ) -> Result<(), StoreError> {
        let StoredRecord { id, record } = stored;
        let (time, value) = (record.timestamp, bounce_records::encode(record));
        let id = match self.stored(&keys::record(wiki, time, *id))? {
            Some(there) if there == value => return Ok(()),
            Some(_other) => self.next_job,
            None => *id,
        };
        self.next_job = self.next_job.max(id.saturating_add(1));
        let next = self.next_job;
        self.queue(&JobType::BOUNCE_HANDLER).tally.counted_below = next;
        bounce_records::put(changes, wiki, id, record);
        self.no_records_before.remove(wiki);
        Ok(())
    }

    fn stored(&self, key: &[u8]) -> Result<Option<::sled::IVec>, StoreError> {
        self.db.get(key).map_err(|error| keys::read_failed(&error))
    }

    fn import_one(&mut self, changes: &mut Changes, stored: &StoredJob) -> JobId {
        let kind = &stored.job.kind;
        if let Some(wanted) = stored.id {
            self.next_job = self.next_job.max(wanted.0);
        }
        let id = self.next_id(kind);
        let (head, pieces) =
            record::encode_job(&stored.job.wiki, stored.pushed, &stored.job.params);
        let piece_count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        for (number, piece) in (0..).zip(pieces) {
            changes.put(keys::piece(kind, id, number), piece);
        }
        changes.put(keys::job(kind, id), &head);
        if let Some(signature) = &stored.job.unique {
            let key = keys::signature(kind, &stored.job.wiki, signature);
            changes.put(keys::signature_of(kind, id), &key);
            changes.put(key, &id.0.to_be_bytes());
            self.queue(kind).has_signatures = true;
        }
        let state = self.state_here(stored.state);
        if state == (JobState::Ready { attempts: 0 }) && stored.error.is_empty() {
            return id;
        }
        let with_error = StoredState {
            state,
            error: stored.error.clone(),
        };
        changes.put(keys::state(kind, id), &with_error.encode());
        if let JobState::Delayed { until, .. } = state {
            changes.put(keys::due(kind, until, id), &[]);
        }
        let queue = self.queue(kind);
        // The next number was taken as that of a ready job.
        queue.tally.counts.ready = queue.tally.counts.ready.saturating_sub(1);
        queue.has_state(id);
        match state {
            JobState::Claimed {
                token,
                since,
                attempts,
            } => queue.hold(
                id,
                Held {
                    token,
                    since,
                    attempts,
                    pieces: piece_count,
                    group: None,
                    has_state: true,
                    error: stored.error.clone(),
                },
            ),
            JobState::Ready { .. } | JobState::Delayed { .. } | JobState::Abandoned { .. } => {
                queue.put_down(id, state);
            }
        }
        id
    }

    /// A claim of the last attempt is one that nobody here can settle, which is to be abandoned (MediaWiki calls such a
    /// job abandoned while it is claimed).
    fn state_here(&self, state: JobState) -> JobState {
        match state {
            JobState::Claimed {
                since, attempts, ..
            } if attempts >= self.options.rules.max_attempts => JobState::Abandoned {
                attempts,
                since,
                repushed: false,
            },
            state => state,
        }
    }
}
