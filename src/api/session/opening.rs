//! From the cookies of a request to its session.
//!
//! MediaWiki: `CookieSessionProvider`, `BotPasswordSessionProvider`. Recorded cases: `transport/cookie-junk`,
//! `auth/cookie-names`; the rest as a MediaWiki 1.39 answered.

use super::cookies::{CookieNames, Cookies, SetCookie};
use super::table::{Owner, Sessions};
use super::tokens::is_same;
use super::{Current, Provider, Session, State};
use crate::account::{Account, Accounts, Authority};
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::ip::ClientAddress;
use std::str;
use std::sync::{Arc, Mutex};

/// The fewest characters of a session's identifier.
const SHORTEST_ID: usize = 32;

/// What a session is opened for.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'o> {
    /// The header `Cookie`.
    pub cookie: Option<&'o [u8]>,
    /// Whose request it is.
    pub client: &'o ClientAddress,
    /// Whether the request came by HTTPS; its cookies then stay with HTTPS.
    pub is_https: bool,
    /// Whether the client is a stranger whatever its cookies say.
    pub is_suppressed: bool,
    /// Who can log in.
    pub accounts: &'o Accounts,
    /// The present.
    pub now: Timestamp,
}

/// What the cookies lead to.
struct Opened {
    current: Option<Current>,
    authority: Option<Authority>,
    cookies: Vec<SetCookie>,
}

/// The cookies of one request, and what they are held against.
struct Reading<'r> {
    sessions: &'r Sessions,
    names: &'r CookieNames,
    cookies: Cookies<'r>,
    opening: Opening<'r>,
}

impl Sessions {
    /// The session of a request. None is made for a client that did not bring the cookie of one.
    pub fn open(self: &Arc<Self>, opening: Opening<'_>) -> Session {
        let names = Arc::clone(&self.names);
        let reading = Reading {
            sessions: self,
            names: &names,
            cookies: Cookies::read(opening.cookie),
            opening,
        };
        let Opened {
            current,
            authority,
            cookies,
        } = reading.open();
        let brought = reading.brought();
        let stranger = || Authority::anonymous(opening.client.user_name(), opening.accounts);
        let authority = authority.filter(|_| !opening.is_suppressed);
        Session {
            sessions: Arc::clone(self),
            authority: authority.unwrap_or_else(stranger),
            is_suppressed: opening.is_suppressed,
            is_secure: opening.is_https,
            was_persisted: current.is_some(),
            state: Mutex::new(State { current, cookies }),
            brought,
            names,
        }
    }
}

impl Reading<'_> {
    fn open(&self) -> Opened {
        let mut dropped = Vec::new();
        if let Some(id) = self.cookies.get(&self.names.bot_session) {
            if let Some(opened) = self.bot_session(id) {
                return opened;
            }
            dropped.push(self.deleted(&self.names.bot_session));
        }
        let mut opened = match self.cookies.get(&self.names.user_id) {
            Some(id) => self.user_session(id),
            None => self.nobodys_session(),
        };
        dropped.append(&mut opened.cookies);
        opened.cookies = dropped;
        opened
    }

    fn bot_session(&self, id: &[u8]) -> Option<Opened> {
        let id = session_id(id)?;
        let Owner::Bot(user, app_id) = self.sessions.owner(id, self.opening.now)? else {
            return None;
        };
        let account = self.opening.accounts.by_id(user)?;
        let mut bots = account.bot_passwords.iter();
        let bot = bots.find(|bot| bot.app_id == app_id)?;
        let authority =
            Authority::of_account(Arc::clone(account), Some(bot), self.opening.accounts);
        Some(Opened {
            current: Some(Current {
                id: id.to_owned(),
                provider: Provider::BotPasswords,
            }),
            authority: Some(authority),
            cookies: Vec::new(),
        })
    }

    /// The session of a client that says which user it is: a token or the session has to prove it.
    fn user_session(&self, user: &[u8]) -> Opened {
        let Some(account) = self.account(user) else {
            return self.refused();
        };
        let id = self.cookies.get(&self.names.session).map(session_id);
        let owner = id
            .flatten()
            .and_then(|id| self.sessions.owner(id, self.opening.now));
        let is_own = owner == Some(Owner::User(account.id));
        match (self.cookies.get(&self.names.token), id) {
            (Some(token), _) if !self.is_remembered(token, account.id) => self.refused(),
            (_, Some(Some(id))) if is_own => self.opened(id.to_owned(), Some(account), Vec::new()),
            (Some(_), _) if owner.is_none() => {
                let id = self
                    .sessions
                    .create(Owner::User(account.id), self.opening.now);
                let cookies = Session::login_cookies(
                    self.names,
                    self.sessions,
                    &id,
                    account,
                    true,
                    self.opening.is_https,
                );
                self.opened(id, Some(account), cookies)
            }
            _ => self.refused(),
        }
    }

    /// The session of a client that does not say which user it is; it has to be nobody's.
    fn nobodys_session(&self) -> Opened {
        let Some(id) = self.cookies.get(&self.names.session) else {
            return self.refused();
        };
        let Some(id) = session_id(id) else {
            return self.refused();
        };
        match self.sessions.owner(id, self.opening.now) {
            Some(Owner::Nobody) => self.opened(id.to_owned(), None, Vec::new()),
            Some(Owner::User(_) | Owner::Bot(..)) => self.refused(),
            None => {
                let id = self.sessions.create(Owner::Nobody, self.opening.now);
                let is_secure = self.opening.is_https;
                let cookie = SetCookie::for_now(&self.names.session, &id, is_secure);
                self.opened(id, None, vec![cookie])
            }
        }
    }

    fn opened(
        &self,
        id: String,
        account: Option<&Arc<Account>>,
        cookies: Vec<SetCookie>,
    ) -> Opened {
        let accounts = self.opening.accounts;
        let authority =
            account.map(|account| Authority::of_account(Arc::clone(account), None, accounts));
        Opened {
            current: Some(Current {
                id,
                provider: Provider::Cookies,
            }),
            authority,
            cookies,
        }
    }

    /// No session; the cookies that claimed one go away.
    fn refused(&self) -> Opened {
        let brought = self.brought();
        let cookies = brought
            .iter()
            .filter(|name| **name != self.names.bot_session);
        Opened {
            current: None,
            authority: None,
            cookies: cookies.map(|name| self.deleted(name)).collect(),
        }
    }

    /// The names of those cookies of sessions that the client brought.
    fn brought(&self) -> Vec<String> {
        let names = &self.names;
        let names = [
            &names.session,
            &names.user_id,
            &names.token,
            &names.bot_session,
        ];
        let brought = names
            .into_iter()
            .filter(|name| self.cookies.get(name).is_some());
        brought.cloned().collect()
    }

    fn deleted(&self, name: &str) -> SetCookie {
        SetCookie::deleted(name, self.opening.is_https)
    }

    fn account(&self, user: &[u8]) -> Option<&Arc<Account>> {
        let id = str::from_utf8(user).ok()?.parse().ok()?;
        self.opening.accounts.by_id(UserId(id))
    }

    fn is_remembered(&self, token: &[u8], user: UserId) -> bool {
        let own = self.sessions.remembered_token(user);
        str::from_utf8(token).is_ok_and(|token| is_same(&own, token))
    }
}

/// The value of a cookie, if it has the form of an identifier.
fn session_id(value: &[u8]) -> Option<&str> {
    let is_form = value.len() >= SHORTEST_ID
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    str::from_utf8(value).ok().filter(|_| is_form)
}
