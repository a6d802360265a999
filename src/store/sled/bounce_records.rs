//! Bounce records: writing one with its consequences, and listing them.

use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use super::users::UserTable;
use crate::clock::Timestamp;
use crate::decision::{self, Decision, UnconfirmRule};
use crate::effects::{
    Applied, Bounce, BounceRecord, CountOnce, PRUNE_AT_ONCE, Unconfirmed, UserId,
};
use crate::job::{JobId, WikiId};
use crate::store::{StoreError, StoredRecord, User, record};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Time and number of a record: what records are sorted by.
type RecordKey = (Timestamp, u64);

/// The bounces recorded by one set of changes, which no read of sled shows before it is applied.
#[derive(Debug, Default)]
pub(super) struct NewBounces {
    added: BTreeMap<WikiId, BTreeMap<RecordKey, String>>,
    pruned: BTreeMap<WikiId, BTreeSet<RecordKey>>,
    changed_users: BTreeMap<(WikiId, UserId), User>,
    /// Keys of bounces that count once.
    counted: BTreeSet<Vec<u8>>,
}

impl NewBounces {
    /// Records a bounce, prunes old records, counts, decides, and un-confirms the address if it comes to that.
    ///
    /// The record has the number of the job that makes it.
    pub(super) fn record(
        &mut self,
        committer: &mut Committer,
        changes: &mut Changes,
        job: JobId,
        bounce: Bounce,
    ) -> Result<Applied, StoreError> {
        let Bounce {
            wiki,
            user,
            record,
            rule,
            prune_before,
            once,
        } = bounce;
        if let Some(once) = once
            && self.is_repeated(committer, changes, &wiki, record.timestamp, &once)?
        {
            let user = committer.users.user(&wiki, user)?.map(|user| user.name);
            return Ok(Applied::BounceRepeated { wiki, user });
        }
        let key = (record.timestamp, job.0);
        changes.put(keys::record(&wiki, key.0, key.1), &encode(&record));
        changes.put(keys::record_of(&wiki, &record.email, key.0, key.1), &[]);
        self.added
            .entry(wiki.clone())
            .or_default()
            .insert(key, record.email.clone());
        if let Some(moment) = committer.no_records_before.get_mut(&wiki) {
            *moment = (*moment).min(record.timestamp);
        }
        let pruned = match prune_before {
            Some(before) => self.prune(committer, changes, &wiki, before)?,
            None => 0,
        };
        let counted = self.count(committer, &wiki, &record.email, &rule)?;
        let unconfirmed = match decision::decide(counted, &rule) {
            Decision::Unconfirm => self.unconfirm(committer, &wiki, user, rule.limit)?,
            Decision::Keep => None,
        };
        Ok(Applied::BounceRecorded {
            wiki,
            pruned,
            unconfirmed,
        })
    }

    /// Whether a bounce was counted before; takes note of it if not, and forgets some that are too old to come again.
    fn is_repeated(
        &mut self,
        committer: &Committer,
        changes: &mut Changes,
        wiki: &WikiId,
        sent: Timestamp,
        once: &CountOnce,
    ) -> Result<bool, StoreError> {
        let key = keys::identity(wiki, sent, &once.identity);
        let stored = committer.db.contains_key(&key);
        if stored.map_err(|error| keys::read_failed(&error))? || self.counted.contains(&key) {
            return Ok(true);
        }
        changes.put(key.as_slice(), &[]);
        self.counted.insert(key);
        let old = committer
            .db
            .range(keys::identities_before(wiki, once.forget_before))
            .keys();
        for key in old.take(PRUNE_AT_ONCE) {
            changes.remove(key.map_err(|error| keys::read_failed(&error))?);
        }
        Ok(false)
    }

    /// Adds the rows of the users that were changed; returns them for the table in memory.
    pub(super) fn finish(
        self,
        table: &UserTable,
        changes: &mut Changes,
    ) -> Result<Vec<(WikiId, User)>, StoreError> {
        let users = self.changed_users.into_iter();
        let users: Vec<(WikiId, User)> = users.map(|((wiki, _), user)| (wiki, user)).collect();
        for (wiki, user) in &users {
            table.put(changes, wiki, user)?;
        }
        Ok(users)
    }

