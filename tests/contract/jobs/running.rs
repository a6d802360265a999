//! A runner goes on, whatever its jobs do.

use super::delayed::{RULES, open_with};
use crate::support::{NOW, block_on, wiki};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::{JobType, NewJob};
use bouncehandlerd::runner::kinds::{Kind, KindRegistry};
use bouncehandlerd::runner::{Reached, RunLimits, RunOutput, RunPolicy, RunReport, Runner};
use bouncehandlerd::stop::{self, Stop};
use bouncehandlerd::store::{JobCounts, JobStatus, Store};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

const BAD: JobType = JobType::known("bad");
const GOOD: JobType = JobType::known("good");

fn good() -> Kind {
    Kind::new(GOOD, |_, _| Box::pin(std::future::ready(Ok(Vec::new()))))
}

/// Says that it runs, then blocks its thread until the test says otherwise.
fn blocking(started: mpsc::Sender<()>, go_on: Receiver<()>) -> Kind {
    let go_on = Mutex::new(go_on);
    let kind = Kind::new(BAD, move |_, _| {
        started.send(()).unwrap();
        // The test that left it alone is over.
        go_on.lock().unwrap().recv().unwrap_or_default();
        Box::pin(std::future::ready(Ok(Vec::new())))
    });
    Kind {
        waits: true,
        ..kind
    }
}

fn runner(store: &Store, clock: &Clock, bad: Kind) -> Runner {
    Runner {
        policy: Arc::new(RunPolicy {
            time_limit: Duration::from_hours(5),
            stop_time: Duration::from_secs(10),
            heartbeat: Duration::from_mins(20),
            ..RunPolicy::default()
        }),
        ..Runner::new(
            store.clone(),
            KindRegistry::new(vec![bad, good()]),
            clock.clone(),
        )
    }
}

async fn push(store: &Store, kind: JobType) {
    let job = NewJob {
        kind,
        wiki: wiki(),
        params: b"a:0:{}".to_vec(),
        unique: None,
    };
    store.push(job).await.unwrap();
}

async fn run(runner: &Runner, stop: &Stop) -> RunReport {
    let (out, _read) = tokio::sync::mpsc::channel(64);
    runner
        .run(&RunLimits::default(), RunOutput::Quiet, &out, stop)
        .await
        .unwrap()
}

async fn counts_of(store: &Store, kind: &JobType) -> JobCounts {
    store.counts().await.unwrap()[kind]
}

fn with_store(test: impl AsyncFnOnce(&Store, &Clock)) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open_with(directory.path(), &clock, RULES);
    block_on(test(&store, &clock));
    store.close();
}

fn panics(first: bool) -> Kind {
    Kind::new(BAD, move |_, _| {
        assert!(!first, "before the future");
        Box::pin(async { panic!("within the future") })
    })
}

#[test]
fn a_job_that_panics_fails_and_the_runner_goes_on() {
    for (first, waits) in [(true, false), (false, false), (true, true), (false, true)] {
        with_store(async |store, clock| {
            push(store, BAD).await;
            push(store, GOOD).await;
            let bad = Kind {
                waits,
                ..panics(first)
            };
            let (_stopper, stop) = stop::channel();
            let report = run(&runner(store, clock, bad), &stop).await;
            assert_eq!((report.good, report.failed), (1, 1), "{first} {waits}");
            assert_eq!(counts_of(store, &BAD).await.delayed, 1);
        });
    }
}

/// Runs until the job says that it runs, does something, and waits for the end of the run.
fn while_it_blocks(
    time: impl FnOnce(&Store, &Clock) + Send + 'static,
    after: impl AsyncFnOnce(&Store, RunReport),
) {
    with_store(async |store, clock| {
        push(store, BAD).await;
        push(store, GOOD).await;
        let (started, starts) = mpsc::channel();
        let (_go_on, waits) = mpsc::channel();
        let runner = runner(store, clock, blocking(started, waits));
        let (here, clock) = (store.clone(), clock.clone());
        let meanwhile = std::thread::spawn(move || {
            starts.recv().unwrap();
            time(&here, &clock);
        });
        let (_stopper, stop) = stop::channel();
        let report = run(&runner, &stop).await;
        meanwhile.join().unwrap();
        after(store, report).await;
    });
}

