//! Values made of other values: optional ones, lists, tables with any keys; and their notation in a text, JSON.

use super::fault::{Fault, Problem};
use super::value::{Secrets, SettingValue};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Reads a text of the environment or the command line that must be JSON.
pub(super) fn json_from_text(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|reason| Fault::new(Problem::NotJson(reason)))
}

/// What is not set: null, or false as MediaWiki writes it (and TOML must); as a text, nothing or `null`. An empty
/// secret is not set either, so that no door opens to those who give none.
impl<T: SettingValue> SettingValue for Option<T> {
    const SECRET: bool = T::SECRET;

    fn kind() -> String {
        format!("{}, optional", T::kind())
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Null | Value::Bool(false) => Ok(None),
            Value::String(text) if T::SECRET && text.is_empty() => Ok(None),
            given => T::read(given).map(Some),
        }
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        if matches!(text, "" | "null") {
            Ok(Value::Null)
        } else {
            T::from_text(text)
        }
    }

    fn show(&self, secrets: Secrets) -> Value {
        self.as_ref()
            .map_or(Value::Null, |value| value.show(secrets))
    }
}

/// Null is an empty list, as PHP treats it; as a text, JSON or items separated by commas.
impl<T: SettingValue> SettingValue for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn kind() -> String {
        format!("list ({})", T::kind())
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Array(items) => {
                let item = |(index, item)| T::read(item).map_err(|fault| fault.at_index(index));
                items.iter().enumerate().map(item).collect()
            }
            other => Err(Fault::unexpected_kind(other, "a list")),
        }
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        if text.trim_start().starts_with('[') {
            return json_from_text(text);
        }
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items
            .map(T::from_text)
            .collect::<Result<_, _>>()
            .map(Value::Array)
    }

    fn show(&self, secrets: Secrets) -> Value {
        self.iter().map(|item| item.show(secrets)).collect()
    }
}

/// Null and the empty list are empty tables too: PHP writes an empty array as a list.
impl<T: SettingValue> SettingValue for BTreeMap<String, T> {
    const SECRET: bool = T::SECRET;

    fn kind() -> String {
        format!("table ({})", T::kind())
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Array(items) if items.is_empty() => Ok(Self::new()),
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| {
                    let value = T::read(value).map_err(|fault| fault.at_key(key))?;
                    Ok((key.clone(), value))
                };
                entries.iter().map(entry).collect()
            }
            other => Err(Fault::unexpected_kind(other, "a table")),
        }
    }

    fn from_text(text: &str) -> Result<Value, Fault> {
        json_from_text(text)
    }

    fn show(&self, secrets: Secrets) -> Value {
        let entries = self
            .iter()
            .map(|(key, value)| (key.clone(), value.show(secrets)));
        Value::Object(entries.collect::<Map<_, _>>())
    }
}
