//! The job types of the recordings (jobs/SPEC.md section 13), which do what their names say.

use crate::bounce::report::ReadLimits;
use crate::clock::{Clock, Timestamp};
use crate::decision::{UnconfirmRule, Weight};
use crate::effects::{Bounce, BounceRecord, Effect, UserId};
use crate::job::{JobType, WikiId};
use crate::mailer::Mailer;
use crate::metrics::Metrics;
use crate::php_serialize::{PhpArray, PhpValue};
use crate::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy, CountBounceOnce};
use crate::runner::kinds::unrecognized_notice::UnrecognizedNotice;
use crate::runner::kinds::{JobError, Kind, KindRegistry};
use crate::store::Store;
use crate::verp::VerpKeys;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the types act on.
#[derive(Clone)]
pub struct Surroundings {
    pub store: Store,
    pub clock: Clock,
    pub wiki: WikiId,
    /// Bytes that jobs have kept.
    pub memory: Arc<AtomicU64>,
}

/// The original's place in messages of exceptions.
const FILE: &str = "{CONF}/TestJobs.php";

/// A number among the params, 0 if there is none.
fn number(params: &PhpArray<'_>, key: &str) -> f64 {
    match params.get(key) {
        #[expect(clippy::cast_precision_loss, reason = "test jobs have small numbers")]
        Some(PhpValue::Int(number)) => *number as f64,
        Some(PhpValue::Float(number)) => *number,
        Some(PhpValue::Bool(true)) => 1.0,
        _ => 0.0,
    }
}

fn bytes(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates"
    )]
    let bytes = number as u64;
    bytes
}

fn simple(name: &'static str, result: Result<(), JobError>) -> Kind {
    Kind::new(JobType::known(name), move |_, _| {
        Box::pin(ready(result.clone().map(|()| Vec::new())))
    })
}

fn thrown(text: &str, line: u32) -> JobError {
    JobError::failed(format!("{text} in {FILE} on line {line}"))
}

/// The types of the recordings behind the real ones.
pub fn all(of: &Surroundings) -> KindRegistry {
    let Surroundings {
        clock,
        wiki,
        memory,
        ..
    } = of.clone();
    let sleeps = clock.clone();
    let unreachable =
        "Wikimedia\\Rdbms\\DBConnectionError: Cannot access the database: cannot reach db";
    let mut kinds: Vec<Kind> = real(of).iter().cloned().collect();
    kinds.extend([
        simple("testOk", Ok(())),
        simple("testNull", Ok(())),
        simple("testZero", Ok(())),
        simple("testEmptyStr", Ok(())),
        simple("testGeneric", Ok(())),
        // What goes wrong in a teardown changes nothing.
        simple("testTearThrow", Ok(())),
        Kind {
            work_items: |params| bytes(number(params, "items")).max(1),
            ..simple("testWork", Ok(()))
        },
        Kind::new(JobType::known("testSlow"), move |_, params| {
            sleeps.advance_by(Duration::from_secs_f64(number(params, "sleep")));
            Box::pin(ready(Ok(Vec::new())))
        }),
        Kind::new(JobType::known("testMem"), move |_, params| {
            let megabytes = bytes(number(params, "mb")) << 20;
            let kept = bytes(number(params, "bytes")).saturating_add(megabytes);
            memory.fetch_add(kept, Ordering::SeqCst);
            Box::pin(ready(Ok(Vec::new())))
        }),
        simple("testFalse", Err(JobError::Failed(None))),
        simple(
            "testFalseErr",
            Err(JobError::failed("something went wrong")),
        ),
        Kind {
            may_retry: false,
            ..simple("testNoRetry", Err(JobError::Failed(None)))
        },
        simple("testThrow", Err(thrown("RuntimeException: boom", 9))),
        simple(
            "testThrowNL",
            Err(thrown("RuntimeException: line one\nline two", 10)),
        ),
        simple(
            "testDbConn",
            Err(JobError::Unreachable(format!(
                "{unreachable} in {FILE} on line 15"
            ))),
        ),
        Kind {
            is_unique: true,
            ..simple("testDedup", Ok(()))
        },
        writes(clock, wiki),
    ]);
    KindRegistry::new(kinds)
}

/// The types of the program.
fn real(of: &Surroundings) -> KindRegistry {
    let handler = BounceHandler {
        store: of.store.clone(),
        clock: of.clock.clone(),
        keys: Arc::new(Ok(VerpKeys::new("md5", b"MediawikiVERP", 259_200).unwrap())),
        strict_return_paths: None,
        policy: BouncePolicy {
            unconfirm_users: true,
            record_limit: 10,
            record_period: 604_800,
            record_max_age: 0,
            count_once: CountBounceOnce::Off,
            accept_time: 259_200,
            strict: None,
            brake: None,
        },
        forward_unrecognized: false,
        limits: ReadLimits::default(),
        metrics: Metrics::default(),
    };
    let notice = UnrecognizedNotice {
        mailer: Mailer::sendmail("/nonexistent"),
        site_name: String::new(),
        sender: String::new(),
        recipients: Vec::new(),
    };
    KindRegistry::of_bounces(handler, notice)
}

/// Inserts one record, then sleeps, fails or throws as its params say.
fn writes(clock: Clock, wiki: WikiId) -> Kind {
    Kind::new(JobType::known("testDbWrite"), move |_, params| {
        clock.advance_by(Duration::from_secs_f64(number(params, "sleep")));
        let result = if number(params, "throw") > 0.0 {
            Err(thrown("RuntimeException: boom after insert", 27))
        } else if number(params, "fail") > 0.0 {
            Err(JobError::Failed(None))
        } else {
            Ok(vec![Effect::RecordBounce(Bounce {
                wiki: wiki.clone(),
                user: UserId(3),
                record: BounceRecord {
                    email: "bob@example.com".to_owned(),
                    timestamp: clock.now(),
                    reason: b"testDbWrite".to_vec(),
                    weight: Weight::WHOLE,
                    complaint: false,
                },
                rule: UnconfirmRule {
                    enabled: false,
                    limit: 0,
                    counted_from: Timestamp(0),
                },
                prune_before: None,
                once: None,
                brake: None,
            })])
        };
        Box::pin(ready(result))
    })
}
