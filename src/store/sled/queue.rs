//! The queue: pushes, claims, releases, failures, recycling.

use super::bounce_records::NewBounces;
use super::changes::{Changes, Tally};
use super::committer::{Claimed, Committer};
use super::keys;
use crate::effects::{Applied, Effect};
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{CountsByType, Outcome, Recycled, Settled, Settlement, StoreError};
use std::collections::{BTreeMap, BTreeSet};

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

    fn add_job(&mut self, changes: &mut Changes, job: &NewJob) {
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

    fn queue(&mut self, kind: &JobType) -> &mut TypeQueue {
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

    fn apply_with_tally(&mut self, mut changes: Changes, kind: &JobType) -> Result<(), StoreError> {
        if let Some(queue) = self.queues.get_mut(kind) {
            queue.tally_changed = false;
            changes.put_tally(kind, &queue.tally);
        }
        self.apply(changes)
    }

    /// Carries a job from `from` by `event`; returns where it is then, or `None` if the event does not apply.
    fn change_state(
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

    fn state_of(&self, kind: &JobType, id: JobId) -> Result<Option<StoredState>, StoreError> {
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

    /// Settles claims in their order, in one set of changes.
    pub(super) fn settle(
        &mut self,
        settlements: Vec<Settlement>,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut settling = Settling::default();
        let mut settled = Vec::with_capacity(settlements.len());
        for settlement in settlements {
            settled.push(self.settle_one(&mut settling, settlement)?);
        }
        for (kind, queue) in self.queues.iter_mut() {
            queue.tally_changed = false;
            settling.changes.put_tally(kind, &queue.tally);
        }
        let users = settling.bounces.into_changed_users();
        self.apply(settling.changes)?;
        self.users.replace(users);
        Ok(settled)
    }

    fn settle_one(
        &mut self,
        settling: &mut Settling,
        settlement: Settlement,
    ) -> Result<Settled, StoreError> {
        let Settlement {
            kind,
            id,
            token,
            outcome,
        } = settlement;
        let stored = self.state_of(&kind, id)?;
        let claimed = stored
            .map(|stored| stored.state)
            .filter(|state| is_claim(state, token));
        // The same claim a second time in one call would not see the first, which is not applied yet.
        let Some(claimed) = claimed.filter(|_| settling.seen.insert((kind.clone(), id))) else {
            return Ok(Settled::ClaimLost);
        };
        match outcome {
            Outcome::Done(effects) => self
                .acknowledge(settling, &kind, id, effects)
                .map(Settled::Acknowledged),
            Outcome::Failed(error) => {
                Ok(self.fail_job(&mut settling.changes, &kind, id, claimed, token, error))
            }
        }
    }

    fn acknowledge(
        &mut self,
        settling: &mut Settling,
        kind: &JobType,
        id: JobId,
        effects: Vec<Effect>,
    ) -> Result<Vec<Applied>, StoreError> {
        self.remove_job(&mut settling.changes, kind, id)?;
        let mut applied = Vec::with_capacity(effects.len());
        for effect in effects {
            applied.push(match effect {
                Effect::RecordBounce(bounce) => {
                    let Settling {
                        changes, bounces, ..
                    } = settling;
                    bounces.record(self, changes, id, bounce)?
                }
                Effect::Push(job) => {
                    self.add_job(&mut settling.changes, &job);
                    Applied::Pushed
                }
            });
        }
        Ok(applied)
    }

    fn remove_job(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
    ) -> Result<(), StoreError> {
        let head = self
            .db
            .get(keys::job(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let pieces = head
            .and_then(|head| record::decode_head(&head).ok().map(|head| head.pieces))
            .unwrap_or(0);
        for number in 0..pieces {
            changes.remove(keys::piece(kind, id, number));
        }
        changes.remove(keys::job(kind, id));
        changes.remove(keys::state(kind, id));
        let counts = &mut self.queue(kind).tally.counts;
        counts.claimed = counts.claimed.saturating_sub(1);
        Ok(())
    }

    fn fail_job(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        claimed: JobState,
        token: ClaimToken,
        error: String,
    ) -> Settled {
        if self
            .change_state(
                changes,
                kind,
                id,
                claimed,
                JobEvent::Fail(token),
                error.clone(),
            )
            .is_some()
        {
            return Settled::Abandoned;
        }
        changes.put(
            keys::state(kind, id),
            &StoredState {
                state: claimed,
                error,
            }
            .encode(),
        );
        Settled::Failed
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

    /// Abandons a claimed job that cannot be read.
    pub(super) fn set_aside(
        &mut self,
        kind: &JobType,
        id: JobId,
        reason: String,
    ) -> Result<(), StoreError> {
        let Some(stored) = self.state_of(kind, id)? else {
            return Ok(());
        };
        let JobState::Claimed { attempts, .. } = stored.state else {
            return Ok(());
        };
        let abandoned = JobState::Abandoned {
            attempts,
            since: self.options.clock.now(),
        };
        let mut changes = Changes::default();
        changes.put(
            keys::state(kind, id),
            &StoredState {
                state: abandoned,
                error: reason,
            }
            .encode(),
        );
        self.queues
            .entry(kind.clone())
            .or_default()
            .moved(id, stored.state, abandoned);
        self.apply_with_tally(changes, kind)
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
                        recycled.ready = recycled.ready.saturating_add(1)
                    }
                    Some(JobState::Abandoned { .. }) => {
                        recycled.abandoned = recycled.abandoned.saturating_add(1)
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

/// Claims that are being settled together.
#[derive(Default)]
struct Settling {
    changes: Changes,
    bounces: NewBounces,
    seen: BTreeSet<(JobType, JobId)>,
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

fn is_claim(state: &JobState, shown: ClaimToken) -> bool {
    matches!(state, JobState::Claimed { token, .. } if *token == shown)
}

fn new_token() -> Result<ClaimToken, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::ReadFailed {
        reason: format!("no random bytes: {error}"),
    })?;
    Ok(ClaimToken(u128::from_be_bytes(bytes)))
}
