//! Very many jobs through a short queue: what they leave behind in memory and on the disk.

use super::Bench;
use crate::report::{Soak, SoakSample};
use crate::run_jobs::{RunLines, run_jobs};
use crate::server::{Program, write_config};
use anyhow::{Result, anyhow, ensure};
use std::thread;
use std::time::Instant;

/// The bounces themselves leave a record each, for 60 days; here for a second, or the records are what grows.
const SHORT_RECORDS: &str = "BounceRecordMaxAge = 1\n";

impl Bench {
    /// Pushes and runs `total` jobs at the same time, with at most `length` of them in the queue: half as many are pushed
    /// while the half before is run.
    pub(super) fn soak(&self, server: &Program, total: u64, length: u64) -> Result<Soak> {
        let half = (length / 2).clamp(1, total.max(1));
        let mut running = self.start(&self.with_short_records(server)?)?;
        let (mut run, mut samples) = (0_u64, Vec::new());
        let began = Instant::now();
        eprintln!("{total} jobs through a queue of at most {length}");
        self.fill(&mut running, half.min(total))?;
        while running.accepted() < total {
            let next = running.accepted().saturating_add(half).min(total);
            let address = running.address();
            let runner = thread::spawn(move || run_jobs(address, None));
            let filled = self.fill(&mut running, next);
            let lines = runner
                .join()
                .map_err(|_panic| anyhow!("the run panicked"))?;
            filled?;
            run = run.saturating_add(good(&lines?)?);
            samples.push(SoakSample {
                jobs: run,
                resident: running.used()?.resident,
                disk: running.disk()?,
            });
        }
        run = run.saturating_add(good(&run_jobs(running.address(), None)?)?);
        ensure!(run == total, "of {total} jobs {run} were run as good");
        Ok(Soak {
            jobs: total,
            length,
            seconds: began.elapsed().as_secs_f64(),
            samples,
        })
    }

    fn with_short_records(&self, server: &Program) -> Result<Program> {
        Ok(match server {
            Program::Bouncehandlerd { path, .. } => Program::Bouncehandlerd {
                path: path.clone(),
                config: write_config(self.work.path(), "soak.toml", self.workers, SHORT_RECORDS)?,
            },
            other => other.clone(),
        })
    }
}

/// How many bounce jobs were run; any other end of a job is an error.
fn good(lines: &RunLines) -> Result<u64> {
    match &lines.first_other {
        None => Ok(lines.good),
        Some(other) => Err(anyhow!("a job did not end well: {other}")),
    }
}
