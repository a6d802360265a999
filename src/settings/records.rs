//! Settings that are tables with known keys: users, mail server, throttles.

use super::collections::json_from_text;
use super::fault::{Fault, Problem};
use super::types::Secret;
use super::value::{Secrets, SettingValue};
use crate::clock::Timestamp;
use serde_json::{Map, Value};

/// What the reference page says about a key of a record.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) kind: fn() -> String,
    /// What the key is without being given; `None` if it must be given.
    pub(super) default: fn() -> Option<Value>,
}

/// The record's own table in a file, all its keys known.
struct Table<'a>(&'a Map<String, Value>);

impl<'a> Table<'a> {
    /// Only the kind of a wrong value is told, because records contain secrets.
    fn read(value: &'a Value, keys: &'static [Key]) -> Result<Self, Fault> {
        let table = value
            .as_object()
            .ok_or_else(|| Fault::unexpected_kind(value, "a table"))?;
        let names = || keys.iter().map(|key| key.name);
        match table.keys().find(|key| !names().any(|name| name == *key)) {
            Some(unknown) => Err(Fault::unknown_key(unknown, names())),
            None => Ok(Self(table)),
        }
    }

    fn optional<T: SettingValue>(&self, key: &'static str, default: T) -> Result<T, Fault> {
        self.0.get(key).map_or(Ok(default), |value| {
            T::read(value).map_err(|fault| fault.at_key(key))
        })
    }

    fn required<T: SettingValue>(&self, key: &'static str) -> Result<T, Fault> {
        let value = self
            .0
            .get(key)
            .ok_or_else(|| Fault::new(Problem::MissingKey(key)))?;
        T::read(value).map_err(|fault| fault.at_key(key))
    }
}

/// A record from its keys. A row is `"key" => field: Type = default;`, without a default if the key must be given.
/// A record is shown without the keys that have their default.
macro_rules! record {
    (@field $table:ident, $key:literal) => { $table.required($key)? };
    (@field $table:ident, $key:literal, $default:expr) => { $table.optional($key, $default)? };
    (
        $(#[$meta:meta])*
        $Record:ident {
            $( $(#[doc = $doc:literal])+ $key:literal => $field:ident: $type:ty $(= $default:expr)?; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $Record { $( $(#[doc = $doc])+ pub $field: $type, )+ }

        impl $Record {
            pub(in crate::settings) const KEYS: &'static [Key] = &[$( Key {
                name: $key,
                doc: concat!($($doc),+),
                kind: <$type as SettingValue>::kind,
                default: || {
                    let defaults: &[$type] = &[$($default)?];
                    defaults.first().map(|default| default.show(Secrets::Plain))
                },
            } ),+];
        }

        impl SettingValue for $Record {
            fn kind() -> String {
                "table".to_owned()
            }

            fn read(value: &Value) -> Result<Self, Fault> {
                let table = Table::read(value, Self::KEYS)?;
                Ok(Self { $( $field: record!(@field table, $key $(, $default)?), )+ })
            }

            fn from_text(text: &str) -> Result<Value, Fault> {
                json_from_text(text)
            }

            fn show(&self, secrets: Secrets) -> Value {
                let shown = [$( self.$field.show(secrets) ),+];
                let given = Self::KEYS.iter().zip(shown).filter(|(key, value)| (key.default)().as_ref() != Some(value));
                Value::Object(given.map(|(key, value)| (key.name.to_owned(), value)).collect())
            }
        }
    };
}

mod bounces;

pub use self::bounces::{BounceWeights, Factor, UnconfirmBrake, UnconfirmLimit};

record! {
    /// A row of the user table of the built-in wiki.
    User {
        /// Number of the user (`user_id`).
        "id" => id: u64;
        /// Name of the user.
        "name" => name: String;
        /// E-mail address; empty if the user gave none.
        "email" => email: String = String::new();
        /// When the address was confirmed; not set while it is not confirmed.
        "email_authenticated" => email_authenticated: Option<Timestamp> = None;
        /// Password; without one nobody can log in as this user.
        "password" => password: Option<Secret> = None;
        /// User groups besides those that everybody is in.
        "groups" => groups: Vec<String> = Vec::new();
        /// When the account was made.
        "registration" => registration: Option<Timestamp> = None;
        /// Number of edits.
        "editcount" => edit_count: u64 = 0;
        /// Bot passwords of the user.
        "botpasswords" => bot_passwords: Vec<BotPassword> = Vec::new();
        /// The block on the user; not set if there is none.
        "block" => block: Option<Block> = None;
    }
}

record! {
    /// A bot password (MediaWiki: `Special:BotPasswords`).
    BotPassword {
        /// Name of the bot, the part after `@` in its login name.
        "appid" => app_id: String;
        /// The password.
        "password" => password: Secret;
        /// Rights that it grants.
        "grants" => grants: Vec<String> = Vec::new();
    }
}

record! {
    /// A block on a user.
    Block {
        /// Number of the block.
        "id" => id: u64;
        /// Name of the user who placed it.
        "by" => by: String = String::new();
        /// The reason that was given.
        "reason" => reason: String = String::new();
        /// When it was placed.
        "timestamp" => timestamp: Timestamp;
        /// When it ends.
        "expiry" => expiry: Expiry = Expiry::Infinity;
        /// Whether accounts cannot be made.
        "nocreate" => no_create: bool = false;
        /// Whether the user cannot send mail.
        "noemail" => no_email: bool = false;
        /// Whether the user cannot edit their own talk page.
        "nousertalk" => no_user_talk: bool = false;
        /// Whether addresses that the user uses are blocked too.
        "autoblock" => autoblock: bool = false;
    }
}

record! {
    /// A mail server (MediaWiki: `$wgSMTP`).
    Smtp {
        /// Name or address of the server.
        "host" => host: String;
        /// Port.
        "port" => port: u16 = 25;
        /// The domain in Message-ID and HELO; empty: this machine's name.
        "IDHost" => id_host: String = String::new();
        /// Whether to log in.
        "auth" => auth: bool = false;
        /// Login name.
        "username" => username: Option<String> = None;
        /// Password.
        "password" => password: Option<Secret> = None;
    }
}

record! {
    /// A limit on failed logins.
    Throttle {
        /// Number of attempts.
        "count" => count: u64;
        /// Seconds in which they are counted.
        "seconds" => seconds: u64;
        /// Whether attempts from all addresses are counted together.
        "allIPs" => all_ips: bool = false;
    }
}

/// When a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Never.
    Infinity,
    /// At this moment.
    At(Timestamp),
}

