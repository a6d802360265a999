//! sled as the handles of the store see it: for reading, from any thread.

use super::guard::{discard, guarded, located};
use crate::store::StoreError;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

/// What the handles read from. The committer takes it away when a write has failed and when the store is closed.
#[derive(Debug)]
pub(super) struct Shared {
    directory: PathBuf,
    db: RwLock<Result<::sled::Db, StoreError>>,
}

impl Shared {
    /// Shares an opened sled.
    pub(super) fn new(directory: PathBuf, db: ::sled::Db) -> Self {
        let db = RwLock::new(Ok(db));
        Self { directory, db }
    }

    /// Reads; a panic of sled's becomes an error.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&::sled::Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        match &*db {
            Ok(db) => guarded(&self.directory, || work(db)),
            Err(error) => Err(error.clone()),
        }
    }

    /// The error, with the directory that it is about.
    pub(super) fn located(&self, error: StoreError) -> StoreError {
        located(error, &self.directory)
    }

    /// Puts another sled in the place of the present one, or the reason why there is none.
    pub(super) fn replace(&self, db: Result<::sled::Db, StoreError>) {
        let mut place = self.db.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *place, db);
        drop(place);
        discard(old);
    }
}
