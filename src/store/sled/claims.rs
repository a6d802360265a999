//! Claims: which jobs a runner gets, and how they are put into its hands.

use super::changes::Changes;
use super::committer::{Claimed, Committer};
use super::keys;
use super::type_queue::{Held, TypeQueue};
use crate::job::state::JobState;
use crate::job::{Claim, ClaimToken, JobId, JobType};
use crate::store::{StoreError, record};

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
}

fn new_token() -> Result<ClaimToken, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::ReadFailed {
        reason: format!("no random bytes: {error}"),
    })?;
    Ok(ClaimToken(u128::from_be_bytes(bytes)))
}
