//! Whether there is room for further jobs. sled does not take a full disk well, so it is not led there.

use crate::clock::Clock;
use crate::store::StoreError;
use std::path::PathBuf;
use std::time::Duration;

/// How long the answer of the file system is believed, and for which part of the room that it spoke of.
const BELIEVED: Duration = Duration::from_secs(1);
const BELIEVED_PART: u64 = 8;

/// The room in the data directory's file system.
#[derive(Debug)]
pub(super) struct Room {
    directory: PathBuf,
    /// With fewer bytes than this no job is taken; 0 does not ask.
    least: u64,
    clock: Clock,
    /// What the file system said last.
    last: Option<Answer>,
}

#[derive(Debug)]
struct Answer {
    asked: Duration,
    /// Bytes that may still be taken before it is asked again.
    believed: u64,
    room: Result<(), StoreError>,
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

    /// An error if there is too little room for jobs of so many bytes.
    pub(super) fn check(&mut self, bytes: usize) -> Result<(), StoreError> {
        if self.least == 0 {
            return Ok(());
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let now = self.clock.elapsed();
        if let Some(last) = &mut self.last
            && now.saturating_sub(last.asked) < BELIEVED
            && (last.room.is_err() || bytes <= last.believed)
        {
            last.believed = last.believed.saturating_sub(bytes);
            return last.room.clone();
        }
        let (believed, room) = self.ask();
        let was_full = self.last.as_ref().is_some_and(|last| last.room.is_err());
        match &room {
            Err(error) if !was_full => log::error!(target: "store", "{error}"),
            Ok(()) if was_full => log::warn!(target: "store", "there is room for jobs again"),
            _ => {}
        }
        self.last = Some(Answer {
            asked: now,
            believed,
            room: room.clone(),
        });
        room
    }

    /// How much may be taken before asking again, and whether there is room.
    fn ask(&self) -> (u64, Result<(), StoreError>) {
        // A file system that does not say is left to show by its writes.
        let Ok(system) = rustix::fs::statvfs(&self.directory) else {
            return (u64::MAX, Ok(()));
        };
        let free = system.f_bavail.saturating_mul(system.f_frsize);
        let room = free.checked_sub(self.least).ok_or(StoreError::Full {
            directory: self.directory.clone(),
            free,
            least: self.least,
        });
        (
            room.as_ref().map_or(0, |room| *room / BELIEVED_PART),
            room.map(drop),
        )
    }
}
