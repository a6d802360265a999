//! Room on a disk, and what a directory takes of it.

use anyhow::{Context, Result};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Unit of `st_blocks` (stat(2)), bytes.
const BLOCK: u64 = 512;

/// How many bytes can still be written on the file system of `path`.
pub fn free(path: &Path) -> Result<u64> {
    let room = rustix::fs::statvfs(path)
        .with_context(|| format!("the disk of {} does not tell its room", path.display()))?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// How many bytes on the disk the files below a directory take. Those that go away meanwhile count as nothing.
pub fn used(directory: &Path) -> Result<u64> {
    let used = used_below(directory);
    used.with_context(|| format!("{} cannot be read", directory.display()))
}

fn used_below(directory: &Path) -> io::Result<u64> {
    let mut used: u64 = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let part = match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => used_below(&entry.path())?,
            Ok(metadata) => metadata.blocks().saturating_mul(BLOCK),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        used = used.saturating_add(part);
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_all_depths_count_with_the_blocks_that_they_take() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(used(directory.path()).unwrap(), 0);
        fs::create_dir(directory.path().join("deep")).unwrap();
        fs::write(directory.path().join("a"), vec![b'a'; 8192]).unwrap();
        fs::write(directory.path().join("deep/b"), vec![b'b'; 8192]).unwrap();
        let taken = used(directory.path()).unwrap();
        assert!((16384..1 << 20).contains(&taken), "{taken}");
        assert!(free(directory.path()).unwrap() > 0);
    }
}
