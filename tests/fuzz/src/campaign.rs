//! Many executions on several threads, watched from another.

use crate::seeds::Seeds;
use crate::target::Execution;
use anyhow::Context as _;
use bouncehandlerd::bounce::report::ReadLimits;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// An input that takes longer hangs.
const MOST_TIME: Duration = Duration::from_secs(2);

/// After so many failures there is nothing more to learn.
const MOST_FAILURES: u64 = 20;

/// What all executions have in common.
pub struct Campaign<'a> {
    /// What chance follows from.
    pub seed: u64,
    /// How many threads.
    pub threads: u64,
    /// Where failing inputs go.
    pub findings: &'a Path,
    /// What is damaged.
    pub seeds: &'a Seeds,
}

/// What one thread is at.
#[derive(Default)]
struct Progress {
    /// The number of its execution.
    number: AtomicU64,
    /// When that began, in milliseconds since the start, and one more; 0 between executions.
    since: AtomicU64,
    finished: AtomicBool,
}

impl Campaign<'_> {
    /// Runs the executions from `first` up to `end`; false if any failed.
    pub fn run(&self, first: u64, end: u64) -> bool {
        let began = Instant::now();
        let failures = AtomicU64::new(0);
        let progress: Vec<Progress> = (0..self.threads).map(|_| Progress::default()).collect();
        thread::scope(|scope| {
            for (thread, progress) in (0_u64..).zip(&progress) {
                let (failures, first) = (&failures, first.saturating_add(thread));
                scope.spawn(move || {
                    self.work(first, end, began, progress, failures);
                    progress.finished.store(true, Ordering::Relaxed);
                });
            }
            self.watch(began, &progress);
        });
        let failures = failures.into_inner();
        println!(
            "{} executions in {:.1} s on {} threads: {failures} failures",
            end.saturating_sub(first),
            began.elapsed().as_secs_f64(),
            self.threads
        );
        failures == 0
    }

    /// Runs one execution, as bare as can be.
    pub fn repeat(&self, number: u64) -> anyhow::Result<()> {
        let execution = Execution::of(self.seed, number, self.seeds);
        println!(
            "input: {}",
            self.keep(number, "repeated", &execution.input)?
        );
        let began = Instant::now();
        execution.run(self.seeds, &ReadLimits::default())?;
        println!(
            "{:?}, {} bytes: passed in {:?}",
            execution.target,
            execution.input.len(),
            began.elapsed()
        );
        Ok(())
    }

    /// Writes an input where it can be found, and says where.
    pub fn keep(&self, number: u64, what: &str, input: &[u8]) -> anyhow::Result<String> {
        let path = self
            .findings
            .join(format!("{what}-{}-{number}.eml", self.seed));
        fs::write(&path, input).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path.display().to_string())
    }

    fn work(
        &self,
        first: u64,
        end: u64,
        began: Instant,
        progress: &Progress,
        failures: &AtomicU64,
    ) {
        let limits = ReadLimits::default();
        let mut number = first;
        while number < end && failures.load(Ordering::Relaxed) < MOST_FAILURES {
            let execution = Execution::of(self.seed, number, self.seeds);
            progress.number.store(number, Ordering::Relaxed);
            let since = milliseconds(began).saturating_add(1);
            progress.since.store(since, Ordering::Release);
            let done = catch_unwind(AssertUnwindSafe(|| execution.run(self.seeds, &limits)));
            progress.since.store(0, Ordering::Release);
            let why = match done {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{error:#}")),
                Err(_) => Some("panic, see above".to_owned()),
            };
            if let Some(why) = why {
                failures.fetch_add(1, Ordering::Relaxed);
                self.tell(number, "failed", &why, &execution);
            }
            number = number.saturating_add(self.threads);
        }
    }

    /// Until all have finished. A thread that hangs cannot be stopped, so the process ends.
    fn watch(&self, began: Instant, threads: &[Progress]) {
        let most = u64::try_from(MOST_TIME.as_millis()).unwrap_or(u64::MAX);
        while !threads
            .iter()
            .all(|thread| thread.finished.load(Ordering::Relaxed))
        {
            thread::sleep(Duration::from_millis(50));
            for thread in threads {
                let since = thread.since.load(Ordering::Acquire);
                if since > 0 && milliseconds(began).saturating_sub(since) > most {
                    let number = thread.number.load(Ordering::Relaxed);
                    let execution = Execution::of(self.seed, number, self.seeds);
                    let why = format!("it takes more than {} s", MOST_TIME.as_secs());
                    self.tell(number, "hang", &why, &execution);
                    println!("0 passed, 1 failed");
                    std::process::exit(1);
                }
            }
        }
    }

    /// Says what failed, and how to see it again.
    fn tell(&self, number: u64, what: &str, why: &str, execution: &Execution) {
        let kept = self
            .keep(number, what, &execution.input)
            .unwrap_or_else(|error| format!("not kept, {error:#}"));
        println!(
            "FAIL {:?}: {why}; {} bytes: {kept}; again with --seed {} --only {number}",
            execution.target,
            execution.input.len(),
            self.seed
        );
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
