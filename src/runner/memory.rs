//! How much memory the program uses, for a run that is to end before it is too much.

use crate::process::resident_memory;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the figure comes from: the system, or a test.
#[derive(Debug, Clone, Default)]
pub enum MemoryUse {
    /// What the system says of this process.
    #[default]
    Process,
    /// Bytes that somebody says are in use.
    Stated(Arc<AtomicU64>),
}

impl MemoryUse {
    /// Bytes in use; 0 if the system does not tell.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Process => resident_memory().unwrap_or(0),
            Self::Stated(bytes) => bytes.load(Ordering::SeqCst),
        }
    }
}

/// Whether 95 % of a limit are in use (MediaWiki's `memory-limit`).
pub(super) fn is_nearly(used: u64, limit: u64) -> bool {
    u128::from(used) * 100 >= u128::from(limit) * 95
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_hundredths_are_nearly_all() {
        assert!(!is_nearly(94_999, 100_000));
        assert!(is_nearly(95_000, 100_000));
        assert!(!is_nearly(u64::MAX / 2, u64::MAX));
    }

    #[test]
    fn the_system_tells_how_much_this_process_uses() {
        assert!(MemoryUse::Process.bytes() > 1_000_000);
    }
}
