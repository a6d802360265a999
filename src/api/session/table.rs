//! The sessions of all clients, in memory: as many as the settings allow, those longest unused go first.

use super::cookies::CookieNames;
use super::tokens::{SECRET_KINDS, Secret, SecretKind};
use crate::account::{AttemptLimit, LoginThrottle};
use crate::clock::Timestamp;
use crate::effects::UserId;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The settings of sessions.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What the names of cookies begin with: `DBname`, or `DBname_DBprefix`.
    pub cookie_prefix: String,
    /// Seconds after its last use in which a session ends (`ObjectCacheSessionExpiry`).
    pub lifetime: i64,
    /// The most sessions that are kept (`MaxSessions`).
    pub most: usize,
    /// Limits on attempts to log in (`PasswordAttemptThrottle`).
    pub attempt_limits: Vec<AttemptLimit>,
}

/// Whose a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A stranger's.
    Nobody,
    /// That of a user who gave the account's password.
    User(UserId),
    /// That of a bot which gave the bot password with this name.
    Bot(UserId, String),
}

/// All sessions.
pub struct Sessions {
    pub(super) options: SessionOptions,
    pub(super) names: Arc<CookieNames>,
    /// What remembered users are proved with.
    key: Secret,
    table: Mutex<Table>,
    throttle: Mutex<LoginThrottle>,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<String, Stored>,
    /// The identifiers by the turn of their last use.
    by_turn: BTreeMap<u64, String>,
    next_turn: u64,
}

struct Stored {
    owner: Owner,
    secrets: [Option<Secret>; SECRET_KINDS],
    last_used: Timestamp,
    turn: u64,
}

impl Sessions {
    /// No sessions yet.
    pub fn new(options: SessionOptions) -> Self {
        let throttle = Mutex::new(LoginThrottle::new(options.attempt_limits.clone()));
        Self {
            names: Arc::new(CookieNames::new(&options.cookie_prefix)),
            options,
            key: Secret::random(),
            table: Mutex::default(),
            throttle,
        }
    }

    /// Whose session this is; `None` if there is no such session (any more). It counts as used.
    pub(super) fn owner(&self, id: &str, now: Timestamp) -> Option<Owner> {
        let mut table = self.table();
        let stored = table.used(id, now, self.options.lifetime)?;
        Some(stored.owner.clone())
    }

    /// Makes a session; the answer is its identifier.
    pub(super) fn create(&self, owner: Owner, now: Timestamp) -> String {
        let id = random_id();
        let mut table = self.table();
        while table.sessions.len() >= self.options.most.max(1) {
            table.remove_oldest();
        }
        let turn = table.take_turn(&id);
        table.sessions.insert(
            id.clone(),
            Stored {
                owner,
                secrets: Default::default(),
                last_used: now,
                turn,
            },
        );
        id
    }

    /// Ends a session.
    pub(super) fn remove(&self, id: &str) {
        self.table().remove(id);
    }

    /// A secret of a session, and whether it was made only now; `None` if there is no such session any more.
    pub(super) fn secret(
        &self,
        id: &str,
        kind: SecretKind,
        now: Timestamp,
    ) -> Option<(Secret, bool)> {
        let mut table = self.table();
        let stored = table.used(id, now, self.options.lifetime)?;
        let place = stored.secrets.get_mut(kind as usize)?;
        let is_new = place.is_none();
        Some((place.get_or_insert_with(Secret::random).clone(), is_new))
    }

    /// What a remembered user shows in place of a password.
    pub(super) fn remembered_token(&self, user: UserId) -> String {
        self.key.proof(&format!("user {}", user.0))
    }

    /// See [`LoginThrottle::attempt`].
    pub(super) fn throttle(&self) -> MutexGuard<'_, LoginThrottle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn used(&mut self, id: &str, now: Timestamp, lifetime: i64) -> Option<&mut Stored> {
        if self.sessions.get(id)?.last_used.plus(lifetime) <= now {
            self.remove(id);
            return None;
        }
        let turn = self.take_turn(id);
        let stored = self.sessions.get_mut(id)?;
        self.by_turn.remove(&stored.turn);
        stored.turn = turn;
        stored.last_used = now;
        Some(stored)
    }

    fn take_turn(&mut self, id: &str) -> u64 {
        let turn = self.next_turn;
        self.next_turn = turn.saturating_add(1);
        self.by_turn.insert(turn, id.to_owned());
        turn
    }

    fn remove(&mut self, id: &str) {
        if let Some(stored) = self.sessions.remove(id) {
            self.by_turn.remove(&stored.turn);
        }
    }

    fn remove_oldest(&mut self) {
        if let Some((_, id)) = self.by_turn.pop_first() {
            self.sessions.remove(&id);
        }
    }
}

/// 32 characters of five random bits each.
fn random_id() -> String {
    const CHARACTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let character = |byte: u8| {
        let character = CHARACTERS.get(usize::from(byte & 31)).copied();
        char::from(character.unwrap_or(b'0'))
    };
    random::<32>().into_iter().map(character).collect()
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "where the system has no randomness there are no secrets; the standard library's maps fail there too"
    )]
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

impl fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sessions({})", self.table().sessions.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    fn sessions(most: usize) -> Sessions {
        Sessions::new(SessionOptions {
            cookie_prefix: "wiki".to_owned(),
            lifetime: 3600,
            most,
            attempt_limits: Vec::new(),
        })
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_for_its_lifetime() {
        let sessions = sessions(10);
        let id = sessions.create(Owner::User(UserId(3)), START);
        let owner = |after| sessions.owner(&id, START.plus(after));
        assert_eq!(owner(3599), Some(Owner::User(UserId(3))));
        assert_eq!(owner(3599 + 3599), Some(Owner::User(UserId(3))));
        assert_eq!(owner(3599 + 3599 + 3600), None);
        assert_eq!(owner(0), None, "it does not come back");
    }

    #[test]
    fn the_session_that_was_not_used_for_longest_makes_room() {
        let sessions = sessions(2);
        let first = sessions.create(Owner::Nobody, START);
        let second = sessions.create(Owner::Nobody, START);
        assert!(sessions.owner(&first, START).is_some());
        let third = sessions.create(Owner::Nobody, START);
        let there = [&first, &second, &third].map(|id| sessions.owner(id, START).is_some());
        assert_eq!(there, [true, false, true]);
        let table = sessions.table();
        assert_eq!((table.sessions.len(), table.by_turn.len()), (2, 2));
    }

    #[test]
    fn identifiers_are_32_characters_and_never_the_same() {
        let ids: Vec<_> = (0..50).map(|_| random_id()).collect();
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(id.len(), 32);
            assert!(
                id.bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'))
            );
            assert!(!ids[..at].contains(id));
        }
    }

    #[test]
    fn nothing_of_a_session_is_shown() {
        let sessions = sessions(2);
        let id = sessions.create(Owner::Nobody, START);
        assert!(!format!("{sessions:?}").contains(&id));
    }
}
