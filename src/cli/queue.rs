//! `queue check`, `queue export`, `queue import`, `queue rescue`: for moving a queue, and for one that is damaged.

mod export;
mod import;
mod line;
mod rescue;

use super::CommonArguments;
use super::build::store_options;
use crate::store::{Findings, Inventory, Store, StoreError, StoreOptions};
use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can be done with a queue as a whole. All need the data directory for themselves: stop the server first.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read everything, and say whether anything is missing or damaged (exit code 1 if so)
    Check,
    /// Write everything as lines of JSON
    Export {
        /// The file to write [default: standard output]
        file: Option<PathBuf>,
    },
    /// Take what an export wrote
    Import {
        /// The file to read
        file: PathBuf,
        /// Into a store that is in use already: jobs get new numbers, users that there are stay as they are
        #[arg(long)]
        merge: bool,
    },
    /// Write what can be read of a damaged store as an export does, from a copy that is made beside FILE, and say what is
    /// missing (exit code 1 if anything is)
    Rescue {
        /// The file to write
        file: PathBuf,
    },
}

pub(super) fn run(common: &CommonArguments, command: &Command) -> anyhow::Result<ExitCode> {
    let settings = common.settings(common.config.clone(), Vec::new())?;
    let options = store_options(&settings, None);
    match command {
        Command::Check => check(options),
        Command::Export { file } => export::run(options, file.as_deref()),
        Command::Import { file, merge } => import::run(&options, file, *merge),
        Command::Rescue { file } => rescue::run(options, file),
    }
}

fn check(options: StoreOptions) -> anyhow::Result<ExitCode> {
    let directory = options.directory.clone();
    let findings = open(options)?
        .read(&mut |_| Ok(()))
        .context("reading broke off")?;
    for (kind, counts) in &findings.jobs {
        print(&format!(
            "jobs of type {kind}: {} ready, {} claimed, {} delayed, {} abandoned",
            counts.ready, counts.claimed, counts.delayed, counts.abandoned
        ));
    }
    print(&format!("bounce records: {}", findings.records));
    print(&format!("users: {}", findings.users));
    print(&format!("other values: {}", findings.others));
    if findings.faults.is_empty() {
        print("the store is whole");
        return Ok(ExitCode::SUCCESS);
    }
    print_faults(&findings);
    bail!(
        "the store in {} is damaged; see docs/STORAGE.md, \"When a store is damaged\"",
        directory.display()
    )
}

/// Opens the store for reading.
fn open(options: StoreOptions) -> anyhow::Result<Inventory> {
    let directory = &options.directory;
    ensure!(
        directory.join("store").is_dir(),
        "there is no store in {}; name another directory with --data-dir",
        directory.display()
    );
    Inventory::open(options).map_err(advised)
}

/// Locks the data directory.
fn lock(directory: &Path) -> anyhow::Result<File> {
    Store::lock(directory).map_err(advised)
}

fn advised(error: StoreError) -> anyhow::Error {
    let is_locked = matches!(error, StoreError::Locked { .. });
    let error = anyhow::Error::from(error);
    if is_locked {
        error.context("stop the server first: these commands need the directory for themselves")
    } else {
        error
    }
}

fn print_faults(findings: &Findings) {
    for fault in &findings.faults {
        print(&format!("damaged: {fault}"));
    }
}

#[expect(
    clippy::print_stdout,
    reason = "what these commands say is their output"
)]
fn print(line: &str) {
    println!("{line}");
}
