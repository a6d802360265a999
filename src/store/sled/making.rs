//! Making the directories and files of a store, so that a crash leaves them whole or leaves none.

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

/// Makes a new store at `path` in `directory`; one that is there is tidied.
///
/// sled writes its settings without syncing them, and does not open with half of them. So a new store is made under
/// another name, and gets its own when all of it is on the disk.
pub(super) fn make_store(
    directory: &Path,
    path: &Path,
    open: impl FnOnce(&Path) -> Result<::sled::Db, StoreError>,
) -> Result<(), StoreError> {
    let not_writable = |error: io::Error| StoreError::not_writable(directory, &error);
    if path.exists() {
        return tidy(path).map_err(not_writable);
    }
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

/// Makes durable what the last process had written and not synced before it was killed, since sled takes for durable
/// whatever it finds, and removes what it had not finished.
fn tidy(path: &Path) -> io::Result<()> {
    match File::open(path.join("db")) {
        Ok(db) => db.sync_all()?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    remove_unfinished(path)
}

/// Removes an index that sled was writing when the process or the machine died: sled would take it for a whole one, the
/// newest there is, and not open.
fn remove_unfinished(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Waits until sled has let go of a store that was closed: a thread of it may hold the file for a moment longer.
pub(super) fn until_released(path: &Path) -> io::Result<()> {
    File::open(path.join("db"))?.lock()
}

/// Makes all durable that lies in a store that was closed.
fn finish(draft: &Path) -> io::Result<()> {
    until_released(draft)?;
    for entry in fs::read_dir(draft)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(draft)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_finished_is_removed_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("store");
        fs::create_dir(&store).unwrap();
        for name in ["db", "conf", "snap.00A0", "snap.00B0.generating"] {
            fs::write(store.join(name), name).unwrap();
        }
        remove_unfinished(&store).unwrap();
        let mut left: Vec<_> = fs::read_dir(&store)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["conf", "db", "snap.00A0"]);
    }

    #[test]
    fn a_new_store_is_whole_when_it_has_its_name_and_what_was_begun_before_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let (store, draft) = (
            directory.path().join("store"),
            directory.path().join("store.new"),
        );
        fs::create_dir(&draft).unwrap();
        fs::write(draft.join("conf"), "half of").unwrap();
        make_store(directory.path(), &store, |path| {
            assert!(!path.exists());
            Ok(::sled::open(path).unwrap())
        })
        .unwrap();
        assert!(!draft.exists());
        assert!(fs::metadata(store.join("conf")).unwrap().len() > 8);
        assert!(store.join("db").exists());
    }
}
