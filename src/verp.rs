//! VERP return-path addresses `prefix-wiki-user-time-hash@domain`: made for a user, and proved when a bounce comes back.
//!
//! `MediaWiki`: what the `BounceHandler` extension puts into the envelope sender of a mail, and what it accepts in the `To`
//! field of a bounce. Pure: time and keys are arguments. Prefix and domain are not compared with anything.

mod address;
mod base36;
mod digest;
pub mod strict;

pub use self::address::VerpAddress;
pub use self::base36::{Base36Number, NumberTooLarge};
pub use self::digest::{AlgorithmError, VerpKeys};

use thiserror::Error;

/// What a proved address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerpParts {
    /// What the wiki that made the address had as its `$wgVERPprefix`; any bytes.
    pub prefix: Vec<u8>,
    /// Wiki identifier, with the hyphens that the address shows as dots; any bytes.
    pub wiki: Vec<u8>,
    /// User id.
    pub user: Base36Number,
    /// When the mail was sent, in seconds since the epoch.
    pub time: Base36Number,
}

/// Why an address is not accepted.
///
/// `Display` tells operators the reason and holds nothing of the address; [`VerpRejection::log_line`] is the line of the
/// extension, which does. Bytes that are not UTF-8 stand as U+FFFD in the fields.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerpRejection {
    /// Not an address.
    #[error("the recipient of the bounce has no `@`; expected `prefix-wiki-user-time-hash@domain`")]
    NoAtSign {
        /// The whole `To` value.
        to: String,
    },
    /// Fewer than five parts before the `@`.
    #[error(
        "the recipient of the bounce is no VERP address; expected `prefix-wiki-user-time-hash@domain`"
    )]
    Malformed {
        /// The text before the first `@`.
        local_part: String,
    },
    /// The hash was not made with these keys over these four parts.
    #[error(
        "the hash in the VERP address does not match; forged, changed on its way (display name, angle brackets, folded \
         case), or made with another VERPsecret or VERPalgorithm"
    )]
    HashMismatch {
        /// The four parts that the hash should prove.
        signed: String,
        /// The hash in the address.
        hash: String,
    },
    /// The hash is right, but the address is too old.
    #[error(
        "the VERP address is too old: made at {time}, accepted for less than {accept_time} s (VERPAcceptTime)"
    )]
    Expired {
        /// The four parts that the hash proves.
        signed: String,
        /// The hash in the address.
        hash: String,
        /// The time in the address, in seconds since the epoch.
        time: Base36Number,
        /// For how many seconds an address is accepted.
        accept_time: i64,
    },
    /// The hash is right, but user or time exceeds what PHP can convert: there the extension dies of a `ValueError`.
    #[error(transparent)]
    NumberTooLarge(#[from] NumberTooLarge),
}

impl VerpRejection {
    /// The message that the extension writes to the log channel `BounceHandler`; `None` where it throws instead.
    pub fn log_line(&self) -> Option<String> {
        match self {
            Self::NoAtSign { to } => Some(format!(
                "Error: The received address: {to} does not match the VERP pattern."
            )),
            Self::Malformed { local_part } => Some(format!(
                "Error: Received malformed VERP address: {local_part}, cannot extract details."
            )),
            Self::HashMismatch { signed, hash } | Self::Expired { signed, hash, .. } => Some(
                format!("Error: Hash validation failed. Expected hash of {signed}, got {hash}."),
            ),
            Self::NumberTooLarge(_) => None,
        }
    }
}

/// Splits and proves the value of a `To` field at `now` (seconds since the epoch).
///
/// An empty or missing `To` must not be brought here: the extension refuses it without a log line. Where the keys may be
/// unusable, split with [`VerpAddress::parse`] first: what has no `@` or too few parts is refused before keys matter.
pub fn verify(to: &[u8], now: i64, keys: &VerpKeys) -> Result<VerpParts, VerpRejection> {
    VerpAddress::parse(to)?.verify(now, keys)
}

/// Makes the return-path address of a mail to `user` (id) sent at `time` (seconds since the epoch).
///
/// As on a wiki, not everything comes back from [`verify`]: a hyphen in `prefix` shifts the parts, a dot in `wiki` returns
/// as a hyphen, the sign of a negative time is lost, and a user id above 2^63 - 1 returns rounded.
pub fn encode(
    prefix: &str,
    wiki: &str,
    user: u64,
    time: i64,
    domain: &str,
    keys: &VerpKeys,
) -> String {
    let wiki = wiki.replace('-', ".");
    let user = base36::to_base36(user);
    let time = base36::to_base36(time.unsigned_abs());
    let signed = [prefix, &wiki, &user, &time].join("-");
    let hash = keys.hash_of(signed.as_bytes());
    format!("{signed}-{hash}@{domain}")
}

#[cfg(test)]
mod recordings;
#[cfg(test)]
mod tests;
