//! Reading the jobs of all types in the order of their numbers.

use super::{Reading, Take};
use crate::job::signature::JobSignature;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::sled::keys;
use crate::store::sled::leftovers::{first_claim, in_hand_of, in_words};
use crate::store::{Entry, Findings, JobCounts, StoreError, StoredJob};
use std::collections::{BTreeMap, BTreeSet};

/// Where the reading of a type has come.
struct Position {
    kind: JobType,
    /// The jobs that only a list of claimed jobs tells of.
    in_hand: BTreeSet<JobId>,
    /// The next job.
    next: Option<(JobId, ::sled::IVec)>,
}

impl Reading<'_> {
    /// Reads the jobs; returns how many there are of those that had been counted.
    pub(super) fn jobs(
        &self,
        findings: &mut Findings,
        take: Take<'_>,
    ) -> Result<BTreeMap<JobType, JobCounts>, StoreError> {
        let mut counted: BTreeMap<JobType, JobCounts> = BTreeMap::new();
        let mut kinds: BTreeSet<JobType> = self.inventory.tallies.keys().cloned().collect();
        match self.guarded(|| keys::types(self.db)) {
            Ok(found) => kinds.extend(found),
            Err(what) => findings
                .faults
                .push(format!("the list of job types: {what}")),
        }
        let mut positions = Vec::new();
        for kind in kinds {
            findings.jobs.insert(kind.clone(), JobCounts::default());
            let in_hand = self.guarded(|| in_hand_of(self.db, &kind));
            let in_hand = in_hand.unwrap_or_else(|what| {
                findings
                    .faults
                    .push(format!("claimed jobs of type {kind}: {what}"));
                Vec::new()
            });
            let next = self.next(&kind, JobId(0), findings);
            positions.push(Position {
                in_hand: in_hand.into_iter().collect(),
                kind,
                next,
            });
        }
        while let Some(position) = positions
            .iter_mut()
            .filter(|position| position.next.is_some())
            .min_by_key(|position| position.next.as_ref().map(|(id, _)| *id))
        {
            let Some((id, head)) = position.next.take() else {
                break;
            };
            match self.guarded(|| self.job(&position.kind, id, &head, &position.in_hand)) {
                Ok((job, state)) => {
                    let kind = position.kind.clone();
                    let tally = self.inventory.tallies.get(&kind);
                    if tally.is_some_and(|tally| id.0 < tally.counted_below) {
                        counted.entry(kind.clone()).or_default().add(&state);
                    }
                    findings.jobs.entry(kind).or_default().add(&state);
                    take(Entry::Job(job))?;
                }
                Err(what) => findings.job_fault(&position.kind, id, &what),
            }
            position.next = self.next(&position.kind, JobId(id.0.saturating_add(1)), findings);
        }
        Ok(counted)
    }

    /// The first job of a type from this number on. Where reading fails, it goes on farther behind.
    fn next(
        &self,
        kind: &JobType,
        from: JobId,
        findings: &mut Findings,
    ) -> Option<(JobId, ::sled::IVec)> {
        let mut step = 1_u64;
        let mut start = from;
        loop {
            let what = match self.guarded(|| first_job(self.db, kind, start)) {
                Ok(found) => return found,
                Err(what) => what,
            };
            findings
                .faults
                .push(format!("{kind} jobs from {start} on: {what}"));
            start = JobId(start.0.checked_add(step)?);
            step = step.checked_mul(2)?;
        }
    }

    /// A job as it would be after opening, and the state in which it is counted.
    fn job(
        &self,
        kind: &JobType,
        id: JobId,
        head: &[u8],
        in_hand: &BTreeSet<JobId>,
    ) -> Result<(StoredJob, JobState), StoreError> {
        let options = &self.inventory.options;
        let head = record::decode_head(head).map_err(|error| keys::garbled(&error.to_string()))?;
        let pieces = keys::pieces_of(self.db, kind, id, head.pieces)?;
        let job = head
            .join(id, kind.clone(), &pieces)
            .map_err(|error| keys::garbled(&error.to_string()))?;
        let value = self
            .db
            .get(keys::state(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let stored = match value {
            Some(value) => StoredState::decode(&value)
                .map_err(|error| keys::garbled(&format!("its state: {error}")))?,
            None if in_hand.contains(&id) => first_claim(options),
            None => StoredState {
                state: JobState::Ready { attempts: 0 },
                error: String::new(),
            },
        };
        let counted = stored.state;
        let now = options.clock.now();
        // Whoever held the claim is gone. A failed job that waits for its claim to grow stale goes on waiting.
        let state = match stored.state {
            JobState::Claimed { .. } if stored.error.is_empty() => {
                state::next(stored.state, JobEvent::Orphan, now, &options.rules)
            }
            state => Some(state),
        };
        let stored = StoredJob {
            id: Some(id),
            job: NewJob {
                kind: job.kind,
                wiki: job.wiki,
                params: job.params,
                unique: self.signature(kind, id)?,
            },
            pushed: job.pushed,
            state: state.unwrap_or(counted),
            error: stored.error,
        };
        Ok((stored, counted))
    }

    fn signature(&self, kind: &JobType, id: JobId) -> Result<Option<JobSignature>, StoreError> {
        let key = self
            .db
            .get(keys::signature_of(kind, id))
            .map_err(|error| keys::read_failed(&error))?;
        let signature = key.and_then(|key| key.last_chunk::<20>().copied());
        Ok(signature.map(JobSignature))
    }

    /// Compares what was read with what was counted when it was written.
    pub(super) fn compare_counts(
        &self,
        counted: &BTreeMap<JobType, JobCounts>,
        findings: &mut Findings,
    ) {
        for (kind, tally) in &self.inventory.tallies {
            let found = counted.get(kind).copied().unwrap_or_default();
            if found != tally.counts {
                findings.faults.push(format!(
                    "of the jobs of type {kind} {} are counted, and {} can be read",
                    in_words(&tally.counts),
                    in_words(&found)
                ));
            }
        }
    }
}

fn first_job(
    db: &::sled::Db,
    kind: &JobType,
    from: JobId,
) -> Result<Option<(JobId, ::sled::IVec)>, StoreError> {
    for entry in db.range(keys::jobs_from(kind, from)) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        if let Some(id) = keys::id_in(kind, &key) {
            return Ok(Some((id, value)));
        }
    }
    Ok(None)
}
