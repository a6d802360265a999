//! Un-confirmations that wait for a person, and the word that ends their waiting.

use super::bounce_records;
use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::clock::Timestamp;
use crate::decision::Weight;
use crate::effects::BounceRecord;
use crate::job::{JobId, JobType, WikiId};
use crate::store::{HeldUnconfirm, HeldWord, StoreError, User};
use std::collections::{BTreeMap, BTreeSet};

impl Committer {
    /// Ends the waiting of these jobs, as far as they still wait, in one set of changes. Returns of how many it did, and who
    /// was un-confirmed.
    pub(super) fn settle_held(
        &mut self,
        kind: &JobType,
        word: HeldWord,
        held: &[HeldUnconfirm],
    ) -> Result<(u64, Vec<User>), StoreError> {
        let (mut changes, mut ended) = (Changes::default(), 0_u64);
        let mut unconfirmed: BTreeMap<_, User> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for one in held {
            if !seen.insert(one.id) || !self.is_there(kind, one.id)? {
                continue;
            }
            self.remove_job(&mut changes, kind, one.id)?;
            ended = ended.saturating_add(1);
            match word {
                HeldWord::Release => {
                    let user = self.unconfirmed_by(one)?;
                    unconfirmed.extend(user.map(|user| ((one.wiki.clone(), user.id), user)));
                }
                HeldWord::Drop => self.forgive(&mut changes, &one.wiki, &one.email)?,
            }
        }
        for ((wiki, _), user) in &unconfirmed {
            self.users.put(&mut changes, wiki, user)?;
        }
        self.apply_with_tally(changes, kind)?;
        let rows = unconfirmed.into_iter();
        let rows: Vec<(WikiId, User)> = rows.map(|((wiki, _), user)| (wiki, user)).collect();
        self.users.replace(rows.clone());
        Ok((ended, rows.into_iter().map(|(_, user)| user).collect()))
    }

    fn is_there(&self, kind: &JobType, id: JobId) -> Result<bool, StoreError> {
        let there = self.db.contains_key(keys::job(kind, id));
        there.map_err(|error| keys::read_failed(&error))
    }

    /// The user as un-confirmed; `None` if that is so already, or if the address is another one by now.
    fn unconfirmed_by(&self, held: &HeldUnconfirm) -> Result<Option<User>, StoreError> {
        let user = self.users.user(&held.wiki, held.user)?;
        let user = user.filter(|user| user.email == held.email);
        let user = user.filter(|user| user.email_authenticated.is_some());
        Ok(user.map(|user| User {
            email_authenticated: None,
            touched: Some(self.options.clock.now()),
            ..user
        }))
    }

    /// The bounces of an address so far count nothing any more; the records stay.
    fn forgive(&self, changes: &mut Changes, wiki: &WikiId, email: &str) -> Result<(), StoreError> {
        let stored = keys::records_of_from(wiki, email, Timestamp(i64::MIN));
        for key in self.db.range(stored).keys() {
            let key = key.map_err(|error| keys::read_failed(&error))?;
            let Some((time, id)) = keys::time_and_id_in(&key) else {
                continue;
            };
            let value = self.db.get(keys::record(wiki, time, id));
            let value = value.map_err(|error| keys::read_failed(&error))?;
            let record = value.and_then(|value| bounce_records::decode(time, &value));
            if let Some(record) = record {
                let weight = Weight::NONE;
                bounce_records::put(changes, wiki, id, &BounceRecord { weight, ..record });
            }
        }
        Ok(())
    }
}
