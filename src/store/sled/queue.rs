//! The queue: pushes, claims, releases, recycling.

use super::changes::Changes;
use super::committer::{Claimed, Committer};
use super::keys;
use super::type_queue::{Held, TypeQueue};
use crate::clock::Timestamp;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{CountsByType, Recycled, StoreError};

/// About the most bytes of jobs that one claim puts into a runner's hands.
const CLAIM_BYTES: usize = 4 << 20;

/// Something that could be claimed.
struct Candidate {
    id: JobId,
    attempts: u32,
    /// Whether its state is stored.
    has_state: bool,
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

    /// Claims jobs of the type whose oldest ready job is the oldest of all.
    pub(super) fn claim(
        &mut self,
        wanted: &[(JobType, usize)],
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut oldest: Option<(JobType, Vec<Candidate>)> = None;
        for (kind, most) in wanted {
            let candidates = self.candidates(kind, *most)?;
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
            found.push(Candidate {
                id,
                attempts,
                has_state: true,
                head,
            });
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
            .range(keys::jobs_from(kind, JobId(queue.tally.first_fresh)))
        {
            if found.len() >= most || bytes >= CLAIM_BYTES {
                break;
            }
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            bytes = bytes.saturating_add(value.len());
            if let Some(id) = keys::id_in(kind, &key).filter(|id| !queue.ahead.contains(id)) {
                found.push(Candidate {
                    id,
                    attempts: 0,
                    has_state: false,
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

    /// Takes jobs into a runner's hands. For jobs that were never tried one value tells of all of them, which is read
    /// only if this process dies; a job that was tried has its own state.
    fn claim_all(
        &mut self,
        kind: &JobType,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Claimed>, StoreError> {
        let since = self.options.clock.now();
        let mut changes = Changes::default();
        let fresh: Vec<JobId> = candidates
            .iter()
            .filter(|candidate| candidate.attempts == 0)
            .map(|candidate| candidate.id)
            .collect();
        let group = fresh.first().copied();
        if let Some(group) = group {
            changes.put(keys::in_hand(kind, group), &record::encode_ids(&fresh));
        }
        let token = new_token()?;
        let queue = self.queue(kind);
        let mut claims = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let held = Held {
                token,
                since,
                attempts: candidate.attempts.saturating_add(1),
                pieces: record::decode_head(&candidate.head).map_or(0, |head| head.pieces),
                group: group.filter(|_| candidate.attempts == 0),
                has_state: candidate.has_state,
                error: String::new(),
            };
            claims.push(Claimed {
                kind: kind.clone(),
                id: candidate.id,
                token: held.token,
                attempts: held.attempts,
                head: candidate.head,
            });
            if held.group.is_none() {
                changes.put(keys::state(kind, candidate.id), &held.stored().encode());
            }
            queue.take_in_hand(candidate.id, held);
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

    /// Carries a held job on by `event` and stores where it is then; `None` if the event does not apply.
    pub(super) fn change_held(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        event: JobEvent,
        error: Option<String>,
    ) -> Option<JobState> {
        let (now, max_attempts) = (self.options.clock.now(), self.options.max_attempts);
        let queue = self.queue(kind);
        let held = queue.held.get(&id)?;
        let state = state::next(held.state(), event, now, max_attempts)?;
        let held = queue.let_go(id, changes, kind)?;
        let error = error.unwrap_or(held.error);
        changes.put(
            keys::state(kind, id),
            &StoredState { state, error }.encode(),
        );
        queue.put_down(id, state);
        Some(state)
    }

    /// Gives held jobs back that were not run.
    pub(super) fn release(
        &mut self,
        claims: &[(JobType, JobId, ClaimToken)],
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        for (kind, id, token) in claims {
            self.change_held(&mut changes, kind, *id, JobEvent::Release(*token), None);
        }
        self.apply_with_all_tallies(changes)
    }

    /// Gives back the claims that are older than `claim_ttl` seconds.
    pub(super) fn recycle(&mut self, claim_ttl: i64) -> Result<Recycled, StoreError> {
        let mut recycled = Recycled::default();
        let mut changes = Changes::default();
        let now = self.options.clock.now();
        for (kind, id) in self.held_since_before(now.minus(claim_ttl)) {
            let event = JobEvent::Recycle { claim_ttl };
            match self.change_held(&mut changes, &kind, id, event, None) {
                Some(JobState::Ready { .. }) => recycled.ready = recycled.ready.saturating_add(1),
                Some(JobState::Abandoned { .. }) => {
                    recycled.abandoned = recycled.abandoned.saturating_add(1);
                }
                Some(JobState::Claimed { .. }) | None => {}
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

fn new_token() -> Result<ClaimToken, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::ReadFailed {
        reason: format!("no random bytes: {error}"),
    })?;
    Ok(ClaimToken(u128::from_be_bytes(bytes)))
}
