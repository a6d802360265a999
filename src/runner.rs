//! Runs jobs and says so, line by line, as MediaWiki's `runJobs.php` does.
//!
//! [`Runner::run`] repeats one step until a limit is reached: claim, run, settle, report. A `good` line is written
//! only when the job's effects and its acknowledgement are durable. Jobs that only compute are claimed and settled
//! many at a time; a job that waits for others, or that was claimed before, is taken alone, and its `STARTING` line is
//! out before it runs.

mod applied;
mod attendance;
pub mod background;
mod batch;
pub mod kinds;
mod limits;
pub mod log_line;
pub mod memory;
mod report;
pub mod throttle;
mod workers;

pub use self::limits::{RunLimits, RunOutput, RunPolicy};
pub use self::report::{JobReport, Reached, RunReport, RunTally};
pub use self::workers::run_workers;

use crate::clock::Clock;
use crate::job::JobType;
use crate::metrics::Metrics;
use crate::stop::Stop;
use crate::store::{Store, StoreError};
use batch::Step;
use kinds::{EndedBy, Kind, KindRegistry};
use memory::MemoryUse;
use std::sync::Arc;
use std::time::Duration;
use throttle::Throttle;
use tokio::sync::mpsc;

/// How many jobs one step takes at most.
const JOBS_AT_ONCE: usize = 256;

/// How often a run that waits looks for jobs.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a runner works with.
#[derive(Debug, Clone)]
pub struct Runner {
    /// Where the jobs are.
    pub store: Store,
    /// What the program knows to run.
    pub kinds: Arc<KindRegistry>,
    /// Where the time comes from.
    pub clock: Clock,
    /// Name of the wiki, which stands for the project namespace in job titles.
    pub site_name: Arc<str>,
    /// What holds for every run.
    pub policy: Arc<RunPolicy>,
    /// How fast types may be run.
    pub throttle: Arc<Throttle>,
    /// How much memory is in use.
    pub memory: MemoryUse,
    /// What has been run so far.
    pub tally: Arc<RunTally>,
    /// What is counted for those who watch.
    pub metrics: Metrics,
}

/// One run: what it is to do and where it tells of it.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    runner: &'a Runner,
    limits: &'a RunLimits,
    output: RunOutput,
    out: &'a mpsc::Sender<Vec<u8>>,
    stop: &'a Stop,
}

impl Runner {
    /// A runner that throttles nothing, for a wiki without a name.
    pub fn new(store: Store, kinds: KindRegistry, clock: Clock) -> Self {
        Self {
            store,
            kinds: Arc::new(kinds),
            clock,
            site_name: "".into(),
            policy: Arc::default(),
            throttle: Arc::default(),
            memory: MemoryUse::default(),
            tally: Arc::default(),
            metrics: Metrics::default(),
        }
    }

    /// Runs jobs until a limit is reached, nothing is ready, `stop` is said, or nobody reads `out` any more. With
    /// `limits.wait` it goes on when nothing is ready, and reports round by round.
    ///
    /// Must not run on a thread that serves requests: jobs compute, and may wait for a mail server.
    pub async fn run(
        &self,
        limits: &RunLimits,
        output: RunOutput,
        out: &mpsc::Sender<Vec<u8>>,
        stop: &Stop,
    ) -> Result<RunReport, StoreError> {
        let run = Run {
            runner: self,
            limits,
            output,
            out,
            stop,
        };
        let mut sum = RunReport::default();
        loop {
            let round = run.round(sum.popped()).await?;
            let last = round.last_words(output, limits.wait);
            if !last.is_empty() {
                // Nobody listens any more: the jobs are run all the same.
                drop(out.send(last).await);
            }
            let ends = !limits.wait || round.reached.ends_a_wait();
            sum.add_round(round);
            if ends {
                return Ok(sum);
            }
            let mut stopped = stop.clone();
            tokio::select! {
                () = self.clock.sleep(LOOK_AGAIN) => {}
                () = stopped.wait() => {}
                () = out.closed() => {}
            }
        }
    }
}

