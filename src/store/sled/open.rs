//! Opening: the lock, the guard around sled, the check of the layout, and what a crash left behind.

use super::changes::{Changes, Tally, write_failed};
use super::keys;
use super::type_queue::{Held, TypeQueue};
use super::users::UserTable;
use crate::job::state::{self, JobEvent, JobState};
use crate::job::{ClaimToken, JobId, JobType};
use crate::store::record::{self, StoredState};
use crate::store::{StoreError, StoreOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;

/// Size of sled's segments: each new one costs a round through its books, and memory for its buffer.
const SEGMENT_BYTES: usize = 1 << 20;

/// Version of the layout that this program writes.
const LAYOUT_VERSION: u32 = 1;

/// An opened store in the state that the committer starts from.
pub(super) struct Opened {
    pub(super) db: ::sled::Db,
    pub(super) file: File,
    pub(super) lock: File,
    pub(super) users: Arc<UserTable>,
    pub(super) queues: BTreeMap<JobType, TypeQueue>,
    pub(super) next_job: u64,
}

/// Opens the store, or makes a new one.
pub(super) fn open(options: &StoreOptions) -> Result<Opened, StoreError> {
    let directory = options.directory.as_path();
    fs::create_dir_all(directory).map_err(|error| StoreError::not_writable(directory, &error))?;
    let lock = lock(directory)?;
    let path = directory.join("store");
    let db = open_sled(&path, options)?;
    check_layout(&db, directory)?;
    let users = UserTable::load(&db, options)?;
    let queues = load_queues(&db, options)?;
    let next_job = queues
        .values()
        .map(|queue| queue.tally.counted_below)
        .max()
        .unwrap_or(0)
        .max(1);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path.join("db"));
    let file = file.map_err(|error| StoreError::not_writable(directory, &error))?;
    db.flush().map_err(|error| write_failed(&error))?;
    // The names of the files have to survive as well as their bytes.
    for place in [path.as_path(), directory] {
        let synced = File::open(place).and_then(|place| place.sync_all());
        synced.map_err(|error| StoreError::not_writable(directory, &error))?;
    }
    file.sync_all().map_err(|error| write_failed(&error))?;
    Ok(Opened {
        db,
        file,
        lock,
        users: Arc::new(users),
        queues,
        next_job,
    })
}

fn lock(directory: &Path) -> Result<File, StoreError> {
    let not_writable = |error: std::io::Error| StoreError::not_writable(directory, &error);
    let path = directory.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(not_writable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file
                .read_to_string(&mut text)
                .ok()
                .and_then(|_| text.trim().parse().ok());
            return Err(StoreError::Locked {
                directory: directory.to_path_buf(),
                pid,
            });
        }
        Err(TryLockError::Error(error)) => return Err(not_writable(error)),
    }
    file.set_len(0).map_err(not_writable)?;
    writeln!(file, "{}", std::process::id()).map_err(not_writable)?;
    Ok(file)
}

