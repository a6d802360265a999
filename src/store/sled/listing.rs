//! Lists of jobs by status, a page at a time.

use super::committer::Committer;
use super::keys;
use crate::job::state::JobState;
use crate::job::{JobId, JobType};
use crate::store::record::{self, RecordError, StoredState};
use crate::store::{JobStatus, ListedJob, StoreError};
use std::collections::BTreeMap;

/// The claimed jobs of a type at one moment, which partly are only in memory.
pub(super) type HeldJobs = BTreeMap<JobId, StoredState>;

impl Committer {
    /// The claimed jobs of a type.
    pub(super) fn held(&self, kind: &JobType) -> HeldJobs {
        let held = self
            .queues
            .get(kind)
            .into_iter()
            .flat_map(|queue| &queue.held);
        held.map(|(id, held)| (*id, held.stored())).collect()
    }
}

/// Reads pages of one list.
pub(super) struct PageReader<'a> {
    pub(super) db: &'a ::sled::Db,
    pub(super) kind: &'a JobType,
    pub(super) held: &'a HeldJobs,
}

impl PageReader<'_> {
    /// Up to `most` jobs with this status, from behind `after`. Jobs that are settled meanwhile may be left out.
    pub(super) fn read(
        &self,
        status: JobStatus,
        after: Option<JobId>,
        most: usize,
    ) -> Result<Vec<ListedJob>, StoreError> {
        let from = JobId(after.map_or(0, |after| after.0.saturating_add(1)));
        match status {
            JobStatus::Unclaimed => self.unclaimed(from, most),
            JobStatus::Delayed => self.stored(from, most, |state| {
                matches!(state, JobState::Delayed { .. })
            }),
            JobStatus::Abandoned => self.stored(from, most, |state| {
                matches!(state, JobState::Abandoned { .. })
            }),
            JobStatus::Claimed => self.claimed(from, most),
        }
    }

    fn unclaimed(&self, from: JobId, most: usize) -> Result<Vec<ListedJob>, StoreError> {
        let mut jobs = Vec::new();
        for entry in self.db.range(keys::jobs_from(self.kind, from)) {
            if jobs.len() >= most {
                break;
            }
            let (key, head) = entry.map_err(|error| keys::read_failed(&error))?;
            let Some(id) = keys::id_in(self.kind, &key) else {
                continue;
            };
            if self.held.contains_key(&id) {
                continue;
            }
            let stored = self.state_of(id)?.unwrap_or(StoredState {
                state: JobState::Ready { attempts: 0 },
                error: String::new(),
            });
            if matches!(stored.state, JobState::Ready { .. }) {
                jobs.push(self.listed(id, &head, stored)?);
            }
        }
        Ok(jobs)
    }

    fn state_of(&self, id: JobId) -> Result<Option<StoredState>, StoreError> {
        let value = self.db.get(keys::state(self.kind, id));
        let value = value.map_err(|error| keys::read_failed(&error))?;
        value.map(|value| self.decode(id, &value)).transpose()
    }

    fn decode(&self, id: JobId, value: &[u8]) -> Result<StoredState, StoreError> {
        StoredState::decode(value).map_err(|error| {
            keys::garbled(&format!(
                "the state of {} job {id} cannot be read: {error}",
                self.kind
            ))
        })
    }

    /// Jobs with a stored state that `wanted` takes.
    fn stored(
        &self,
        from: JobId,
        most: usize,
        wanted: impl Fn(&JobState) -> bool,
    ) -> Result<Vec<ListedJob>, StoreError> {
        let mut jobs = Vec::new();
        for entry in self.db.range(keys::states_from(self.kind, from)) {
            if jobs.len() >= most {
                break;
            }
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let Some(id) = keys::id_in(self.kind, &key) else {
                continue;
            };
            let stored = self.decode(id, &value)?;
            if wanted(&stored.state) && !self.held.contains_key(&id) {
                jobs.extend(self.load(id, stored)?);
            }
        }
        Ok(jobs)
    }

    /// Held jobs and abandoned ones, which MediaWiki counts among them.
    fn claimed(&self, from: JobId, most: usize) -> Result<Vec<ListedJob>, StoreError> {
        let is_abandoned = |state: &JobState| matches!(state, JobState::Abandoned { .. });
        let mut jobs = self.stored(from, most, is_abandoned)?;
        for (id, stored) in self.held.range(from..).take(most) {
            jobs.extend(self.load(*id, stored.clone())?);
        }
        jobs.sort_by_key(|job| job.id);
        jobs.truncate(most);
        Ok(jobs)
    }

    fn load(&self, id: JobId, stored: StoredState) -> Result<Option<ListedJob>, StoreError> {
        let head = self.db.get(keys::job(self.kind, id));
        let head = head.map_err(|error| keys::read_failed(&error))?;
        head.map(|head| self.listed(id, &head, stored)).transpose()
    }

    fn listed(&self, id: JobId, head: &[u8], stored: StoredState) -> Result<ListedJob, StoreError> {
        let StoredState { state, error } = stored;
        let job = match record::decode_head(head) {
            Ok(head) => {
                let pieces = keys::pieces_of(self.db, self.kind, id, head.pieces)?;
                head.join(id, self.kind.clone(), &pieces)
            }
            Err(error) => Err::<_, RecordError>(error),
        };
        Ok(ListedJob {
            id,
            job,
            state,
            error,
        })
    }
}
