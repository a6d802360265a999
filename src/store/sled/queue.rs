//! The queue: pushes, claims, releases, recycling.

use super::changes::{Changes, Tally};
use super::committer::{Claimed, Committer};
use super::keys;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{CountsByType, Recycled, StoreError};
use std::collections::BTreeMap;

/// About the most bytes of jobs that one claim puts into a runner's hands.
const CLAIM_BYTES: usize = 4 << 20;

/// What is kept in memory of the queue of one type.
#[derive(Debug, Default)]
pub(super) struct TypeQueue {
    pub(super) tally: Tally,
    /// The stored tally is behind.
    pub(super) tally_changed: bool,
    /// Jobs from this number on were never claimed; those before it that are ready are in `returned`.
    pub(super) first_fresh: u64,
    /// Ready jobs that had been claimed before, with their attempts.
    pub(super) returned: BTreeMap<JobId, u32>,
}

/// Something that could be claimed.
struct Candidate {
    id: JobId,
    attempts: u32,
    head: ::sled::IVec,
}

impl Committer {
    /// Writes a job. Its head comes last: what has no head is no job, so no batch is needed.
    pub(super) fn push(&mut self, job: &NewJob) -> Result<JobId, StoreError> {
        let id = self.next_id(&job.kind);
        let (head, pieces) = record::encode_job(&job.wiki, self.options.clock.now(), &job.params);
        for (number, piece) in (0..).zip(pieces) {
            self.insert(keys::piece(&job.kind, id, number), piece)?;
        }
        self.insert(keys::job(&job.kind, id), &head)?;
        Ok(id)
    }

    pub(super) fn add_job(&mut self, changes: &mut Changes, job: &NewJob) {
        let id = self.next_id(&job.kind);
        let (head, pieces) = record::encode_job(&job.wiki, self.options.clock.now(), &job.params);
        for (number, piece) in (0..).zip(pieces) {
            changes.put(keys::piece(&job.kind, id, number), piece);
        }
        changes.put(keys::job(&job.kind, id), &head);
        changes.put_tally(&job.kind, &self.queue(&job.kind).tally);
    }

