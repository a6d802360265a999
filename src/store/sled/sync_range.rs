//! What sled takes for durable is durable.
//!
//! sled writes, calls `sync_file_range`, and then takes what it wrote for durable: it says so in the headers of its
//! segments, which recovery believes, and uses segments again whose content lies elsewhere by now. But that call forces out
//! neither the file's size nor the drive's cache, so after a power cut sled may find less than it was promised, and then it
//! does not open, or has written over the older copy. Syncing behind its flush comes too late for what happened before.
//!
//! So the program has a function of this name itself, which the linker takes instead of the system's. It syncs the file.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when sled has called.
static IS_IN_FORCE: AtomicBool = AtomicBool::new(false);

/// Linux's "function not implemented", after which sled syncs the file by itself.
const ENOSYS: i32 = 38;

/// Linux's "input/output error".
const EIO: i32 = 5;

/// Whether sled's flush is a sync. Where another linker has left sled the system's function, the committer has to sync.
pub(super) fn is_in_force() -> bool {
    IS_IN_FORCE.load(Ordering::Relaxed)
}

/// `sync_file_range(2)`, stronger: the whole file is on the disk when this returns 0. Else -1, and `errno` says why.
#[expect(
    unsafe_code,
    reason = "a symbol with this name is the point; the function itself is safe"
)]
#[unsafe(no_mangle)]
extern "C" fn sync_file_range(file: i32, _offset: i64, _bytes: i64, _flags: u32) -> i32 {
    IS_IN_FORCE.store(true, Ordering::Relaxed);
    let refused = match File::open(format!("/proc/self/fd/{file}")) {
        Ok(file) => match file.sync_data() {
            Ok(()) => return 0,
            Err(error) => error.raw_os_error().unwrap_or(EIO),
        },
        Err(_no_way_to_it) => ENOSYS,
    };
    errno::set_errno(errno::Errno(refused));
    -1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sled_calls_the_function_of_this_program() {
        let directory = tempfile::tempdir().unwrap();
        let db = ::sled::open(directory.path()).unwrap();
        db.insert("key", "value").unwrap();
        db.flush().unwrap();
        assert!(is_in_force());
    }

    #[test]
    fn a_file_that_is_not_open_is_left_to_sled() {
        assert_eq!(sync_file_range(-1, 0, 0, 0), -1);
        assert_eq!(errno::errno(), errno::Errno(ENOSYS));
    }
}
