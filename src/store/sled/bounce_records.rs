//! Bounce records: writing one with its consequences, and listing them.

mod brake;
mod stored;

pub(super) use self::stored::{decode, encode, list, put};

use self::brake::Windows;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use super::users::UserTable;
use crate::clock::Timestamp;
use crate::decision::{self, Decision, UnconfirmRule, Weight};
use crate::effects::{Applied, Bounce, CountOnce, HeldBack, PRUNE_AT_ONCE, Unconfirmed, UserId};
use crate::job::{JobId, WikiId};
use crate::store::{StoreError, User};
use std::collections::{BTreeMap, BTreeSet};

/// Time and number of a record: what records are sorted by.
type RecordKey = (Timestamp, u64);

/// The bounces recorded by one set of changes, which no read of sled shows before it is applied.
#[derive(Debug, Default)]
pub(super) struct NewBounces {
    added: BTreeMap<WikiId, BTreeMap<RecordKey, (String, Weight)>>,
    pruned: BTreeMap<WikiId, BTreeSet<RecordKey>>,
    changed_users: BTreeMap<(WikiId, UserId), User>,
    /// Keys of bounces that count once.
    counted: BTreeSet<Vec<u8>>,
    /// Who is to be un-confirmed in this hour.
    windows: Windows,
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
        let (wiki, record) = (&bounce.wiki, &bounce.record);
        if let Some(once) = &bounce.once
            && self.is_repeated(committer, changes, wiki, record.timestamp, once)?
        {
            let user = committer.users.user(wiki, bounce.user)?;
            let user = user.map(|user| user.name);
            let wiki = bounce.wiki;
            return Ok(Applied::BounceRepeated { wiki, user });
        }
        let key = (record.timestamp, job.0);
        put(changes, wiki, key.1, record);
        let added = self.added.entry(wiki.clone()).or_default();
        added.insert(key, (record.email.clone(), record.weight));
        if let Some(moment) = committer.no_records_before.get_mut(wiki) {
            *moment = (*moment).min(record.timestamp);
        }
        let pruned = match bounce.prune_before {
            Some(before) => self.prune(committer, changes, wiki, before)?,
            None => 0,
        };
        let (unconfirmed, held) = self.decide(committer, changes, &bounce)?;
        Ok(Applied::BounceRecorded {
            complaint: bounce.record.complaint,
            wiki: bounce.wiki,
            pruned,
            unconfirmed,
            held,
        })
    }

    /// Counts, and un-confirms the address or has it wait, if it comes to that. What weighs nothing changes nothing.
    fn decide(
        &mut self,
        committer: &mut Committer,
        changes: &mut Changes,
        bounce: &Bounce,
    ) -> Result<(Option<Unconfirmed>, Option<HeldBack>), StoreError> {
        let (wiki, rule) = (&bounce.wiki, &bounce.rule);
        if bounce.record.weight == Weight::NONE {
            return Ok((None, None));
        }
        let counted = self.count(committer, wiki, &bounce.record.email, rule)?;
        if decision::decide(counted, rule) == Decision::Keep {
            return Ok((None, None));
        }
        if let Some(brake) = &bounce.brake {
            let due = self.brake(committer, changes, wiki, bounce.user, brake)?;
            match due {
                brake::Due::Goes => {}
                brake::Due::WaitsAlready => return Ok((None, None)),
                brake::Due::Waits(held) => return Ok((None, Some(held))),
            }
        }
        let unconfirmed = self.unconfirm(committer, wiki, bounce.user, rule.limit)?;
        Ok((unconfirmed, None))
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
                .map(|(key, (email, _))| (*key, email.clone())),
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

    /// Adds up what the bounces of an address weigh, and stops at the limit.
    fn count(
        &self,
        committer: &Committer,
        wiki: &WikiId,
        email: &str,
        rule: &UnconfirmRule,
    ) -> Result<u64, StoreError> {
        let from = (rule.counted_from, 0);
        let added = self.added.get(wiki).into_iter();
        let added = added.flat_map(|added| added.range(from..));
        let mut counted = added
            .filter(|(_, (of, _))| *of == email)
            .fold(0, |sum, (_, (_, weight))| weight.added_to(sum));
        if !rule.enabled {
            return Ok(counted);
        }
        let gone = self.pruned.get(wiki);
        let stored = keys::records_of_from(wiki, email, rule.counted_from);
        for entry in committer.db.range(stored) {
            if counted >= rule.too_many() {
                break;
            }
            let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
            let found = keys::time_and_id_in(&key);
            if found.is_some_and(|found| !gone.is_some_and(|gone| gone.contains(&found))) {
                counted = stored::weight_in(&value).added_to(counted);
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
