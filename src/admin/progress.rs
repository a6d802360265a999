//! How far a run has come, told between its lines: a record separator (RFC 7464), a JSON object, a line end.

use crate::job::JobType;
use crate::runner::RunTally;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::mpsc;

/// What each record begins with.
pub const SEPARATOR: u8 = 0x1e;

/// How often a record is written.
const EVERY: Duration = Duration::from_secs(1);

/// How far a run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Jobs that ran well.
    pub good: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs of all types that are ready; not told at the end.
    pub left: Option<u64>,
}

impl Progress {
    /// What is known at the end of a run.
    pub(super) fn at_the_end(tally: &RunTally) -> Self {
        Self {
            good: tally.good(),
            failed: tally.failed(),
            left: None,
        }
    }

    /// The record.
    pub(super) fn record(self) -> Vec<u8> {
        let mut record = vec![SEPARATOR];
        // Writing plain values to memory cannot fail.
        drop(serde_json::to_writer(&mut record, &self));
        record.push(b'\n');
        record
    }

    /// Reads a record without its separator; `None` if it is none.
    pub fn read(record: &[u8]) -> Option<Self> {
        serde_json::from_slice(record).ok()
    }
}

/// Writes records until the other end of `ended` is gone. Blocks.
pub(super) fn tell(
    store: &Store,
    tally: &RunTally,
    out: &mpsc::Sender<Vec<u8>>,
    ended: &Receiver<()>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return;
    };
    while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let counts = runtime.block_on(store.counts()).unwrap_or_default();
        let run = counts
            .iter()
            .filter(|(kind, _)| **kind != JobType::HELD_UNCONFIRM);
        let left = run
            .map(|(_, counts)| counts)
            .fold(0_u64, |sum, counts| sum.saturating_add(counts.ready));
        let progress = Progress {
            left: Some(left),
            ..Progress::at_the_end(tally)
        };
        // Who reads too slowly misses a record, and the run does not wait for it.
        drop(out.try_send(progress.record()));
    }
}
