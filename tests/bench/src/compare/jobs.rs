//! Jobs run a second, with their log lines read by whoever asked for the run.

use super::Bench;
use crate::measure::float;
use crate::report::Jobs;
use crate::run_jobs::run_jobs;
use crate::server::Program;
use anyhow::{Result, ensure};

impl Bench {
    /// Fills a queue and has it run, anew in each round.
    pub(super) fn jobs(&self, server: &Program, jobs: u64) -> Result<Jobs> {
        let mut rates = Vec::new();
        for round in 1..=self.rounds {
            eprintln!("running {jobs} jobs, round {round} of {}", self.rounds);
            let mut running = self.start(server)?;
            self.fill(&mut running, jobs)?;
            let lines = run_jobs(running.address(), None)?;
            ensure!(
                lines.good == jobs && lines.first_other.is_none(),
                "of {jobs} queued jobs {} were run as good; first other line: {:?}",
                lines.good,
                lines.first_other
            );
            rates.push(float(jobs) / lines.elapsed.as_secs_f64());
        }
        Ok(Jobs { jobs, rates })
    }
}
