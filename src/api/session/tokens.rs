//! Tokens: what proves that a request was made by a page or program that may read answers to its client.
//!
//! 32 hexadecimal digits of proof, 8 of the time at which the token was made, and `+\`, which is there to be lost where a
//! client does not encode what it sends. MediaWiki: `Token`, `CsrfTokenSet`.

use super::table::random;
use crate::api::param_spec::TokenType;
use crate::clock::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use std::fmt::Write as _;
use subtle::ConstantTimeEq as _;

/// The end of every token, and all of a stranger's.
pub const SUFFIX: &str = "+\\";

/// Digits of a proof.
const PROOF_DIGITS: usize = 32;

/// Digits of a proof and of a time.
const DIGITS: usize = 40;

/// The secrets that a session has, each made when it is first needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// For tokens of somebody who is logged in.
    User,
    /// For logging in.
    Login,
    /// For making an account.
    CreateAccount,
}

/// How many kinds there are.
pub const SECRET_KINDS: usize = 3;

impl SecretKind {
    /// What tokens of this kind are proved with.
    pub fn of(kind: TokenType) -> Self {
        match kind {
            TokenType::Login => Self::Login,
            TokenType::CreateAccount => Self::CreateAccount,
            TokenType::Csrf
            | TokenType::Patrol
            | TokenType::Rollback
            | TokenType::UserRights
            | TokenType::Watch => Self::User,
        }
    }
}

/// A key that nobody else has.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// It is right.
    Valid,
    /// It is right, but older than was asked for.
    Expired,
    /// It is wrong.
    Invalid,
}

impl Secret {
    /// A new one.
    pub fn random() -> Self {
        Self(random())
    }

    /// 32 hexadecimal digits that only the holder of the secret can make of this text.
    pub fn proof(&self, text: &str) -> String {
        #[expect(clippy::expect_used, reason = "a key of any length will do (RFC 2104)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key for HMAC");
        mac.update(text.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut digits = String::with_capacity(PROOF_DIGITS);
        for byte in bytes.iter().take(PROOF_DIGITS / 2) {
            let _ = write!(digits, "{byte:02x}");
        }
        digits
    }

    /// A token of this kind.
    pub fn token(&self, kind: TokenType, made: Timestamp) -> String {
        let proof = self.proof(&format!("{}|{}", made.unix(), kind.name()));
        format!("{proof}{:08x}{SUFFIX}", made.unix())
    }

    /// Whether this is a token of this kind, and no older than `most_seconds`.
    pub fn verdict(
        &self,
        kind: TokenType,
        token: &str,
        most_seconds: Option<i64>,
        now: Timestamp,
    ) -> TokenVerdict {
        let Some(made) = made_at(token) else {
            return TokenVerdict::Invalid;
        };
        if !is_same(&self.token(kind, made), token) {
            return TokenVerdict::Invalid;
        }
        let age = now.unix().saturating_sub(made.unix());
        match most_seconds {
            Some(most) if age > most => TokenVerdict::Expired,
            Some(_) | None => TokenVerdict::Valid,
        }
    }
}

/// When a token was made, right or wrong; `None` if it has not the form of one.
pub fn made_at(token: &str) -> Option<Timestamp> {
    let digits = token.strip_suffix(SUFFIX)?;
    let is_form = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let time = digits.get(PROOF_DIGITS..).filter(|_| is_form)?;
    i64::from_str_radix(time, 16).ok().map(Timestamp)
}

/// Compares in a time that does not tell where the difference is.
pub fn is_same(own: &str, given: &str) -> bool {
    own.as_bytes().ct_eq(given.as_bytes()).into()
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_469_603);

    #[test]
    fn a_token_is_40_digits_of_proof_and_time() {
        let token = Secret::random().token(TokenType::Csrf, NOW);
        assert_eq!(token.len(), 42);
        // 1795469603 in base 16.
        assert!(token.ends_with("6b04b123+\\"), "{token}");
        assert_eq!(made_at(&token), Some(NOW));
        for wrong in ["", "+\\", "abc", &token[1..], &token[..40]] {
            assert_eq!(made_at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_good_for_its_kind_its_secret_and_its_time_only() {
        use TokenVerdict::{Expired, Invalid, Valid};
        let secret = Secret::random();
        let token = secret.token(TokenType::Csrf, NOW);
        let verdict = |most, after| secret.verdict(TokenType::Csrf, &token, most, NOW.plus(after));
        assert_eq!(verdict(None, 1_000_000), Valid);
        assert_eq!(verdict(Some(1), 1), Valid);
        assert_eq!(verdict(Some(0), 1), Expired);
        assert_eq!(verdict(Some(-5), 0), Expired);
        let other = |kind, token: &str| secret.verdict(kind, token, None, NOW);
        assert_eq!(other(TokenType::Watch, &token), Invalid);
        assert_eq!(
            other(TokenType::Csrf, &format!("0{}", &token[1..])) == Valid,
            token.starts_with('0')
        );
        assert_eq!(
            Secret::random().verdict(TokenType::Csrf, &token, None, NOW),
            Invalid
        );
        // Another time needs another proof.
        let later = token.replace("6b04b123", "6b04b124");
        assert_eq!(other(TokenType::Csrf, &later), Invalid);
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::random()), "Secret(***)");
    }
}
