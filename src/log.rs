//! Log channels. Lines go to standard error through `env_logger`; a channel with a file of its own
//! (`DebugLogGroups`) has its lines there as well, in the format of MediaWiki's debug logs.
//!
//! Targets are channels: `BounceHandler` prints what the extension prints; the others are this program's own.

use crate::clock::Clock;
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The channel of the BounceHandler extension.
pub const BOUNCE_HANDLER: &str = "BounceHandler";

/// The channel of the verdicts: one line for each mail.
pub const BOUNCE_VERDICT: &str = "BounceVerdict";

/// A log file that could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the log file {} of the channel {channel} (DebugLogGroups): {source}", path.display())]
pub struct LogFileError {
    channel: String,
    path: PathBuf,
    source: io::Error,
}

/// Starts logging. May be called once; a second call in the same process changes nothing.
///
/// Addresses are shown by their domain unless `log_addresses`. `filter` is in the notation of `env_logger` (`info`, `warn,BounceHandler=debug`); `wiki` names the wiki in lines
/// that do not name one themselves.
pub fn start(
    filter: &str,
    log_addresses: bool,
    groups: &BTreeMap<String, PathBuf>,
    wiki: &str,
    clock: Clock,
) -> Result<(), LogFileError> {
    let mut files = BTreeMap::new();
    for (channel, path) in groups {
        let file = open_append(path).map_err(|source| LogFileError {
            channel: channel.clone(),
            path: path.clone(),
            source,
        })?;
        files.insert(channel.clone(), Mutex::new(file));
    }
    let screen = env_logger::Builder::new()
        .parse_filters(filter)
        .format(move |out, record| writeln!(out, "{}", screen_line(record, log_addresses)))
        .build();
    let level = if files.is_empty() {
        screen.filter()
    } else {
        screen.filter().max(LevelFilter::Debug)
    };
    let channels = Channels {
        log_addresses,
        screen,
        files,
        host: host_name(),
        wiki: wiki.to_owned(),
        clock,
    };
    if log::set_boxed_logger(Box::new(channels)).is_ok() {
        log::set_max_level(level);
    }
    Ok(())
}

fn open_append(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

struct Channels {
    log_addresses: bool,
    screen: env_logger::Logger,
    files: BTreeMap<String, Mutex<File>>,
    host: String,
    wiki: String,
    clock: Clock,
}

impl Log for Channels {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.screen.enabled(metadata) || self.files.contains_key(metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        self.screen.log(record);
        if record.level() > Level::Debug {
            return;
        }
        if let Some(file) = self.files.get(record.target()) {
            let wiki = record
                .key_values()
                .get(log::kv::Key::from("wiki"))
                .map(|wiki| wiki.to_string());
            let wiki = wiki.as_deref().unwrap_or(&self.wiki);
            let message = record.args().to_string();
            let message = shown(record.target(), &message, self.log_addresses);
            let line = file_line(&self.clock, &self.host, wiki, &message);
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A log that cannot be written must not stop the mail; the line is on standard error as well.
            drop(file.write_all(line.as_bytes()));
        }
    }

    fn flush(&self) {
        self.screen.flush();
    }
}

fn screen_line(record: &Record<'_>, log_addresses: bool) -> String {
    let (level, target) = (record.level(), record.target());
    format!(
        "{level:<5} {target}: {}",
        shown(target, &record.args().to_string(), log_addresses)
    )
}

fn file_line(clock: &Clock, host: &str, wiki: &str, message: &str) -> String {
    format!(
        "{} {host} {wiki}: {}\n",
        clock.now().to_log_time(),
        escape(message)
    )
}

/// Writes control characters as `\u{..}`, so that no value makes a line of its own or moves a terminal's cursor.
pub fn escape(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() && character != '\t' {
            text.extend(character.escape_unicode());
        } else {
            text.push(character);
        }
    }
    text
}

/// A message as its channel shows it: outside `BounceHandler`, which prints what the extension prints, words that hold
/// an `@` keep only what follows it, unless addresses are to be logged (`LogAddresses`).
fn shown(channel: &str, message: &str, log_addresses: bool) -> String {
    if log_addresses || channel == BOUNCE_HANDLER || !message.contains('@') {
        return escape(message);
    }
    let words = message.split_inclusive(char::is_whitespace);
    let words = words.map(|word| match word.rsplit_once('@') {
        Some((_, domain)) => Cow::Owned(format!("...@{domain}")),
        None => Cow::Borrowed(word),
    });
    escape(&words.collect::<String>())
}

/// The name of this machine.
pub fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_line_in_a_file_is_as_in_mediawikis_debug_log() {
        let clock = Clock::fixed(Timestamp(1_795_469_603));
        let line = file_line(
            &clock,
            "host",
            "testwiki",
            "POST received from restricted IP 127.0.0.2",
        );
        // The shape given in conformance/README.md.
        assert_eq!(
            line,
            "2026-11-23 21:33:23 host testwiki: POST received from restricted IP 127.0.0.2\n"
        );
    }

    #[test]
    fn no_value_makes_a_line_of_its_own() {
        assert_eq!(
            escape("a\nb\r\u{1b}[2J\u{85}é\t"),
            "a\\u{a}b\\u{d}\\u{1b}[2J\\u{85}é\t"
        );
    }

    #[test]
    fn addresses_are_shown_by_their_domain_unless_they_are_to_be_logged() {
        let line = "job email=To: <bob@example.com>, eve@example.org gone";
        let redacted = "job email=To: ...@example.com>, ...@example.org gone";
        assert_eq!(shown("runJobs", line, false), redacted);
        assert_eq!(shown("runJobs", line, true), line);
        assert_eq!(shown(BOUNCE_HANDLER, line, false), line);
    }
}
