//! What a process that is gone left behind: jobs that are not counted yet, and claims.

use super::changes::Changes;
use super::changes::Tally;
use super::keys;
use super::seal::NewerTallies;
use super::type_queue::{Held, TypeQueue};
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType};
use crate::store::record::{self, StoredState};
use crate::store::{JobCounts, StoreError, StoreOptions};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the tallies, counts what a crash left uncounted, and gives back the claims of a process that is gone.
pub(super) fn load_queues(
    db: &::sled::Db,
    options: &StoreOptions,
    newer: &NewerTallies,
    changes: &mut Changes,
) -> Result<BTreeMap<JobType, TypeQueue>, StoreError> {
    let mut tallies = stored_tallies(db)?;
    tallies.extend(newer.iter().map(|(kind, tally)| (kind.clone(), *tally)));
    for kind in keys::types(db)? {
        tallies.entry(kind).or_default();
    }
    let mut queues = BTreeMap::new();
    for (kind, tally) in tallies {
        let mut queue = TypeQueue {
            tally,
            ..TypeQueue::default()
        };
        let signed = db.scan_prefix(keys::signatures(&kind)).next();
        queue.has_signatures = signed
            .transpose()
            .map_err(|error| keys::read_failed(&error))?
            .is_some();
        queue.count_uncounted(db, &kind, changes)?;
        queue.give_back_orphans(db, options, &kind, changes)?;
        changes.put_tally(&kind, &queue.tally);
        queues.insert(kind, queue);
    }
    Ok(queues)
}

/// The tallies under their own keys.
pub(super) fn stored_tallies(db: &::sled::Db) -> Result<BTreeMap<JobType, Tally>, StoreError> {
    let mut tallies = BTreeMap::new();
    for entry in db.scan_prefix(keys::ALL_TALLIES) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        let name = key
            .strip_prefix(keys::ALL_TALLIES)
            .and_then(|name| std::str::from_utf8(name).ok());
        let kind = name
            .and_then(JobType::parse)
            .ok_or_else(|| keys::garbled("the name of a job type is garbled"))?;
        let tally = Tally::decode(&value)
            .ok_or_else(|| keys::garbled(&format!("the tally of {kind} is garbled")))?;
        tallies.insert(kind, tally);
    }
    Ok(tallies)
}

impl TypeQueue {
    /// A crash may leave jobs behind the last tally; their pushes were not answered, but they are whole. Pieces
    /// without a head are what is left of a job that was not.
    fn count_uncounted(
        &mut self,
        db: &::sled::Db,
        kind: &JobType,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let mut pieces = Vec::new();
        for entry in db
            .range(keys::jobs_from(kind, JobId(self.tally.counted_below)))
            .keys()
        {
            let key = entry.map_err(|error| keys::read_failed(&error))?;
            if let Some(id) = keys::id_in(kind, &key) {
                self.tally.counts.ready = self.tally.counts.ready.saturating_add(1);
                self.tally.counted_below = id.0.saturating_add(1);
            } else if keys::id_of_piece(kind, &key)
                .is_some_and(|id| id.0 >= self.tally.counted_below)
            {
                pieces.push(key);
            }
        }
        for piece in pieces {
            changes.remove(piece);
        }
        Ok(())
    }

    /// Whoever held a claim is dead, since the directory was not locked: its jobs are ready again.
    fn give_back_orphans(
        &mut self,
        db: &::sled::Db,
        options: &StoreOptions,
        kind: &JobType,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let counted = std::mem::take(&mut self.tally.counts);
        let mut found = JobCounts::default();
        let mut with_state = BTreeSet::new();
        for entry in db.scan_prefix(keys::states(kind)) {
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let Some(id) = keys::id_in(kind, &key) else {
                continue;
            };
            let stored = StoredState::decode(&value).map_err(|error| {
                keys::garbled(&format!(
                    "the state of {kind} job {id} cannot be read: {error}"
                ))
            })?;
            if !job_is_there(db, kind, id)? {
                return Err(keys::garbled(&format!(
                    "{kind} job {id} is missing, its state is there"
                )));
            }
            found.add(&stored.state);
            with_state.insert(id);
            self.has_state(id);
            self.give_back(db, options, kind, id, stored, changes)?;
        }
        for id in in_hand(db, kind, changes)? {
            self.pass(id);
            // A job with a state of its own has left the list, and one that is not there was settled.
            if with_state.contains(&id) || !job_is_there(db, kind, id)? {
                continue;
            }
            let stored = first_claim(options);
            found.add(&stored.state);
            self.give_back(db, options, kind, id, stored, changes)?;
        }
        self.count_fresh(kind, &counted, &found)
    }

