//! Signatures that were accepted, so that none is accepted twice.

use super::special_run_jobs::Expiry;
use crate::clock::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is remembered: in memory, so that a restart forgets it.
#[derive(Debug, Default)]
pub struct AcceptedSignatures {
    /// The most that are remembered; `None` accepts each as often as it comes.
    most: Option<usize>,
    seen: Mutex<HashMap<String, Expiry>>,
}

/// What is to be thought of a right signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is new, or may come again.
    Accepted,
    /// It came before.
    Repeated,
    /// No more can be remembered.
    Full,
}

impl AcceptedSignatures {
    /// Accepts each signature once and remembers up to `most` of them; or, with `None`, each as often as it comes.
    pub fn new(most: Option<usize>) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// Takes note of a right signature, which cannot come any more once it has expired.
    pub fn accept(&self, signature: &str, expiry: Expiry, now: Timestamp) -> Acceptance {
        let Some(most) = self.most else {
            return Acceptance::Accepted;
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains_key(signature) {
            return Acceptance::Repeated;
        }
        if seen.len() >= most {
            seen.retain(|_, expiry| !expiry.is_over(now));
        }
        if seen.len() >= most {
            return Acceptance::Full;
        }
        seen.insert(signature.to_owned(), expiry);
        Acceptance::Accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_accepted_once_and_forgotten_when_it_has_expired() {
        let accepted = AcceptedSignatures::new(Some(2));
        let accept =
            |name, expiry, now| accepted.accept(name, Expiry::read(expiry), Timestamp(now));
        assert_eq!(accept("a", "100", 90), Acceptance::Accepted);
        assert_eq!(accept("a", "100", 100), Acceptance::Repeated);
        assert_eq!(accept("b", "never", 100), Acceptance::Accepted);
        assert_eq!(accept("c", "200", 100), Acceptance::Full);
        assert_eq!(accept("c", "200", 101), Acceptance::Accepted);
        assert_eq!(accept("b", "never", 1_000_000), Acceptance::Repeated);
    }

    #[test]
    fn without_the_rule_each_comes_as_often_as_it_likes() {
        let accepted = AcceptedSignatures::new(None);
        for _ in 0..2 {
            let expiry = Expiry::read("100");
            assert_eq!(
                accepted.accept("a", expiry, Timestamp(90)),
                Acceptance::Accepted
            );
        }
    }
}
