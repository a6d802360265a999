//! Whether there is room for further jobs. sled does not take a full disk well, so it is not led there.

use crate::clock::Clock;
use crate::store::StoreError;
use std::path::PathBuf;
use std::time::Duration;

/// How long the answer of the file system is believed.
const BELIEVED: Duration = Duration::from_secs(1);

/// The room in the data directory's file system.
#[derive(Debug)]
pub(super) struct Room {
    directory: PathBuf,
    /// With fewer bytes than this no job is taken; 0 does not ask.
    least: u64,
    clock: Clock,
    /// What the file system said last, and when.
    last: Option<(Duration, Result<(), StoreError>)>,
}

impl Room {
    /// Nothing is asked before the first job comes.
    pub(super) fn new(directory: PathBuf, least: u64, clock: Clock) -> Self {
        Self {
            directory,
            least,
            clock,
            last: None,
        }
    }

    /// An error if there is too little room.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        if self.least == 0 {
            return Ok(());
        }
        let now = self.clock.elapsed();
        if let Some((asked, answer)) = &self.last
            && now.saturating_sub(*asked) < BELIEVED
        {
            return answer.clone();
        }
        let answer = self.ask();
        let was_full = matches!(self.last, Some((_, Err(_))));
        match &answer {
            Err(error) if !was_full => log::error!(target: "store", "{error}"),
            Ok(()) if was_full => log::warn!(target: "store", "there is room for jobs again"),
            _ => {}
        }
        self.last = Some((now, answer.clone()));
        answer
    }

    fn ask(&self) -> Result<(), StoreError> {
        // A file system that does not say is left to show by its writes.
        let Ok(system) = rustix::fs::statvfs(&self.directory) else {
            return Ok(());
        };
        let free = system.f_bavail.saturating_mul(system.f_frsize);
        if free >= self.least {
            return Ok(());
        }
        Err(StoreError::Full {
            directory: self.directory.clone(),
            free,
            least: self.least,
        })
    }
}
