//! One step of a run: the jobs of one claim are run, settled and reported.

use super::applied;
use super::attendance::{Ending, JobResult};
use super::kinds::JobError;
use super::log_line::JobLines;
use super::report::{JobReport, Reached, RunReport};
use super::{Run, RunOutput, Runner};
use crate::clock::Timestamp;
use crate::job::{Claim, ClaimedJob};
use crate::php_serialize::{self, PhpArray, PhpValue};
use crate::store::{Outcome, Settled, Settlement, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// What is kept as the error of a job that gave none.
const NO_REASON: &str = "the job failed and did not say why";

/// One step of a run.
pub(super) struct Step<'a> {
    pub(super) run: Run<'a>,
}

/// A job that was run and is not settled yet.
struct Ran {
    claim: Claim,
    /// Its line, as far as it is the same before and after.
    lines: JobLines,
    /// The `STARTING` line is out already.
    told: bool,
    started: Timestamp,
    began: Duration,
    ended: Duration,
    /// Set if it failed.
    failure: Option<JobError>,
}

impl Step<'_> {
    /// Runs claimed jobs. What is left over when a limit is reached or `stop` is said is given back unrun. Returns why the
    /// run has to end, if it has to.
    pub(super) async fn run(
        &self,
        claimed: Vec<ClaimedJob>,
        report: &mut RunReport,
    ) -> Result<Option<Reached>, StoreError> {
        let alone = claimed.len() == 1;
        let mut claims: Vec<Claim> = claimed.iter().map(ClaimedJob::claim).collect();
        let mut ran: Vec<(Ran, Outcome)> = Vec::with_capacity(claimed.len());
        let mut reached = None;
        let begin = self.run.runner.clock.elapsed();
        for job in claimed {
            if reached.is_some() || self.must_stop(begin, ran.is_empty(), report) {
                break;
            }
            let Some((job, result)) = self.run_job(job, alone, &claims).await else {
                break;
            };
            if matches!(result, Err(JobError::Unreachable(_))) {
                reached = Some(Reached::Exception);
            }
            let outcome = self.outcome(&job.claim, result);
            ran.push((job, outcome));
        }
        let unrun = claims.split_off(ran.len());
        self.settle(ran, report).await?;
        if !unrun.is_empty() {
            self.run.runner.store.release(unrun).await?;
        }
        Ok(reached)
    }

    /// Whether to begin no further job. One job always runs, as in MediaWiki.
    fn must_stop(&self, begin: Duration, none_yet: bool, report: &RunReport) -> bool {
        let spent = || {
            let now = self.run.runner.clock.elapsed().saturating_sub(begin);
            report.elapsed().saturating_add(now).as_secs_f64()
        };
        let late = !none_yet && self.run.limits.max_time.is_some_and(|most| spent() > most);
        late || self.run.stop.is_set() || self.run.out.is_closed()
    }

    /// Runs a job; `None` if it did not end before the program has to stop.
    async fn run_job(
        &self,
        claimed: ClaimedJob,
        tell_first: bool,
        claims: &[Claim],
    ) -> Option<(Ran, JobResult)> {
        let runner = self.run.runner;
        let began = runner.clock.elapsed();
        let started = runner.clock.now();
        let params = read_params(&claimed.job.params).ok();
        let lines = JobLines::of(
            self.run.output,
            &claimed.job,
            params.as_ref(),
            &runner.site_name,
        );
        let told = tell_first && self.output_lines();
        if told {
            let mut line = Vec::new();
            lines.starting(started, &mut line);
            // Nobody listens any more: the job is run all the same.
            drop(self.run.out.send(line).await);
        }
        let claim = claimed.claim();
        let result = match runner.kinds.get(&claim.kind) {
            Some(kind) => {
                let claimed = Arc::new(claimed);
                match runner.attend(kind, &claimed, claims, self.run.stop).await {
                    Ending::Ended(result) => result,
                    Ending::Left => {
                        log::warn!(target: "runJobs", "{} job {} did not end in time and is given back", claim.kind, claim.id);
                        return None;
                    }
                }
            }
            None => Err(JobError::failed(format!(
                "there is no job type {}",
                claim.kind
            ))),
        };
        let ran = Ran {
            claim,
            lines,
            told,
            started,
            began,
            ended: runner.clock.elapsed(),
            failure: result.as_ref().err().cloned(),
        };
        Some((ran, result))
    }

    fn outcome(&self, claim: &Claim, result: JobResult) -> Outcome {
        let kind = self.run.runner.kinds.get(&claim.kind);
        match result {
            Ok(effects) => Outcome::Done(effects),
            Err(error) => Outcome::Failed {
                error: error.text().unwrap_or(NO_REASON).to_owned(),
                may_retry: kind.is_none_or(|kind| kind.may_retry),
            },
        }
    }

    fn output_lines(&self) -> bool {
        matches!(self.run.output, RunOutput::Lines(_))
    }

    /// Settles what was run, then reports it.
    async fn settle(
        &self,
        ran: Vec<(Ran, Outcome)>,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        if ran.is_empty() {
            return Ok(());
        }
        let (ran, settlements): (Vec<Ran>, Vec<Settlement>) = ran
            .into_iter()
            .map(|(ran, outcome)| {
                let claim = ran.claim.clone();
                (ran, Settlement { claim, outcome })
            })
            .unzip();
        let settled = self.run.runner.store.settle(settlements).await?;
        let now = self.run.runner.clock.now();
        let mut text = Vec::new();
        for (ran, settled) in ran.into_iter().zip(settled) {
            self.report(ran, &settled, now, &mut text, report);
        }
        if !text.is_empty() {
            // Nobody listens any more: what was done stays done.
            drop(self.run.out.send(text).await);
        }
        Ok(())
    }

    fn report(
        &self,
        ran: Ran,
        settled: &Settled,
        now: Timestamp,
        text: &mut Vec<u8>,
        report: &mut RunReport,
    ) {
        let lost = matches!(settled, Settled::ClaimLost).then(|| {
            JobError::failed("the claim was taken back while the job ran; nothing was changed")
        });
        let failure = ran.failure.or(lost);
        let time =
            u64::try_from(ran.ended.saturating_sub(ran.began).as_millis()).unwrap_or(u64::MAX);
        let error = failure.as_ref().and_then(JobError::text);
        applied::log_settled(&ran.claim, settled, error.unwrap_or(NO_REASON));
        if let Settled::Acknowledged(applied) = settled {
            applied::count(applied, &self.run.runner.metrics);
        }
        if self.output_lines() {
            if !ran.told {
                ran.lines.starting(ran.started, text);
            }
            match &failure {
                None => ran.lines.good(now, time, text),
                Some(_) => ran.lines.failed(now, time, error.unwrap_or(""), text),
            }
        }
        self.run.runner.tally.add(failure.is_some());
        let (metrics, kind) = (&self.run.runner.metrics, ran.claim.kind.as_str());
        metrics.job_ended(kind, failure.is_some());
        if matches!(settled, Settled::Abandoned) {
            metrics.job_abandoned(kind);
        }
        report.add(
            self.run.output,
            ran.claim.kind.as_str(),
            failure.as_ref(),
            time,
        );
    }
}

