//! What is kept in memory of the queue of one job type.

use super::changes::{Changes, Tally};
use super::keys;
use crate::clock::Timestamp;
use crate::job::state::JobState;
use crate::job::{ClaimToken, JobId, JobType};
use crate::store::record::StoredState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The queue of one type.
#[derive(Debug, Default)]
pub(super) struct TypeQueue {
    pub(super) tally: Tally,
    /// The stored tally is behind.
    pub(super) tally_changed: bool,
    /// Jobs with a stored state that are not before the first fresh one: they were imported.
    pub(super) ahead: BTreeSet<JobId>,
    /// Ready jobs that have a stored state, with their attempts.
    pub(super) returned: BTreeMap<JobId, u32>,
    /// Claimed jobs.
    pub(super) held: HashMap<JobId, Held>,
    /// Whether jobs of this type were pushed with signatures.
    pub(super) has_signatures: bool,
    /// How many jobs are left of those that were claimed together, by the first of them.
    pub(super) in_hand: HashMap<JobId, usize>,
}

/// A claimed job.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: ClaimToken,
    pub(super) since: Timestamp,
    /// Claims so far, this one included.
    pub(super) attempts: u32,
    /// How many further pieces it has.
    pub(super) pieces: u32,
    /// The first of the jobs that were claimed together, if one value tells of all of them.
    pub(super) group: Option<JobId>,
    /// Whether its own state is stored.
    pub(super) has_state: bool,
    /// The last failure, empty if there was none.
    pub(super) error: String,
}

impl Held {
    /// Where the job stands.
    pub(super) fn state(&self) -> JobState {
        JobState::Claimed {
            token: self.token,
            since: self.since,
            attempts: self.attempts,
        }
    }

    /// The same with the last failure, to be stored.
    pub(super) fn stored(&self) -> StoredState {
        StoredState {
            state: self.state(),
            error: self.error.clone(),
        }
    }
}

impl TypeQueue {
    /// A ready or delayed job is claimed.
    pub(super) fn take_in_hand(&mut self, id: JobId, from: JobState, held: Held) {
        self.pick_up(id, from);
        self.pass(id);
        self.hold(id, held);
    }

    /// A job that nobody holds is no longer in this state.
    pub(super) fn pick_up(&mut self, id: JobId, from: JobState) {
        let counts = &mut self.tally.counts;
        let count = match from {
            JobState::Ready { .. } => {
                self.returned.remove(&id);
                &mut counts.ready
            }
            JobState::Delayed { .. } => &mut counts.delayed,
            JobState::Abandoned { .. } => &mut counts.abandoned,
            JobState::Claimed { .. } => return,
        };
        *count = count.saturating_sub(1);
        self.tally_changed = true;
    }

    /// Whether a job of this number, if there is one, waits for its first claim or waits again.
    pub(super) fn is_ready(&self, id: JobId) -> bool {
        let fresh = id.0 >= self.tally.first_fresh && !self.ahead.contains(&id);
        fresh || self.returned.contains_key(&id)
    }

    /// This job is fresh no more. They are claimed in their order, so those before it are not either.
    pub(super) fn pass(&mut self, id: JobId) {
        if id.0 >= self.tally.first_fresh && !self.ahead.contains(&id) {
            let next = id.0.saturating_add(1);
            self.tally.first_fresh = next;
            if !self.ahead.is_empty() {
                self.ahead = self.ahead.split_off(&JobId(next));
            }
        }
    }

    /// This job has a stored state.
    pub(super) fn has_state(&mut self, id: JobId) {
        if id.0 >= self.tally.first_fresh {
            self.ahead.insert(id);
        }
    }

    /// Somebody holds, or held, this job.
    pub(super) fn hold(&mut self, id: JobId, held: Held) {
        self.tally.counts.claimed = self.tally.counts.claimed.saturating_add(1);
        if let Some(group) = held.group {
            let left = self.in_hand.entry(group).or_default();
            *left = left.saturating_add(1);
        }
        self.held.insert(id, held);
    }

    /// A claimed job is claimed no more; the last of those that were claimed together takes their value along.
    pub(super) fn let_go(
        &mut self,
        id: JobId,
        changes: &mut Changes,
        kind: &JobType,
    ) -> Option<Held> {
        let held = self.held.remove(&id)?;
        self.leave_group(held.group, changes, kind);
        let counts = &mut self.tally.counts;
        counts.claimed = counts.claimed.saturating_sub(1);
        Some(held)
    }

    /// One job less of those that were claimed together.
    pub(super) fn leave_group(
        &mut self,
        group: Option<JobId>,
        changes: &mut Changes,
        kind: &JobType,
    ) {
        let Some(group) = group else { return };
        let left = self.in_hand.entry(group).or_default();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.in_hand.remove(&group);
            changes.remove(keys::in_hand(kind, group));
        }
    }

    /// A job that nobody holds is in this state now.
    pub(super) fn put_down(&mut self, id: JobId, state: JobState) {
        self.pass(id);
        let counts = &mut self.tally.counts;
        match state {
            JobState::Ready { attempts } => {
                counts.ready = counts.ready.saturating_add(1);
                self.returned.insert(id, attempts);
            }
            JobState::Delayed { .. } => counts.delayed = counts.delayed.saturating_add(1),
            JobState::Abandoned { .. } => counts.abandoned = counts.abandoned.saturating_add(1),
            JobState::Claimed { .. } => {}
        }
    }
}
