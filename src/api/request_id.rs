//! The identifier of a request.

use std::hash::{BuildHasher, RandomState};

/// 24 hexadecimal digits: in the header `X-Request-Id`, in the jobs that the request queues, and in the log of its faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new identifier. It tells requests apart; it is no secret, so the hasher's random keys are random enough.
    pub fn random() -> Self {
        let keys = RandomState::new();
        let digits = format!("{:016x}{:016x}", keys.hash_one(0_u8), keys.hash_one(1_u8));
        Self(digits.chars().take(24).collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_24_hexadecimal_digits_and_a_new_one_each_time() {
        let ids: Vec<_> = (0..100).map(|_| RequestId::random()).collect();
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(id.as_str().len(), 24);
            assert!(
                id.as_str()
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            );
            assert!(!ids[..at].contains(id));
        }
    }
}
