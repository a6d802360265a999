//! What those are warned of who log in, log out, or ask for tokens.
//!
//! Recorded cases: `auth/login-*`, `auth/logout-anon`, `formats/callback-tokens`.

use super::messages;
use super::report::Report;
use super::result::{Object, Value};

/// Something about a login or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginWarning {
    /// A token was asked for by `action=login`.
    TokenDeprecated,
    /// Somebody logged in by `action=login` with the account's own password.
    MainAccountDeprecated,
    /// There is nobody to log out.
    NotLoggedIn,
    /// A token looks as if something in it had not been encoded.
    TokenEncoding,
    /// Tokens are asked for in a request that any page may have sent.
    TokensOfOthers,
}

impl LoginWarning {
    /// What it is on the wire, in the name of a module.
    pub fn report(self, module: &'static str) -> Report {
        let (code, text) = match self {
            Self::TokenDeprecated => ("deprecation", &messages::LOGIN_TOKEN_DEPRECATED),
            Self::MainAccountDeprecated => ("deprecation", &messages::MAIN_LOGIN_DEPRECATED),
            Self::NotLoggedIn => ("notloggedin", &messages::MUST_BE_LOGGED_IN),
            Self::TokenEncoding => (
                "checktoken-percentencoding",
                &messages::CHECK_TOKEN_ENCODING,
            ),
            Self::TokensOfOthers => ("tokens-origin", &messages::TOKENS_ORIGIN),
        };
        let report = Report::new(module, code, text, []);
        match self.feature() {
            Some(feature) => report.with_data(Object::of([("feature", Value::text(feature))])),
            None => report,
        }
    }

    /// What the original counts uses of something under that will end.
    fn feature(self) -> Option<&'static str> {
        match self {
            Self::TokenDeprecated => Some("action=login&!lgtoken"),
            Self::MainAccountDeprecated => Some("main-account-login"),
            Self::NotLoggedIn | Self::TokenEncoding | Self::TokensOfOthers => None,
        }
    }
}
