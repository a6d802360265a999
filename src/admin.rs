//! Who may run jobs and look at what came of them, and what they see. The commands and the HTTP endpoints share it, so
//! both print the same.

mod accepted_signatures;
mod held_jobs;
mod invalidate_email;
mod job_list;
mod listing;
mod manage_jobs;
pub mod php_number;
mod progress;
mod run_request;
mod special_run_jobs;

pub use self::accepted_signatures::AcceptedSignatures;
pub use self::invalidate_email::InvalidateRequest;
pub use self::job_list::JobList;
pub use self::listing::Listing;
pub use self::manage_jobs::{ManageAction, ManageError, ManageRequest};
pub use self::progress::{Progress, SEPARATOR};
pub use self::run_request::{MOST_WORKERS, RunRequest};
pub use self::special_run_jobs::{Given, Refusal, SignedRun, SignedRuns, canonical};

use crate::runner::{RunOutput, Runner, run_workers};
use crate::stop::Stop;
use crate::store::StoreError;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, oneshot};

/// How many chunks of lines may wait for a slow reader before the run waits too.
const WAITING_CHUNKS: usize = 16;

/// Running and looking at jobs.
#[derive(Debug, Clone)]
pub struct Admin {
    /// What runs them.
    pub runner: Runner,
    /// The wiki whose users and records are shown.
    pub wiki: crate::job::WikiId,
    /// The default of the lines' format (`RunJobsLogFormat`).
    pub log_format: crate::runner::log_line::LogFormat,
    /// The token that lets a caller in from anywhere (`AdminToken`).
    pub token: Option<String>,
    /// Runs that are asked for by a signature.
    pub signed_runs: Arc<SignedRuns>,
    /// Ends runs.
    pub stop: Stop,
    /// Held by everybody who works with the store: when the last one is gone, the other end hears it.
    pub alive: Sender<Infallible>,
}

/// What comes out of work that goes on in the background.
#[derive(Debug)]
pub struct Output {
    chunks: mpsc::Receiver<Vec<u8>>,
    /// How the work ended, until it was told.
    ended: Option<oneshot::Receiver<Result<(), AdminFailure>>>,
}

/// Why work in the background broke off.
#[derive(Debug, thiserror::Error)]
pub enum AdminFailure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Jobs could not be managed.
    #[error(transparent)]
    Manage(#[from] ManageError),
}

/// Why an admin request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// The caller may not.
    #[error("{0}")]
    NotAllowed(String),
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
}

/// What is known of a caller over HTTP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
    /// The token it shows.
    pub bearer: Option<&'a str>,
    /// Whether a header says that somebody else is behind the peer.
    pub forwarded: bool,
    /// The page that a browser says it comes from.
    pub origin: Option<&'a str>,
    /// The host that was asked for.
    pub host: Option<&'a str>,
}

impl Admin {
    /// Lets a caller in by its token or because it is on this machine. No header opens the door; those that tell of a
    /// proxy or of a foreign web page in between close it.
    pub fn authorize(&self, caller: &Caller<'_>) -> Result<(), AdminError> {
        let refuse = |text: &str| Err(AdminError::NotAllowed(text.to_owned()));
        if let Some(shown) = caller.bearer {
            return match &self.token {
                Some(token) if bool::from(token.as_bytes().ct_eq(shown.as_bytes())) => Ok(()),
                Some(_) => refuse("The bearer token is not the one of the setting AdminToken."),
                None => refuse("A bearer token was shown, but the setting AdminToken is not set."),
            };
        }
        if !caller
            .peer
            .is_some_and(|peer| peer.to_canonical().is_loopback())
        {
            return refuse(
                "Only this machine may do that, or who shows the setting AdminToken as a bearer token.",
            );
        }
        if caller.forwarded {
            return refuse(
                "This request came through a proxy, so its sender may be anybody: show the setting AdminToken as a bearer token.",
            );
        }
        let own_page = |origin: &str| origin.split_once("://").map(|(_, host)| host) == caller.host;
        if caller.origin.is_some_and(|origin| !own_page(origin)) {
            return refuse("A web page of another site may not do that.");
        }
        Ok(())
    }

    /// Whether the store takes writes.
    pub async fn check_store(&self) -> Result<(), StoreError> {
        self.runner.store.check_writable().await
    }

    /// The numbers of those who watch.
    pub async fn metrics(&self) -> Result<String, StoreError> {
        let counts = self.runner.store.counts().await?;
        Ok(self.runner.metrics.text(&counts))
    }

