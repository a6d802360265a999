//! A program that serves.

use super::Program;
use crate::dialect::Dialect;
use crate::disk;
use crate::load::{Figures, Load, Until};
use crate::measure::{ProcessUse, Sample};
use crate::slow::SlowClients;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a program may take until it listens.
const START_TIME: Duration = Duration::from_secs(30);

/// How long a program may take that finds a long queue.
const RESTART_TIME: Duration = Duration::from_mins(10);

/// Unmeasured load before each measurement: connections, caches and files are then as in a longer run.
const WARM_UP: Duration = Duration::from_millis(300);

/// Name of the data directory.
const DATA: &str = "data";

/// How much of a program's own words are shown when it fails, bytes.
const LAST_WORDS: usize = 2000;

/// A program that serves. It is ended, and its data removed, when this goes.
#[derive(Debug)]
pub struct Running {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    dialect: Dialect,
    accepted: u64,
    directory: TempDir,
}

impl Running {
    /// Starts a program on a new, empty data directory below `work` and waits until it takes connections.
    pub fn start(program: &Program, work: &Path) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("bench-").tempdir_in(work)?;
        let address = free_address()?;
        let log = directory.path().join("log");
        let mut this = Self {
            child: spawn(program, address, &directory.path().join(DATA), &log)?,
            address,
            log,
            dialect: program.dialect(),
            accepted: 0,
            directory,
        };
        this.wait_until_listening(START_TIME)?;
        Ok(this)
    }

    /// Kills it in the midst of whatever it does, starts it again on the same data, and tells how long it took from
    /// there until it takes connections.
    pub fn restart(&mut self, program: &Program) -> Result<Duration> {
        self.child.kill()?;
        self.child.wait()?;
        let started = Instant::now();
        self.child = spawn(program, self.address, &self.data(), &self.log)?;
        self.wait_until_listening(RESTART_TIME)?;
        Ok(started.elapsed())
    }

    /// Its data directory.
    fn data(&self) -> PathBuf {
        self.directory.path().join(DATA)
    }

    /// How many bytes of the disk its data take.
    pub fn disk(&self) -> Result<u64> {
        disk::used(&self.data())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many bounces it has accepted so far.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// What it uses now.
    pub fn used(&self) -> Result<ProcessUse> {
        ProcessUse::of(self.child.id())
    }

    /// Opens connections to it that send next to nothing.
    pub fn open_slow(&self, count: usize) -> Result<SlowClients> {
        SlowClients::open(self.address, self.child.id(), count)
    }

    /// Measures it for `time`, after a warm-up.
    pub fn measure(
        &mut self,
        request: &[u8],
        connections: usize,
        time: Duration,
        stop: &AtomicBool,
    ) -> Result<Sample> {
        self.load(
            request,
            connections,
            Until::Elapsed(WARM_UP.min(time)),
            stop,
        )?;
        let before = self.used()?.cpu;
        let figures = self.load(request, connections, Until::Elapsed(time), stop)?;
        let cpu = self.used()?.cpu.saturating_sub(before);
        Ok(Sample::new(&figures, cpu))
    }

    /// Puts it under load. A single wrong answer is an error: what was measured then was not the acceptance of bounces.
    pub fn load(
        &mut self,
        request: &[u8],
        connections: usize,
        until: Until,
        stop: &AtomicBool,
    ) -> Result<Figures> {
        let load = Load {
            address: self.address,
            request,
            dialect: self.dialect,
            connections,
        };
        let figures = match load.run(until, stop) {
            Ok(figures) => figures,
            Err(error) => bail!("{error:#}\n{}", self.last_words()),
        };
        if let Some(first) = &figures.first_wrong {
            let all = figures.wrong.saturating_add(figures.accepted());
            let last_words = self.last_words();
            bail!(
                "{} of {all} answers were wrong; the first: {first}\n{last_words}",
                figures.wrong
            );
        }
        ensure!(
            figures.accepted() > 0,
            "no bounce was accepted in {until:?}"
        );
        self.accepted = self.accepted.saturating_add(figures.accepted());
        Ok(figures)
    }

    fn wait_until_listening(&mut self, patience: Duration) -> Result<()> {
        let started = Instant::now();
        while let Err(error) = TcpStream::connect(self.address) {
            if self.child.try_wait()?.is_some() || started.elapsed() > patience {
                let last_words = self.last_words();
                return Err(error)
                    .context(format!("nothing listens at {}\n{last_words}", self.address));
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Whether it still runs, and the end of what it wrote.
    fn last_words(&mut self) -> String {
        // A program that closes its connections because it ends has not quite ended yet.
        sleep(Duration::from_millis(100));
        let state = match self.child.try_wait() {
            Ok(None) => "the server still runs".to_owned(),
            Ok(Some(status)) => format!("the server ended with {status}"),
            Err(error) => format!("the server's state is not known: {error}"),
        };
        let log = fs::read(&self.log).unwrap_or_default();
        let log = log
            .get(log.len().saturating_sub(LAST_WORDS)..)
            .unwrap_or_default();
        format!(
            "{state}; the end of its output:\n{}",
            String::from_utf8_lossy(log)
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its data go with it, so it need not end in order.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            eprintln!("process {} cannot be ended: {error}", self.child.id());
        }
    }
}

fn spawn(program: &Program, address: SocketAddr, data: &Path, log: &Path) -> Result<Child> {
    let output = File::create(log)?;
    let mut command = program.command(address, data)?;
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    command
        .spawn()
        .with_context(|| format!("{program:?} cannot be started"))
}

/// A port that nobody uses at this moment.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
