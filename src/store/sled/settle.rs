//! What becomes of a claimed job: acknowledged with its effects, failed, or set aside.

use super::bounce_records::NewBounces;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::effects::{Applied, Effect};
use crate::job::retry::Chance;
use crate::job::state::{JobEvent, JobState};
use crate::job::{Claim, JobId, JobType};
use crate::store::record::StoredState;
use crate::store::{Outcome, Settled, Settlement, StoreError};

/// Claims that are being settled together.
#[derive(Default)]
struct Settling {
    changes: Changes,
    bounces: NewBounces,
}

impl Committer {
    /// Settles claims in their order, in one set of changes. A failure half-way ends the service of this store,
    /// because what is in memory would be ahead of what is stored.
    pub(super) fn settle(
        &mut self,
        settlements: Vec<Settlement>,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut settling = Settling::default();
        let settled: Result<Vec<Settled>, StoreError> = settlements
            .into_iter()
            .map(|settlement| self.settle_one(&mut settling, settlement))
            .collect();
        let settled = settled.inspect_err(|error| self.fail(error))?;
        let Settling {
            mut changes,
            bounces,
        } = settling;
        let users = bounces.finish(&self.users, &mut changes)?;
        self.apply_with_all_tallies(changes)?;
        self.users.replace(users);
        Ok(settled)
    }

    fn settle_one(
        &mut self,
        settling: &mut Settling,
        settlement: Settlement,
    ) -> Result<Settled, StoreError> {
        let Settlement {
            claim: Claim { kind, id, token },
            outcome,
        } = settlement;
        let held = self.queue(&kind).held.get(&id);
        if held.is_none_or(|held| held.token != token) {
            return Ok(Settled::ClaimLost);
        }
        match outcome {
            Outcome::Done(effects) => self
                .acknowledge(settling, &kind, id, effects)
                .map(Settled::Acknowledged),
            Outcome::Failed { error, may_retry } => {
                let event = JobEvent::Fail {
                    token,
                    may_retry,
                    chance: new_chance()?,
                };
                Ok(self.fail_job(&mut settling.changes, &kind, id, event, error))
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
        self.remove_held(&mut settling.changes, kind, id)?;
        let mut applied = Vec::with_capacity(effects.len());
        for effect in effects {
            applied.push(match effect {
                Effect::RecordBounce(bounce) => {
                    let Settling { changes, bounces } = settling;
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

    /// Removes a job that is held.
    pub(super) fn remove_held(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
    ) -> Result<(), StoreError> {
        let Some(held) = self.queue(kind).let_go(id, changes, kind) else {
            return Ok(());
        };
        if held.has_state {
            changes.remove(keys::state(kind, id));
        }
        self.remove_content(changes, kind, id, held.pieces)
    }

    /// Removes what a job is made of, apart from its state.
    pub(super) fn remove_content(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        pieces: u32,
    ) -> Result<(), StoreError> {
        for number in 0..pieces {
            changes.remove(keys::piece(kind, id, number));
        }
        changes.remove(keys::job(kind, id));
        if !self.queue(kind).has_signatures {
            return Ok(());
        }
        let get = |key: &[u8]| self.db.get(key).map_err(|error| keys::read_failed(&error));
        if let Some(signature) = get(&keys::signature_of(kind, id))? {
            if get(&signature)?.is_some_and(|last| last == id.0.to_be_bytes()) {
                changes.remove(signature);
            }
            changes.remove(keys::signature_of(kind, id));
        }
        Ok(())
    }

    /// Stores the failure: the job is delayed or abandoned, or stays claimed until its claim is stale.
    fn fail_job(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        event: JobEvent,
        error: String,
    ) -> Settled {
        match self.change_held(changes, kind, id, event, Some(error.clone())) {
            Some(JobState::Delayed { until, .. }) => return Settled::Failed(Some(until)),
            Some(JobState::Abandoned { .. }) => return Settled::Abandoned,
            Some(JobState::Ready { .. } | JobState::Claimed { .. }) | None => {}
        }
        let queue = self.queue(kind);
        let group = queue.held.get_mut(&id).and_then(|held| {
            // Without a text nobody could tell it from a claim whose runner died.
            held.error = if error.is_empty() {
                " ".to_owned()
            } else {
                error
            };
            held.has_state = true;
            changes.put(keys::state(kind, id), &held.stored().encode());
            held.group.take()
        });
        queue.leave_group(group, changes, kind);
        Settled::Failed(None)
    }

    /// Abandons a claimed job that cannot be read.
    pub(super) fn set_aside(
        &mut self,
        kind: &JobType,
        id: JobId,
        error: String,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        let since = self.options.clock.now();
        let queue = self.queue(kind);
        let Some(held) = queue.let_go(id, &mut changes, kind) else {
            return Ok(());
        };
        let state = JobState::Abandoned {
            attempts: held.attempts,
            since,
            repushed: false,
        };
        changes.put(
            keys::state(kind, id),
            &StoredState { state, error }.encode(),
        );
        queue.put_down(id, state);
        self.apply_with_tally(changes, kind)
    }
}

fn new_chance() -> Result<Chance, StoreError> {
    let number = getrandom::u32().map_err(|error| StoreError::ReadFailed {
        reason: format!("no random number: {error}"),
    })?;
    Ok(Chance(number))
}
