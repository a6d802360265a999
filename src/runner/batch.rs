//! One step of a run: the jobs of one claim are run, settled and reported.

use super::kinds::JobError;
use super::log_line::JobLines;
use super::report::{JobReport, RunReport};
use super::{RunLimits, RunOutput, Runner};
use crate::clock::Timestamp;
use crate::effects::{Applied, Effect};
use crate::job::{ClaimedJob, JobId};
use crate::log::BOUNCE_HANDLER;
use crate::php_serialize::{self, PhpArray, PhpValue};
use crate::stop::Stop;
use crate::store::{Outcome, Settled, Settlement, StoreError};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::mpsc;

/// The surroundings of a step.
pub(super) struct Step<'a> {
    pub(super) runner: &'a Runner,
    pub(super) limits: &'a RunLimits,
    pub(super) output: RunOutput,
    pub(super) out: &'a mpsc::Sender<Vec<u8>>,
    pub(super) stop: &'a Stop,
}

/// A job that was run and is not settled yet.
struct Ran {
    kind: String,
    /// Its line, as far as it is the same before and after.
    lines: JobLines,
    /// The `STARTING` line is out already.
    told: bool,
    started: Timestamp,
    began: Duration,
    ended: Duration,
    error: Option<String>,
}

impl Step<'_> {
    /// Runs claimed jobs. What is left over when a limit is reached or `stop` is said is given back unrun.
    pub(super) async fn run(
        &self,
        claimed: Vec<ClaimedJob>,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        let mut rest = claimed.into_iter();
        let alone = rest.len() == 1;
        let mut running = Vec::with_capacity(rest.len());
        let mut settlements = Vec::with_capacity(rest.len());
        let begin = self.runner.clock.elapsed();
        while let Some(job) = (!self.must_stop(begin, running.is_empty(), report))
            .then(|| rest.next())
            .flatten()
        {
            let (ran, settlement) = self.run_job(job, alone).await;
            running.push(ran);
            settlements.push(settlement);
        }
        self.settle(&mut running, &mut settlements, report).await?;
        let unrun: Vec<ClaimedJob> = rest.collect();
        if unrun.is_empty() {
            Ok(())
        } else {
            self.runner.store.release(&unrun).await
        }
    }

    /// Whether to begin no further job. One job always runs, as in MediaWiki.
    fn must_stop(&self, begin: Duration, none_yet: bool, report: &RunReport) -> bool {
        let spent = || {
            report
                .elapsed()
                .saturating_add(self.runner.clock.elapsed().saturating_sub(begin))
        };
        let late = !none_yet && self.limits.max_time.is_some_and(|most| spent() > most);
        late || self.stop.is_set() || self.out.is_closed()
    }

    async fn run_job(&self, claimed: ClaimedJob, tell_first: bool) -> (Ran, Settlement) {
        let began = self.runner.clock.elapsed();
        let started = self.runner.clock.now();
        let params = read_params(&claimed.job.params);
        let lines = JobLines::of(
            self.output,
            &claimed.job,
            params.as_ref().ok(),
            &self.runner.site_name,
        );
        let told = tell_first && self.output_lines();
        if told {
            let mut line = Vec::new();
            lines.starting(started, &mut line);
            // Nobody listens any more: the job is run all the same.
            drop(self.out.send(line).await);
        }
        let outcome = match params {
            Ok(params) => self.guarded(&claimed, &params).await,
            Err(error) => Err(error),
        };
        let ended = self.runner.clock.elapsed();
        let error = outcome.as_ref().err().map(ToString::to_string);
        let outcome = match outcome {
            Ok(effects) => Outcome::Done(effects),
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let kind = claimed.job.kind.as_str().to_owned();
        let settlement = Settlement {
            kind: claimed.job.kind,
            id: claimed.job.id,
            token: claimed.token,
            outcome,
        };
        (
            Ran {
                kind,
                lines,
                told,
                started,
                began,
                ended,
                error,
            },
            settlement,
        )
    }

    fn output_lines(&self) -> bool {
        matches!(self.output, RunOutput::Lines(_))
    }

    /// Runs a job; a panic is a failure like any other.
    async fn guarded(
        &self,
        claimed: &ClaimedJob,
        params: &PhpArray<'_>,
    ) -> Result<Vec<Effect>, JobError> {
        let Some(kind) = self.runner.kinds.get(&claimed.job.kind) else {
            return Err(JobError(format!(
                "there is no job type {}",
                claimed.job.kind
            )));
        };
        let run = AssertUnwindSafe((kind.run)(claimed, params))
            .catch_unwind()
            .await;
        run.unwrap_or_else(|_panic| Err(JobError("the job panicked".to_owned())))
    }

    /// Settles what was run, then reports it.
    async fn settle(
        &self,
        running: &mut Vec<Ran>,
        settlements: &mut Vec<Settlement>,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        if running.is_empty() {
            return Ok(());
        }
        let ids: Vec<JobId> = settlements.iter().map(|settlement| settlement.id).collect();
        let settled = self
            .runner
            .store
            .settle(std::mem::take(settlements))
            .await?;
        let now = self.runner.clock.now();
        let mut text = Vec::new();
        for ((ran, settled), id) in running.drain(..).zip(settled).zip(ids) {
            self.report(ran, settled, id, now, &mut text, report);
        }
        if !text.is_empty() {
            // Nobody listens any more: what was done stays done.
            drop(self.out.send(text).await);
        }
        Ok(())
    }

    fn report(
        &self,
        ran: Ran,
        settled: Settled,
        id: JobId,
        now: Timestamp,
        text: &mut Vec<u8>,
        report: &mut RunReport,
    ) {
        let lost = matches!(settled, Settled::ClaimLost)
            .then(|| "the claim was taken back while the job ran; nothing was changed".to_owned());
        let error = ran.error.or(lost);
        let time =
            u64::try_from(ran.ended.saturating_sub(ran.began).as_millis()).unwrap_or(u64::MAX);
        match settled {
            Settled::Acknowledged(applied) => applied.iter().for_each(log_applied),
            Settled::Abandoned => {
                let why = error.as_deref().unwrap_or_default();
                log::warn!(target: "runJobs", "{} job {id} is abandoned after its last attempt: {why}", ran.kind);
            }
            Settled::Failed | Settled::ClaimLost => {}
        }
        if self.output_lines() {
            if !ran.told {
                ran.lines.starting(ran.started, text);
            }
            match &error {
                None => ran.lines.good(now, time, text),
                Some(error) => ran.lines.failed(now, time, error, text),
            }
        }
        report.add(self.output, ran.kind, error, time);
    }
}

