//! The grammar `prefix-wiki-user-time-hash@domain`, and the proof of one address.

use super::{Base36Number, VerpKeys, VerpParts, VerpRejection};
use subtle::ConstantTimeEq;

/// The five parts of a `To` value, split but not proved: nothing in it may be believed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerpAddress<'a> {
    pub(super) prefix: &'a [u8],
    pub(super) wiki: &'a [u8],
    pub(super) user: &'a [u8],
    pub(super) time: &'a [u8],
    pub(super) hash: &'a [u8],
}

/// How the hash of an address is compared with the one that the keys make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Byte for byte.
    Exact,
    /// Letters of either case are the same.
    AnyCase,
}

impl Comparison {
    /// Takes a time that does not depend on what is in `hash`.
    fn holds(self, expected: &str, hash: &[u8]) -> bool {
        match self {
            Self::Exact => expected.as_bytes().ct_eq(hash).into(),
            Self::AnyCase => {
                let (expected, hash) = (expected.to_ascii_lowercase(), hash.to_ascii_lowercase());
                expected.as_bytes().ct_eq(&hash).into()
            }
        }
    }
}

impl<'a> VerpAddress<'a> {
    /// Splits the text before the first `@` at the hyphens. A sixth part and more are ignored.
    pub fn parse(to: &'a [u8]) -> Result<Self, VerpRejection> {
        let mut halves = to.splitn(2, |byte| *byte == b'@');
        let (Some(local_part), Some(_domain)) = (halves.next(), halves.next()) else {
            return Err(VerpRejection::NoAtSign { to: shown(to) });
        };
        Self::of_local_part(local_part).ok_or_else(|| VerpRejection::Malformed {
            local_part: shown(local_part),
        })
    }

    /// Splits at the hyphens, if there are enough.
    pub(super) fn of_local_part(local_part: &'a [u8]) -> Option<Self> {
        let mut parts = local_part.split(|byte| *byte == b'-');
        let mut next = || parts.next();
        Some(Self {
            prefix: next()?,
            wiki: next()?,
            user: next()?,
            time: next()?,
            hash: next()?,
        })
    }

    /// Proves hash and age at `now` (seconds since the epoch). Times in the future are accepted.
    pub fn verify(&self, now: i64, keys: &VerpKeys) -> Result<VerpParts, VerpRejection> {
        self.prove(Comparison::Exact, now, keys)
    }

    /// The four parts that the hash should prove.
    pub(super) fn signed(&self) -> Vec<u8> {
        [self.prefix, self.wiki, self.user, self.time].join(&b'-')
    }

    /// The rejection of an address whose hash is not the one of its other parts.
    pub(super) fn mismatch(&self) -> VerpRejection {
        VerpRejection::HashMismatch {
            signed: shown(&self.signed()),
            hash: shown(self.hash),
        }
    }

    /// [`VerpAddress::verify`] with a choice of what counts as the same hash.
    pub(super) fn prove(
        &self,
        comparison: Comparison,
        now: i64,
        keys: &VerpKeys,
    ) -> Result<VerpParts, VerpRejection> {
        let signed = self.signed();
        if !comparison.holds(&keys.hash_of(&signed), self.hash) {
            return Err(self.mismatch());
        }
        let time = Base36Number::parse(self.time)?;
        let accept_time = keys.accept_time();
        if !time.age_is_below(now, accept_time) {
            let (signed, hash) = (shown(&signed), shown(self.hash));
            return Err(VerpRejection::Expired {
                signed,
                hash,
                time,
                accept_time,
            });
        }
        Ok(VerpParts {
            prefix: self.prefix.to_vec(),
            wiki: self
                .wiki
                .iter()
                .map(|&byte| if byte == b'.' { b'-' } else { byte })
                .collect(),
            user: Base36Number::parse(self.user)?,
            time,
        })
    }
}

/// For a log line: what is not UTF-8 becomes U+FFFD.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
