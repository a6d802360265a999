//! A recorded call of a script: the queue before it, the call, what it printed, the queue after it.

use super::command;
use super::comparison::as_recorded;
use super::differences::{self, Difference};
use super::kinds::{self, Surroundings};
use super::rows;
use crate::admin::Admin;
use crate::cli::Command;
use crate::clock::{Clock, Timestamp};
use crate::job::retry::{AttemptRules, RetryRule};
use crate::job::{JobType, WikiId};
use crate::php_serialize::{PhpArray, PhpKey, PhpValue};
use crate::runner::log_line::LogFormat;
use crate::runner::memory::MemoryUse;
use crate::runner::throttle::Throttle;
use crate::runner::{RunPolicy, Runner};
use crate::stop;
use crate::store::{Store, StoreOptions};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A wiki with a queue of jobs.
pub struct Wiki {
    surroundings: Surroundings,
    throttle: Arc<Throttle>,
    _directory: TempDir,
    runtime: tokio::runtime::Runtime,
    /// The recorded queue after the last call.
    after: Option<Value>,
    settings: Value,
}

/// What a call printed, and its exit status.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Printed {
    pub stdout: String,
    pub stderr: String,
    pub exit: i64,
}

/// When the recorded call was made, as far as the recording tells.
fn time_of(case: &Value) -> Timestamp {
    let before = rows::rows(case, "jobs_before");
    let pushed = before
        .iter()
        .filter_map(|row| row["job_timestamp"].as_str());
    let pushed = pushed.filter_map(Timestamp::from_mw).max();
    let printed = case["stdout"].as_str().and_then(|text| {
        let digits: String = text
            .get(..19)?
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        Timestamp::from_mw(&digits)
    });
    pushed.max(printed).unwrap_or(Timestamp(1_795_469_037))
}

fn attempt_rules(settings: &Value) -> AttemptRules {
    let of_queue = &settings["wgJobTypeConf"]["default"];
    AttemptRules {
        max_attempts: of_queue["maxTries"]
            .as_u64()
            .map_or(3, |tries| u32::try_from(tries).unwrap()),
        claim_ttl: of_queue["claimTTL"].as_i64().unwrap_or(0),
        retry: RetryRule::AfterClaimTtl,
    }
}

impl Wiki {
    /// The wiki before a recorded call.
    pub fn before(case: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(time_of(case));
        let wiki = WikiId("wikijobs".to_owned());
        let settings = &case["settings"];
        let store = Store::open(StoreOptions {
            directory: directory.path().to_path_buf(),
            cache_bytes: 8 << 20,
            rules: attempt_rules(settings),
            wikis: vec![wiki.clone()],
            users: None,
            min_free_bytes: 0,
            if_endless: |_| std::process::abort(),
            clock: clock.clone(),
        })
        .unwrap();
        let rates = settings["wgJobBackoffThrottling"]
            .as_object()
            .into_iter()
            .flatten();
        let rates: BTreeMap<JobType, f64> = rates
            .map(|(kind, rate)| (JobType::parse(kind).unwrap(), rate.as_f64().unwrap()))
            .collect();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let jobs = rows::rows(case, "jobs_before");
        let jobs = jobs.iter().map(|row| rows::stored(row, &wiki)).collect();
        runtime.block_on(store.import(jobs)).unwrap();
        Self {
            surroundings: Surroundings {
                store,
                clock,
                wiki,
                memory: Arc::default(),
            },
            throttle: Arc::new(Throttle::new(rates, BTreeMap::new())),
            _directory: directory,
            runtime,
            after: None,
            settings: settings.clone(),
        }
    }

    /// Whether a recorded call begins with what the last one left.
    pub fn goes_on_with(&self, case: &Value) -> bool {
        let same_rows = self.after.as_ref().is_some_and(|after| {
            !after.is_null() && *after != Value::Array(Vec::new()) && *after == case["jobs_before"]
        });
        same_rows && self.settings == case["settings"]
    }

    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub fn close(self) {
        let Self {
            surroundings,
            runtime,
            ..
        } = self;
        drop(runtime);
        surroundings.store.close();
    }

    /// Makes the call and compares; a recording that is not followed must differ in the way that its rule tells.
    pub fn replay(&mut self, case: &Value) -> Result<(), String> {
        let difference = differences::of(case);
        // What comes after a recording that is not followed cannot go on with what it left.
        self.after = difference.is_none().then(|| case["jobs_after"].clone());
        if difference.is_some_and(|difference| difference.is_left_out) {
            return Ok(());
        }
        let printed = self.call(case);
        let jobs = self.block_on(rows::all(
            &self.surroundings.store,
            &kinds::all(&self.surroundings),
        ));
        match difference {
            Some(Difference { expect, .. }) => expect(case, &printed, &jobs),
            None => as_recorded(case, &printed, &jobs),
        }
    }

