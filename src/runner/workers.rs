//! Several runs side by side (`--procs`), each on a thread of its own.

use super::{RunLimits, RunOutput, RunReport, Runner};
use crate::stop::Stop;
use crate::store::StoreError;
use std::thread;
use tokio::sync::mpsc;

/// Runs jobs with so many workers; blocks until all have ended. More than one say so at the end, as MediaWiki's parent
/// process does. Each has limits of its own, and claims nobody else's jobs.
pub fn run_workers(
    runner: &Runner,
    workers: usize,
    limits: &RunLimits,
    output: RunOutput,
    out: &mpsc::Sender<Vec<u8>>,
    stop: &Stop,
) -> Result<RunReport, StoreError> {
    if workers <= 1 {
        return run_here(runner, limits, output, out, stop);
    }
    let reports: Vec<Result<RunReport, StoreError>> = thread::scope(|scope| {
        let work = || run_here(runner, limits, output, out, stop);
        let threads: Vec<_> = (0..workers)
            .map(|number| {
                thread::Builder::new()
                    .name(format!("run-jobs-{number}"))
                    .spawn_scoped(scope, work)
            })
            .collect();
        threads.into_iter().map(ended).collect()
    });
    if output != RunOutput::Quiet {
        let statuses = reports.iter().map(|report| u8::from(report.is_err()));
        let lines = statuses.map(|status| format!("Worker exited with status {status}\n"));
        let text = lines.collect::<Vec<String>>().concat();
        // Nobody listens any more: the jobs were run all the same.
        drop(out.blocking_send(text.into_bytes()));
    }
    let mut sum = RunReport::default();
    for report in reports {
        sum.add_round(report?);
    }
    Ok(sum)
}

fn ended(
    thread: std::io::Result<thread::ScopedJoinHandle<'_, Result<RunReport, StoreError>>>,
) -> Result<RunReport, StoreError> {
    let failed = |reason: String| StoreError::ReadFailed { reason };
    let thread = thread.map_err(|error| failed(format!("no thread for a worker: {error}")))?;
    thread
        .join()
        .unwrap_or_else(|_panic| Err(failed("a worker ended by a panic".to_owned())))
}

fn run_here(
    runner: &Runner,
    limits: &RunLimits,
    output: RunOutput,
    out: &mpsc::Sender<Vec<u8>>,
    stop: &Stop,
) -> Result<RunReport, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.map_err(|error| StoreError::ReadFailed {
        reason: error.to_string(),
    })?;
    runtime.block_on(runner.run(limits, output, out, stop))
}
