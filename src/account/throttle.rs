//! Limits on how often somebody may try a password (MediaWiki: `Throttler`, `$wgPasswordAttemptThrottle`).

use crate::clock::Timestamp;
use std::collections::HashMap;

/// The most counts that are kept; a flood of names costs no more memory than these.
const MOST_COUNTS: usize = 50_000;

/// So many attempts in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Number of attempts.
    pub count: u64,
    /// Seconds in which they are counted.
    pub seconds: i64,
    /// Whether attempts from all addresses are counted together.
    pub all_addresses: bool,
}

/// Whose attempts a count is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Which of the limits it is counted for.
    limit: usize,
    /// What is tried: one kind of password says nothing of another.
    kind: &'static str,
    name: String,
    /// None where all addresses count together.
    address: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    attempts: u64,
    /// From then on it starts afresh.
    until: Timestamp,
}

/// The attempts of late.
#[derive(Debug)]
pub struct LoginThrottle {
    limits: Vec<AttemptLimit>,
    counts: HashMap<Key, Count>,
}

impl LoginThrottle {
    /// Without limits everything is allowed.
    pub fn new(limits: Vec<AttemptLimit>) -> Self {
        Self {
            limits,
            counts: HashMap::new(),
        }
    }

    /// Counts an attempt on the account `name`. If there were too many, it is not to be made, and the answer is how many
    /// seconds it takes until the limit that was met is over at the latest.
    pub fn attempt(
        &mut self,
        kind: &'static str,
        name: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<(), i64> {
        for (place, limit) in self.limits.clone().into_iter().enumerate() {
            let key = Self::key(place, limit, kind, name, address);
            let fresh = Count {
                attempts: 0,
                until: now.plus(limit.seconds),
            };
            self.make_room(now);
            let count = self.counts.entry(key).or_insert(fresh);
            if count.until <= now {
                *count = fresh;
            }
            if count.attempts >= limit.count {
                return Err(limit.seconds);
            }
            count.attempts = count.attempts.saturating_add(1);
        }
        Ok(())
    }

    /// Forgets the attempts on an account from an address, because the last one was right.
    pub fn forget(&mut self, kind: &'static str, name: &str, address: &str) {
        for (place, limit) in self.limits.iter().enumerate() {
            self.counts
                .remove(&Self::key(place, *limit, kind, name, address));
        }
    }

    fn key(
        place: usize,
        limit: AttemptLimit,
        kind: &'static str,
        name: &str,
        address: &str,
    ) -> Key {
        Key {
            limit: place,
            kind,
            name: name.to_owned(),
            address: (!limit.all_addresses).then(|| address.to_owned()),
        }
    }

    /// Drops what is over; if nothing is, the half that ends first.
    fn make_room(&mut self, now: Timestamp) {
        if self.counts.len() < MOST_COUNTS {
            return;
        }
        self.counts.retain(|_, count| count.until > now);
        if self.counts.len() < MOST_COUNTS {
            return;
        }
        let mut ends: Vec<_> = self.counts.values().map(|count| count.until).collect();
        let middle = ends.len().div_euclid(2);
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        let mut surplus = middle;
        self.counts.retain(|_, count| {
            let goes = surplus > 0 && count.until <= median;
            surplus = surplus.saturating_sub(usize::from(goes));
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    fn throttle() -> LoginThrottle {
        let limit = |count, seconds, all_addresses| AttemptLimit {
            count,
            seconds,
            all_addresses,
        };
        LoginThrottle::new(vec![limit(2, 300, false), limit(4, 7200, true)])
    }

    #[test]
    fn the_attempt_after_the_last_allowed_one_is_refused_until_the_time_is_over() {
        let mut throttle = throttle();
        let mut attempt =
            |after| throttle.attempt("password", "Bob", "192.0.2.1", START.plus(after));
        assert_eq!(attempt(0), Ok(()));
        assert_eq!(attempt(10), Ok(()));
        assert_eq!(attempt(11), Err(300));
        assert_eq!(attempt(299), Err(300));
        assert_eq!(attempt(300), Ok(()));
        assert_eq!(attempt(301), Ok(()));
        // Four attempts were made within two hours, refused ones not counted.
        assert_eq!(attempt(600), Err(7200));
        assert_eq!(attempt(7200), Ok(()));
    }

    #[test]
    fn addresses_count_apart_unless_the_limit_is_for_all() {
        let mut throttle = throttle();
        let mut attempt = |address| throttle.attempt("password", "Bob", address, START);
        for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"] {
            assert_eq!(attempt(address), Ok(()));
        }
        assert_eq!(attempt("192.0.2.1"), Err(300));
        assert_eq!(attempt("192.0.2.3"), Err(7200));
    }

    #[test]
    fn names_and_kinds_count_apart_and_success_forgets() {
        let mut throttle = throttle();
        for name in ["Bob", "Bob"] {
            assert_eq!(throttle.attempt("password", name, "a", START), Ok(()));
        }
        assert_eq!(throttle.attempt("password", "Carol", "a", START), Ok(()));
        assert_eq!(throttle.attempt("botpassword", "Bob", "a", START), Ok(()));
        throttle.forget("password", "Bob", "a");
        assert_eq!(throttle.attempt("password", "Bob", "a", START), Ok(()));
    }

    #[test]
    fn a_flood_of_names_fills_no_memory() {
        let limit = AttemptLimit {
            count: 1,
            seconds: 300,
            all_addresses: false,
        };
        let mut throttle = LoginThrottle::new(vec![limit]);
        for number in 0..=MOST_COUNTS {
            let _ = throttle.attempt("password", &number.to_string(), "a", START);
        }
        assert!(throttle.counts.len() <= MOST_COUNTS);
        assert!(throttle.counts.len() >= MOST_COUNTS / 2);
    }
}