impl Run<'_> {
    /// Runs what is ready; `before` jobs were run in earlier rounds.
    async fn round(&self, before: u64) -> Result<RunReport, StoreError> {
        let mut report = RunReport::default();
        report.reached = match self.types() {
            _ if self.runner.policy.read_only.is_some() => Reached::ReadOnly,
            None => Reached::NonePossible,
            Some(types) => {
                let reached = self.run_types(&types, before, &mut report).await?;
                report.backoffs = self.runner.throttle.in_force(&self.runner.clock);
                reached
            }
        };
        Ok(report)
    }

    /// The types to run; `None` if there is no such type.
    fn types(&self) -> Option<Vec<&Kind>> {
        let kinds = self.runner.kinds.iter();
        let runs = |kind: &&Kind| kind.ended_by == EndedBy::Run;
        match &self.limits.kind {
            None => {
                let excluded = &self.runner.policy.excluded;
                let by_default =
                    |kind: &&Kind| !excluded.iter().any(|name| name == kind.name.as_str());
                Some(kinds.filter(runs).filter(by_default).collect())
            }
            Some(name) => {
                let mut kinds = kinds;
                let found = kinds.find(|kind| kind.name.as_str() == name);
                found.map(|kind| Some(kind).filter(runs).into_iter().collect())
            }
        }
    }

    async fn run_types(
        &self,
        types: &[&Kind],
        before: u64,
        report: &mut RunReport,
    ) -> Result<Reached, StoreError> {
        let clock = &self.runner.clock;
        self.runner.recycle().await?;
        let mut recycled = clock.elapsed();
        loop {
            if self.stop.is_set() || self.out.is_closed() {
                return Ok(Reached::Stopped);
            }
            // Where jobs never run out, nothing else would find the claims that grow stale meanwhile.
            if clock.elapsed().saturating_sub(recycled) >= LOOK_AGAIN {
                self.runner.recycle().await?;
                recycled = clock.elapsed();
            }
            let left = self.limits.max_jobs.map_or(u64::MAX, |most| {
                most.saturating_sub(before).saturating_sub(report.popped())
            });
            let claimed = self.claim(types, left).await?;
            if claimed.is_empty() && self.runner.recycle().await? == 0 {
                return Ok(Reached::NoneReady);
            }
            let ended = Step { run: *self }.run(claimed, report).await?;
            if let Some(reached) = ended.or_else(|| self.limit_reached(before, report)) {
                return Ok(reached);
            }
        }
    }

    fn limit_reached(&self, before: u64, report: &mut RunReport) -> Option<Reached> {
        let limits = self.limits;
        let popped = before.saturating_add(report.popped());
        if limits.max_jobs.is_some_and(|most| popped >= most) {
            return Some(Reached::JobLimit);
        }
        let elapsed = report.elapsed().as_secs_f64();
        if limits.max_time.is_some_and(|most| elapsed > most) {
            return Some(Reached::TimeLimit);
        }
        let limit = limits.max_memory?;
        let used = self.runner.memory.bytes();
        memory::is_nearly(used, limit).then(|| {
            report.excessive_memory = Some((self.runner.clock.now(), used, limit));
            Reached::MemoryLimit
        })
    }

    /// Claims up to `left` jobs of one type. A type that is throttled, that waits for others, or whose use of memory is
    /// watched is claimed one by one.
    async fn claim(
        &self,
        types: &[&Kind],
        left: u64,
    ) -> Result<Vec<crate::job::ClaimedJob>, StoreError> {
        let runner = self.runner;
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(JOBS_AT_ONCE);
        let turn = runner.throttle.turn().await;
        let may_run =
            |kind: &&&Kind| self.limits.no_throttle || turn.may_run(&kind.name, &runner.clock);
        let wanted: Vec<(JobType, usize)> = types
            .iter()
            .filter(may_run)
            .map(|kind| {
                let alone =
                    kind.waits || turn.is_throttled(&kind.name) || self.limits.max_memory.is_some();
                (kind.name.clone(), if alone { most.min(1) } else { most })
            })
            .collect();
        let claimed = runner.store.claim(&wanted).await?;
        for job in &claimed {
            let items = || batch::work_items(runner, job);
            if let Some(until) = turn.took(&job.job.kind, items, &runner.clock) {
                runner.store.set_backoff(&job.job.kind, until).await?;
            }
        }
        Ok(claimed)
    }
}

impl Runner {
    /// Takes stale claims back; returns how many jobs are ready again.
    async fn recycle(&self) -> Result<u64, StoreError> {
        let recycled = self.store.recycle().await?;
        self.metrics
            .claims_taken_back(recycled.ready.saturating_add(recycled.abandoned));
        if recycled.abandoned > 0 {
            log::warn!(target: "runJobs", "{} jobs have no attempts left and are abandoned", recycled.abandoned);
        }
        Ok(recycled.ready)
    }
}
