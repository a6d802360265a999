//! Who sends a request, and what proves that it is theirs.

mod cookies;
mod opening;
mod table;
mod tokens;

pub use self::opening::Opening;
pub use self::table::{SessionOptions, Sessions};
pub use self::tokens::{TokenVerdict, made_at};

use self::cookies::{CookieNames, SetCookie};
use self::table::Owner;
use self::tokens::{SUFFIX, Secret, SecretKind};
use super::param_spec::TokenType;
use super::params::ValueLimit;
use crate::account::{Account, Authority, BotPassword};
use crate::clock::Timestamp;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The right to ask for more at once.
const HIGH_LIMITS: &str = "apihighlimits";

/// What bot sessions are called by the original, where they keep somebody from logging in.
pub const BOT_SESSIONS: &str = "MediaWiki\\Session\\BotPasswordSessionProvider sessions";

/// The session of a request.
pub struct Session {
    sessions: Arc<Sessions>,
    authority: Authority,
    is_suppressed: bool,
    is_secure: bool,
    was_persisted: bool,
    names: Arc<CookieNames>,
    /// Those of its cookies that the client brought, which are all that it can be told to forget.
    brought: Vec<String>,
    state: Mutex<State>,
}

/// What may change while a request is answered.
struct State {
    /// `None` as long as nothing has to be remembered of the client.
    current: Option<Current>,
    /// What the client is to be told, in order.
    cookies: Vec<SetCookie>,
}

#[derive(Clone)]
struct Current {
    id: String,
    provider: Provider,
}

/// By which cookies a session is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// Those of people.
    Cookies,
    /// That of bots.
    BotPasswords,
}

impl Session {
    /// Who performs the request.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// How much the client may ask for at once.
    pub fn value_limit(&self) -> ValueLimit {
        if self.authority.may(HIGH_LIMITS) {
            ValueLimit::High
        } else {
            ValueLimit::Low
        }
    }

    /// Whether the client's answers are its own.
    pub fn is_persisted(&self) -> bool {
        self.was_persisted
    }

    /// Whether any page may have sent the request, so that nothing of the client's own is to be told.
    pub fn is_suppressed(&self) -> bool {
        self.is_suppressed
    }

    /// Whether it is the session of a bot, which cannot become anybody else's.
    pub fn is_of_bot(&self) -> bool {
        let state = self.state();
        let current = state.current.as_ref();
        current.is_some_and(|current| current.provider == Provider::BotPasswords)
    }

    /// A token of this kind. If it is more than that of every stranger, the client gets a session with it.
    pub fn token(&self, kind: TokenType, now: Timestamp) -> String {
        match self.secret(kind, now) {
            Some((secret, _)) => secret.token(kind, now),
            None => SUFFIX.to_owned(),
        }
    }

    /// The token for logging in, and whether there was none before.
    pub fn login_token(&self, now: Timestamp) -> (String, bool) {
        match self.secret(TokenType::Login, now) {
            Some((secret, is_new)) => (secret.token(TokenType::Login, now), is_new),
            None => (SUFFIX.to_owned(), true),
        }
    }

    /// What a token is worth that should be of this kind, and no older than `most_seconds`.
    pub fn verdict(
        &self,
        kind: TokenType,
        token: &str,
        most_seconds: Option<i64>,
        now: Timestamp,
    ) -> TokenVerdict {
        match self.secret(kind, now) {
            Some((secret, _)) => secret.verdict(kind, token, most_seconds, now),
            None if token == SUFFIX && !self.needs_session(kind) => TokenVerdict::Valid,
            None => TokenVerdict::Invalid,
        }
    }

    /// Whether this is a token of this kind.
    pub fn accepts_token(&self, kind: TokenType, token: &str, now: Timestamp) -> bool {
        self.verdict(kind, token, None, now) == TokenVerdict::Valid
    }

    /// Makes the client that of a user, in a new session. With `remember` it stays so beyond the session.
    pub fn log_in(&self, account: &Arc<Account>, remember: bool, now: Timestamp) {
        let id = self.sessions.create(Owner::User(account.id), now);
        let cookies = Self::login_cookies(
            &self.names,
            &self.sessions,
            &id,
            account,
            remember,
            self.is_secure,
        );
        let mut state = self.state();
        if let Some(old) = state.current.take() {
            self.sessions.remove(&old.id);
        }
        for cookie in cookies {
            state.set_cookie(cookie);
        }
        state.current = Some(Current {
            id,
            provider: Provider::Cookies,
        });
    }