/// sled panics on some damage instead of returning an error, so its opening is guarded.
fn open_sled(path: &Path, options: &StoreOptions) -> Result<::sled::Db, StoreError> {
    let config = ::sled::Config::new()
        .path(path)
        .cache_capacity(options.cache_bytes)
        // The committer flushes after each group; a second rhythm would only get in its way.
        // The default mode rewrites pages to save room, at twice the time; docs/PERFORMANCE.md has the figures.
        .mode(::sled::Mode::HighThroughput)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(None);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let opened = panic::catch_unwind(AssertUnwindSafe(|| config.open()));
    panic::set_hook(hook);
    let damaged = |what: String| StoreError::Damaged {
        directory: options.directory.clone(),
        what,
    };
    match opened {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(::sled::Error::Io(error))) => {
            Err(StoreError::not_writable(&options.directory, &error))
        }
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(panic) => Err(damaged(format!(
            "sled gave up while opening it ({})",
            panic_text(panic.as_ref())
        ))),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn check_layout(db: &::sled::Db, directory: &Path) -> Result<(), StoreError> {
    let stored = db
        .get(keys::LAYOUT)
        .map_err(|error| keys::read_failed(&error))?;
    let damaged = |what: &str| StoreError::Damaged {
        directory: directory.to_path_buf(),
        what: what.to_owned(),
    };
    match stored {
        Some(value) => {
            let found = value
                .as_ref()
                .first_chunk::<4>()
                .filter(|_| value.len() == 4);
            let found = found.ok_or_else(|| damaged("the layout version is garbled"))?;
            let found = u32::from_be_bytes(*found);
            if found == LAYOUT_VERSION {
                return Ok(());
            }
            Err(StoreError::Version {
                directory: directory.to_path_buf(),
                found,
                expected: LAYOUT_VERSION,
            })
        }
        None if db.is_empty() => {
            let mut changes = Changes::default();
            changes.put(keys::LAYOUT, &LAYOUT_VERSION.to_be_bytes());
            changes.apply(db)
        }
        None => Err(damaged("it holds data but no layout version")),
    }
}

/// Reads the tallies, counts what a crash left uncounted, and gives back the claims of a process that is gone.
fn load_queues(
    db: &::sled::Db,
    options: &StoreOptions,
) -> Result<BTreeMap<JobType, TypeQueue>, StoreError> {
    let mut queues = BTreeMap::new();
    for entry in db.scan_prefix(keys::ALL_TALLIES) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        let name = key
            .strip_prefix(keys::ALL_TALLIES)
            .and_then(|name| std::str::from_utf8(name).ok());
        let kind = name
            .and_then(JobType::parse)
            .ok_or_else(|| damaged(options, "the name of a job type is garbled"))?;
        let tally = Tally::decode(&value)
            .ok_or_else(|| damaged(options, &format!("the tally of {kind} is garbled")))?;
        queues.insert(
            kind,
            TypeQueue {
                tally,
                ..TypeQueue::default()
            },
        );
    }
    for kind in keys::types(db)? {
        queues.entry(kind).or_default();
    }
    for (kind, queue) in &mut queues {
        let mut changes = Changes::default();
        let signed = db.scan_prefix(keys::signatures(kind)).next();
        queue.has_signatures = signed
            .transpose()
            .map_err(|error| keys::read_failed(&error))?
            .is_some();
        queue.count_uncounted(db, kind, &mut changes)?;
        queue.give_back_orphans(db, options, kind, &mut changes)?;
        changes.put_tally(kind, &queue.tally);
        changes.apply(db)?;
    }
    Ok(queues)
}

fn damaged(options: &StoreOptions, what: &str) -> StoreError {
    StoreError::Damaged {
        directory: options.directory.clone(),
        what: what.to_owned(),
    }
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
        self.tally.counts.claimed = 0;
        let mut tried = BTreeSet::new();
        for entry in db.scan_prefix(keys::states(kind)) {
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let Some(id) = keys::id_in(kind, &key) else {
                continue;
            };
            let stored = StoredState::decode(&value).map_err(|error| {
                let what = format!("the state of {kind} job {id} cannot be read: {error}");
                damaged(options, &what)
            })?;
            self.has_state(id);
            if let JobState::Ready { attempts } = stored.state {
                self.returned.insert(id, attempts);
            }
            if !matches!(stored.state, JobState::Ready { attempts: 0 }) {
                tried.insert(id);
            }
            self.give_back(db, options, kind, id, stored, changes)?;
        }
        for entry in db.scan_prefix(keys::all_in_hand(kind)) {
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let ids = record::decode_ids(&value)
                .ok_or_else(|| damaged(options, "a list of claimed jobs is garbled"))?;
            for id in ids.into_iter().filter(|id| !tried.contains(id)) {
                self.give_back_first_claim(db, options, kind, id, changes)?;
            }
            changes.remove(key);
        }
        Ok(())
    }

    /// Gives back a job that was claimed for the first time, unless it was settled.
    fn give_back_first_claim(
        &mut self,
        db: &::sled::Db,
        options: &StoreOptions,
        kind: &JobType,
        id: JobId,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        self.pass(id);
        let there = db.contains_key(keys::job(kind, id));
        if !there.map_err(|error| keys::read_failed(&error))? {
            return Ok(());
        }
        if self.returned.remove(&id).is_some() {
            // It had been given back unrun before, and is counted as ready.
            self.tally.counts.ready = self.tally.counts.ready.saturating_sub(1);
        }
        let state = JobState::Claimed {
            token: ClaimToken(0),
            since: options.clock.now(),
            attempts: 1,
        };
        let error = String::new();
        self.give_back(db, options, kind, id, StoredState { state, error }, changes)
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
            let error = stored.error;
            changes.put(
                keys::state(kind, id),
                &StoredState { state, error }.encode(),
            );
            self.put_down(id, state);
        }
        Ok(())
    }
}
