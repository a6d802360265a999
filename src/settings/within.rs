//! Whole numbers between two bounds.

use super::fault::Fault;
use super::value::{Secrets, SettingValue};
use serde_json::Value;

/// A whole number from `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<const LEAST: usize, const MOST: usize>(usize);

impl<const LEAST: usize, const MOST: usize> Within<LEAST, MOST> {
    /// The number, or the bound that it is beyond.
    pub const fn nearest(number: usize) -> Self {
        if number < LEAST {
            Self(LEAST)
        } else if number > MOST {
            Self(MOST)
        } else {
            Self(number)
        }
    }

    /// The number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl<const LEAST: usize, const MOST: usize> SettingValue for Within<LEAST, MOST> {
    fn kind() -> String {
        format!("whole number from {LEAST} to {MOST}")
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let number = value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        let within = number.filter(|number| (LEAST..=MOST).contains(number));
        let expected = || format!("a {}", Self::kind());
        within
            .map(Self)
            .ok_or_else(|| Fault::unexpected(value, expected()))
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        usize::from_text(text)
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_beyond_the_bounds_is_refused() {
        for (value, number) in [
            (json!(0), None),
            (json!(1), Some(1)),
            (json!(8), Some(8)),
            (json!(9), None),
            (json!("8"), None),
        ] {
            let read = Within::<1, 8>::read(&value).ok();
            assert_eq!(read.map(Within::get), number, "{value}");
        }
    }
}