    /// Takes the next number for a job that is ready from now on.
    fn next_id(&mut self, kind: &JobType) -> JobId {
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

    /// Claims jobs of the type whose oldest ready job is the oldest of all.
    pub(super) fn claim(
        &mut self,
        types: &[JobType],
        most: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut oldest: Option<(JobType, Vec<Candidate>)> = None;
        for kind in types {
            let candidates = self.candidates(kind, most)?;
            let id = candidates.first().map(|candidate| candidate.id);
            let best = oldest
                .as_ref()
                .and_then(|(_, best)| best.first())
                .map(|candidate| candidate.id);
            if id.is_some() && (best.is_none() || id < best) {
                oldest = Some((kind.clone(), candidates));
            }
        }
        match oldest {
            Some((kind, candidates)) => self.claim_all(&kind, candidates),
            None => Ok(Vec::new()),
        }
    }

    fn candidates(&self, kind: &JobType, most: usize) -> Result<Vec<Candidate>, StoreError> {
        let Some(queue) = self
            .queues
            .get(kind)
            .filter(|queue| queue.tally.counts.ready > 0)
        else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (&id, &attempts) in &queue.returned {
            if found.len() >= most || (attempts > 0 && !found.is_empty()) {
                return Ok(found);
            }
            let head = self
                .db
                .get(keys::job(kind, id))
                .map_err(|error| keys::read_failed(&error))?;
            let head = head.ok_or_else(|| self.missing(kind, queue.tally.counts.ready))?;
            found.push(Candidate { id, attempts, head });
            if attempts > 0 {
                return Ok(found);
            }
        }
        self.add_fresh(kind, queue, most, &mut found)?;
        if found.is_empty() {
            return Err(self.missing(kind, queue.tally.counts.ready));
        }
        Ok(found)
    }

    fn add_fresh(
        &self,
        kind: &JobType,
        queue: &TypeQueue,
        most: usize,
        found: &mut Vec<Candidate>,
    ) -> Result<(), StoreError> {
        let mut bytes = 0_usize;
        for entry in self
            .db
            .range(keys::jobs_from(kind, JobId(queue.first_fresh)))
        {
            if found.len() >= most || bytes >= CLAIM_BYTES {
                break;
            }
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            bytes = bytes.saturating_add(value.len());
            if let Some(id) = keys::id_in(kind, &key) {
                found.push(Candidate {
                    id,
                    attempts: 0,
                    head: value,
                });
            }
        }
        Ok(())
    }

    fn missing(&self, kind: &JobType, ready: u64) -> StoreError {
        StoreError::Damaged {
            directory: self.options.directory.clone(),
            what: format!(
                "{ready} ready jobs of type {kind} are counted, but the next of them is not there"
            ),
        }
    }

    fn claim_all(
        &mut self,
        kind: &JobType,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut changes = Changes::default();
        let mut claims = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let token = new_token()?;
            let ready = JobState::Ready {
                attempts: candidate.attempts,
            };
            self.change_state(
                &mut changes,
                kind,
                candidate.id,
                ready,
                JobEvent::Claim(token),
                String::new(),
            );
            let attempts = candidate.attempts.saturating_add(1);
            claims.push(Claimed {
                kind: kind.clone(),
                id: candidate.id,
                token,
                attempts,
                head: candidate.head,
            });
        }
        self.apply_with_tally(changes, kind)?;
        Ok(claims)
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

    /// Carries a job from `from` by `event`; returns where it is then, or `None` if the event does not apply.
    pub(super) fn change_state(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        from: JobState,
        event: JobEvent,
        error: String,
    ) -> Option<JobState> {
        let to = state::next(
            from,
            event,
            self.options.clock.now(),
            self.options.max_attempts,
        )?;
        changes.put(
            keys::state(kind, id),
            &StoredState { state: to, error }.encode(),
        );
        self.queues
            .entry(kind.clone())
            .or_default()
            .moved(id, from, to);
        Some(to)
    }

    pub(super) fn state_of(
        &self,
        kind: &JobType,
        id: JobId,
    ) -> Result<Option<StoredState>, StoreError> {
        let value = self
            .db
            .get(keys::state(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        value
            .map(|value| {
                StoredState::decode(&value).map_err(|error| self.garbled_state(kind, id, &error))
            })
            .transpose()
    }

    fn garbled_state(&self, kind: &JobType, id: JobId, error: &record::RecordError) -> StoreError {
        StoreError::Damaged {
            directory: self.options.directory.clone(),
            what: format!("the state of {kind} job {id} cannot be read: {error}"),
        }
    }

    pub(super) fn release(
        &mut self,
        claims: &[(JobType, JobId, ClaimToken)],
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        for (kind, id, token) in claims {
            let Some(stored) = self.state_of(kind, *id)? else {
                continue;
            };
            self.change_state(
                &mut changes,
                kind,
                *id,
                stored.state,
                JobEvent::Release(*token),
                stored.error,
            );
        }
        for (kind, queue) in &mut self.queues {
            changes.put_tally(kind, &queue.tally);
        }
        self.apply(changes)
    }

    /// Gives back the claims that are older than `claim_ttl` seconds.
    pub(super) fn recycle(&mut self, claim_ttl: i64) -> Result<Recycled, StoreError> {
        let mut recycled = Recycled::default();
        let held = self
            .queues
            .iter()
            .filter(|(_, queue)| queue.tally.counts.claimed > 0);
        let held: Vec<JobType> = held.map(|(kind, _)| kind.clone()).collect();
        for kind in held {
            let mut changes = Changes::default();
            for entry in self.db.scan_prefix(keys::states(&kind)) {
                let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
                let Some(id) = keys::id_in(&kind, &key) else {
                    continue;
                };
                let stored = StoredState::decode(&value)
                    .map_err(|error| self.garbled_state(&kind, id, &error))?;
                let event = JobEvent::Recycle { claim_ttl };
                match self.change_state(&mut changes, &kind, id, stored.state, event, stored.error)
                {
                    Some(JobState::Ready { .. }) => {
                        recycled.ready = recycled.ready.saturating_add(1);
                    }
                    Some(JobState::Abandoned { .. }) => {
                        recycled.abandoned = recycled.abandoned.saturating_add(1);
                    }
                    Some(JobState::Claimed { .. }) | None => {}
                }
            }
            if recycled != Recycled::default() {
                self.apply_with_tally(changes, &kind)?;
            }
        }
        Ok(recycled)
    }
}

impl TypeQueue {
    /// Keeps the counts and the ready jobs in step with a change of state.
    pub(super) fn moved(&mut self, id: JobId, from: JobState, to: JobState) {
        *self.count(from) = self.count(from).saturating_sub(1);
        *self.count(to) = self.count(to).saturating_add(1);
        match to {
            JobState::Ready { attempts } => {
                self.returned.insert(id, attempts);
            }
            JobState::Claimed { .. } | JobState::Abandoned { .. } => {
                self.returned.remove(&id);
            }
        }
        self.first_fresh = self.first_fresh.max(id.0.saturating_add(1));
    }

    fn count(&mut self, state: JobState) -> &mut u64 {
        match state {
            JobState::Ready { .. } => &mut self.tally.counts.ready,
            JobState::Claimed { .. } => &mut self.tally.counts.claimed,
            JobState::Abandoned { .. } => &mut self.tally.counts.abandoned,
        }
    }
}

fn new_token() -> Result<ClaimToken, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::ReadFailed {
        reason: format!("no random bytes: {error}"),
    })?;
    Ok(ClaimToken(u128::from_be_bytes(bytes)))
}