    /// Makes the client a bot of a user, in a session beside the one that it has.
    pub fn log_in_bot(&self, account: &Arc<Account>, bot: &BotPassword, now: Timestamp) {
        let owner = Owner::Bot(account.id, bot.app_id.clone());
        let id = self.sessions.create(owner, now);
        let cookie = SetCookie::for_now(&self.names.bot_session, &id, self.is_secure);
        let mut state = self.state();
        state.set_cookie(cookie);
        state.current = Some(Current {
            id,
            provider: Provider::BotPasswords,
        });
    }

    /// Ends the session. The user's name stays with the client, as a suggestion for the next time.
    pub fn log_out(&self) {
        let mut state = self.state();
        let Some(current) = state.current.take() else {
            return;
        };
        self.sessions.remove(&current.id);
        let names = match current.provider {
            Provider::BotPasswords => vec![&self.names.bot_session],
            Provider::Cookies => vec![&self.names.session, &self.names.user_id, &self.names.token],
        };
        for name in names.into_iter().filter(|name| self.brought.contains(name)) {
            state.set_cookie(SetCookie::deleted(name, self.is_secure));
        }
    }

    /// Counts an attempt to log in; the error is how many seconds the client has to wait.
    pub fn attempt(
        &self,
        kind: &'static str,
        name: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), i64> {
        let mut throttle = self.sessions.throttle();
        throttle.attempt(kind, name, address, now)
    }

    /// Forgets attempts, because the last one was right.
    pub fn forget_attempts(&self, kind: &'static str, name: &str, address: &str) {
        self.sessions.throttle().forget(kind, name, address);
    }

    /// The headers `Set-Cookie` of the answer.
    pub fn cookies(&self, now: Timestamp) -> Vec<String> {
        let state = self.state();
        let cookies = state.cookies.iter();
        cookies.map(|cookie| cookie.header(now)).collect()
    }

    /// The secret that tokens of this kind are proved with, and whether it is new. Strangers have none where a token is
    /// a user's, and nobody has one in a request that any page may have sent.
    fn secret(&self, kind: TokenType, now: Timestamp) -> Option<(Secret, bool)> {
        if self.is_suppressed || !self.needs_session(kind) {
            return None;
        }
        let id = self.persisted_id(now);
        self.sessions.secret(&id, SecretKind::of(kind), now)
    }

    fn needs_session(&self, kind: TokenType) -> bool {
        SecretKind::of(kind) != SecretKind::User || !self.authority.is_anonymous()
    }

    /// The identifier of the session, which is made if there is none yet.
    fn persisted_id(&self, now: Timestamp) -> String {
        let mut state = self.state();
        if let Some(current) = &state.current {
            return current.id.clone();
        }
        let id = self.sessions.create(Owner::Nobody, now);
        let cookie = SetCookie::for_now(&self.names.session, &id, self.is_secure);
        state.set_cookie(cookie);
        let provider = Provider::Cookies;
        state.current = Some(Current {
            id: id.clone(),
            provider,
        });
        id
    }

    /// The cookies of a user's new session.
    fn login_cookies(
        names: &CookieNames,
        sessions: &Sessions,
        id: &str,
        account: &Account,
        remember: bool,
        is_secure: bool,
    ) -> Vec<SetCookie> {
        let for_days =
            |name: &str, value: &str| SetCookie::for_days(name, value, remember, is_secure);
        let mut cookies = vec![
            SetCookie::for_now(&names.session, id, is_secure),
            for_days(&names.user_id, &account.id.0.to_string()),
            for_days(&names.user_name, &account.name),
        ];
        if remember {
            let token = sessions.remembered_token(account.id);
            cookies.push(for_days(&names.token, &token));
        }
        cookies
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Adds a cookie; of several with one name the last counts.
    fn set_cookie(&mut self, cookie: SetCookie) {
        self.cookies.retain(|other| other.name() != cookie.name());
        self.cookies.push(cookie);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({:?})", self.authority.name())
    }
}
