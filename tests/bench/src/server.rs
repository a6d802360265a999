//! Starts the programs that are measured, each with a data directory of its own, and ends them.

mod running;

pub use self::running::Running;

use crate::bounce::verp_address;
use crate::dialect::Dialect;
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
    /// Redis with its log synced before each answer.
    Redis {
        /// The program.
        path: PathBuf,
        /// Threads that read and write connections.
        io_threads: usize,
    },
    /// beanstalkd with its log synced at each job.
    Beanstalkd {
        /// The program.
        path: PathBuf,
        /// Size of a file of its log, bytes.
        segment: usize,
    },
}

/// Writes a configuration that bouncehandlerd gets: the defaults, as many threads as the ceiling, and `more`.
pub fn write_config(directory: &Path, name: &str, workers: usize, more: &str) -> Result<PathBuf> {
    let path = directory.join(name);
    fs::write(&path, format!("Workers = {workers}\n{more}"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

impl Program {
    /// An address whose bounces the program accepts.
    pub fn address(&self) -> Result<String> {
        match self {
            Self::Bouncehandlerd { path, config } => verp_address(path, config),
            Self::Ceiling { .. } | Self::Redis { .. } | Self::Beanstalkd { .. } => {
                Ok("wiki-bouncewiki-2-tfxeo0-AAAAAAAAAAAAAAAA@localhost".to_owned())
            }
        }
    }

    /// The protocol that the program speaks.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Bouncehandlerd { .. } | Self::Ceiling { .. } => Dialect::Http,
            Self::Redis { .. } => Dialect::Redis,
            Self::Beanstalkd { .. } => Dialect::Beanstalkd,
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
            Self::Redis { path, io_threads } => {
                return redis(path, *io_threads, listen, data);
            }
            Self::Beanstalkd { path, segment } => {
                return beanstalkd(path, *segment, listen, data);
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

/// Each command is durable when it is answered; the log is never rewritten meanwhile, and there are no snapshots.
fn redis(path: &Path, io_threads: usize, listen: SocketAddr, data: &Path) -> Result<Command> {
    fs::create_dir_all(data)?;
    let mut command = Command::new(path);
    let (host, port) = (listen.ip().to_string(), listen.port().to_string());
    command.args(["--bind", &host, "--port", &port, "--daemonize", "no"]);
    command.arg("--dir").arg(data);
    command.args(["--appendonly", "yes", "--appendfsync", "always"]);
    command.args(["--save", "", "--auto-aof-rewrite-percentage", "0"]);
    command.args(["--io-threads", &io_threads.to_string()]);
    let reads = if io_threads > 1 { "yes" } else { "no" };
    command.args(["--io-threads-do-reads", reads]);
    Ok(command)
}

fn beanstalkd(path: &Path, segment: usize, listen: SocketAddr, data: &Path) -> Result<Command> {
    fs::create_dir_all(data)?;
    let mut command = Command::new(path);
    let (host, port) = (listen.ip().to_string(), listen.port().to_string());
    command.args(["-l", &host, "-p", &port, "-f", "0"]);
    command.args(["-s", &segment.to_string()]);
    command.arg("-b").arg(data);
    Ok(command)
}
