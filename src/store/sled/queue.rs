//! The queue: pushes, claims, releases, recycling.

use super::changes::Changes;
use super::committer::{Claimed, Committer};
use super::keys;
use super::type_queue::{Held, TypeQueue};
use crate::clock::Timestamp;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{Claim, ClaimToken, JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{CountsByType, Recycled, StoreError};

/// About the most bytes of jobs that one claim puts into a runner's hands.
const CLAIM_BYTES: usize = 4 << 20;

/// Something that could be claimed.
struct Candidate {
    id: JobId,
    from: JobState,
    /// Whether its state is stored.
    has_state: bool,
    head: ::sled::IVec,
}

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
        if let Some(signature) = &job.unique {
            let key = keys::signature(&job.kind, &job.wiki, signature);
            self.insert(keys::signature_of(&job.kind, id), &key)?;
            self.insert(key, &id.0.to_be_bytes())?;
            self.queue(&job.kind).has_signatures = true;
        }
        Ok(id)
    }

    /// The ready job that makes pushing this one needless.
    fn ready_twin(&mut self, job: &NewJob) -> Result<Option<JobId>, StoreError> {
        let Some(signature) = &job.unique else {
            return Ok(None);
        };
        let key = keys::signature(&job.kind, &job.wiki, signature);
        let stored = self
            .db
            .get(key)
            .map_err(|error| keys::read_failed(&error))?;
        let twin =
            stored.and_then(|value| Some(u64::from_be_bytes(value.as_ref().try_into().ok()?)));
        let queue = self.queue(&job.kind);
        Ok(twin.map(JobId).filter(|twin| queue.is_ready(*twin)))
    }

    /// Pushes a job as one of many changes. A job that came of another is never a twin.
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

    /// What may be claimed of a type: jobs that came back, then delayed ones that are due, then those that were never
    /// claimed. One that was tried before is taken alone, in case it takes its runner down.
    fn candidates(&self, kind: &JobType, most: usize) -> Result<Vec<Candidate>, StoreError> {
        let Some(queue) = self.queues.get(kind) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (&id, &attempts) in &queue.returned {
            if found.len() >= most || (attempts > 0 && !found.is_empty()) {
                return Ok(found);
            }
            found.push(self.candidate(kind, id, JobState::Ready { attempts })?);
            if attempts > 0 {
                return Ok(found);
            }
        }
        if found.is_empty() && queue.tally.counts.delayed > 0 {
            found.extend(self.due(kind)?);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let fresh = queue.tally.counts.ready > u64::try_from(found.len()).unwrap_or(u64::MAX);
        if fresh && found.len() < most {
            self.add_fresh(kind, queue, most, &mut found)?;
            if found.is_empty() {
                return Err(self.missing(kind, queue.tally.counts.ready));
            }
        }
        Ok(found)
    }

    /// The delayed job of a type that has been due the longest.
    fn due(&self, kind: &JobType) -> Result<Option<Candidate>, StoreError> {
        let now = self.options.clock.now();
        let Some(entry) = self.db.range(keys::due_by(kind, now)).keys().next() else {
            return Ok(None);
        };
        let key = entry.map_err(|error| keys::read_failed(&error))?;
        let Some((until, id)) = keys::time_and_id_in(&key) else {
            return Ok(None);
        };
        let id = JobId(id);
        let stored = self.stored_state(kind, id)?;
        let attempts = stored.map_or(0, |stored| stored.state.attempts());
        self.candidate(kind, id, JobState::Delayed { attempts, until })
            .map(Some)
    }

    fn candidate(
        &self,
        kind: &JobType,
        id: JobId,
        from: JobState,
    ) -> Result<Candidate, StoreError> {
        let head = self
            .db
            .get(keys::job(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let head = head.ok_or_else(|| self.damaged(&format!("{kind} job {id} is not there")))?;
        Ok(Candidate {
            id,
            from,
            has_state: true,
            head,
        })
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
                    from: JobState::Ready { attempts: 0 },
                    has_state: false,
                    head: value,
                });
            }
        }
        Ok(())
    }

    pub(super) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged {
            directory: self.options.directory.clone(),
            what: what.to_owned(),
        }
    }

    fn missing(&self, kind: &JobType, ready: u64) -> StoreError {
        self.damaged(&format!(
            "{ready} ready jobs of type {kind} are counted, but the next of them is not there"
        ))
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
            .filter(|candidate| !candidate.has_state)
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
                attempts: candidate.from.attempts().saturating_add(1),
                pieces: record::decode_head(&candidate.head).map_or(0, |head| head.pieces),
                group: group.filter(|_| !candidate.has_state),
                has_state: candidate.has_state,
                error: String::new(),
            };
            if let JobState::Delayed { until, .. } = candidate.from {
                changes.remove(keys::due(kind, until, candidate.id));
            }
            if held.group.is_none() {
                changes.put(keys::state(kind, candidate.id), &held.stored().encode());
            }
            claims.push(Claimed {
                claim: Claim {
                    kind: kind.clone(),
                    id: candidate.id,
                    token,
                },
                attempts: held.attempts,
                head: candidate.head,
            });
            queue.take_in_hand(candidate.id, candidate.from, held);
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
        let (now, rules) = (self.options.clock.now(), self.options.rules);
        let queue = self.queue(kind);
        let held = queue.held.get(&id)?;
        let state = state::next(held.state(), event, now, &rules)?;
        let held = queue.let_go(id, changes, kind)?;
        let error = error.unwrap_or(held.error);
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
            self.change_held(&mut changes, kind, *id, JobEvent::Release(*token), None);
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
                Some(JobState::Ready { .. }) => recycled.ready = recycled.ready.saturating_add(1),
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

fn new_token() -> Result<ClaimToken, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::ReadFailed {
        reason: format!("no random bytes: {error}"),
    })?;
    Ok(ClaimToken(u128::from_be_bytes(bytes)))
}
