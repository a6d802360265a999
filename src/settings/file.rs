//! The settings file: its entries in order, and for TOML the line of each.

use super::error::{Origin, SettingsError};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file that was read and is well-formed; its names and values are not checked yet.
pub(super) struct SettingsFile {
    /// Names and values. A name may come twice in JSON.
    pub(super) entries: Vec<(String, Value)>,
    /// Where they are.
    pub(super) places: Places,
}

/// The places in a file, by the way from the top such as `Users[2].email`.
pub(super) struct Places {
    path: PathBuf,
    /// Lines of keys and list items; known for TOML only.
    lines: BTreeMap<String, usize>,
}

impl Places {
    /// The place of what lies on a way, or else of the setting that the way begins with.
    pub(super) fn origin(&self, way: &str) -> Origin {
        let setting = way.split(['.', '[']).next().unwrap_or(way);
        let line = self
            .lines
            .get(way)
            .or_else(|| self.lines.get(setting))
            .copied();
        Origin::File {
            path: self.path.clone(),
            line,
        }
    }
}

impl SettingsFile {
    /// Reads a file as TOML or JSON, whichever its name ends in.
    pub(super) fn read(path: PathBuf) -> Result<Self, SettingsError> {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .map(str::to_ascii_lowercase);
        let parse = match ending.as_deref() {
            Some("toml") => Self::parse_toml,
            Some("json") => Self::parse_json,
            _ => return Err(SettingsError::UnknownEnding { path }),
        };
        match fs::read_to_string(&path) {
            Ok(text) => parse(path, &text),
            Err(reason) => Err(SettingsError::Unreadable { path, reason }),
        }
    }

    fn parse_json(path: PathBuf, text: &str) -> Result<Self, SettingsError> {
        match serde_json::from_str(text) {
            Ok(Entries(entries)) => Ok(Self {
                entries,
                places: Places {
                    path,
                    lines: BTreeMap::new(),
                },
            }),
            Err(error) => Err(SettingsError::Malformed {
                origin: Origin::File { path, line: None },
                notation: "JSON",
                // A complaint about data would repeat the data; there is only one such complaint.
                reason: if error.is_data() {
                    "the file must be one object".to_owned()
                } else {
                    error.to_string()
                },
            }),
        }
    }

    fn parse_toml(path: PathBuf, text: &str) -> Result<Self, SettingsError> {
        let line_ends: Vec<usize> = text.match_indices('\n').map(|(offset, _)| offset).collect();
        match DeTable::parse(text) {
            Ok(document) => {
                let mut lines = TomlLines {
                    line_ends,
                    lines: BTreeMap::new(),
                };
                let entries = lines.table(document.get_ref(), "");
                Ok(Self {
                    entries,
                    places: Places {
                        path,
                        lines: lines.lines,
                    },
                })
            }
            Err(error) => {
                let line = error.span().map(|span| line_at(&line_ends, span.start));
                Err(SettingsError::Malformed {
                    origin: Origin::File { path, line },
                    notation: "TOML",
                    // Only the parser's reason: its full message repeats the line, which may contain a secret.
                    reason: error.message().to_owned(),
                })
            }
        }
    }
}

/// The line, counted from 1, that a byte lies in.
fn line_at(line_ends: &[usize], offset: usize) -> usize {
    line_ends
        .partition_point(|end| *end < offset)
        .saturating_add(1)
}

/// Turns TOML into JSON values and notes the lines on the way. The parser admits no more than 80 levels.
struct TomlLines {
    line_ends: Vec<usize>,
    lines: BTreeMap<String, usize>,
}

impl TomlLines {
    fn note(&mut self, way: &str, offset: usize) {
        self.lines
            .insert(way.to_owned(), line_at(&self.line_ends, offset));
    }

    fn table(&mut self, table: &DeTable<'_>, way: &str) -> Vec<(String, Value)> {
        let mut entries: Vec<(usize, String, Value)> = Vec::new();
        for (key, value) in table {
            let way = if way.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{way}.{}", key.get_ref())
            };
            self.note(&way, key.span().start);
            entries.push((
                key.span().start,
                key.get_ref().to_string(),
                self.value(value, &way),
            ));
        }
        // The parser sorts by name; errors are to come in the order of the file.
        entries.sort_by_key(|(offset, _, _)| *offset);
        entries
            .into_iter()
            .map(|(_, key, value)| (key, value))
            .collect()
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, way: &str) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Boolean(truth) => Value::from(*truth),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Value::from(number.to_string()), Value::from),
            DeValue::Float(number) => {
                let finite = number
                    .as_str()
                    .parse()
                    .ok()
                    .and_then(serde_json::Number::from_f64);
                finite.map_or_else(|| Value::from(number.as_str()), Value::from)
            }
            DeValue::Datetime(moment) => Value::from(moment.to_string()),
            DeValue::Table(table) => Value::Object(self.table(table, way).into_iter().collect()),
            DeValue::Array(items) => {
                let mut values = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let way = format!("{way}[{index}]");
                    self.note(&way, item.span().start);
                    values.push(self.value(item, &way));
                }
                Value::Array(values)
            }
        }
    }
}

/// The entries of a JSON object in their order, repeated names included.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}
