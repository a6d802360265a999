//! Making the directories and files of a store, so that a power cut leaves them whole or leaves none.

use crate::store::StoreError;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Makes the data directory where it is missing, and its name durable: what is stored in it is lost with its name.
pub(super) fn make_directory(directory: &Path) -> io::Result<()> {
    let directory = std::path::absolute(directory)?;
    let missing = directory.ancestors().take_while(|place| !place.exists());
    // The name of the directory itself may be as young as the process that was killed behind making it.
    let made: Vec<PathBuf> = missing
        .chain([directory.as_path()])
        .map(Path::to_path_buf)
        .collect();
    fs::create_dir_all(&directory)?;
    made.iter()
        .filter_map(|place| place.parent())
        .try_for_each(sync_names)
}

/// Makes the names in a directory durable. Where the directory may only be passed through, whoever made it has to.
fn sync_names(directory: &Path) -> io::Result<()> {
    match File::open(directory) {
        Ok(directory) => directory.sync_all(),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a new store at `path` in `directory`, unless there is one.
///
/// sled writes its settings without syncing them, and does not open with half of them. So a new store is made under
/// another name, and gets its own when all of it is on the disk.
pub(super) fn make_store(
    directory: &Path,
    path: &Path,
    open: impl FnOnce(&Path) -> Result<::sled::Db, StoreError>,
) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    let not_writable = |error: io::Error| StoreError::not_writable(directory, &error);
    let draft = directory.join("store.new");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(not_writable)?;
    }
    drop(open(&draft)?);
    finish(&draft)
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| File::open(directory)?.sync_all())
        .map_err(not_writable)
}

/// Makes all durable that lies in a store that was closed.
fn finish(draft: &Path) -> io::Result<()> {
    // A thread of sled may hold the file for a moment longer.
    File::open(draft.join("db"))?.lock()?;
    for entry in fs::read_dir(draft)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(draft)?.sync_all()
}
