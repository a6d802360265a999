//! Why nobody is logged in. It is no error of the request, but its result.
//!
//! MediaWiki: `ApiLogin`, `AuthManager`. Recorded cases: `auth/login-*`, `auth/clientlogin-*`.

use super::messages::{self, Message, MessageParam};
use super::report::Report;
use super::session::BOT_SESSIONS;
use std::borrow::Cow;

/// Why a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFault {
    /// There is no such user, or the password is another.
    WrongPassword,
    /// There is nothing that could be tried: no name, no password, a name that nobody can have, or an account without a
    /// password.
    NothingToTry,
    /// There were too many attempts.
    Throttled {
        /// Seconds after which the limit is over.
        seconds: i64,
    },
    /// There was no token for logging in, so none could be right.
    SessionLost,
    /// Any page may have sent the request.
    SameOrigin,
    /// The session is a bot's, which stays one.
    BotSession,
    /// The same, where it is found out later.
    CannotLogIn,
    /// There is nothing to continue.
    NotInProgress,
}

impl LoginFault {
    /// Its code: the key of the message, but for one.
    pub fn code(self) -> &'static str {
        match self {
            Self::SessionLost => "sessionlost",
            fault => fault.message().key(),
        }
    }

    /// What the user is told.
    pub fn message(self) -> Message {
        let plain = |text| Message::new(text, []);
        match self {
            Self::WrongPassword => plain(&messages::WRONG_PASSWORD),
            Self::NothingToTry => plain(&messages::AUTH_NO_PRIMARY),
            Self::Throttled { seconds } => Message::new(
                &messages::LOGIN_THROTTLED,
                [MessageParam::Duration(seconds)],
            ),
            Self::SessionLost => plain(&messages::LOGIN_SESSION_LOST),
            Self::SameOrigin => plain(&messages::LOGIN_SAME_ORIGIN),
            Self::BotSession => Message::new(
                &messages::LOGIN_BAD_PROVIDER,
                [MessageParam::text(BOT_SESSIONS)],
            ),
            Self::CannotLogIn => plain(&messages::CANNOT_LOG_IN),
            Self::NotInProgress => plain(&messages::AUTH_NOT_IN_PROGRESS),
        }
    }

    /// The same as a report.
    pub fn report(self) -> Report {
        Report {
            code: Cow::Borrowed(self.code()),
            module: None,
            message: self.message(),
            data: super::result::Object::default(),
        }
    }
}
