//! Opening: the lock, the guard around sled, and whether all is there that had been written.

use super::changes::{Changes, write_failed};
use super::guard::guarded;
use super::keys;
use super::leftovers;
use super::making;
use super::seal::{NewerTallies, Seal};
use super::type_queue::TypeQueue;
use super::users::UserTable;
use super::watch::Watch;
use super::witness::Witness;
use crate::job::JobType;
use crate::store::{StoreError, StoreOptions};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Size of sled's segments: each new one costs a round through its books, and memory for its buffer.
pub(super) const SEGMENT_BYTES: usize = 1 << 20;

/// Version of the layout that this program writes.
const LAYOUT_VERSION: u32 = 1;

/// An opened store in the state that the committer starts from.
pub(super) struct Opened {
    pub(super) db: ::sled::Db,
    pub(super) file: File,
    pub(super) seal: Seal,
    pub(super) witness: Witness,
    pub(super) queues: BTreeMap<JobType, TypeQueue>,
    pub(super) next_job: u64,
}

/// Where sled's files lie.
pub(super) fn sled_path(directory: &Path) -> PathBuf {
    directory.join("store")
}

/// Opens the store, or makes a new one.
pub(super) fn open(options: &StoreOptions) -> Result<(File, Opened, UserTable), StoreError> {
    let directory = options.directory.as_path();
    making::make_directory(directory)
        .map_err(|error| StoreError::not_writable(directory, &error))?;
    let lock = lock(directory)?;
    let (opened, users) = open_locked(options)?;
    Ok((lock, opened, users))
}

/// The same for whoever has the lock.
pub(super) fn open_locked(options: &StoreOptions) -> Result<(Opened, UserTable), StoreError> {
    let _watch = Watch::begin(options, &sled_path(&options.directory));
    guarded(&options.directory, || open_unguarded(options))
}

fn open_unguarded(options: &StoreOptions) -> Result<(Opened, UserTable), StoreError> {
    let directory = options.directory.as_path();
    let not_writable = |error: io::Error| StoreError::not_writable(directory, &error);
    let path = sled_path(directory);
    making::make_store(directory, &path, |draft| open_sled(draft, options))?;
    let witnessed = Witness::read(&path).map_err(not_writable)?;
    let db = open_sled(&path, options)?;
    let mut seal = match stored_seal(&db, witnessed)? {
        Some(seal) => seal,
        None => begin(&db, &path, directory)?,
    };
    let mut changes = Changes::default();
    let users = UserTable::load(&db, options, &mut changes)?;
    let queues = leftovers::load_queues(&db, options, seal.tallies(), &mut changes)?;
    seal.apply(&db, changes, NewerTallies::new())?;
    let next_job = queues
        .values()
        .map(|queue| queue.tally.counted_below)
        .max()
        .unwrap_or(0)
        .max(1);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path.join("db"))
        .map_err(not_writable)?;
    db.flush().map_err(|error| write_failed(&error))?;
    // The names of the files have to survive as well as their bytes.
    sync_names(&path, directory).map_err(not_writable)?;
    file.sync_all().map_err(|error| write_failed(&error))?;
    let witness = Witness::begin(&path, seal.number).map_err(not_writable)?;
    let opened = Opened {
        db,
        file,
        seal,
        witness,
        queues,
        next_job,
    };
    Ok((opened, users))
}

/// Opens sled as it is, together with the seal or why it does not fit.
pub(super) fn open_for_reading(
    options: &StoreOptions,
) -> Result<(::sled::Db, Result<Option<Seal>, StoreError>), StoreError> {
    let path = sled_path(&options.directory);
    let witnessed = Witness::read(&path).unwrap_or(None);
    let db = open_sled(&path, options)?;
    let seal = guarded(&options.directory, || stored_seal(&db, witnessed));
    Ok((db, seal))
}

/// Whether the directory can be written again, found out without sled.
pub(super) fn probe(options: &StoreOptions) -> Result<(), StoreError> {
    let path = options.directory.join("probe");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; SEGMENT_BYTES])?;
        file.sync_data()
    });
    let removed = fs::remove_file(&path);
    written.and(removed).map_err(|error| write_failed(&error))
}

fn sync_names(path: &Path, directory: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    File::open(directory)?.sync_all()
}

pub(super) fn lock(directory: &Path) -> Result<File, StoreError> {
    let not_writable = |error: io::Error| StoreError::not_writable(directory, &error);
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

fn open_sled(path: &Path, options: &StoreOptions) -> Result<::sled::Db, StoreError> {
    let config = ::sled::Config::new()
        .path(path)
        .cache_capacity(options.cache_bytes)
        // The committer flushes after each group; a second rhythm would only get in its way.
        // The default mode rewrites pages to save room, at twice the time; docs/PERFORMANCE.md has the figures.
        .mode(::sled::Mode::HighThroughput)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(None);
    config.open().map_err(|error| match error {
        ::sled::Error::Io(error) => StoreError::not_writable(&options.directory, &error),
        error => keys::garbled(&error.to_string()),
    })
}

/// The seal that everything fits; `None` if this is a new store.
fn stored_seal(db: &::sled::Db, witnessed: Option<u64>) -> Result<Option<Seal>, StoreError> {
    let layout = db
        .get(keys::LAYOUT)
        .map_err(|error| keys::read_failed(&error))?;
    let Some(layout) = layout else {
        return match witnessed {
            _ if !db.is_empty() => Err(keys::garbled("it holds data but no layout version")),
            None | Some(0) => Ok(None),
            Some(number) => Err(keys::garbled(&format!(
                "the witness tells of {number} seals, but nothing is there"
            ))),
        };
    };
    check_layout(&layout)?;
    let seal = match Seal::read(db)? {
        Some(Ok(seal)) => seal,
        Some(Err(error)) => {
            return Err(keys::garbled(&format!("the seal cannot be read: {error}")));
        }
        None => return Err(keys::garbled("the seal is missing")),
    };
    match witnessed {
        Some(number) if number <= seal.number => {}
        Some(number) => {
            let what = format!(
                "its end is missing: the witness tells of {number} seals, and it has {}",
                seal.number
            );
            return Err(keys::garbled(&what));
        }
        None => return Err(keys::garbled("the witness is missing or garbled")),
    }
    if seal.fits(db)? {
        return Ok(Some(seal));
    }
    Err(keys::garbled(
        "a state, tally, user or bounce record is missing, or an old one is back: the ledger does not fit",
    ))
}

fn check_layout(value: &[u8]) -> Result<(), StoreError> {
    let found = <[u8; 4]>::try_from(value)
        .ok()
        .ok_or_else(|| keys::garbled("the layout version is garbled"))?;
    let found = u32::from_be_bytes(found);
    if found == LAYOUT_VERSION {
        return Ok(());
    }
    Err(StoreError::Version {
        directory: PathBuf::new(),
        found,
        expected: LAYOUT_VERSION,
    })
}

/// Makes a new store. The witness is there before anything that it could tell of.
fn begin(db: &::sled::Db, path: &Path, directory: &Path) -> Result<Seal, StoreError> {
    let mut seal = Seal::default();
    Witness::begin(path, seal.number)
        .and_then(|_witness| sync_names(path, directory))
        .map_err(|error| StoreError::not_writable(directory, &error))?;
    let mut changes = Changes::default();
    changes.put(keys::LAYOUT, &LAYOUT_VERSION.to_be_bytes());
    seal.apply(db, changes, NewerTallies::new())?;
    Ok(seal)
}
