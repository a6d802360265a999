//! Loading, and what is printed of the result.

mod mistakes;
mod printed;
mod profiles;
mod sources;

use super::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A settings file of its own directory.
fn file(name: &str, content: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    (directory, path)
}

fn load_file(name: &str, content: &str) -> Result<Settings, String> {
    let (_directory, path) = file(name, content);
    let sources = LoadSources {
        file: Some(path.clone()),
        ..LoadSources::default()
    };
    Settings::load(sources).map_err(|error| shown(&error, &path))
}

fn load_environment(given: &[(&str, &str)]) -> Result<Settings, String> {
    let sources = LoadSources {
        environment: pairs(given),
        ..LoadSources::default()
    };
    Settings::load(sources).map_err(|error| error.to_string())
}

fn load_flags(given: &[(&str, &str)]) -> Result<Settings, String> {
    let sources = LoadSources {
        flags: pairs(given),
        ..LoadSources::default()
    };
    Settings::load(sources).map_err(|error| error.to_string())
}

/// The message with `FILE` for the file's path.
fn shown(error: &SettingsError, path: &Path) -> String {
    error
        .to_string()
        .replace(&path.display().to_string(), "FILE")
}

/// All values, secrets included, for comparing settings as wholes.
fn values(settings: &Settings) -> Vec<(&'static str, Value)> {
    rows()
        .iter()
        .map(|row| (row.name, (row.show)(settings, Secrets::Plain)))
        .collect()
}
