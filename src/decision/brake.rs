//! When un-confirmations are too many at once to be believed: it is more likely that a provider is out of order than that so
//! many of its mailboxes died within an hour.

/// How many un-confirmations of one recipient domain go through within an hour (`UnconfirmBrake`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    /// So many always do.
    pub number: u64,
    /// And so many thousandths of the domain's users.
    pub share: u64,
}

/// For how long an un-confirmation counts, seconds.
pub const BRAKE_SPAN: i64 = 3600;

impl Brake {
    /// Whether one more un-confirmation has to wait for a person.
    ///
    /// `due` is the number of the domain's users who were to be un-confirmed within the last hour, this one included and
    /// those that wait included; `users` that of all its users who were confirmed at some time of that hour.
    pub fn holds(&self, due: u64, users: u64) -> bool {
        due > self.number && due.saturating_mul(1000) > self.share.saturating_mul(users)
    }
}

/// The domain of an address as domains are compared: in lower case, without a dot at the end.
pub fn domain_of(email: &str) -> String {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domain = domain.trim_end_matches('.');
    domain.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_number_and_more_than_the_share_have_to_wait() {
        let brake = Brake {
            number: 10,
            share: 20,
        };
        // (due, users of the domain, held): 2 % of 100 users are 2, of 1000 users 20.
        for (due, users, held) in [
            (10, 100, false),
            (11, 100, true),
            (11, 1000, false),
            (20, 1000, false),
            (21, 1000, true),
            (11, 11, true),
        ] {
            assert_eq!(brake.holds(due, users), held, "{due} of {users}");
        }
        let all = Brake {
            number: 0,
            share: 0,
        };
        assert!(all.holds(1, 1_000_000));
    }

    #[test]
    fn domains_are_compared_without_case_and_without_a_dot_at_the_end() {
        assert_eq!(domain_of("bob@Example.COM."), "example.com");
        assert_eq!(domain_of("\"a@b\"@example.org"), "example.org");
        assert_eq!(domain_of("nobody"), "");
    }
}
