//! Staying with a job while it runs: its claim is kept alive, it is not let run too long, and it is left alone when the
//! program has to stop.

use super::Runner;
use super::kinds::{JobError, Kind};
use crate::effects::Effect;
use crate::job::{Claim, ClaimedJob};
use crate::php_serialize::PhpArray;
use crate::stop::Stop;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;
use tokio::sync::oneshot;

/// What running a job yields.
pub(super) type JobResult = Result<Vec<Effect>, JobError>;

/// How a job ended.
pub(super) enum Ending {
    /// It ran, or failed.
    Ended(JobResult),
    /// The program has to stop and the job did not end in time.
    Left,
}

impl Runner {
    /// Runs a job and stays with it; `claims` are those that are to be kept alive meanwhile.
    pub(super) async fn attend(
        &self,
        kind: &Kind,
        claimed: &Arc<ClaimedJob>,
        claims: &[Claim],
        stop: &Stop,
    ) -> Ending {
        if kind.waits {
            let running = on_its_own_thread(kind.clone(), Arc::clone(claimed));
            self.stay_with(running, claims, stop).await
        } else {
            let running = guarded(kind, claimed);
            self.stay_with(running, claims, stop).await
        }
    }

    async fn stay_with(
        &self,
        running: impl Future<Output = JobResult>,
        claims: &[Claim],
        stop: &Stop,
    ) -> Ending {
        let policy = &self.policy;
        tokio::pin!(running);
        // Most jobs compute and are done at once: nothing else need be set up for them.
        if let Some(result) = running.as_mut().now_or_never() {
            return Ending::Ended(result);
        }
        let too_long = self.clock.sleep(policy.time_limit);
        let mut stopped = stop.clone();
        let told_to_stop = async {
            stopped.wait().await;
            self.clock.sleep(policy.stop_time).await;
        };
        tokio::pin!(too_long, told_to_stop);
        loop {
            tokio::select! {
                biased;
                result = &mut running => return Ending::Ended(result),
                () = &mut told_to_stop => return Ending::Left,
                () = &mut too_long => {
                    let seconds = policy.time_limit.as_secs();
                    return Ending::Ended(Err(JobError::failed(format!(
                        "the job took longer than the {seconds} seconds of JobTimeLimit"
                    ))));
                }
                () = self.clock.sleep(policy.heartbeat) => {
                    if let Err(error) = self.store.keep_alive(claims.to_vec()).await {
                        log::error!(target: "runJobs", "a claim could not be kept alive: {error}");
                    }
                }
            }
        }
    }
}

/// Runs a job that blocks while it waits. If it is left alone, its thread goes on, and what comes of it is dropped.
async fn on_its_own_thread(kind: Kind, claimed: Arc<ClaimedJob>) -> JobResult {
    let (end, ended) = oneshot::channel();
    let thread = thread::Builder::new().name("job".to_owned());
    let spawned = thread.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(guarded(&kind, &claimed)),
            Err(error) => Err(JobError::failed(format!(
                "the job could not be run: {error}"
            ))),
        };
        // Whoever waited for it may have left.
        drop(end.send(result));
    });
    match spawned {
        Ok(_thread) => ended
            .await
            .unwrap_or_else(|_gone| Err(JobError::failed("the job's thread is gone".to_owned()))),
        Err(error) => Err(JobError::failed(format!("no thread for the job: {error}"))),
    }
}

/// Runs a job; a panic is a failure like any other.
async fn guarded(kind: &Kind, claimed: &ClaimedJob) -> JobResult {
    let params: PhpArray<'_> = super::batch::read_params(&claimed.job.params)?;
    // A type may compute before it gives its future out, so that is guarded as well.
    let run = AssertUnwindSafe(async { (kind.run)(claimed, &params).await })
        .catch_unwind()
        .await;
    run.unwrap_or_else(|_panic| Err(JobError::failed("the job panicked".to_owned())))
}
