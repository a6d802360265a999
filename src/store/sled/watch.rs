//! sled reads some damaged stores without an end: a page says that it is merging with one that is gone, and sled waits for
//! that to be over, taking more and more memory. No thread can be stopped from outside, so the process ends, and says why.

use crate::process::resident_memory;
use crate::store::{StoreError, StoreOptions};
use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often the memory is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How much more memory reading may take, besides a quarter of the length of sled's file: with 10,000,000 jobs in a file
/// of 10 GB it takes 300 MiB.
const MOST_BYTES: u64 = 512 << 20;

/// Watches over what is done with a store while this lives.
#[derive(Debug)]
pub(super) struct Watch {
    /// Its end ends the watching.
    _over: Option<mpsc::Sender<()>>,
}

impl Watch {
    /// Begins to watch over what reads the store. `path` is sled's directory.
    pub(super) fn begin(options: &StoreOptions, path: &Path) -> Self {
        let (over, is_over) = mpsc::channel();
        let length = fs::metadata(path.join("db")).map_or(0, |file| file.len());
        let most = resident_memory()
            .unwrap_or(0)
            .saturating_add(MOST_BYTES.saturating_add(length / 4));
        let options = options.clone();
        let watching = thread::Builder::new()
            .name("store-watch".to_owned())
            .spawn(move || watch(&options, most, &is_over));
        if let Err(error) = &watching {
            log::warn!(target: "store", "nothing watches over the memory that reading the store takes: {error}");
        }
        Self {
            _over: watching.is_ok().then_some(over),
        }
    }
}

fn watch(options: &StoreOptions, most: u64, is_over: &mpsc::Receiver<()>) {
    while is_over.recv_timeout(LOOK_AGAIN) == Err(RecvTimeoutError::Timeout) {
        let used = resident_memory().unwrap_or(0);
        if used > most {
            let what = format!(
                "sled finds no end when it reads it, and has taken {} MiB of memory",
                used >> 20
            );
            let directory = options.directory.clone();
            (options.if_endless)(&StoreError::Damaged { directory, what });
        }
    }
}
