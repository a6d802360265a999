//! Jobs that come from another store, each in the state in which it stood there.

use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use super::type_queue::Held;
use crate::job::JobId;
use crate::job::state::JobState;
use crate::store::record::{self, StoredState};
use crate::store::{StoreError, StoredJob};

impl Committer {
    /// Stores jobs in the states that they bring along, in one set of changes.
    pub(super) fn import(&mut self, jobs: &[StoredJob]) -> Result<Vec<JobId>, StoreError> {
        let mut changes = Changes::default();
        let ids = jobs
            .iter()
            .map(|job| self.import_one(&mut changes, job))
            .collect();
        self.apply_with_all_tallies(changes)?;
        Ok(ids)
    }

    fn import_one(&mut self, changes: &mut Changes, stored: &StoredJob) -> JobId {
        let kind = &stored.job.kind;
        if let Some(wanted) = stored.id {
            self.next_job = self.next_job.max(wanted.0);
        }
        let id = self.next_id(kind);
        let (head, pieces) =
            record::encode_job(&stored.job.wiki, stored.pushed, &stored.job.params);
        let piece_count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        for (number, piece) in (0..).zip(pieces) {
            changes.put(keys::piece(kind, id, number), piece);
        }
        changes.put(keys::job(kind, id), &head);
        let state = self.state_here(stored.state);
        if state == (JobState::Ready { attempts: 0 }) && stored.error.is_empty() {
            return id;
        }
        let with_error = StoredState {
            state,
            error: stored.error.clone(),
        };
        changes.put(keys::state(kind, id), &with_error.encode());
        if let JobState::Delayed { until, .. } = state {
            changes.put(keys::due(kind, until, id), &[]);
        }
        let queue = self.queue(kind);
        // The next number was taken as that of a ready job.
        queue.tally.counts.ready = queue.tally.counts.ready.saturating_sub(1);
        queue.has_state(id);
        match state {
            JobState::Claimed {
                token,
                since,
                attempts,
            } => queue.hold(
                id,
                Held {
                    token,
                    since,
                    attempts,
                    pieces: piece_count,
                    group: None,
                    has_state: true,
                    error: stored.error.clone(),
                },
            ),
            JobState::Ready { .. } | JobState::Delayed { .. } | JobState::Abandoned { .. } => {
                queue.put_down(id, state);
            }
        }
        id
    }

    /// A claim of the last attempt is one that nobody here can settle, which is to be abandoned (MediaWiki calls such a
    /// job abandoned while it is claimed).
    fn state_here(&self, state: JobState) -> JobState {
        match state {
            JobState::Claimed {
                since, attempts, ..
            } if attempts >= self.options.rules.max_attempts => JobState::Abandoned {
                attempts,
                since,
                repushed: false,
            },
            state => state,
        }
    }
}
