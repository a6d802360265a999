//! Ways to damage the files of a store.

use std::fs;
use std::path::{Path, PathBuf};

/// Length of a region.
const REGION: usize = 64;

/// Of regions that hold nothing but zeros one in so many is hit.
const EMPTY_STEP: usize = 512;

/// What happens to a region.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Flipped,
    Zeroed,
    CutOff,
}

/// A damage to a region of a file.
#[derive(Debug)]
pub struct Hit {
    file: PathBuf,
    at: usize,
    damage: Damage,
}

impl Hit {
    /// All hits on the files of a store: every region that holds something, and some of those that hold nothing.
    pub fn all(directory: &Path) -> Vec<Self> {
        let mut hits = Vec::new();
        for file in files(directory) {
            let bytes = fs::read(directory.join(&file)).unwrap();
            for (number, region) in bytes.chunks(REGION).enumerate() {
                let is_empty = region.iter().all(|byte| *byte == 0);
                if is_empty && number % EMPTY_STEP != 0 {
                    continue;
                }
                for damage in [Damage::Flipped, Damage::Zeroed, Damage::CutOff] {
                    let (file, at) = (file.clone(), number * REGION);
                    hits.push(Self { file, at, damage });
                }
            }
        }
        hits
    }

    /// Damages the file in this copy of the store.
    pub fn strike(&self, directory: &Path) {
        let path = directory.join(&self.file);
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len().min(self.at + REGION);
        match self.damage {
            // Another bit of another byte in each region.
            Damage::Flipped => {
                let number = self.at / REGION;
                bytes[self.at + number * 7 % (end - self.at)] ^= 1 << (number % 8);
            }
            Damage::Zeroed => bytes[self.at..end].fill(0),
            Damage::CutOff => bytes.truncate(self.at),
        }
        fs::write(path, bytes).unwrap();
    }
}

/// The store's files, by their names within the directory. The file of the lock holds nothing.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(directory.join("store"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(directory).unwrap().to_path_buf())
        .collect();
    found.sort();
    found
}

/// Copies a directory with all in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}
