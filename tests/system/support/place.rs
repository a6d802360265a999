//! A directory of its own for each test, with settings and data in it.

use super::process::{Ended, Process};
use serde_json::{Value, json};
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_bouncehandlerd");

/// Where a test runs the program. It is removed when this goes.
#[derive(Debug)]
pub struct Place(TempDir);

impl Place {
    /// A place whose settings are those that matter to no test, and over them `settings`.
    pub fn new(settings: &Value) -> Self {
        // Beside the build, on a real disk: where /tmp is memory, a kill proves less.
        let place = Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        place.set(settings);
        place
    }

    /// Replaces the settings.
    pub fn set(&self, settings: &Value) {
        let mut all = json!({
            "VERPsecret": "not the secret that everybody knows",
            "VERPAcceptTime": 1_000_000_000,
            "BounceRecordMaxAge": 0,
        });
        for (name, value) in settings.as_object().unwrap() {
            all[name] = value.clone();
        }
        fs::write(self.config(), all.to_string()).unwrap();
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The settings file.
    pub fn config(&self) -> PathBuf {
        self.path().join("settings.json")
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The program in this directory, with these arguments and no others.
    pub fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        // Settings of whoever runs the tests are none of the tests' business.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("BOUNCEHANDLERD_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.path()).args(arguments);
        command
    }

    /// The program with these arguments, the settings file and the data directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        command.arg("--config").arg(self.config());
        command.arg("--data-dir").arg(self.data());
        command
    }

    /// The same, started by another program, whose own arguments come first.
    pub fn command_by(&self, starter: &str, options: &[&str], arguments: &[&str]) -> Command {
        let program = self.command(arguments);
        let mut command = Command::new(starter);
        command.args(options).arg(program.get_program());
        command.args(program.get_args()).current_dir(self.path());
        for (name, _) in program.get_envs() {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Process::spawn(&mut self.command(arguments)).wait()
    }

    /// Runs a command that has to succeed, and returns what it printed.
    pub fn print(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        ended.out
    }

    /// An address that the bounces of a user's mail come back to.
    pub fn address_of(&self, user: u64) -> String {
        let user = user.to_string();
        let printed = self.print(&["verp", "encode", "--user", &user]);
        printed.trim_end().to_owned()
    }

    /// The bounce records, in their order.
    pub fn records(&self) -> Vec<Value> {
        let printed = self.print(&["records", "--json"]);
        let lines = printed.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// The reasons of the bounce records, sorted.
    pub fn reasons(&self) -> Vec<String> {
        let records = self.records().into_iter();
        let mut reasons: Vec<_> = records
            .map(|record| record["reason"].as_str().unwrap().to_owned())
            .collect();
        reasons.sort();
        reasons
    }

    /// Writes a shell script that stands in for another program, and returns its path.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// What lies in a file of this directory; empty if there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }
}
