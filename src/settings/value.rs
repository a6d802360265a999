//! How a value of each general type is read, shown, and given as a text.

use super::fault::Fault;
use crate::clock::Timestamp;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A type that a setting can have. Values come as JSON values, whatever notation they were written in.
pub(super) trait SettingValue: Sized {
    /// Whether a value of the type is a secret as a whole.
    const SECRET: bool = false;

    /// The type's name on the reference page.
    fn kind() -> String;

    /// Takes a value from a file, or one that [`SettingValue::from_text`] made.
    fn read(value: &Value) -> Result<Self, Fault>;

    /// What a text of the environment or the command line stands for; whether it fits is left to `read`.
    fn from_text(text: &str) -> Result<Value, Fault> {
        Ok(Value::from(text))
    }

    /// The value as a file would give it.
    fn show(&self, secrets: Secrets) -> Value;
}

/// How secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    /// As stars.
    Starred,
    /// As they are: only for the defaults, which everybody can read in the sources.
    Plain,
}

impl SettingValue for String {
    fn kind() -> String {
        "text".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let text = value
            .as_str()
            .ok_or_else(|| Fault::unexpected(value, "a text"))?;
        Ok(text.to_owned())
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.as_str())
    }
}

impl SettingValue for PathBuf {
    fn kind() -> String {
        "path".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value.as_str() {
            Some(path) if !path.is_empty() => Ok(Self::from(path)),
            _ => Err(Fault::unexpected(value, "a path")),
        }
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.to_string_lossy())
    }
}

impl SettingValue for SocketAddr {
    fn kind() -> String {
        "address and port".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let parsed = value.as_str().and_then(|text| text.parse().ok());
        parsed.ok_or_else(|| {
            Fault::unexpected(
                value,
                "an IP address and a port like 127.0.0.1:8080 or [::1]:8080",
            )
        })
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.to_string())
    }
}

impl SettingValue for bool {
    fn kind() -> String {
        "true or false".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        value
            .as_bool()
            .ok_or_else(|| Fault::unexpected(value, "true or false"))
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        Ok(match text.trim() {
            "true" | "1" => Value::from(true),
            "false" | "0" => Value::from(false),
            other => Value::from(other),
        })
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(*self)
    }
}

impl SettingValue for f64 {
    fn kind() -> String {
        "number".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        value
            .as_f64()
            .ok_or_else(|| Fault::unexpected(value, "a number"))
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        let number = text
            .trim()
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64);
        Ok(number.map_or_else(|| Value::from(text), Value::from))
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(*self)
    }
}

/// Whole numbers of several widths, none below zero.
macro_rules! whole_number {
    ($($width:ty),+) => {$(
        impl SettingValue for $width {
            fn kind() -> String {
                "whole number".to_owned()
            }

            fn read(value: &Value) -> Result<Self, Fault> {
                let number = value.as_u64().and_then(|number| Self::try_from(number).ok());
                let expected = || format!("a whole number from 0 to {}", Self::MAX);
                number.ok_or_else(|| Fault::unexpected(value, expected()))
            }

            fn from_text(text: &str) -> Result<Value, Fault> {
                Ok(text.trim().parse::<u64>().map_or_else(|_| Value::from(text), Value::from))
            }

            fn show(&self, _: Secrets) -> Value {
                Value::from(*self)
            }
        }
    )+};
}

whole_number!(u16, u32, u64, usize);

impl SettingValue for Timestamp {
    fn kind() -> String {
        "timestamp".to_owned()
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let moment = value.as_str().and_then(Self::from_mw);
        moment.ok_or_else(|| Fault::unexpected(value, "a text of 14 digits YYYYMMDDHHMMSS in UTC"))
    }

    fn show(&self, _: Secrets) -> Value {
        Value::from(self.to_mw())
    }
}