    /// Runs jobs that were signed for. What it puts out is JSON on one line.
    pub fn start_signed_run(&self, run: SignedRun) -> Output {
        let request = RunRequest {
            limits: run.limits,
            ..RunRequest::default()
        };
        self.start(request, RunOutput::CompactJson)
    }

    /// Runs jobs on threads of their own. Dropping the output ends the run.
    pub fn start_run(&self, request: RunRequest) -> Output {
        let output = request.output(self.log_format);
        self.start(request, output)
    }

    fn start(&self, request: RunRequest, output: RunOutput) -> Output {
        let (out, chunks) = mpsc::channel(WAITING_CHUNKS);
        let (end, ended) = oneshot::channel();
        let (stop, alive) = (self.stop.clone(), self.alive.clone());
        let runner = Runner {
            tally: Arc::default(),
            ..self.runner.clone()
        };
        let thread = thread::Builder::new().name("run-jobs".to_owned());
        let started = thread.spawn(move || {
            let ran = run(&runner, &request, output, &out, &stop).inspect_err(|error| {
                log::error!(target: "runJobs", "the run ended: {error}");
            });
            drop(out);
            // Whoever asked may be gone.
            drop(end.send(ran.map_err(AdminFailure::from)));
            drop((runner, alive));
        });
        if let Err(error) = started {
            log::error!(target: "runJobs", "no thread for a run: {error}");
        }
        Output {
            chunks,
            ended: Some(ended),
        }
    }

    /// Lists something.
    pub fn start_listing(&self, listing: Listing) -> Output {
        let (out, chunks) = mpsc::channel(WAITING_CHUNKS);
        let (end, ended) = oneshot::channel();
        let this = self.clone();
        tokio::spawn(async move {
            let written = listing.write(&this, &out).await;
            drop(out);
            // Whoever asked may be gone.
            drop(end.send(written.map_err(AdminFailure::from)));
        });
        Output {
            chunks,
            ended: Some(ended),
        }
    }

    /// Un-confirms addresses.
    pub fn start_invalidating(&self, request: InvalidateRequest) -> Output {
        let (out, chunks) = mpsc::channel(WAITING_CHUNKS);
        let (end, ended) = oneshot::channel();
        let this = self.clone();
        tokio::spawn(async move {
            let done = request.carry_out(&this, &out).await;
            drop(out);
            // Whoever asked may be gone.
            drop(end.send(done.map_err(AdminFailure::from)));
        });
        Output {
            chunks,
            ended: Some(ended),
        }
    }

    /// Does something with jobs.
    pub fn start_managing(&self, request: ManageRequest) -> Output {
        let (out, chunks) = mpsc::channel(WAITING_CHUNKS);
        let (end, ended) = oneshot::channel();
        let this = self.clone();
        tokio::spawn(async move {
            let done = request.carry_out(&this.runner, &out).await;
            drop(out);
            // Whoever asked may be gone.
            drop(end.send(done.map_err(AdminFailure::from)));
        });
        Output {
            chunks,
            ended: Some(ended),
        }
    }
}

/// Runs jobs and waits for their end; tells meanwhile how far the run has come, if somebody wants to know.
fn run(
    runner: &Runner,
    request: &RunRequest,
    output: RunOutput,
    out: &mpsc::Sender<Vec<u8>>,
    stop: &Stop,
) -> Result<(), StoreError> {
    if !request.progress {
        return run_workers(runner, request.workers, &request.limits, output, out, stop).map(drop);
    }
    thread::scope(|scope| {
        let (running, ended) = std::sync::mpsc::channel();
        scope.spawn(move || progress::tell(&runner.store, &runner.tally, out, &ended));
        let ran = run_workers(runner, request.workers, &request.limits, output, out, stop);
        drop(running);
        // Nobody listens any more: the jobs were run all the same.
        drop(out.blocking_send(Progress::at_the_end(&runner.tally).record()));
        ran.map(drop)
    })
}

impl Output {
    /// The next chunk; `None` after the last, and an error where the work broke off.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, AdminFailure>> {
        if let Some(chunk) = self.chunks.recv().await {
            return Some(Ok(chunk));
        }
        match self.ended.take()?.await {
            Ok(Err(error)) => Some(Err(error)),
            Ok(Ok(())) => None,
            // There was no thread for it.
            Err(_gone) => None,
        }
    }
}

#[cfg(test)]
mod tests;
