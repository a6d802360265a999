//! Runs jobs and says so, line by line, as MediaWiki's `runJobs.php` does.
//!
//! [`Runner::run`] repeats one step until a limit is reached: claim, run, settle, report. A `good` line is written
//! only when the job's effects and its acknowledgement are durable. Jobs that only compute are claimed and settled
//! many at a time; a job that waits for others, or that was claimed before, is taken alone, and its `STARTING` line is
//! out before it runs.

pub mod background;
mod batch;
pub mod kinds;
pub mod log_line;
mod report;

pub use self::report::{JobReport, Reached, RunReport};

use crate::clock::Clock;
use crate::job::JobType;
use crate::stop::Stop;
use crate::store::{Store, StoreError};
use batch::Step;
use kinds::{Kind, KindRegistry};
use log_line::LogFormat;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many jobs one step takes at most.
const JOBS_AT_ONCE: usize = 256;

/// What a runner works with.
#[derive(Debug, Clone)]
pub struct Runner {
    /// Where the jobs are.
    pub store: Store,
    /// What the program knows to run.
    pub kinds: Arc<KindRegistry>,
    /// Where the time comes from.
    pub clock: Clock,
    /// Seconds after which a claim is taken back (`JobClaimTTL`).
    pub claim_ttl: i64,
    /// Name of the wiki, which stands for the project namespace in job titles.
    pub site_name: Arc<str>,
}

/// When to stop, and what to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunLimits {
    /// Stop after this many jobs, failed ones included.
    pub max_jobs: Option<u64>,
    /// Stop after a job when all jobs together took longer than this.
    pub max_time: Option<Duration>,
    /// Run only this type.
    pub kind: Option<String>,
}

/// What a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutput {
    /// A line before and a line after each job.
    Lines(LogFormat),
    /// One JSON document at the end.
    Json,
    /// Nothing.
    Quiet,
}

impl Runner {
    /// Runs jobs until a limit is reached, nothing is ready, `stop` is said, or nobody reads `out` any more.
    ///
    /// Must not run on a thread that serves requests: jobs compute, and may wait for a mail server.
    pub async fn run(
        &self,
        limits: &RunLimits,
        output: RunOutput,
        out: &mpsc::Sender<Vec<u8>>,
        stop: &Stop,
    ) -> Result<RunReport, StoreError> {
        let mut report = RunReport::default();
        report.reached = match self.types(limits.kind.as_deref()) {
            Some(types) => {
                self.run_types(&types, limits, output, out, stop, &mut report)
                    .await?
            }
            None => Reached::NonePossible,
        };
        let last = report.last_words(output);
        if !last.is_empty() {
            // Nobody listens any more: the jobs are run all the same.
            drop(out.send(last).await);
        }
        Ok(report)
    }

    /// The types to run; `None` if there is no such type.
    fn types(&self, only: Option<&str>) -> Option<Vec<&Kind>> {
        match only {
            None => Some(self.kinds.iter().collect()),
            Some(name) => {
                let found = self.kinds.iter().find(|kind| kind.name.as_str() == name);
                found.map(|kind| vec![kind])
            }
        }
    }

    async fn run_types(
        &self,
        types: &[&Kind],
        limits: &RunLimits,
        output: RunOutput,
        out: &mpsc::Sender<Vec<u8>>,
        stop: &Stop,
        report: &mut RunReport,
    ) -> Result<Reached, StoreError> {
        self.recycle().await?;
        loop {
            if stop.is_set() || out.is_closed() {
                return Ok(Reached::Stopped);
            }
            let left = limits
                .max_jobs
                .map_or(u64::MAX, |most| most.saturating_sub(report.popped()));
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(JOBS_AT_ONCE);
            let wanted: Vec<(JobType, usize)> = types
                .iter()
                .map(|kind| (kind.name.clone(), if kind.waits { 1 } else { most }))
                .collect();
            let claimed = self.store.claim(&wanted).await?;
            if claimed.is_empty() && self.recycle().await? == 0 {
                return Ok(Reached::NoneReady);
            }
            let batch = Step {
                runner: self,
                limits,
                output,
                out,
                stop,
            };
            batch.run(claimed, report).await?;
            if limits.max_jobs.is_some_and(|most| report.popped() >= most) {
                return Ok(Reached::JobLimit);
            }
            if limits.max_time.is_some_and(|most| report.elapsed() > most) {
                return Ok(Reached::TimeLimit);
            }
        }
    }

    /// Takes stale claims back; returns how many jobs are ready again.
    async fn recycle(&self) -> Result<u64, StoreError> {
        let recycled = self.store.recycle(self.claim_ttl).await?;
        if recycled.abandoned > 0 {
            log::warn!(target: "runJobs", "{} jobs have no attempts left and are abandoned", recycled.abandoned);
        }
        Ok(recycled.ready)
    }
}