    /// The jobs without a state that nobody held are those that are left of what was counted.
    fn count_fresh(
        &mut self,
        kind: &JobType,
        counted: &JobCounts,
        found: &JobCounts,
    ) -> Result<(), StoreError> {
        let fresh = counted.ready.checked_sub(found.ready);
        let fits = JobCounts {
            ready: 0,
            ..*counted
        } == JobCounts { ready: 0, ..*found };
        let Some(fresh) = fresh.filter(|_| fits) else {
            return Err(keys::garbled(&format!(
                "of the jobs of type {kind} {} are counted, and there are {}",
                in_words(counted),
                in_words(found)
            )));
        };
        self.tally.counts.ready = self.tally.counts.ready.saturating_add(fresh);
        Ok(())
    }

    fn give_back(
        &mut self,
        db: &::sled::Db,
        options: &StoreOptions,
        kind: &JobType,
        id: JobId,
        stored: StoredState,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let now = options.clock.now();
        if !matches!(stored.state, JobState::Claimed { .. }) {
            self.put_down(id, stored.state);
            return Ok(());
        }
        if let (
            JobState::Claimed {
                token,
                since,
                attempts,
            },
            false,
        ) = (stored.state, stored.error.is_empty())
        {
            // It failed and waits for its claim to grow stale, whoever opens the store meanwhile.
            let pieces = keys::piece_count(db, kind, id)?;
            let held = Held {
                token,
                since,
                attempts,
                pieces,
                group: None,
                has_state: true,
                error: stored.error,
            };
            self.hold(id, held);
            return Ok(());
        }
        let next = state::next(stored.state, JobEvent::Orphan, now, &options.rules);
        if let Some(state) = next {
            let error = state.with_error(stored.error);
            changes.put(
                keys::state(kind, id),
                &StoredState { state, error }.encode(),
            );
            self.put_down(id, state);
        }
        Ok(())
    }
}

fn job_is_there(db: &::sled::Db, kind: &JobType, id: JobId) -> Result<bool, StoreError> {
    let there = db.contains_key(keys::job(kind, id));
    there.map_err(|error| keys::read_failed(&error))
}

/// The jobs that were claimed together, whose lists are of no use any more.
fn in_hand(
    db: &::sled::Db,
    kind: &JobType,
    changes: &mut Changes,
) -> Result<Vec<JobId>, StoreError> {
    for entry in db.scan_prefix(keys::all_in_hand(kind)).keys() {
        changes.remove(entry.map_err(|error| keys::read_failed(&error))?);
    }
    in_hand_of(db, kind)
}

/// The jobs that lists of claimed jobs tell of.
pub(super) fn in_hand_of(db: &::sled::Db, kind: &JobType) -> Result<Vec<JobId>, StoreError> {
    let mut found = Vec::new();
    for entry in db.scan_prefix(keys::all_in_hand(kind)) {
        let (_, value) = entry.map_err(|error| keys::read_failed(&error))?;
        let ids = record::decode_ids(&value)
            .ok_or_else(|| keys::garbled("a list of claimed jobs is garbled"))?;
        found.extend(ids);
    }
    Ok(found)
}

/// A claim of which only the list tells.
pub(super) fn first_claim(options: &StoreOptions) -> StoredState {
    StoredState {
        state: JobState::Claimed {
            token: ClaimToken(0),
            since: options.clock.now(),
            attempts: 1,
        },
        error: String::new(),
    }
}

pub(super) fn in_words(counts: &JobCounts) -> String {
    let JobCounts {
        ready,
        claimed,
        delayed,
        abandoned,
    } = counts;
    format!("{ready} ready, {claimed} claimed, {delayed} delayed and {abandoned} abandoned")
}
