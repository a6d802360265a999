//! Reading a store from end to end, whole or damaged, without changing what it holds.

mod jobs;
mod values;

use super::changes::Tally;
use super::guard::{discard, guarded};
use super::leftovers::stored_tallies;
use super::open;
use super::seal::Seal;
use super::watch::Watch;
use crate::job::JobType;
use crate::store::{Entry, Findings, StoreError, StoreOptions};
use std::collections::BTreeMap;
use std::fs::File;

/// Where entries go; the error ends the reading.
type Take<'a> = &'a mut dyn FnMut(Entry) -> Result<(), StoreError>;

/// A store that is opened for nothing but reading.
pub struct Inventory {
    db: Option<::sled::Db>,
    options: StoreOptions,
    /// What is wrong with the store as a whole.
    faults: Vec<String>,
    tallies: BTreeMap<JobType, Tally>,
    /// Reading may find no end.
    _watch: Watch,
    /// Keeps the directory locked.
    _lock: File,
}

impl Inventory {
    /// Opens a store. A damaged one is opened too if sled can do it; what is wrong is among the findings then.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let lock = open::lock(&options.directory)?;
        let path = open::sled_path(&options.directory);
        if !path.join("db").is_file() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::not_writable(&path.join("db"), &missing));
        }
        let watch = Watch::begin(&options, &path);
        let opened = guarded(&options.directory, || {
            let (db, seal) = open::open_for_reading(&options)?;
            let faults = match seal {
                Ok(_) => Vec::new(),
                Err(StoreError::Damaged { what, .. }) => vec![what],
                Err(error) => return Err(error),
            };
            let mut tallies = stored_tallies(&db).unwrap_or_default();
            // Also a seal that does not fit says what had been counted.
            if let Ok(Some(Ok(seal))) = Seal::read(&db) {
                tallies.extend(seal.tallies().clone());
            }
            Ok((db, tallies, faults))
        });
        let (db, tallies, faults) = opened?;
        Ok(Self {
            db: Some(db),
            options,
            faults,
            tallies,
            _watch: watch,
            _lock: lock,
        })
    }

    /// Reads everything, jobs in the order of their numbers first.
    pub fn read(&self, take: Take<'_>) -> Result<Findings, StoreError> {
        let mut findings = Findings {
            faults: self.faults.clone(),
            ..Findings::default()
        };
        let Some(db) = &self.db else {
            return Err(StoreError::Closed);
        };
        let reading = Reading {
            db,
            inventory: self,
        };
        let counted = reading.jobs(&mut findings, take)?;
        reading.compare_counts(&counted, &mut findings);
        reading.values(&mut findings, take)?;
        Ok(findings)
    }
}

impl Drop for Inventory {
    fn drop(&mut self) {
        discard(self.db.take());
    }
}

struct Reading<'a> {
    db: &'a ::sled::Db,
    inventory: &'a Inventory,
}

impl Reading<'_> {
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, String> {
        let directory = &self.inventory.options.directory;
        guarded(directory, work).map_err(|error| match error {
            StoreError::Damaged { what, .. } => what,
            error => error.to_string(),
        })
    }
}