    fn call(&self, case: &Value) -> Printed {
        let script = case["script"].as_str().unwrap();
        let argv: Vec<&str> = case["argv"]
            .as_array()
            .unwrap()
            .iter()
            .skip(1)
            .map(|word| word.as_str().unwrap())
            .collect();
        let failed = |stderr: String| Printed {
            stderr,
            exit: 1,
            ..Printed::default()
        };
        match command(script, &argv) {
            Err(error) => failed(error.to_string()),
            Ok(Command::Runjobs(arguments)) => match arguments.workers() {
                None => failed("Invalid argument to --procs\n".to_owned()),
                Some(workers) => self.run(case, arguments.request(workers)),
            },
            Ok(Command::Showjobs(arguments)) => {
                self.output(|admin| admin.start_listing(arguments.listing()))
            }
            Ok(Command::Managejobs(arguments)) => match arguments.request() {
                Err(refusal) => failed(format!("{refusal}\n")),
                Ok(request) => self.output(|admin| admin.start_managing(request)),
            },
            Ok(other) => panic!("{other:?}"),
        }
    }

    fn admin(&self, stop: stop::Stop) -> Admin {
        let Surroundings {
            store,
            clock,
            memory,
            wiki,
        } = self.surroundings.clone();
        let excluded = self.settings["wgJobTypesExcludedFromDefaultQueue"].as_array();
        let excluded = excluded
            .into_iter()
            .flatten()
            .map(|name| name.as_str().unwrap().to_owned());
        let policy = RunPolicy {
            excluded: excluded.collect(),
            read_only: self.settings["wgReadOnly"].as_str().map(str::to_owned),
            ..RunPolicy::default()
        };
        let kinds = kinds::all(&self.surroundings);
        Admin {
            runner: Runner {
                site_name: "TestWiki".into(),
                policy: Arc::new(policy),
                throttle: Arc::clone(&self.throttle),
                memory: MemoryUse::Stated(memory),
                ..Runner::new(store, kinds, clock)
            },
            wiki,
            log_format: LogFormat::Mw143,
            token: None,
            signed_runs: Arc::default(),
            stop,
            alive: std::sync::mpsc::channel().0,
        }
    }

    fn output(&self, start: impl FnOnce(&Admin) -> crate::admin::Output) -> Printed {
        let (_stopper, stop) = stop::channel();
        self.block_on(async { read(start(&self.admin(stop))).await })
    }

    /// A run. One that waits is given time, and jobs that come later; it ends by its limits, or is told to stop.
    fn run(&self, case: &Value, request: crate::admin::RunRequest) -> Printed {
        let (stopper, stop) = stop::channel();
        let waits = request.limits.wait;
        let missing = request.limits.max_jobs.unwrap_or(0);
        let before = u64::try_from(rows::rows(case, "jobs_before").len()).unwrap();
        let quiet = request.quiet;
        self.block_on(async {
            let output = self.admin(stop).start_run(request);
            let reading = tokio::spawn(read(output));
            if waits {
                // What comes late comes after the first round, when the run sleeps until it looks again.
                while !reading.is_finished() && self.surroundings.clock.sleepers() == 0 {
                    tokio::task::yield_now().await;
                }
                for _ in before..missing {
                    self.push_late().await;
                }
                for _ in 0..50 {
                    self.surroundings
                        .clock
                        .advance_by(Duration::from_millis(200));
                    tokio::task::yield_now().await;
                }
                if case["still_running_after_5s"] == Value::Bool(true) {
                    assert!(!reading.is_finished());
                    stopper.stop();
                }
                while !reading.is_finished() {
                    self.surroundings
                        .clock
                        .advance_by(Duration::from_millis(200));
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            let printed = reading.await.unwrap();
            if quiet {
                Printed {
                    stdout: String::new(),
                    ..printed
                }
            } else {
                printed
            }
        })
    }

    async fn push_late(&self) {
        let Surroundings { store, wiki, .. } = &self.surroundings;
        let params: PhpArray<'_> = [
            ("n", PhpValue::Str(b"late")),
            ("namespace", PhpValue::Int(0)),
            ("title", PhpValue::Str(b"BounceHandler_Job")),
        ]
        .map(|(key, value)| (PhpKey::from_bytes(key.as_bytes()), value))
        .into_iter()
        .collect();
        let kind = JobType::known("testOk");
        let job = kinds::all(&self.surroundings).new_job(kind, wiki.clone(), &params);
        store.push(job).await.unwrap();
    }
}

async fn read(mut output: crate::admin::Output) -> Printed {
    let mut printed = Printed::default();
    while let Some(chunk) = output.next().await {
        match chunk {
            Ok(chunk) => printed.stdout.push_str(&String::from_utf8_lossy(&chunk)),
            Err(error) => {
                printed.stderr = format!("{error}\n");
                printed.exit = 1;
            }
        }
    }
    printed
}
