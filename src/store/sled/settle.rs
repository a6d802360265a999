//! What becomes of a claimed job: acknowledged with its effects, failed, or set aside.

use super::bounce_records::NewBounces;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::effects::{Applied, Effect};
use crate::job::state::{JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType};
use crate::store::record::{self, StoredState};
use crate::store::{Outcome, Settled, Settlement, StoreError};
use std::collections::BTreeSet;

/// Claims that are being settled together.
#[derive(Default)]
struct Settling {
    changes: Changes,
    bounces: NewBounces,
    seen: BTreeSet<(JobType, JobId)>,
}

impl Committer {
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
        for (kind, queue) in &mut self.queues {
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
}

fn is_claim(state: &JobState, shown: ClaimToken) -> bool {
    matches!(state, JobState::Claimed { token, .. } if *token == shown)
}
