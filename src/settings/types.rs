//! The settings' own types of single values.

use super::fault::Fault;
use super::value::{Secrets, SettingValue};
use serde_json::Value;
use std::fmt;

/// What is shown instead of a secret.
const STARS: &str = "***";

/// A text that is never shown. It cannot be compared by `==`, so that nobody compares it in variable time.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text that is to be kept secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(STARS)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(STARS)
    }
}

impl SettingValue for Secret {
    const SECRET: bool = true;

    fn kind() -> String {
        "secret text".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let text = value
            .as_str()
            .ok_or_else(|| Fault::unexpected_kind(value, "a text"))?;
        Ok(Self::new(text))
    }

    fn show(&self, secrets: Secrets) -> Value {
        match secrets {
            Secrets::Starred => Value::from(STARS),
            Secrets::Plain => Value::from(self.expose()),
        }
    }
}

/// A number of bytes, written as a number or with a unit: `64 MiB`, `64M` (units are powers of 1024, as in PHP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// Units of [`ByteSize`], the largest first: long and short name, bytes.
const BYTE_UNITS: [(&str, &str, u64); 4] = [
    ("GiB", "G", 1 << 30),
    ("MiB", "M", 1 << 20),
    ("KiB", "K", 1 << 10),
    ("B", "", 1),
];

impl ByteSize {
    /// A number of mebibytes.
    pub const fn mib(mebibytes: u32) -> Self {
        Self((mebibytes as u64) << 20)
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let named = |(long, short, _): &&(&str, &str, u64)| {
            long.eq_ignore_ascii_case(unit) || short.eq_ignore_ascii_case(unit)
        };
        let (_, _, bytes) = BYTE_UNITS.iter().find(named)?;
        number.parse::<u64>().ok()?.checked_mul(*bytes).map(Self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = BYTE_UNITS
            .iter()
            .find(|(_, _, bytes)| self.0 > 0 && self.0.is_multiple_of(*bytes));
        match whole.and_then(|(long, _, bytes)| Some((long, self.0.checked_div(*bytes)?))) {
            Some((unit, number)) => write!(formatter, "{number} {unit}"),
            None => write!(formatter, "{} B", self.0),
        }
    }
}

impl SettingValue for ByteSize {
    fn kind() -> String {
        "byte size".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let size = value
            .as_u64()
            .map(Self)
            .or_else(|| Self::parse(value.as_str()?));
        size.ok_or_else(|| {
            Fault::unexpected(
                value,
                "a number of bytes or a text like \"64 MiB\" (B, K, M, G)",
            )
        })
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.to_string())
    }
}

/// A number of seconds, written as a whole number or with a unit: `3 days`, `90 s`.
///
/// Negative numbers are accepted because MediaWiki accepts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub i64);

impl Seconds {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.trim().parse() {
            return Some(Self(number));
        }
        let (number, unit) = number_and_unit(text)?;
        let seconds = match unit.to_ascii_lowercase().as_str() {
            "s" | "second" | "seconds" => 1,
            "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            "week" | "weeks" => 604_800,
            _ => return None,
        };
        number.parse::<i64>().ok()?.checked_mul(seconds).map(Self)
    }
}

impl SettingValue for Seconds {
    fn kind() -> String {
        "seconds".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let seconds = value
            .as_i64()
            .map(Self)
            .or_else(|| Self::parse(value.as_str()?));
        let expected =
            "a whole number of seconds or a text like \"3 days\" (s, min, h, days, weeks)";
        seconds.ok_or_else(|| Fault::unexpected(value, expected))
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.0)
    }
}

/// `64 MiB` and `64MiB` are `("64", "MiB")`.
fn number_and_unit(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number, unit.trim_start()))
}

/// Addresses and ranges that a configured list is *added* to: MediaWiki merges the lists of an extension's settings with
/// the extension's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalIps(Vec<String>);

impl InternalIps {
    /// The default list and what was configured, as written; whether an entry is an address is not checked here.
    pub fn entries(&self) -> &[String] {
        &self.0
    }
}

impl Default for InternalIps {
    fn default() -> Self {
        Self(vec!["127.0.0.1".to_owned(), "::1".to_owned()])
    }
}

impl SettingValue for InternalIps {
    fn kind() -> String {
        Vec::<String>::kind()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let Self(default) = Self::default();
        let mut added = Vec::<String>::read(value)?;
        added.retain(|entry| !default.contains(entry));
        Ok(Self([default, added].concat()))
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        Vec::<String>::from_text(text)
    }

    fn show(&self, secrets: Secrets) -> Value {
        self.0.show(secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn byte_sizes_have_units_of_1024() {
        let table = [
            (json!(10), Some(10)),
            (json!("10"), Some(10)),
            (json!("10 B"), Some(10)),
            (json!("64 MiB"), Some(67_108_864)),
            (json!("64M"), Some(67_108_864)),
            (json!("2k"), Some(2048)),
            (json!("1 GiB"), Some(1_073_741_824)),
            (json!("64 MB"), None),
            (json!("MiB"), None),
            (json!(""), None),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("18446744073709551615 K"), None),
        ];
        for (value, bytes) in table {
            assert_eq!(ByteSize::read(&value).ok(), bytes.map(ByteSize), "{value}");
        }
    }

    #[test]
    fn byte_sizes_are_shown_in_the_largest_unit_that_divides_them() {
        let table = [
            (0, "0 B"),
            (1000, "1000 B"),
            (2048, "2 KiB"),
            (67_108_864, "64 MiB"),
            (5 << 30, "5 GiB"),
        ];
        for (bytes, shown) in table {
            assert_eq!(ByteSize(bytes).to_string(), shown);
        }
        assert_eq!(ByteSize::mib(64), ByteSize(67_108_864));
    }

    #[test]
    fn seconds_have_units_and_may_span_a_century() {
        let table = [
            (json!(3_153_600_000_i64), Some(3_153_600_000)),
            (json!("259200"), Some(259_200)),
            (json!("3 days"), Some(259_200)),
            (json!("1 week"), Some(604_800)),
            (json!("90s"), Some(90)),
            (json!("2 H"), Some(7200)),
            (json!("5 min"), Some(300)),
            (json!(-1), Some(-1)),
            (json!("5 m"), None),
            (json!("days"), None),
            (json!(""), None),
            (json!(1.5), None),
            (json!("9223372036854775807 weeks"), None),
        ];
        for (value, seconds) in table {
            assert_eq!(Seconds::read(&value).ok(), seconds.map(Seconds), "{value}");
        }
    }

    #[test]
    fn a_secret_is_shown_as_stars_however_it_is_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "*** *** Some(***)"
        );
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(secret.show(Secrets::Starred), json!("***"));
    }

    #[test]
    fn a_configured_list_of_internal_addresses_is_added_to_the_default() {
        let entries = |value| InternalIps::read(&value).unwrap().0;
        assert_eq!(entries(json!([])), ["127.0.0.1", "::1"]);
        assert_eq!(entries(json!(null)), ["127.0.0.1", "::1"]);
        assert_eq!(
            entries(json!(["10.0.0.0/8", "::1"])),
            ["127.0.0.1", "::1", "10.0.0.0/8"]
        );
    }
}
