//! What makes two jobs the same.

use super::JobType;
use crate::php_serialize::{self, PhpArray, PhpKey, PhpValue};
use sha1::{Digest as _, Sha1};
use std::fmt;

/// MediaWiki's `job_sha1`: two jobs of a type with equal params have the same (jobs/SPEC.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobSignature(pub [u8; 20]);

/// Params that say where a job comes from, not what it does.
const LEFT_OUT: [&str; 4] = [
    "rootJobSignature",
    "rootJobTimestamp",
    "jobReleaseTimestamp",
    "requestId",
];

/// Digits of a signature in base 36.
const DIGITS: usize = 31;

impl JobSignature {
    /// The signature of a job with these params: SHA-1 of PHP's `serialize()` of type and params, params sorted by key.
    pub fn of(kind: &JobType, params: &PhpArray<'_>) -> Self {
        let counts = |key: &PhpKey<'_>| {
            !LEFT_OUT
                .iter()
                .any(|name| *key == PhpKey::Str(name.as_bytes()))
        };
        let mut rest: Vec<(Vec<u8>, (PhpKey<'_>, PhpValue<'_>))> = params
            .iter()
            .filter(|(key, _)| counts(key))
            .map(|(key, value)| (name_of(*key), (*key, value.clone())))
            .collect();
        rest.sort_by(|one, other| one.0.cmp(&other.0));
        let params: PhpArray<'_> = rest.into_iter().map(|(_, pair)| pair).collect();
        let identity = PhpArray::from_pairs([
            ("type", PhpValue::Str(kind.as_str().as_bytes())),
            ("params", PhpValue::Array(params)),
        ]);
        Self(Sha1::digest(php_serialize::write(&PhpValue::Array(identity))).into())
    }
}

fn name_of(key: PhpKey<'_>) -> Vec<u8> {
    match key {
        PhpKey::Int(number) => number.to_string().into_bytes(),
        PhpKey::Str(name) => name.to_vec(),
    }
}

impl fmt::Display for JobSignature {
    /// Base 36 in lower case, padded with 0 to 31 digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            let mut remainder = 0_u32;
            for byte in &mut number {
                let dividend = remainder << 8 | u32::from(*byte);
                *byte = u8::try_from(dividend / 36).unwrap_or_default();
                remainder = dividend % 36;
            }
            *digit = char::from_digit(remainder, 36).map_or(b'0', |digit| digit as u8);
        }
        digits
            .iter()
            .try_for_each(|digit| write!(formatter, "{}", char::from(*digit)))
    }
}
