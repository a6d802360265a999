//! The queue: pushes, releases, recycling.

use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use super::type_queue::TypeQueue;
use crate::clock::Timestamp;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{Claim, JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{CountsByType, Recycled, StoreError};

impl Committer {
    /// Writes a job. Its head comes last: what has no head is no job, so no batch is needed.
    pub(super) fn push(&mut self, job: &NewJob) -> Result<JobId, StoreError> {
        if let Some(there) = self.ready_twin(job)? {
            return Ok(there);
        }
        let id = self.next_id(&job.kind);
        let (head, pieces) = record::encode_job(&job.wiki, self.options.clock.now(), &job.params);
        for (number, piece) in (0..).zip(pieces) {
            self.insert(keys::piece(&job.kind, id, number), piece)?;
        }
        self.insert(keys::job(&job.kind, id), &head)?;
        self.sign(job, id)?;
        Ok(id)
    }

    /// Pushes a job as one of many changes. A job that came of another is never a twin.
    pub(super) fn add_job(&mut self, changes: &mut Changes, job: &NewJob) -> JobId {
        let id = self.next_id(&job.kind);
        let (head, pieces) = record::encode_job(&job.wiki, self.options.clock.now(), &job.params);
        for (number, piece) in (0..).zip(pieces) {
            changes.put(keys::piece(&job.kind, id, number), piece);
        }
        changes.put(keys::job(&job.kind, id), &head);
        changes.put_tally(&job.kind, &self.queue(&job.kind).tally);
        id
    }

    /// Takes the next number for a job that is ready from now on.
    pub(super) fn next_id(&mut self, kind: &JobType) -> JobId {
        let id = JobId(self.next_job);
        self.next_job = self.next_job.saturating_add(1);
        let next = self.next_job;
        let queue = self.queue(kind);
        queue.tally.counted_below = next;
        queue.tally.counts.ready = queue.tally.counts.ready.saturating_add(1);
        queue.tally_changed = true;
        id
    }

    pub(super) fn queue(&mut self, kind: &JobType) -> &mut TypeQueue {
        if !self.queues.contains_key(kind) {
            self.queues.insert(kind.clone(), TypeQueue::default());
        }
        self.queues.entry(kind.clone()).or_default()
    }

    pub(super) fn counts(&self) -> CountsByType {
        self.queues
            .iter()
            .map(|(kind, queue)| (kind.clone(), queue.tally.counts))
            .collect()
    }

    /// The stored state of a job; `None` if it has none.
    pub(super) fn stored_state(
        &self,
        kind: &JobType,
        id: JobId,
    ) -> Result<Option<StoredState>, StoreError> {
        let value = self
            .db
            .get(keys::state(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let stored = value.map(|value| StoredState::decode(&value)).transpose();
        stored.map_err(|error| {
            self.damaged(&format!(
                "the state of {kind} job {id} cannot be read: {error}"
            ))
        })
    }

    pub(super) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged {
            directory: self.options.directory.clone(),
            what: what.to_owned(),
        }
    }

    pub(super) fn apply_with_tally(
        &mut self,
        mut changes: Changes,
        kind: &JobType,
    ) -> Result<(), StoreError> {
        if let Some(queue) = self.queues.get_mut(kind) {
            queue.tally_changed = false;
            changes.put_tally(kind, &queue.tally);
        }
        self.apply(changes)
    }

    /// Carries a held job on by `event` and stores where it is then; `None` if the event does not apply.
    pub(super) fn change_held(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        event: JobEvent,
        error: Option<String>,
    ) -> Option<JobState> {
        let (now, rules) = (self.options.clock.now(), self.options.rules);
        let queue = self.queue(kind);
        let held = queue.held.get(&id)?;
        let state = state::next(held.state(), event, now, &rules)?;
        let held = queue.let_go(id, changes, kind)?;
        let error = state.with_error(error.unwrap_or(held.error));
        changes.put(
            keys::state(kind, id),
            &StoredState { state, error }.encode(),
        );
        if let JobState::Delayed { until, .. } = state {
            changes.put(keys::due(kind, until, id), &[]);
        }
        queue.put_down(id, state);
        Some(state)
    }

    /// Gives held jobs back that were not run.
    pub(super) fn release(&mut self, claims: &[Claim]) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        for Claim { kind, id, token } in claims {
            let event = JobEvent::Release(*token);
            let released = self.change_held(&mut changes, kind, *id, event, None);
            if released.is_some() {
                self.sign_again(&mut changes, kind, *id)?;
            }
        }
        self.apply_with_all_tallies(changes)
    }

    /// Counts the claim TTL of these claims anew. Only memory knows of it: when the process dies, all claims end.
    pub(super) fn keep_alive(&mut self, claims: &[Claim]) {
        let now = self.options.clock.now();
        for Claim { kind, id, token } in claims {
            let held = self.queue(kind).held.get_mut(id);
            if let Some(held) = held.filter(|held| held.token == *token) {
                held.since = now;
            }
        }
    }

    /// Gives back the claims that are older than the claim TTL.
    pub(super) fn recycle(&mut self) -> Result<Recycled, StoreError> {
        let mut recycled = Recycled::default();
        let mut changes = Changes::default();
        let now = self.options.clock.now();
        for (kind, id) in self.held_since_before(now.minus(self.options.rules.claim_ttl)) {
            match self.change_held(&mut changes, &kind, id, JobEvent::Recycle, None) {
                Some(JobState::Ready { .. }) => {
                    recycled.ready = recycled.ready.saturating_add(1);
                    self.sign_again(&mut changes, &kind, id)?;
                }
                Some(JobState::Abandoned { .. }) => {
                    recycled.abandoned = recycled.abandoned.saturating_add(1);
                }
                Some(JobState::Claimed { .. } | JobState::Delayed { .. }) | None => {}
            }
        }
        if recycled != Recycled::default() {
            self.apply_with_all_tallies(changes)?;
        }
        Ok(recycled)
    }

    fn held_since_before(&self, moment: Timestamp) -> Vec<(JobType, JobId)> {
        let mut stale: Vec<(JobType, JobId)> = Vec::new();
        for (kind, queue) in &self.queues {
            let old = queue.held.iter().filter(|(_, held)| held.since < moment);
            stale.extend(old.map(|(id, _)| (kind.clone(), *id)));
        }
        stale.sort();
        stale
    }

    /// Applies changes together with what they did to the counts of any type.
    pub(super) fn apply_with_all_tallies(
        &mut self,
        mut changes: Changes,
    ) -> Result<(), StoreError> {
        for (kind, queue) in &mut self.queues {
            queue.tally_changed = false;
            changes.put_tally(kind, &queue.tally);
        }
        self.apply(changes)
    }
}
