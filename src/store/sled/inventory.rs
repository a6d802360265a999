//! Reading a store from end to end, whole or damaged, without changing what it holds.

use super::changes::Tally;
use super::guard::{discard, guarded};
use super::leftovers::{first_claim, in_hand_of, in_words, stored_tallies};
use super::seal::Seal;
use super::{bounce_records, keys, open, users};
use crate::effects::BounceIdentity;
use crate::job::signature::JobSignature;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{JobId, JobType, NewJob};
use crate::store::record::{self, StoredState};
use crate::store::{Entry, Findings, JobCounts, StoreError, StoreOptions, StoredJob, StoredRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

/// Where entries go; the error ends the reading.
type Take<'a> = &'a mut dyn FnMut(Entry) -> Result<(), StoreError>;

/// A store that is opened for nothing but reading.
pub struct Inventory {
    db: Option<::sled::Db>,
    options: StoreOptions,
    /// What is wrong with the store as a whole.
    faults: Vec<String>,
    tallies: BTreeMap<JobType, Tally>,
    /// Keeps the directory locked.
    _lock: File,
}

impl Inventory {
    /// Opens a store. A damaged one is opened too if sled can do it; what is wrong is among the findings then.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let lock = open::lock(&options.directory)?;
        let path = open::sled_path(&options.directory);
        if !path.join("db").is_file() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::not_writable(&path.join("db"), &missing));
        }
        let opened = guarded(&options.directory, || {
            let (db, seal) = open::open_for_reading(&options)?;
            let mut tallies = stored_tallies(&db).unwrap_or_default();
            let mut faults = Vec::new();
            match seal.and_then(|seal| seal.map_or_else(|| Ok(Seal::default()), Ok)) {
                Ok(seal) => tallies.extend(seal.tallies().clone()),
                Err(StoreError::Damaged { what, .. }) => faults.push(what),
                Err(error) => return Err(error),
            }
            Ok((db, tallies, faults))
        });
        let (db, tallies, faults) = opened?;
        Ok(Self {
            db: Some(db),
            options,
            faults,
            tallies,
            _lock: lock,
        })
    }

    /// Reads everything, jobs in the order of their numbers first.
    pub fn read(&self, take: Take<'_>) -> Result<Findings, StoreError> {
        let mut findings = Findings {
            faults: self.faults.clone(),
            ..Findings::default()
        };
        let Some(db) = &self.db else {
            return Err(StoreError::Closed);
        };
        let reading = Reading {
            db,
            inventory: self,
        };
        let counted = reading.jobs(&mut findings, take)?;
        reading.compare_counts(&counted, &mut findings);
        reading.values(&mut findings, take)?;
        Ok(findings)
    }
}

impl Drop for Inventory {
    fn drop(&mut self) {
        discard(self.db.take());
    }
}

struct Reading<'a> {
    db: &'a ::sled::Db,
    inventory: &'a Inventory,
}

/// Where the reading of a type has come.
struct Position {
    kind: JobType,
    /// The jobs that only a list of claimed jobs tells of.
    in_hand: BTreeSet<JobId>,
    /// The next job.
    next: Option<(JobId, ::sled::IVec)>,
}

impl Reading<'_> {
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, String> {
        let directory = &self.inventory.options.directory;
        guarded(directory, work).map_err(|error| match error {
            StoreError::Damaged { what, .. } => what,
            error => error.to_string(),
        })
    }

    /// Reads the jobs; returns how many there are of those that had been counted.
    fn jobs(
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
    fn compare_counts(&self, counted: &BTreeMap<JobType, JobCounts>, findings: &mut Findings) {
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

    /// Everything but the jobs.
    fn values(&self, findings: &mut Findings, take: Take<'_>) -> Result<(), StoreError> {
        let mut by_address = 0_u64;
        for space in keys::ledger_ranges() {
            let mut entries = self.db.range(space);
            let mut failures = 0_u32;
            loop {
                let next = self.guarded(|| {
                    let next = entries.next().transpose();
                    next.map_err(|error| keys::read_failed(&error))
                });
                let (key, value) = match next {
                    Ok(Some(entry)) => entry,
                    Ok(None) => break,
                    Err(what) => {
                        findings.faults.push(format!("users and records: {what}"));
                        failures = failures.saturating_add(1);
                        if failures > 100 {
                            break;
                        }
                        continue;
                    }
                };
                by_address = by_address.saturating_add(u64::from(key.starts_with(b"e")));
                match self.guarded(|| entry_of(&key, &value)) {
                    Ok(Some(entry)) => {
                        findings.count(&entry);
                        take(entry)?;
                    }
                    Ok(None) => {}
                    Err(what) => findings.faults.push(what),
                }
            }
        }
        if by_address != findings.records {
            findings.faults.push(format!(
                "there are {} bounce records by time and {by_address} by address",
                findings.records
            ));
        }
        Ok(())
    }
}

impl Findings {
    fn count(&mut self, entry: &Entry) {
        let count = match entry {
            Entry::User { .. } => &mut self.users,
            Entry::Record { .. } => &mut self.records,
            _ => &mut self.others,
        };
        *count = count.saturating_add(1);
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

/// What a key and its value outside the jobs say; `None` where it is said elsewhere, too.
fn entry_of(key: &[u8], value: &[u8]) -> Result<Option<Entry>, StoreError> {
    let entry = match key.first() {
        Some(b'u') => users::entry(key, value),
        Some(b't') => keys::wiki_in_record(key)
            .zip(keys::time_and_id_in(key))
            .and_then(|(wiki, (time, id))| {
                let record = bounce_records::decode(time, value)?;
                let record = StoredRecord { id, record };
                Some(Entry::Record { wiki, record })
            }),
        Some(b'i') => keys::identity_in(key).map(|(wiki, time, identity)| Entry::Counted {
            wiki,
            time,
            identity: BounceIdentity(identity),
        }),
        Some(b'b') => keys::type_in(key)
            .zip(number(value))
            .map(|(kind, until)| Entry::Backoff { kind, until }),
        Some(b'p') => keys::type_in(key)
            .zip(number(value))
            .map(|(kind, time)| Entry::LastRepush {
                kind,
                time: crate::clock::Timestamp(time.cast_signed()),
            }),
        _ => return Ok(None),
    };
    let place = String::from_utf8_lossy(key).escape_default().to_string();
    entry
        .map(Some)
        .ok_or_else(|| keys::garbled(&format!("the value under {place} is garbled")))
}

fn number(value: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(value.try_into().ok()?))
}
