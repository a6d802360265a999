//! The witness: a small file beside sled's that knows how far the store had come, so that a lost end shows.
//!
//! It has two slots, each in a disk sector of its own. The first is written and synced at each opening; the second with
//! each commit, after sled's file was synced and without a sync of its own: what is written there survives the death
//! of the process, and after a power cut it is behind, never ahead. Should a cut tear the second slot, the first is
//! still a witness.

use crate::store::record;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The name of the file, in sled's directory.
const NAME: &str = "witness";

/// Where the slots are: apart by a sector.
const AT_OPENING: u64 = 0;
const AT_COMMIT: u64 = 512;

/// Bytes of a slot: version, number, checksum.
const SLOT_BYTES: usize = 1 + 8 + 4;

/// The file.
#[derive(Debug)]
pub(super) struct Witness(File);

impl Witness {
    /// How far the store had come; `None` if there is no witness, or none that can be read.
    pub(super) fn read(store: &Path) -> io::Result<Option<u64>> {
        let file = match File::open(store.join(NAME)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok([AT_OPENING, AT_COMMIT]
            .into_iter()
            .filter_map(|place| read_slot(&file, place))
            .max())
    }

    /// Opens the file, making it if there is none, and puts into both slots that the store has come this far. At any moment one of
    /// the slots is on the disk as it was written.
    pub(super) fn begin(store: &Path, number: u64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(store.join(NAME))?;
        // One slot after the other, also behind what the last process did not sync: a power cut tears one at most.
        file.sync_all()?;
        for place in [AT_OPENING, AT_COMMIT] {
            file.write_all_at(&slot(number), place)?;
            file.sync_all()?;
        }
        Ok(Self(file))
    }

    /// Notes that the store, on the disk, has come this far.
    pub(super) fn note(&self, number: u64) -> io::Result<()> {
        self.0.write_all_at(&slot(number), AT_COMMIT)
    }
}

fn slot(number: u64) -> Vec<u8> {
    record::with_checksum(&number.to_be_bytes())
}

fn read_slot(file: &File, place: u64) -> Option<u64> {
    let mut slot = [0; SLOT_BYTES];
    file.read_exact_at(&mut slot, place).ok()?;
    let number = record::without_checksum(&slot).ok()?;
    Some(u64::from_be_bytes(number.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn either_slot_is_enough_and_without_both_there_is_no_witness() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        assert_eq!(Witness::read(directory.path()).unwrap(), None);
        Witness::begin(directory.path(), 7)
            .unwrap()
            .note(9)
            .unwrap();
        assert_eq!(Witness::read(directory.path()).unwrap(), Some(9));
        let whole = fs::read(&path).unwrap();
        for (spoilt, expected) in [
            (vec![3], Some(9)),
            (vec![515], Some(7)),
            (vec![3, 515], None),
        ] {
            let mut bytes = whole.clone();
            for at in spoilt {
                bytes[at] ^= 1;
            }
            fs::write(&path, bytes).unwrap();
            assert_eq!(Witness::read(directory.path()).unwrap(), expected);
        }
        fs::write(&path, b"").unwrap();
        assert_eq!(Witness::read(directory.path()).unwrap(), None);
    }
}
