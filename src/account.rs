//! Who may log in, and what they may do: the accounts that the settings give the built-in wiki.
//!
//! Accounts never change while the program runs. What does change about a user, the confirmation of the address, is the
//! store's. MediaWiki: `User`, `UserGroupManager`, `GroupPermissionsLookup`, `BotPassword`, `GrantsInfo`.

mod authority;
mod block;
mod grants;
mod name;
mod permissions;
mod throttle;

pub use authority::Authority;
pub use block::{Block, BlockExpiry};
pub use grants::{GRANTS, Grant, rights_of_grants};
pub use name::{canonical_name, is_creatable_name};
pub use permissions::GroupPermissions;
pub use throttle::{AttemptLimit, LoginThrottle};

use crate::clock::Timestamp;
use crate::effects::UserId;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// An account of the built-in wiki.
#[derive(Clone)]
pub struct Account {
    /// MediaWiki's `user_id`.
    pub id: UserId,
    /// Name in its canonical form ([`canonical_name`]).
    pub name: String,
    /// Password; without one nobody can log in.
    pub password: Option<String>,
    /// Groups that the account was put into, sorted.
    pub groups: Vec<String>,
    /// When it was made, if that is known.
    pub registration: Option<Timestamp>,
    /// Number of edits.
    pub edit_count: u64,
    /// Passwords for bots that act for it.
    pub bot_passwords: Vec<BotPassword>,
    /// The block that it is under.
    pub block: Option<Block>,
}

/// A password that a bot logs in with in the name of an account.
#[derive(Clone)]
pub struct BotPassword {
    /// The part of the login name behind `@`.
    pub app_id: String,
    /// The password.
    pub password: String,
    /// What the bot may do of what the account may do.
    pub grants: Vec<String>,
}

/// All accounts, and what their groups may do.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Sorted by name.
    accounts: Vec<Arc<Account>>,
    permissions: GroupPermissions,
}

impl Accounts {
    /// These accounts. Names are brought into canonical form; an account whose name has none keeps its name.
    pub fn new(mut accounts: Vec<Account>, permissions: GroupPermissions) -> Self {
        for account in &mut accounts {
            if let Some(name) = canonical_name(&account.name) {
                account.name = name;
            }
            account.groups.sort();
        }
        accounts.sort_by(|first, second| first.name.cmp(&second.name));
        Self {
            accounts: accounts.into_iter().map(Arc::new).collect(),
            permissions,
        }
    }

    /// The account with this canonical name.
    pub fn by_name(&self, name: &str) -> Option<&Arc<Account>> {
        self.accounts.iter().find(|account| account.name == name)
    }

    /// The account with this number.
    pub fn by_id(&self, id: UserId) -> Option<&Arc<Account>> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// All accounts, sorted by name.
    pub fn all(&self) -> &[Arc<Account>] {
        &self.accounts
    }

    /// When the first of the accounts was made whose time is known.
    pub fn oldest_registration(&self) -> Option<Timestamp> {
        let accounts = self.accounts.iter();
        accounts.filter_map(|account| account.registration).min()
    }

    /// What the groups may do.
    pub fn permissions(&self) -> &GroupPermissions {
        &self.permissions
    }
}

impl Account {
    /// The groups that it was put into, then those that it is in without: MediaWiki's effective groups.
    pub fn effective_groups(&self) -> Vec<&str> {
        let given = self.groups.iter().map(String::as_str);
        given.chain(IMPLICIT_GROUPS).collect()
    }

    /// Whether this is the account's password; an account without one has none.
    pub fn has_password(&self, password: &str) -> bool {
        self.password
            .as_deref()
            .is_some_and(|own| same(own, password))
    }

    /// The bot password with this name, if this is it.
    pub fn bot_password(&self, app_id: &str, password: &str) -> Option<&BotPassword> {
        let of_app = self.bot_passwords.iter().find(|bot| bot.app_id == app_id);
        of_app.filter(|bot| same(&bot.password, password))
    }
}

/// The groups of everybody who is logged in. `AutoConfirmAge` and `AutoConfirmCount` are 0, as they are by default.
pub const IMPLICIT_GROUPS: [&str; 3] = ["*", "user", "autoconfirmed"];

/// The groups of a stranger.
pub const ANONYMOUS_GROUPS: [&str; 1] = ["*"];

/// Takes as long for a wrong password as for the right one.
fn same(own: &str, given: &str) -> bool {
    own.as_bytes().ct_eq(given.as_bytes()).into()
}

impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Account({:?})", self.name)
    }
}

impl std::fmt::Debug for BotPassword {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BotPassword({:?})", self.app_id)
    }
}
