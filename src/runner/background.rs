//! Runs jobs in the background: after pages that were seen (`JobRunRate`), or as they come (`RunJobsInBackground`).

use super::log_line::LogFormat;
use super::{RunLimits, RunOutput, Runner};
use crate::stop::Stop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// How often jobs are looked for that became due while nothing came in.
const IDLE: Duration = Duration::from_secs(10);

/// How much may run, and the word that more may.
#[derive(Debug, Clone)]
pub struct Background(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Jobs that each page allows.
    rate: f64,
    /// Whether all jobs are run as they come.
    all: bool,
    /// Jobs that may run.
    allowed: AtomicU64,
    wake: Notify,
}

impl Background {
    /// Allows `rate` jobs for each page, and with `all` any job at any time.
    pub fn new(rate: f64, all: bool) -> Self {
        Self(Arc::new(Shared {
            rate,
            all,
            allowed: AtomicU64::new(0),
            wake: Notify::new(),
        }))
    }

    /// Takes note of a push.
    pub fn job_pushed(&self) {
        if self.0.all {
            self.0.wake.notify_one();
        }
    }

    /// Takes note of a page that was seen. Whoever looks at many gets no more run than there is; one run is at work at a
    /// time.
    pub fn page_viewed(&self) {
        let jobs = jobs_after_page(self.0.rate, chance());
        if jobs > 0 {
            self.0.allowed.fetch_add(jobs, Ordering::SeqCst);
            self.0.wake.notify_one();
        }
    }

    /// Runs until `stop` is said. Blocks; needs a thread of its own. Where all jobs are run, those that wait already are
    /// run first.
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
            while !stop.is_set() {
                let limits = RunLimits {
                    max_jobs: (!self.0.all).then(|| self.0.allowed.swap(0, Ordering::SeqCst)),
                    ..RunLimits::default()
                };
                run_once(runner, &limits, format, stop).await;
                tokio::select! {
                    () = self.0.wake.notified() => {}
                    () = tokio::time::sleep(IDLE), if self.0.all => {}
                    () = stopped.wait() => {}
                }
            }
        });
    }
}

/// How many jobs a page allows; `chance` is from 0 up to 1.
fn jobs_after_page(rate: f64, chance: f64) -> u64 {
    if rate < 1.0 {
        return u64::from(chance < rate);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates"
    )]
    let whole = rate as u64;
    whole
}

/// A number from 0 up to 1, by chance; 0, which lets a job run, where the system has none.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return 0.0;
    }
    f64::from(u32::from_be_bytes(bytes)) / 4_294_967_296.0
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

    #[test]
    fn a_page_allows_as_many_jobs_as_the_rate_says() {
        // jobs/golden/run_rate.json: 0, 1, 2.7 and 3; jobs/SPEC.md section 8 for shares of jobs.
        for (rate, chance, jobs) in [
            (0.0, 0.0, 0),
            (1.0, 0.9, 1),
            (2.7, 0.5, 2),
            (3.0, 0.5, 3),
            (0.25, 0.24, 1),
            (0.25, 0.25, 0),
            (-1.0, 0.0, 0),
        ] {
            assert_eq!(jobs_after_page(rate, chance), jobs, "{rate} {chance}");
        }
    }

    #[test]
    fn pages_add_up_until_jobs_are_run() {
        let background = Background::new(2.0, false);
        background.page_viewed();
        background.page_viewed();
        background.job_pushed();
        assert_eq!(background.0.allowed.load(Ordering::SeqCst), 4);
    }
}
