//! Who sends a request, and what proves that it is theirs.

use super::param_spec::TokenType;
use super::params::ValueLimit;
use crate::account::{Accounts, Authority};
use crate::clock::Timestamp;
use crate::ip::ClientAddress;

/// The right to ask for more at once.
const HIGH_LIMITS: &str = "apihighlimits";

/// The csrf token of strangers: they have nothing that could be taken from them.
const ANONYMOUS_TOKEN: &str = "+\\";

/// The session of a request.
#[derive(Debug)]
pub struct Session {
    authority: Authority,
}

impl Session {
    /// A stranger's.
    pub fn anonymous(client: &ClientAddress, accounts: &Accounts) -> Self {
        Self {
            authority: Authority::anonymous(client.to_string(), accounts),
        }
    }

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
        false
    }

    /// Whether this is a token of this kind.
    pub fn accepts_token(&self, kind: TokenType, token: &str, _now: Timestamp) -> bool {
        kind == TokenType::Csrf && token == ANONYMOUS_TOKEN
    }
}
