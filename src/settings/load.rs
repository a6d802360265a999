//! The sources in their order: file, environment, command line.

use super::error::{Origin, SettingsError};
use super::fault::Fault;
use super::file::SettingsFile;
use super::hint::nearest;
use super::table::Settings;
use super::{Row, find_row, rows};
use serde_json::Value;
use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;

/// What every variable of the environment that gives a setting begins with.
const ENVIRONMENT_PREFIX: &str = "BOUNCEHANDLERD_";

/// Variables of the project's tests, which the programs that they start inherit.
const TEST_VARIABLES: [&str; 4] = [
    "BOUNCEHANDLERD_BLESS",
    "BOUNCEHANDLERD_KILLS",
    "BOUNCEHANDLERD_SEED",
    "BOUNCEHANDLERD_SHARED",
];

/// Abbreviations that MediaWiki writes together with a word in small letters, as in `VERPsecret` and `DBname`.
const ABBREVIATIONS: [&str; 4] = ["VERP", "DB", "AJAX", "IPs"];

/// What settings are loaded from.
#[derive(Clone, Default)]
pub struct LoadSources {
    /// The settings file, TOML or JSON by the ending of its name.
    pub file: Option<PathBuf>,
    /// Variables and their values; those that do not begin with `BOUNCEHANDLERD_` are ignored. See
    /// [`process_environment`].
    pub environment: Vec<(String, String)>,
    /// Names of settings and their values, from the command line.
    pub flags: Vec<(String, String)>,
}

/// The variables of this process that begin with `BOUNCEHANDLERD_`.
pub fn process_environment() -> Result<Vec<(String, String)>, SettingsError> {
    env::vars_os()
        .map(|(variable, value)| (variable.to_string_lossy().into_owned(), value))
        .filter(|(variable, _)| variable.starts_with(ENVIRONMENT_PREFIX))
        .map(|(variable, value)| match value.into_string() {
            Ok(value) => Ok((variable, value)),
            Err(_) => Err(SettingsError::NotUnicode { variable }),
        })
        .collect()
}

/// Whether programs are asked not to colour their output (the variable `NO_COLOR`, whatever it holds).
pub fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The variable that gives a setting: its words in capitals, joined by underscores, after the prefix.
pub(super) fn environment_name(setting: &str) -> String {
    let mut words = Vec::new();
    let mut rest = setting;
    while let Some((word, after)) = rest
        .split_at_checked(first_word(rest))
        .filter(|(word, _)| !word.is_empty())
    {
        words.push(word.to_ascii_uppercase());
        rest = after;
    }
    format!("{ENVIRONMENT_PREFIX}{}", words.join("_"))
}

/// Length of the first word: an abbreviation, or one capital and what is small after it, or as many capitals as are
/// not the beginning of such a word.
fn first_word(rest: &str) -> usize {
    if let Some(abbreviation) = ABBREVIATIONS.iter().find(|word| rest.starts_with(**word)) {
        return abbreviation.len();
    }
    let capitals = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let small = rest
        .bytes()
        .skip(capitals)
        .take_while(|byte| !byte.is_ascii_uppercase())
        .count();
    if capitals > 1 && small > 0 {
        capitals.saturating_sub(1)
    } else {
        capitals.saturating_add(small)
    }
}

/// Reads all sources; see [`Settings::load`].
pub(super) fn load(sources: LoadSources) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    if let Some(path) = sources.file {
        load_file(&mut settings, SettingsFile::read(path)?)?;
    }
    load_environment(&mut settings, sources.environment)?;
    load_flags(&mut settings, sources.flags)?;
    Ok(settings)
}

fn load_file(settings: &mut Settings, file: SettingsFile) -> Result<(), SettingsError> {
    let SettingsFile { entries, places } = file;
    let mut source = Source::new(settings);
    for (name, value) in entries {
        let Some(row) = find_row(&name) else {
            return Err(unknown_setting(places.origin(&name), name));
        };
        source.take(row, &name, Ok(value), |way| places.origin(way))?;
    }
    Ok(())
}

fn load_environment(
    settings: &mut Settings,
    environment: Vec<(String, String)>,
) -> Result<(), SettingsError> {
    let mut source = Source::new(settings);
    for (variable, value) in environment {
        if !variable.starts_with(ENVIRONMENT_PREFIX) || TEST_VARIABLES.contains(&variable.as_str())
        {
            continue;
        }
        let Some(row) = rows().iter().find(|row| row.has_variable(&variable)) else {
            return Err(unknown_variable(variable));
        };
        let place = |_: &str| Origin::Environment {
            variable: variable.clone(),
        };
        source.take(row, row.name, (row.from_text)(&value), place)?;
    }
    Ok(())
}

fn load_flags(settings: &mut Settings, flags: Vec<(String, String)>) -> Result<(), SettingsError> {
    let mut source = Source::new(settings);
    for (name, value) in flags {
        let Some(row) = find_row(&name) else {
            return Err(unknown_setting(Origin::CommandLine, name));
        };
        source.take(row, &name, (row.from_text)(&value), |_| Origin::CommandLine)?;
    }
    Ok(())
}

/// One source on its way into the settings.
struct Source<'a> {
    settings: &'a mut Settings,
    given: BTreeSet<&'static str>,
}

impl<'a> Source<'a> {
    fn new(settings: &'a mut Settings) -> Self {
        Self {
            settings,
            given: BTreeSet::new(),
        }
    }

    /// Sets the row's field. `name` is the setting's name as the source writes it, `place` tells where a way lies.
    fn take(
        &mut self,
        row: &Row,
        name: &str,
        value: Result<Value, Fault>,
        place: impl Fn(&str) -> Origin,
    ) -> Result<(), SettingsError> {
        if !self.given.insert(row.name) {
            return Err(SettingsError::GivenTwice {
                origin: place(name),
                name: row.name,
            });
        }
        match value.and_then(|value| (row.assign)(self.settings, &value)) {
            Ok(()) => {
                self.settings.origins.insert(row.name, place(name));
                Ok(())
            }
            Err(Fault { path, problem }) => {
                let path = format!("{name}{path}");
                Err(SettingsError::BadValue {
                    origin: place(&path),
                    path,
                    problem,
                })
            }
        }
    }
}

impl Row {
    /// The name and its aliases.
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }

    fn has_variable(&self, variable: &str) -> bool {
        self.names().any(|name| environment_name(name) == variable)
    }
}

fn unknown_setting(origin: Origin, name: String) -> SettingsError {
    let known = rows().iter().flat_map(Row::names);
    let nearest = nearest(&name, known)
        .and_then(find_row)
        .map(|row| row.name.to_owned());
    SettingsError::UnknownName {
        origin,
        name,
        nearest,
    }
}

fn unknown_variable(variable: String) -> SettingsError {
    // The prefix, which all have, would make everything look alike.
    let bare = |name: &str| name.trim_start_matches(ENVIRONMENT_PREFIX).to_owned();
    let known = rows()
        .iter()
        .flat_map(Row::names)
        .map(|name| bare(&environment_name(name)));
    let nearest =
        nearest(&bare(&variable), known).map(|name| format!("{ENVIRONMENT_PREFIX}{name}"));
    SettingsError::UnknownVariable { variable, nearest }
}