#[test]
fn a_job_that_blocks_for_ever_fails_at_its_time_limit_and_the_runner_goes_on() {
    while_it_blocks(
        // Nothing tells when the runner sleeps on the clock, so time goes on until it has noticed.
        |store, clock| {
            while block_on(counts_of(store, &BAD)).claimed == 1 {
                clock.advance(60);
                std::thread::yield_now();
            }
        },
        async |store, report| {
            assert_eq!((report.good, report.failed), (1, 1));
            let listed = store.list(&BAD, JobStatus::Delayed, None, 9).await.unwrap();
            assert_eq!(
                listed[0].error,
                "the job took longer than the 18000 seconds of JobTimeLimit"
            );
        },
    );
}

#[test]
fn a_job_that_is_running_when_the_program_stops_is_given_back_with_its_attempt() {
    with_store(async |store, clock| {
        push(store, BAD).await;
        let (started, starts) = mpsc::channel();
        let (_go_on, waits) = mpsc::channel();
        let runner = runner(store, clock, blocking(started, waits));
        let (stopper, stop) = stop::channel();
        let (here, hand) = (store.clone(), clock.clone());
        let meanwhile = std::thread::spawn(move || {
            starts.recv().unwrap();
            stopper.stop();
            while block_on(counts_of(&here, &BAD)).claimed == 1 {
                hand.advance(1);
                std::thread::yield_now();
            }
            stopper
        });
        let report = run(&runner, &stop).await;
        drop(meanwhile.join().unwrap());
        assert_eq!((report.reached, report.popped()), (Reached::Stopped, 0));
        let again = store.claim(&[(BAD, 1)]).await.unwrap();
        assert_eq!(again[0].attempts, 1);
    });
}

#[test]
fn a_claim_that_grows_stale_is_taken_back_by_a_run_that_never_runs_out_of_jobs() {
    with_store(async |store, clock| {
        push(store, GOOD).await;
        let lost = store.claim(&[(GOOD, 1)]).await.unwrap();
        push(store, BAD).await;
        let hand = clock.clone();
        let (there, seen) = (store.clone(), Arc::new(Mutex::new(Vec::new())));
        let notes = Arc::clone(&seen);
        // Each job takes half an hour and pushes the next one; none of them may wait for the stale claim.
        let bad = Kind::new(BAD, move |_, _| {
            hand.advance(1800);
            let (there, notes) = (there.clone(), Arc::clone(&notes));
            Box::pin(async move {
                let counts = counts_of(&there, &GOOD).await;
                notes.lock().unwrap().push(counts.claimed);
                let next = NewJob {
                    kind: BAD,
                    wiki: wiki(),
                    params: b"a:0:{}".to_vec(),
                    unique: None,
                };
                Ok(vec![bouncehandlerd::effects::Effect::Push(next)])
            })
        });
        let limits = RunLimits {
            kind: Some("bad".to_owned()),
            max_jobs: Some(5),
            ..RunLimits::default()
        };
        let (out, _read) = tokio::sync::mpsc::channel(64);
        let (_stopper, stop) = stop::channel();
        let runner = runner(store, clock, bad);
        runner
            .run(&limits, RunOutput::Quiet, &out, &stop)
            .await
            .unwrap();
        // By hand: at 1800 s and 3600 s it is not older than 3600 s; at 5400 s it is, and is taken back before the next job.
        assert_eq!(*seen.lock().unwrap(), [1, 1, 1, 0, 0]);
        assert_eq!(lost.len(), 1);
    });
}