impl SettingValue for Expiry {
    fn kind() -> String {
        "timestamp or \"infinity\"".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value.as_str() {
            Some("infinity") => Ok(Self::Infinity),
            text => text
                .and_then(Timestamp::from_mw)
                .map(Self::At)
                .ok_or_else(|| {
                    Fault::unexpected(value, "\"infinity\" or 14 digits YYYYMMDDHHMMSS in UTC")
                }),
        }
    }

    fn show(&self, secrets: Secrets) -> Value {
        match self {
            Self::Infinity => Value::from("infinity"),
            Self::At(moment) => moment.show(secrets),
        }
    }
}

/// MediaWiki's own limits: 5 attempts in 5 minutes from one address, 150 in 2 days.
pub(super) fn default_throttles() -> Vec<Throttle> {
    let throttle = |count, seconds| Throttle {
        count,
        seconds,
        all_ips: false,
    };
    vec![throttle(5, 300), throttle(150, 172_800)]
}

/// The users of a wiki that names none: two of them can be sent mail. Everybody knows their passwords, so these count
/// only where nobody but this machine can reach the server.
pub(super) fn built_in_users() -> Vec<User> {
    let user = |id, name: &str, password: &str, email: &str| User {
        id,
        name: name.to_owned(),
        email: email.to_owned(),
        email_authenticated: if email.is_empty() {
            None
        } else {
            Timestamp::from_mw("20260101000000")
        },
        password: Some(Secret::new(password)),
        groups: Vec::new(),
        registration: Timestamp::from_mw("20260101000000"),
        edit_count: 0,
        bot_passwords: Vec::new(),
        block: None,
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let bot = BotPassword {
        app_id: "bot".to_owned(),
        password: Secret::new("bobbotbobbotbobbotbobbotbobbot12"),
        grants: texts(&["basic", "highvolume", "editpage", "createeditmovepage"]),
    };
    vec![
        User {
            groups: texts(&["bureaucrat", "interface-admin", "sysop"]),
            ..user(1, "Admin", "adminpassword", "")
        },
        user(2, "Alice", "alicepassword", "alice@example.com"),
        User {
            bot_passwords: vec![bot],
            ..user(3, "Bob", "bobpassword", "bob@example.com")
        },
    ]
}