impl RunReport {
    fn add(&mut self, output: RunOutput, kind: String, error: Option<String>, time: u64) {
        let count = if error.is_none() {
            &mut self.good
        } else {
            &mut self.failed
        };
        *count = count.saturating_add(1);
        self.elapsed_ms = self.elapsed_ms.saturating_add(time);
        if output == RunOutput::Json {
            let status = if error.is_none() { "ok" } else { "failed" };
            self.jobs.push(JobReport {
                kind,
                status,
                error,
                time,
            });
        }
    }
}

fn read_params(bytes: &[u8]) -> Result<PhpArray<'_>, JobError> {
    if bytes.is_empty() {
        return Ok(PhpArray::default());
    }
    match php_serialize::read(bytes) {
        Ok(PhpValue::Array(params)) => Ok(params),
        Ok(_) => Err(JobError("the params are no array".to_owned())),
        Err(error) => Err(JobError(format!("the params cannot be read: {error}"))),
    }
}

/// The lines of the `BounceHandler` channel for what was done.
fn log_applied(applied: &Applied) {
    let Applied::BounceRecorded {
        wiki,
        pruned,
        unconfirmed,
    } = applied
    else {
        return;
    };
    if *pruned > 0 {
        log::info!(target: BOUNCE_HANDLER, wiki = wiki.as_str(); "Pruned {pruned} bounce records from {wiki} wiki.");
    }
    if let Some(user) = unconfirmed {
        log::info!(
            target: BOUNCE_HANDLER, wiki = wiki.as_str();
            "Un-subscribed {} <{}> for exceeding bounce limit {}", user.name, user.email, user.limit
        );
    }
}