impl RunReport {
    /// Adds a job; `failure` is set if it failed.
    fn add(&mut self, output: RunOutput, kind: &str, failure: Option<&JobError>, time: u64) {
        let count = if failure.is_some() {
            &mut self.failed
        } else {
            &mut self.good
        };
        *count = count.saturating_add(1);
        self.elapsed_ms = self.elapsed_ms.saturating_add(time);
        if matches!(output, RunOutput::Json | RunOutput::CompactJson) {
            self.jobs.push(JobReport {
                kind: kind.to_owned(),
                status: if failure.is_some() { "failed" } else { "ok" },
                error: failure.and_then(JobError::text).map(str::to_owned),
                time,
            });
        }
    }
}

/// How many work items a job is.
pub(super) fn work_items(runner: &Runner, job: &ClaimedJob) -> u64 {
    let kind = runner.kinds.get(&job.job.kind);
    let params = read_params(&job.job.params).unwrap_or_default();
    kind.map_or(1, |kind| (kind.work_items)(&params))
}

/// The params of a job.
pub(super) fn read_params(bytes: &[u8]) -> Result<PhpArray<'_>, JobError> {
    if bytes.is_empty() {
        return Ok(PhpArray::default());
    }
    match php_serialize::read(bytes) {
        Ok(PhpValue::Array(params)) => Ok(params),
        Ok(_) => Err(JobError::failed("the params are no array")),
        Err(error) => Err(JobError::failed(format!(
            "the params cannot be read: {error}"
        ))),
    }
}
