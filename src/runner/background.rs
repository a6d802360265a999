//! Runs jobs as they come, at the rate of `JobRunRate`.

use super::log_line::LogFormat;
use super::{RunLimits, RunOutput, Runner};
use crate::stop::Stop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// How often stale claims are looked for when nothing comes in.
const IDLE: Duration = Duration::from_mins(1);

/// One job, in the unit in which shares of jobs are added up.
const ONE_JOB: u64 = 1_000_000;

/// How much may run, and the word that more may.
#[derive(Debug, Clone)]
pub struct Background(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Millionths of a job that each push allows.
    share: u64,
    /// Millionths of jobs that may run.
    allowed: AtomicU64,
    wake: Notify,
}

impl Background {
    /// Allows `rate` jobs for each job that is pushed. A share adds up: at 0.5 every second push runs a job.
    pub fn new(rate: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates"
        )]
        let share = (rate * 1_000_000.0) as u64;
        Self(Arc::new(Shared {
            share,
            allowed: AtomicU64::new(0),
            wake: Notify::new(),
        }))
    }

    /// Takes note of a push.
    pub fn job_pushed(&self) {
        let shared = &self.0;
        let before = shared.allowed.fetch_add(shared.share, Ordering::SeqCst);
        if before.saturating_add(shared.share) >= ONE_JOB {
            shared.wake.notify_one();
        }
    }

    /// Runs until `stop` is said. Blocks; needs a thread of its own. What waits already is run first.
    pub fn run(&self, runner: &Runner, format: LogFormat, stop: &Stop) {
        let runtime = match tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                return log::error!(target: "runJobs", "jobs cannot run in the background: {error}");
            }
        };
        runtime.block_on(async {
            let mut stopped = stop.clone();
            let mut limits = RunLimits::default();
            while !stop.is_set() {
                run_once(runner, &limits, format, stop).await;
                tokio::select! {
                    () = self.0.wake.notified() => limits.max_jobs = Some(self.take_allowed()),
                    () = tokio::time::sleep(IDLE) => limits.max_jobs = None,
                    () = stopped.wait() => {}
                }
            }
        });
    }

    fn take_allowed(&self) -> u64 {
        let allowed = self.0.allowed.swap(0, Ordering::SeqCst);
        self.0
            .allowed
            .fetch_add(allowed.checked_rem(ONE_JOB).unwrap_or(0), Ordering::SeqCst);
        allowed.checked_div(ONE_JOB).unwrap_or(0)
    }
}

/// One run, its lines in the log.
async fn run_once(runner: &Runner, limits: &RunLimits, format: LogFormat, stop: &Stop) {
    if limits.max_jobs == Some(0) {
        return;
    }
    let (out, mut chunks) = mpsc::channel::<Vec<u8>>(16);
    let run = async {
        let ran = runner
            .run(limits, RunOutput::Lines(format), &out, stop)
            .await;
        drop(out);
        ran
    };
    let tell = async {
        while let Some(chunk) = chunks.recv().await {
            let text = String::from_utf8_lossy(&chunk);
            for line in text.lines().filter(|line| *line != "Job queue is empty.") {
                log::info!(target: "runJobs", "{line}");
            }
        }
    };
    if let (Err(error), ()) = tokio::join!(run, tell) {
        log::error!(target: "runJobs", "the run ended: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed_after(rate: f64, pushes: usize) -> u64 {
        let background = Background::new(rate);
        (0..pushes).for_each(|_| background.job_pushed());
        background.take_allowed()
    }

    #[test]
    fn each_push_allows_as_many_jobs_as_the_rate_says() {
        assert_eq!(allowed_after(1.0, 3), 3);
        assert_eq!(allowed_after(2.5, 2), 5);
        assert_eq!(allowed_after(0.5, 5), 2);
        assert_eq!(allowed_after(0.01, 99), 0);
    }

    #[test]
    fn a_share_that_was_not_used_is_kept() {
        let background = Background::new(0.5);
        for expected in [0, 1, 0, 1] {
            background.job_pushed();
            assert_eq!(background.take_allowed(), expected);
        }
    }
}
