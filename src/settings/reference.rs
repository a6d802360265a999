//! The reference page and the sample file, both made from the table.

use super::notation::toml_text;
use super::records::{
    Block, BotPassword, BounceWeights, Key, Smtp, Throttle, UnconfirmLimit, User,
};
use super::table::{SECTIONS, Settings};
use super::value::Secrets;
use super::{Effect, Row, rows};
use serde_json::Value;

/// The page's text up to the first section.
const INTRODUCTION: &str = "\
# Settings

This page is made from `src/settings/table.rs`; a test fails when it is stale, and
`BOUNCEHANDLERD_BLESS=1 cargo test reference_page` writes it anew.

Names are those of MediaWiki and BounceHandler without `$wg`. Sources, each stronger than the one before it:

1. the built-in default,
2. one file, TOML or JSON by the ending of its name (`.toml`, `.json`), with the settings at its top level,
3. the environment,
4. the command line.

Settings marked **no effect yet** are accepted and checked, so that a wiki's settings can be given whole; nothing depends on
them so far.

An unknown name, a value that does not fit, and a setting given twice in one source are errors. A value replaces that of a
weaker source as a whole; `BounceHandlerInternalIPs` is always added to its default.

**Environment.** The variable is `BOUNCEHANDLERD_` and the words of the name in capitals, joined by underscores. A word begins
at a capital after a small letter, and at the last of several capitals before a small letter (`RestrictedIPResponse`:
`RESTRICTED_IP_RESPONSE`); `VERP`, `DB`, `AJAX` and `IPs` are always words of their own (`VERPsecret`: `VERP_SECRET`).

**Types.** In the environment and on the command line a value is a text:

- text, path: as it is. secret text: the same, and never shown; it is starred wherever settings are printed.
- true or false: also `1` and `0`.
- whole number: 0 or more. number: also with a decimal point.
- seconds: a whole number, or with a unit such as `90 s`, `5 min`, `2 hours`, `3 days`, `1 week`.
- byte size: a number of bytes, or with a unit such as `64 MiB` or `64M`; units are powers of 1024.
- timestamp: 14 digits `YYYYMMDDHHMMSS`, UTC.
- list: items separated by commas, or JSON. table: JSON.
- optional: what is not set is `null` in JSON, `false` in TOML, and an empty text or `null` elsewhere.
";

const SAMPLE_HEAD: &str = "\
## Sample settings of bouncehandlerd: remove the # before a setting to change it.
## Tables such as [SMTP] must come after all other settings. docs/SETTINGS.md has the keys of
## tables, the types, and the variables of the environment.
";

/// Width of the sample file's explanations.
const SAMPLE_WIDTH: usize = 96;

/// Settings whose values are tables with fixed keys, and these keys.
fn record_keys() -> [(&'static str, &'static [Key]); 7] {
    [
        ("Users", User::KEYS),
        ("Users: botpasswords", BotPassword::KEYS),
        ("Users: block", Block::KEYS),
        ("PasswordAttemptThrottle", Throttle::KEYS),
        ("BounceWeights", BounceWeights::KEYS),
        ("UnconfirmBrake", UnconfirmLimit::KEYS),
        ("SMTP", Smtp::KEYS),
    ]
}

/// `docs/SETTINGS.md`: all settings with their types, defaults, variables and meanings.
pub fn reference_page() -> String {
    let defaults = Settings::defaults();
    let mut parts = vec![INTRODUCTION.to_owned()];
    for (section, about) in SECTIONS {
        parts.push(format!("\n## {section}\n\n{}\n\n", one_line(about)));
        parts.push("| name | type | default | environment | what it does |\n".to_owned());
        parts.push("| --- | --- | --- | --- | --- |\n".to_owned());
        parts.extend(section_rows(section).map(|row| setting_line(row, &defaults)));
    }
    parts.push("\n## Keys of tables\n".to_owned());
    for (table, keys) in record_keys() {
        parts.push(format!(
            "\n### {table}\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n"
        ));
        parts.extend(keys.iter().map(key_line));
    }
    parts.concat()
}

/// A TOML file that gives every setting its default, each in a comment below what it does.
///
/// Explanations begin with `## `, settings with `#`.
pub fn sample_file() -> String {
    let defaults = Settings::defaults();
    let mut parts = vec![SAMPLE_HEAD.to_owned()];
    for (section, about) in SECTIONS {
        parts.push(format!("\n## ---- {section}: {}\n", one_line(about)));
        for row in section_rows(section) {
            let value = sample_value(&(row.show)(&defaults, Secrets::Plain));
            let setting = format!("{} = {value}", row.name).replace('\n', "\n#");
            parts.push(format!("\n{}#{setting}\n", sample_prose(&meaning(row))));
        }
    }
    parts.concat()
}

fn section_rows(section: &str) -> impl Iterator<Item = &'static Row> {
    rows().iter().filter(move |row| row.section == section)
}

fn setting_line(row: &Row, defaults: &Settings) -> String {
    let aliases: Vec<String> = row
        .aliases
        .iter()
        .map(|alias| format!(" (also `{alias}`)"))
        .collect();
    format!(
        "| `{}`{} | {} | {} | `{}` | {} |\n",
        row.name,
        aliases.concat(),
        cell(&row.kind()),
        default_cell(&(row.show)(defaults, Secrets::Plain)),
        row.environment_name(),
        cell(&meaning(row)),
    )
}

fn key_line(key: &Key) -> String {
    let default =
        (key.default)().map_or_else(|| "must be given".to_owned(), |value| default_cell(&value));
    format!(
        "| `{}` | {} | {default} | {} |\n",
        key.name,
        cell(&(key.kind)()),
        cell(&one_line(key.doc))
    )
}

fn default_cell(default: &Value) -> String {
    match default {
        Value::Null => "not set".to_owned(),
        value => format!("`{}`", cell(&toml_text(value))),
    }
}

/// A text in comment lines of the sample file.
fn sample_prose(text: &str) -> String {
    let mut lines = vec!["##".to_owned()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len().saturating_add(word.len()) < SAMPLE_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("## {word}")),
        }
    }
    lines.join("\n") + "\n"
}

/// A list of tables gets a line for each.
fn sample_value(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let lines: Vec<String> = items
                .iter()
                .map(|item| format!("  {},\n", toml_text(item)))
                .collect();
            format!("[\n{}]", lines.concat())
        }
        other => toml_text(other),
    }
}

fn meaning(row: &Row) -> String {
    match row.effect {
        Effect::AtStart => one_line(row.doc),
        Effect::NotYet => format!("**No effect yet.** {}", one_line(row.doc)),
    }
}

/// A documentation comment without its line breaks.
fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that does not end the cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs};

    #[test]
    fn the_reference_page_in_docs_is_the_one_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/SETTINGS.md");
        let page = reference_page();
        if env::var("BOUNCEHANDLERD_BLESS").is_ok_and(|bless| bless == "1") {
            fs::write(path, &page).unwrap();
        }
        let written = fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page,
            "{path} is stale: run the tests with BOUNCEHANDLERD_BLESS=1 and read what changed"
        );
    }

    #[test]
    fn every_row_of_every_table_on_the_page_has_as_many_cells_as_its_head() {
        let mut cells = None;
        for line in reference_page().lines() {
            if !line.starts_with('|') {
                cells = None;
                continue;
            }
            let count = line.replace("\\|", "").matches('|').count();
            assert_eq!(count, *cells.get_or_insert(count), "{line}");
        }
    }
}
