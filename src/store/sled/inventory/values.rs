//! Reading what is not of the jobs: users, bounce records, and smaller things.

use super::{Reading, Take};
use crate::clock::Timestamp;
use crate::effects::BounceIdentity;
use crate::store::sled::{bounce_records, keys, users};
use crate::store::{Entry, Findings, StoreError, StoredRecord};

impl Reading<'_> {
    /// Everything but the jobs.
    pub(super) fn values(&self, findings: &mut Findings, take: Take<'_>) -> Result<(), StoreError> {
        let mut by_address = 0_u64;
        for space in keys::ledger_ranges() {
            let mut entries = self.db.range(space);
            let mut failures = 0_u32;
            loop {
                let next = self.guarded(|| {
                    let next = entries.next().transpose();
                    next.map_err(|error| keys::read_failed(&error))
                });
                let (key, value) = match next {
                    Ok(Some(entry)) => entry,
                    Ok(None) => break,
                    Err(what) => {
                        findings.faults.push(format!("users and records: {what}"));
                        failures = failures.saturating_add(1);
                        if failures > 100 {
                            break;
                        }
                        continue;
                    }
                };
                by_address = by_address.saturating_add(u64::from(key.starts_with(b"e")));
                match self.guarded(|| entry_of(&key, &value)) {
                    Ok(Some(entry)) => {
                        findings.count(&entry);
                        take(entry)?;
                    }
                    Ok(None) => {}
                    Err(what) => findings.faults.push(what),
                }
            }
        }
        if by_address != findings.records {
            findings.faults.push(format!(
                "there are {} bounce records by time and {by_address} by address",
                findings.records
            ));
        }
        Ok(())
    }
}

impl Findings {
    fn count(&mut self, entry: &Entry) {
        let count = match entry {
            Entry::User { .. } => &mut self.users,
            Entry::Record { .. } => &mut self.records,
            _ => &mut self.others,
        };
        *count = count.saturating_add(1);
    }
}

/// What a key and its value outside the jobs say; `None` where it is said elsewhere, too.
fn entry_of(key: &[u8], value: &[u8]) -> Result<Option<Entry>, StoreError> {
    let entry = match key.first() {
        Some(b'u') => users::entry(key, value),
        Some(b't') => keys::wiki_in_record(key)
            .zip(keys::time_and_id_in(key))
            .and_then(|(wiki, (time, id))| {
                let record = bounce_records::decode(time, value)?;
                let record = StoredRecord { id, record };
                Some(Entry::Record { wiki, record })
            }),
        Some(b'i') => keys::identity_in(key).map(|(wiki, time, identity)| Entry::Counted {
            wiki,
            time,
            identity: BounceIdentity(identity),
        }),
        Some(b'b') => keys::type_in(key)
            .zip(number(value))
            .map(|(kind, until)| Entry::Backoff { kind, until }),
        Some(b'p') => keys::type_in(key)
            .zip(number(value))
            .map(|(kind, time)| Entry::LastRepush {
                kind,
                time: Timestamp(time.cast_signed()),
            }),
        _ => return Ok(None),
    };
    let place = String::from_utf8_lossy(key).escape_default().to_string();
    entry
        .map(Some)
        .ok_or_else(|| keys::garbled(&format!("the value under {place} is garbled")))
}

fn number(value: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(value.try_into().ok()?))
}
