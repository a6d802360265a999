//! What MediaWiki's job scripts printed and did, held against the commands of the same names.
//!
//! The recordings are found through `BOUNCEHANDLERD_SHARED`. Recordings that are deliberately not followed are those of
//! the rules in docs/COMPATIBILITY.md, "Recordings that are not followed"; that table is the list which the tests read.

mod comparison;
mod differences;
mod kinds;
mod pages;
mod place;
mod pushes;
mod rows;
mod signed_runs;
mod template;
mod transcript;

use super::{Arguments, Command};
use clap::Parser as _;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use transcript::Wiki;

/// The recordings in this file, or none if there are none; then it says so.
fn recorded(file: &str) -> Vec<Value> {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join("jobs/golden")
        .join(file);
    if !path.exists() {
        println!(
            "skipped: recorded job scripts: no recordings at {}",
            path.display()
        );
        return Vec::new();
    }
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The recording in this file, or nothing if there is none; then it says so.
fn recorded_object(file: &str) -> Value {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join("jobs/golden")
        .join(file);
    let text = fs::read_to_string(path).unwrap_or_else(|_| {
        println!("skipped: no recordings {file}");
        "{}".to_owned()
    });
    serde_json::from_str(&text).unwrap()
}

/// Replays the transcripts of a file in their order; those that continue the one before do so.
fn replay(file: &str) {
    let mut wiki: Option<Wiki> = None;
    let mut failures = Vec::new();
    for case in recorded(file) {
        let continued = wiki.take().filter(|wiki| wiki.goes_on_with(&case));
        let mut now = continued.unwrap_or_else(|| Wiki::before(&case));
        if let Err(failure) = now.replay(&case) {
            failures.push(format!("{}: {failure}", case["id"].as_str().unwrap()));
        }
        wiki = Some(now);
    }
    assert!(failures.is_empty(), "{file}:\n{}", failures.join("\n"));
}

/// The command that a recorded script's arguments make.
fn command(script: &str, argv: &[&str]) -> Result<Command, clap::Error> {
    let name = script.to_ascii_lowercase();
    let words = ["bouncehandlerd", &name]
        .into_iter()
        .chain(argv.iter().copied());
    Arguments::try_parse_from(words).map(|arguments| arguments.command)
}

#[test]
fn recorded_runs_are_repeated() {
    replay("runjobs.json");
}

#[test]
fn recorded_lives_of_jobs_are_repeated() {
    replay("lifecycle.json");
}

#[test]
fn recorded_lists_of_jobs_are_repeated() {
    replay("showjobs.json");
}

#[test]
fn recorded_managing_of_jobs_is_repeated() {
    replay("managejobs.json");
}
