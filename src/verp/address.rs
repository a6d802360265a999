//! The grammar `prefix-wiki-user-time-hash@domain`, and the proof of one address.

use super::{Base36Number, VerpKeys, VerpParts, VerpRejection};
use subtle::ConstantTimeEq;

/// The five parts of a `To` value, split but not proved: nothing in it may be believed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerpAddress<'a> {
    prefix: &'a [u8],
    wiki: &'a [u8],
    user: &'a [u8],
    time: &'a [u8],
    hash: &'a [u8],
}

impl<'a> VerpAddress<'a> {
    /// Splits the text before the first `@` at the hyphens. A sixth part and more are ignored.
    pub fn parse(to: &'a [u8]) -> Result<Self, VerpRejection> {
        let mut halves = to.splitn(2, |byte| *byte == b'@');
        let (Some(local_part), Some(_domain)) = (halves.next(), halves.next()) else {
            return Err(VerpRejection::NoAtSign { to: shown(to) });
        };
        let mut parts = local_part.split(|byte| *byte == b'-');
        let mut next = || parts.next();
        let (Some(prefix), Some(wiki), Some(user), Some(time), Some(hash)) =
            (next(), next(), next(), next(), next())
        else {
            return Err(VerpRejection::Malformed {
                local_part: shown(local_part),
            });
        };
        Ok(Self {
            prefix,
            wiki,
            user,
            time,
            hash,
        })
    }

    /// Proves hash and age at `now` (seconds since the epoch). Times in the future are accepted.
    pub fn verify(&self, now: i64, keys: &VerpKeys) -> Result<VerpParts, VerpRejection> {
        let signed = [self.prefix, self.wiki, self.user, self.time].join(&b'-');
        let expected = keys.hash_of(&signed);
        if !bool::from(expected.as_bytes().ct_eq(self.hash)) {
            return Err(VerpRejection::HashMismatch {
                signed: shown(&signed),
                hash: shown(self.hash),
            });
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
