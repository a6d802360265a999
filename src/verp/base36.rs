//! Numbers in base 36 as PHP's `base_convert` reads and writes them.

use std::fmt;
use thiserror::Error;

/// The number is infinite as a float, and PHP's `base_convert` throws a `ValueError` for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a number in the VERP address is too large for PHP: expected less than about 1.8e308 (198 digits in base 36)"
)]
pub struct NumberTooLarge;

/// What PHP's `base_convert(text, 36, 10)` returns: a string of decimal digits.
///
/// Up to 2^63 - 1 they are exact. Above, PHP calculates in floats and prints the digits from the last to the first with a
/// rounding error each, 64 at most, so that they say little more than "very large".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base36Number {
    decimal: String,
}

impl Base36Number {
    /// Reads digits of either case; all other bytes are skipped, so that text without digits is 0.
    pub fn parse(text: &[u8]) -> Result<Self, NumberTooLarge> {
        let digits = text
            .iter()
            .filter_map(|byte| char::from(*byte).to_digit(36));
        let decimal = match digits.fold(Value::Integer(0), Value::append) {
            Value::Integer(integer) => integer.to_string(),
            Value::Float(float) if float.is_finite() => float_digits(float),
            Value::Float(_) => return Err(NumberTooLarge),
        };
        Ok(Self { decimal })
    }

    /// The decimal digits that `MediaWiki` prints in its log.
    pub fn decimal(&self) -> &str {
        &self.decimal
    }

    /// The number, if the decimal digits fit.
    pub fn as_i64(&self) -> Option<i64> {
        self.decimal.parse().ok()
    }

    /// The number, if the decimal digits fit; above 2^63 - 1 it is a rounded one.
    pub fn as_u64(&self) -> Option<u64> {
        self.decimal.parse().ok()
    }

    /// PHP's `now - number < limit`, all three in the same unit: integers while they fit, floats where they do not.
    pub fn age_is_below(&self, now: i64, limit: i64) -> bool {
        match self.as_i64().and_then(|number| now.checked_sub(number)) {
            Some(age) => age < limit,
            None => to_float(now) - self.to_float() < to_float(limit),
        }
    }

    fn to_float(&self) -> f64 {
        // 64 decimal digits at most: always a float, and never an infinite one.
        self.decimal.parse().unwrap_or(f64::INFINITY)
    }
}

impl fmt::Display for Base36Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.decimal)
    }
}

/// PHP's number while it is being read.
enum Value {
    Integer(i64),
    Float(f64),
}

impl Value {
    fn append(self, digit: u32) -> Self {
        match self {
            Self::Integer(integer) => integer
                .checked_mul(36)
                .and_then(|product| product.checked_add(i64::from(digit)))
                .map_or_else(
                    || Self::Float(to_float(integer)).append(digit),
                    Self::Integer,
                ),
            Self::Float(float) => Self::Float(float * 36.0 + f64::from(digit)),
        }
    }
}

/// PHP's integer as its float: rounded to nearest.
#[expect(clippy::cast_precision_loss, reason = "the rounding is PHP's")]
fn to_float(integer: i64) -> f64 {
    integer as f64
}

/// The last digits of a positive float as PHP prints them: divided by ten again and again, never rounded down.
fn float_digits(mut rest: f64) -> String {
    let mut digits = Vec::with_capacity(64);
    while digits.len() < 64 && (digits.is_empty() || rest >= 1.0) {
        digits.push(last_digit(rest));
        rest /= 10.0;
    }
    digits.into_iter().rev().collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 <= value % 10 < 10, and PHP cuts it so"
)]
fn last_digit(value: f64) -> char {
    char::from(b'0'.saturating_add((value % 10.0) as u8))
}

/// Writes `value` in base 36, lower case.
pub(super) fn to_base36(mut value: u64) -> String {
    let mut digits = Vec::new();
    while digits.is_empty() || value > 0 {
        digits.extend(char::from_digit((value % 36) as u32, 36));
        value /= 36;
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn fixture() -> Json {
        serde_json::from_str(include_str!("../../fixtures/verp/base_convert.json")).unwrap()
    }

    fn unhex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn every_number_is_printed_as_php_prints_it() {
        let fixture = fixture();
        let rows = fixture["rows"].as_array().unwrap();
        assert!(rows.len() > 400, "{} rows", rows.len());
        for row in rows {
            let number = Base36Number::parse(&unhex(row["input"].as_str().unwrap()));
            assert_eq!(
                number.as_ref().ok().map(Base36Number::decimal),
                row["decimal"].as_str(),
                "{row}"
            );
        }
    }

    #[test]
    fn every_age_is_compared_as_php_compares_it() {
        let fixture = fixture();
        let now = fixture["now"].as_i64().unwrap();
        let limits = fixture["limits"].as_array().unwrap();
        for row in fixture["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["decimal"].is_string())
        {
            let number = Base36Number::parse(&unhex(row["input"].as_str().unwrap())).unwrap();
            for (limit, below) in limits.iter().zip(row["below"].as_array().unwrap()) {
                let actual = number.age_is_below(now, limit.as_i64().unwrap());
                assert_eq!(actual, below.as_bool().unwrap(), "limit {limit}: {row}");
            }
        }
    }

    #[test]
    fn ages_at_the_ends_of_the_integers_are_compared_as_php_compares_them() {
        let fixture = fixture();
        let edges = fixture["edges"].as_array().unwrap();
        assert!(edges.len() > 300, "{} edges", edges.len());
        for edge in edges {
            let number = Base36Number::parse(edge[1].as_str().unwrap().as_bytes()).unwrap();
            let actual = number.age_is_below(edge[0].as_i64().unwrap(), edge[2].as_i64().unwrap());
            assert_eq!(actual, edge[3].as_bool().unwrap(), "{edge}");
        }
    }

    #[test]
    fn a_number_is_an_integer_only_where_its_digits_fit() {
        let number = |text: &str| Base36Number::parse(text.as_bytes()).unwrap();
        assert_eq!(number("1y2p0ij32e8e7").as_i64(), Some(i64::MAX));
        assert_eq!(
            number("1y2p0ij32e8e7").as_u64(),
            Some(9_223_372_036_854_775_807)
        );
        // php -r 'echo base_convert("1y2p0ij32e8e8", 36, 10);'
        assert_eq!(number("1y2p0ij32e8e8").as_i64(), None);
        assert_eq!(
            number("1y2p0ij32e8e8").as_u64(),
            Some(9_223_372_036_854_776_028)
        );
        assert_eq!(number("zzzzzzzzzzzzz").as_u64(), None);
    }

    #[test]
    fn numbers_are_written_in_lower_case() {
        // php -r 'foreach ([0, 35, 36, 1780272000, PHP_INT_MAX] as $n) echo base_convert($n, 10, 36), "\n";'
        let written = [
            (0, "0"),
            (35, "z"),
            (36, "10"),
            (1_780_272_000, "tfxeo0"),
            (i64::MAX as u64, "1y2p0ij32e8e7"),
        ];
        for (number, text) in written {
            assert_eq!(to_base36(number), text);
        }
        // 2^64 - 1, by hand: one more than twice 2^63 - 1.
        assert_eq!(to_base36(u64::MAX), "3w5e11264sgsf");
    }
}
