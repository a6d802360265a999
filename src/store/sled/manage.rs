//! What a person does with jobs: delete them, try abandoned ones anew, push copies of them. A page at a time, so that no
//! set of changes grows without bound and other work comes in between.

use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::clock::Timestamp;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{StoreError, Which};

/// How many jobs one set of changes is about.
const PAGE_JOBS: usize = 256;

/// Which jobs are meant, and from where on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) which: Which,
    /// Jobs of this number or higher.
    pub(super) from: JobId,
    /// Jobs of a lower number than this; those that are pushed meanwhile are not meant.
    pub(super) below: JobId,
}

/// What was done with a page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Paged {
    pub(super) done: u64,
    pub(super) skipped: u64,
    /// Where the next page begins; `None` after the last.
    pub(super) next: Option<JobId>,
}

impl Paged {
    fn count(&mut self, done: bool) {
        let count = if done {
            &mut self.done
        } else {
            &mut self.skipped
        };
        *count = count.saturating_add(1);
    }
}

impl Committer {
    /// Removes jobs, whatever their state. Whoever runs one of them meanwhile changes nothing any more.
    pub(super) fn delete(&mut self, kind: &JobType, page: Page) -> Result<Paged, StoreError> {
        let (ids, next) = self.meant(kind, page)?;
        let mut paged = Paged {
            next,
            ..Paged::default()
        };
        let mut changes = Changes::default();
        for id in ids {
            self.remove_job(&mut changes, kind, id)?;
            paged.count(true);
        }
        self.apply_with_tally(changes, kind)?;
        Ok(paged)
    }

    /// Removes a job, whatever its state.
    pub(super) fn remove_job(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
    ) -> Result<(), StoreError> {
        if self.queue(kind).held.contains_key(&id) {
            return self.remove_held(changes, kind, id);
        }
        let stored = self.stored_state(kind, id)?;
        let from = stored.map_or(JobState::Ready { attempts: 0 }, |stored| stored.state);
        if let JobState::Delayed { until, .. } = from {
            changes.remove(keys::due(kind, until, id));
        }
        changes.remove(keys::state(kind, id));
        let pieces = keys::piece_count(&self.db, kind, id)?;
        self.queue(kind).pick_up(id, from);
        self.remove_content(changes, kind, id, pieces)
    }

    /// Makes abandoned jobs ready again, with all their attempts.
    pub(super) fn retry(&mut self, kind: &JobType, page: Page) -> Result<Paged, StoreError> {
        let (ids, next) = self.meant(kind, page)?;
        let mut paged = Paged {
            next,
            ..Paged::default()
        };
        let mut changes = Changes::default();
        for id in ids {
            let moved = self.move_abandoned(&mut changes, kind, id, JobEvent::Retry)?;
            paged.count(moved);
        }
        self.apply_with_tally(changes, kind)?;
        Ok(paged)
    }

    /// Pushes copies of abandoned jobs of which there is no copy yet; the jobs themselves stay.
    pub(super) fn repush(&mut self, kind: &JobType, page: Page) -> Result<Paged, StoreError> {
        let (ids, next) = self.meant(kind, page)?;
        let mut paged = Paged {
            next,
            ..Paged::default()
        };
        let mut changes = Changes::default();
        for id in ids {
            let copy = self.copy_of(kind, id)?;
            let moved =
                copy.is_some() && self.move_abandoned(&mut changes, kind, id, JobEvent::Repush)?;
            if let Some(copy) = copy.filter(|_| moved) {
                self.add_job(&mut changes, &copy);
            }
            paged.count(moved);
        }
        self.apply_with_tally(changes, kind)?;
        Ok(paged)
    }

    /// Takes note that copies were pushed now.
    pub(super) fn note_repush(&mut self, kind: &JobType) -> Result<(), StoreError> {
        let now = self.options.clock.now();
        self.put(keys::last_repush(kind), &now.0.to_be_bytes())
    }

    /// Carries an abandoned job on by `event`; returns whether that applied.
    fn move_abandoned(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        event: JobEvent,
    ) -> Result<bool, StoreError> {
        let Some(stored) = self.stored_state(kind, id)? else {
            return Ok(false);
        };
        let (now, rules) = (self.options.clock.now(), self.options.rules);
        let Some(state) = state::next(stored.state, event, now, &rules) else {
            return Ok(false);
        };
        let error = stored.error;
        changes.put(
            keys::state(kind, id),
            &StoredState { state, error }.encode(),
        );
        let queue = self.queue(kind);
        queue.pick_up(id, stored.state);
        queue.put_down(id, state);
        if matches!(state, JobState::Ready { .. }) {
            self.sign_again(changes, kind, id)?;
        }
        Ok(true)
    }

    /// A job as it would be pushed again; `None` if it cannot be read.
    fn copy_of(&self, kind: &JobType, id: JobId) -> Result<Option<NewJob>, StoreError> {
        let head = self
            .db
            .get(keys::job(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let Some(Ok(head)) = head.as_deref().map(record::decode_head) else {
            return Ok(None);
        };
        let pieces = keys::pieces_of(&self.db, kind, id, head.pieces)?;
        let job = head.join(id, kind.clone(), &pieces).ok();
        Ok(job.map(|job| NewJob {
            kind: job.kind,
            wiki: job.wiki,
            params: job.params,
            unique: None,
        }))
    }

    /// The jobs that a page is about, and where the next page begins.
    fn meant(&self, kind: &JobType, page: Page) -> Result<(Vec<JobId>, Option<JobId>), StoreError> {
        let mut ids = Vec::new();
        let range = match page.which {
            Which::One(id) => {
                let there = self.db.contains_key(keys::job(kind, id));
                let there = there.map_err(|error| keys::read_failed(&error))?;
                return Ok((there.then_some(id).into_iter().collect(), None));
            }
            Which::All => keys::jobs_from(kind, page.from),
            Which::Abandoned => keys::states_from(kind, page.from),
        };
        for entry in self.db.range(range) {
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let Some(id) = keys::id_in(kind, &key) else {
                continue;
            };
            if id >= page.below {
                break;
            }
            if ids.len() >= PAGE_JOBS {
                return Ok((ids, Some(id)));
            }
            if page.which == Which::All || self.is_abandoned(kind, id, &value)? {
                ids.push(id);
            }
        }
        Ok((ids, None))
    }

    fn is_abandoned(&self, kind: &JobType, id: JobId, value: &[u8]) -> Result<bool, StoreError> {
        match StoredState::decode(value) {
            Ok(stored) => Ok(matches!(stored.state, JobState::Abandoned { .. })),
            Err(error) => Err(self.damaged(&format!(
                "the state of {kind} job {id} cannot be read: {error}"
            ))),
        }
    }
}

/// When copies of abandoned jobs of a type were last pushed.
pub(super) fn last_repush(
    db: &::sled::Db,
    kind: &JobType,
) -> Result<Option<Timestamp>, StoreError> {
    let stored = db
        .get(keys::last_repush(kind))
        .map_err(|error| keys::read_failed(&error))?;
    let time = stored.and_then(|value| Some(i64::from_be_bytes(value.as_ref().try_into().ok()?)));
    Ok(time.map(Timestamp))
}
