//! The users of the embedded wiki: kept on disk, read from memory.

use super::changes::Changes;
use super::keys;
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::job::WikiId;
use crate::store::{Entry, StoreError, StoreOptions, User, record};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};

/// The user table. The settings bound its size, so all of it is in memory.
#[derive(Debug)]
pub(super) struct UserTable {
    wikis: BTreeSet<WikiId>,
    /// As the settings give them: a changed line there replaces the stored row.
    configured: BTreeMap<UserId, ConfiguredUser>,
    users: RwLock<BTreeMap<(WikiId, UserId), User>>,
}

/// A user's line in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ConfiguredUser {
    name: String,
    email: String,
    email_authenticated: Option<i64>,
}

/// A user's row on disk.
#[derive(Debug, Serialize, Deserialize)]
struct StoredUser {
    email_authenticated: Option<i64>,
    touched: Option<i64>,
    configured: ConfiguredUser,
}

impl UserTable {
    /// Reads the stored users and brings them in line with the settings, if those name any.
    ///
    /// A user whose line in the settings is what it was keeps what has become of them; a new or changed line starts
    /// afresh; a user that the settings no longer name is removed.
    pub(super) fn load(
        db: &::sled::Db,
        options: &StoreOptions,
        changes: &mut Changes,
    ) -> Result<Self, StoreError> {
        let mut users = read_all(db)?;
        let configured = match &options.users {
            Some(users) => users
                .iter()
                .map(|user| (user.id, ConfiguredUser::of(user)))
                .collect(),
            // What made the stored rows stays what they are measured by.
            None => users
                .iter()
                .map(|((_, id), stored)| (*id, stored.configured.clone()))
                .collect(),
        };
        let table = Self {
            wikis: options.wikis.iter().cloned().collect(),
            configured,
            users: RwLock::default(),
        };
        if let Some(wanted) = &options.users {
            let stored = std::mem::take(&mut users);
            for wiki in &options.wikis {
                for user in wanted {
                    let kept = stored
                        .get(&(wiki.clone(), user.id))
                        .filter(|stored| stored.configured == ConfiguredUser::of(user));
                    let user = kept.map_or_else(|| user.clone(), |stored| stored.user(user.id));
                    table.put(changes, wiki, &user)?;
                    users.insert(
                        (wiki.clone(), user.id),
                        StoredUser::of(&user, table.configured_as(&user)),
                    );
                }
            }
            for (wiki, id) in stored.keys().filter(|key| !users.contains_key(key)) {
                changes.remove(keys::user(wiki, *id));
            }
        }
        let users = users
            .into_iter()
            .map(|(key, stored)| {
                let user = stored.user(key.1);
                (key, user)
            })
            .collect();
        Ok(Self {
            users: RwLock::new(users),
            ..table
        })
    }

    fn configured_as(&self, user: &User) -> ConfiguredUser {
        self.configured
            .get(&user.id)
            .cloned()
            .unwrap_or_else(|| ConfiguredUser::of(user))
    }

    /// Adds a user's row to the changes.
    pub(super) fn put(
        &self,
        changes: &mut Changes,
        wiki: &WikiId,
        user: &User,
    ) -> Result<(), StoreError> {
        let stored = StoredUser::of(user, self.configured_as(user));
        let value =
            serde_json::to_vec(&stored).map_err(|error| super::changes::write_failed(&error))?;
        let value = record::with_checksum(&value);
        changes.put(keys::user(wiki, user.id), &value);
        Ok(())
    }

    /// Replaces users in memory, once their rows are applied.
    pub(super) fn replace(&self, changed: Vec<(WikiId, User)>) {
        if changed.is_empty() {
            return;
        }
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        users.extend(
            changed
                .into_iter()
                .map(|(wiki, user)| ((wiki, user.id), user)),
        );
    }

    /// Replaces all users in memory by those that were read anew.
    pub(super) fn take_over(&self, other: Self) {
        let read = other
            .users
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        *self.users.write().unwrap_or_else(PoisonError::into_inner) = read;
    }

    pub(super) fn check_wiki(&self, wiki: &WikiId) -> Result<(), StoreError> {
        if self.wikis.contains(wiki) {
            Ok(())
        } else {
            Err(StoreError::UnknownWiki(wiki.clone()))
        }
    }

    pub(super) fn user(&self, wiki: &WikiId, id: UserId) -> Result<Option<User>, StoreError> {
        self.check_wiki(wiki)?;
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        Ok(users.get(&(wiki.clone(), id)).cloned())
    }

    pub(super) fn all(&self, wiki: &WikiId) -> Result<Vec<User>, StoreError> {
        self.check_wiki(wiki)?;
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        Ok(users
            .iter()
            .filter(|((of, _), _)| of == wiki)
            .map(|(_, user)| user.clone())
            .collect())
    }
}

/// A user's row as it is stored.
pub(super) fn entry(key: &[u8], value: &[u8]) -> Option<Entry> {
    let (wiki, id) = keys::wiki_and_user_in(key)?;
    let body = record::without_checksum(value).ok()?;
    let row = String::from_utf8(body.to_vec()).ok()?;
    is_row(&row).then_some(Entry::User { wiki, id, row })
}

/// Whether this is what is stored of a user.
pub(super) fn is_row(row: &str) -> bool {
    serde_json::from_str::<StoredUser>(row).is_ok()
}

fn read_all(db: &::sled::Db) -> Result<BTreeMap<(WikiId, UserId), StoredUser>, StoreError> {
    let mut users = BTreeMap::new();
    for entry in db.scan_prefix(keys::ALL_USERS) {
        let (key, value) = entry.map_err(|error| keys::read_failed(&error))?;
        let key = keys::wiki_and_user_in(&key);
        let body = record::without_checksum(&value).ok();
        let user = body.and_then(|body| serde_json::from_slice(body).ok());
        let (key, user) = key
            .zip(user)
            .ok_or_else(|| keys::garbled("a user is garbled"))?;
        users.insert(key, user);
    }
    Ok(users)
}

impl StoredUser {
    fn of(user: &User, configured: ConfiguredUser) -> Self {
        let seconds = |moment: Option<Timestamp>| moment.map(Timestamp::unix);
        Self {
            email_authenticated: seconds(user.email_authenticated),
            touched: seconds(user.touched),
            configured,
        }
    }

    fn user(&self, id: UserId) -> User {
        User {
            id,
            name: self.configured.name.clone(),
            email: self.configured.email.clone(),
            email_authenticated: self.email_authenticated.map(Timestamp),
            touched: self.touched.map(Timestamp),
        }
    }
}

impl ConfiguredUser {
    fn of(user: &User) -> Self {
        Self {
            name: user.name.clone(),
            email: user.email.clone(),
            email_authenticated: user.email_authenticated.map(Timestamp::unix),
        }
    }
}
