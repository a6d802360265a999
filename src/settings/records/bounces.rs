//! What counts against a user, and when un-confirming stops.

use super::{Key, Table};
use crate::settings::collections::json_from_text;
use crate::settings::fault::Fault;
use crate::settings::value::{Secrets, SettingValue};
use serde_json::Value;

/// A number from 0 to 100, kept in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// The thousandths.
    pub thousandths: u32,
}

impl Factor {
    const fn of(thousandths: u32) -> Self {
        Self { thousandths }
    }
}

impl SettingValue for Factor {
    fn kind() -> String {
        "number from 0 to 100".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let number = value
            .as_f64()
            .filter(|number| (0.0..=100.0).contains(number));
        let number = number.ok_or_else(|| Fault::unexpected(value, "a number from 0 to 100"))?;
        let thousandths = (number * 1000.0).round();
        // Far less than a thousandth is no mistake of binary fractions.
        if (number * 1000.0 - thousandths).abs() > 1e-6 {
            return Err(Fault::unexpected(
                value,
                "a number with at most three decimals",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number from 0 to 100,000"
        )]
        Ok(Self::of(thousandths as u32))
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(f64::from(self.thousandths) / 1000.0)
    }
}

record! {
    /// How much a mail counts against its user, in bounces.
    #[derive(PartialEq, Eq)]
    BounceWeights {
        /// A failure that says that the address itself is dead, whatever the reason.
        "hard" => hard: Factor = Factor::of(1000);
        /// A complaint of the recipient about the mail. Whatever it counts, it is recorded as a complaint.
        "complaint" => complaint: Factor = Factor::of(0);
        /// Any other failure because there is no such mailbox: one that may come back.
        "mailbox-unknown" => mailbox_unknown: Factor = Factor::of(200);
        /// The mailbox is full.
        "mailbox-full" => mailbox_full: Factor = Factor::of(0);
        /// Any other failure because the domain is unknown or takes no mail.
        "host-unknown" => host_unknown: Factor = Factor::of(200);
        /// The sender is refused: spam, reputation, block lists.
        "blocked" => blocked: Factor = Factor::of(0);
        /// A rule of the receiving side.
        "policy" => policy: Factor = Factor::of(0);
        /// The message is too large.
        "too-large" => too_large: Factor = Factor::of(0);
        /// The server does not take mail for the domain.
        "relay-denied" => relay_denied: Factor = Factor::of(200);
        /// Tried until the time was up.
        "expired" => expired: Factor = Factor::of(200);
        /// What is in the message.
        "content" => content: Factor = Factor::of(0);
        /// SPF, DKIM, DMARC, or a missing login.
        "auth" => auth: Factor = Factor::of(0);
        /// Too many messages at once.
        "rate-limited" => rate_limited: Factor = Factor::of(0);
        /// A fault of a server, the network or routing.
        "system" => system: Factor = Factor::of(0);
        /// Another reason, or none given.
        "other" => other: Factor = Factor::of(0);
    }
}

impl Default for BounceWeights {
    fn default() -> Self {
        Self {
            hard: Factor::of(1000),
            complaint: Factor::of(0),
            mailbox_unknown: Factor::of(200),
            mailbox_full: Factor::of(0),
            host_unknown: Factor::of(200),
            blocked: Factor::of(0),
            policy: Factor::of(0),
            too_large: Factor::of(0),
            relay_denied: Factor::of(200),
            expired: Factor::of(200),
            content: Factor::of(0),
            auth: Factor::of(0),
            rate_limited: Factor::of(0),
            system: Factor::of(0),
            other: Factor::of(0),
        }
    }
}

record! {
    /// How many un-confirmations of one domain are too many within an hour: more than either.
    #[derive(Copy, PartialEq, Eq)]
    UnconfirmLimit {
        /// Part of the domain's confirmed users, 1 for all of them.
        "share" => share: Factor = Factor::of(20);
        /// Number of users.
        "number" => number: u64 = 10;
    }
}

impl Default for UnconfirmLimit {
    fn default() -> Self {
        Self {
            share: Factor::of(20),
            number: 10,
        }
    }
}

/// Whether and when further un-confirmations of a domain wait for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnconfirmBrake {
    /// Never.
    Off,
    /// When there are more than this.
    Beyond(UnconfirmLimit),
}

impl SettingValue for UnconfirmBrake {
    fn kind() -> String {
        "\"off\" or table".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) if text == "off" => Ok(Self::Off),
            Value::Object(_) => UnconfirmLimit::read(value).map(Self::Beyond),
            other => Err(Fault::unexpected(other, Self::kind())),
        }
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        if text.trim_start().starts_with('{') {
            json_from_text(text)
        } else {
            Ok(Value::from(text.trim()))
        }
    }

    fn show(&self, secrets: Secrets) -> Value {
        match self {
            Self::Off => Value::from("off"),
            Self::Beyond(limit) => limit.show(secrets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_factor_is_a_number_from_0_to_100_with_three_decimals() {
        for (value, thousandths) in [
            (json!(0), Some(0)),
            (json!(1), Some(1000)),
            (json!(0.2), Some(200)),
            (json!(0.001), Some(1)),
            (json!(100), Some(100_000)),
            (json!(100.1), None),
            (json!(-0.1), None),
            (json!(0.0005), None),
            (json!("1"), None),
        ] {
            let read = Factor::read(&value).ok();
            assert_eq!(
                read.map(|factor| factor.thousandths),
                thousandths,
                "{value}"
            );
        }
    }

    #[test]
    fn weights_that_are_not_given_are_those_of_the_table() {
        let weights = BounceWeights::read(&json!({})).unwrap();
        assert_eq!(weights, BounceWeights::default());
        assert_eq!(weights.show(Secrets::Plain), json!({}));
        let fault = BounceWeights::read(&json!({"mailbox-ful": 1})).unwrap_err();
        assert_eq!(fault.path, ".mailbox-ful");
        assert!(fault.problem.to_string().contains("mailbox-full"));
    }

    #[test]
    fn a_brake_is_off_or_a_table() {
        let read = |value| UnconfirmBrake::read(&value).ok();
        assert_eq!(read(json!("off")), Some(UnconfirmBrake::Off));
        let limit = UnconfirmLimit {
            number: 3,
            ..UnconfirmLimit::default()
        };
        assert_eq!(
            read(json!({"number": 3})),
            Some(UnconfirmBrake::Beyond(limit))
        );
        for value in [json!("on"), json!(3), json!({"numbers": 3})] {
            assert_eq!(read(value), None);
        }
        let given = UnconfirmBrake::from_text("{\"share\": 0.5}").unwrap();
        assert_eq!(given, json!({"share": 0.5}));
    }
}
