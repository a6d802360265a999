//! Starts the programs that are measured, each with a data directory of its own, and ends them.

mod running;

pub use self::running::Running;

use crate::bounce::verp_address;
use anyhow::{Context, Result};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which program.
#[derive(Debug, Clone)]
pub enum Program {
    /// bouncehandlerd.
    Bouncehandlerd {
        /// The program.
        path: PathBuf,
        /// Its configuration file.
        config: PathBuf,
    },
    /// This program as the ceiling.
    Ceiling {
        /// Threads that answer requests.
        workers: usize,
    },
}

/// Writes the configuration that bouncehandlerd gets: the defaults, and as many threads as the ceiling.
pub fn write_config(directory: &Path, workers: usize) -> Result<PathBuf> {
    let path = directory.join("bench.toml");
    fs::write(&path, format!("Workers = {workers}\n"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

impl Program {
    /// An address whose bounces the program accepts.
    pub fn address(&self) -> Result<String> {
        match self {
            Self::Bouncehandlerd { path, config } => verp_address(path, config),
            Self::Ceiling { .. } => {
                Ok("wiki-bouncewiki-2-tfxeo0-AAAAAAAAAAAAAAAA@localhost".to_owned())
            }
        }
    }

    fn command(&self, listen: SocketAddr, data: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Bouncehandlerd { path, config } => {
                let mut command = Command::new(path);
                command.arg("serve").arg("--config").arg(config);
                command
            }
            Self::Ceiling { workers } => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg("ceiling")
                    .arg("--workers")
                    .arg(workers.to_string());
                command
            }
        };
        command
            .arg("--listen")
            .arg(listen.to_string())
            .arg("--data-dir")
            .arg(data);
        // What is set around the benchmark must not change what is measured.
        for (name, _) in std::env::vars_os() {
            if name == "RUST_LOG" || name.to_string_lossy().starts_with("BOUNCEHANDLERD_") {
                command.env_remove(name);
            }
        }
        Ok(command)
    }
}
