//! What becomes of a claimed job: acknowledged with its effects, failed, or set aside.

use super::bounce_records::NewBounces;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::effects::{Applied, Effect};
use crate::job::state::{JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType};
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
            kind,
            id,
            token,
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
            Outcome::Failed(error) => {
                Ok(self.fail_job(&mut settling.changes, &kind, id, token, error))
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
        self.remove_job(&mut settling.changes, kind, id);
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

    fn remove_job(&mut self, changes: &mut Changes, kind: &JobType, id: JobId) {
        let Some(held) = self.queue(kind).let_go(id, changes, kind) else {
            return;
        };
        for number in 0..held.pieces {
            changes.remove(keys::piece(kind, id, number));
        }
        changes.remove(keys::job(kind, id));
        if held.has_state {
            changes.remove(keys::state(kind, id));
        }
    }

    /// Stores the failure. A job with attempts left stays claimed until its claim is recycled.
    fn fail_job(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
        token: ClaimToken,
        error: String,
    ) -> Settled {
        let event = JobEvent::Fail(token);
        if self
            .change_held(changes, kind, id, event, Some(error.clone()))
            .is_some()
        {
            return Settled::Abandoned;
        }
        let queue = self.queue(kind);
        let group = queue.held.get_mut(&id).and_then(|held| {
            held.error = error;
            held.has_state = true;
            changes.put(keys::state(kind, id), &held.stored().encode());
            held.group.take()
        });
        queue.leave_group(group, changes, kind);
        Settled::Failed
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
        };
        changes.put(
            keys::state(kind, id),
            &StoredState { state, error }.encode(),
        );
        queue.put_down(id, state);
        self.apply_with_tally(changes, kind)
    }
}