    /// Removes the oldest records of a wiki before a moment; returns how many.
    fn prune(
        &mut self,
        committer: &mut Committer,
        changes: &mut Changes,
        wiki: &WikiId,
        before: Timestamp,
    ) -> Result<usize, StoreError> {
        let known = committer.no_records_before.get(wiki);
        if known.is_some_and(|moment| *moment >= before) {
            return Ok(0);
        }
        let gone = self.pruned.entry(wiki.clone()).or_default();
        let added = self.added.entry(wiki.clone()).or_default();
        let mut old: BTreeMap<RecordKey, String> = BTreeMap::new();
        old.extend(
            added
                .range(..(before, 0))
                .take(PRUNE_AT_ONCE)
                .map(|(key, email)| (*key, email.clone())),
        );
        // The oldest go first, so everything up to the last one that went is gone.
        let from = gone.last().map_or_else(
            || keys::records(wiki),
            |last| keys::record(wiki, last.0, last.1),
        );
        let until = keys::record(wiki, before, 0);
        let stored = committer
            .db
            .range(from..until)
            .filter(|entry| !is_gone(gone, entry))
            .take(PRUNE_AT_ONCE);
        for entry in stored {
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let found = keys::time_and_id_in(&key)
                .and_then(|found| Some((found, decode(found.0, &value)?.email)));
            old.extend(found);
        }
        while old.len() > PRUNE_AT_ONCE {
            old.pop_last();
        }
        for (key, email) in &old {
            changes.remove(keys::record(wiki, key.0, key.1));
            changes.remove(keys::record_of(wiki, email, key.0, key.1));
            added.remove(key);
            gone.insert(*key);
        }
        if old.len() < PRUNE_AT_ONCE {
            committer.no_records_before.insert(wiki.clone(), before);
        }
        Ok(old.len())
    }

    /// Counts the bounces of an address and stops at the limit.
    fn count(
        &self,
        committer: &Committer,
        wiki: &WikiId,
        email: &str,
        rule: &UnconfirmRule,
    ) -> Result<u64, StoreError> {
        let from = (rule.counted_from, 0);
        let added = self
            .added
            .get(wiki)
            .into_iter()
            .flat_map(|added| added.range(from..));
        let mut counted =
            u64::try_from(added.filter(|(_, of)| *of == email).count()).unwrap_or(u64::MAX);
        if !rule.enabled {
            return Ok(counted);
        }
        let gone = self.pruned.get(wiki);
        for entry in committer
            .db
            .range(keys::records_of_from(wiki, email, rule.counted_from))
            .keys()
        {
            if counted >= rule.limit {
                break;
            }
            let key = entry.map_err(|error| keys::read_failed(&error))?;
            let found = keys::time_and_id_in(&key);
            if found.is_some_and(|found| !gone.is_some_and(|gone| gone.contains(&found))) {
                counted = counted.saturating_add(1);
            }
        }
        Ok(counted)
    }

    fn unconfirm(
        &mut self,
        committer: &Committer,
        wiki: &WikiId,
        user: UserId,
        limit: u64,
    ) -> Result<Option<Unconfirmed>, StoreError> {
        let Some(mut row) = committer.users.user(wiki, user)? else {
            return Ok(None);
        };
        row.email_authenticated = None;
        row.touched = Some(committer.options.clock.now());
        let unconfirmed = Unconfirmed {
            name: row.name.clone(),
            email: row.email.clone(),
            limit,
        };
        self.changed_users.insert((wiki.clone(), user), row);
        Ok(Some(unconfirmed))
    }
}

fn is_gone(
    gone: &BTreeSet<RecordKey>,
    entry: &::sled::Result<(::sled::IVec, ::sled::IVec)>,
) -> bool {
    let key = entry
        .as_ref()
        .ok()
        .and_then(|(key, _)| keys::time_and_id_in(key));
    key.is_some_and(|key| gone.contains(&key))
}

/// Up to `most` records of a wiki in the order of time and number, from behind `after`.
pub(super) fn list(
    db: &::sled::Db,
    wiki: &WikiId,
    after: Option<(Timestamp, u64)>,
    most: usize,
) -> Result<Vec<StoredRecord>, StoreError> {
    let prefix = keys::records(wiki);
    let from = match after {
        Some((time, id)) => Bound::Excluded(keys::record(wiki, time, id)),
        None => Bound::Included(prefix.clone()),
    };
    let mut records = Vec::new();
    for entry in db.range((from, Bound::<Vec<u8>>::Unbounded)).take(most) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        if !key.starts_with(&prefix) {
            break;
        }
        let read =
            keys::time_and_id_in(&key).and_then(|(time, id)| Some((id, decode(time, &value)?)));
        let (id, record) = read.ok_or_else(|| keys::garbled("a bounce record is garbled"))?;
        records.push(StoredRecord { id, record });
    }
    Ok(records)
}

/// Length of the address (two bytes), address, reason.
pub(super) fn encode(record: &BounceRecord) -> Vec<u8> {
    let email = record.email.as_bytes();
    let mut body = u16::try_from(email.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    body.extend_from_slice(email);
    body.extend_from_slice(&record.reason);
    record::with_checksum(&body)
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(timestamp: Timestamp, value: &[u8]) -> Option<BounceRecord> {
    let body = record::without_checksum(value).ok()?;
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (email, reason) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let email = String::from_utf8(email.to_vec()).ok()?;
    Some(BounceRecord {
        email,
        timestamp,
        reason: reason.to_vec(),
    })
}
