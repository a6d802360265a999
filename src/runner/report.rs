//! What a run did, and the JSON that tells of it.

use super::RunOutput;
use super::log_line::LogFormat;
use crate::clock::Timestamp;
use crate::job::JobType;
use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Why a run ended, in MediaWiki's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// Nothing more is ready.
    #[default]
    NoneReady,
    /// There is no such job type.
    NonePossible,
    /// As many jobs were taken as were allowed.
    JobLimit,
    /// The jobs took longer than was allowed.
    TimeLimit,
    /// Nearly as much memory is in use as was allowed.
    MemoryLimit,
    /// A job found that its data could not be reached.
    Exception,
    /// The wiki is read-only.
    ReadOnly,
    /// The program was told to stop, or nobody listens any more. Not a word of MediaWiki's, which dies in mid-job.
    Stopped,
}

impl Reached {
    /// Whether a run that waits for jobs ends with it, too.
    pub(super) fn ends_a_wait(self) -> bool {
        match self {
            Self::JobLimit
            | Self::TimeLimit
            | Self::MemoryLimit
            | Self::Exception
            | Self::Stopped => true,
            Self::NoneReady | Self::NonePossible | Self::ReadOnly => false,
        }
    }

    /// Whether nothing was even looked for.
    fn is_at_the_start(self) -> bool {
        matches!(self, Self::NonePossible | Self::ReadOnly)
    }
}

/// One job that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobReport {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ok` or `failed`.
    pub status: &'static str,
    /// What went wrong.
    pub error: Option<String>,
    /// Milliseconds.
    pub time: u64,
}

/// A whole run, or a round of one that waits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunReport {
    /// The jobs in their order; only kept for a run that reports in JSON.
    pub jobs: Vec<JobReport>,
    /// Why it ended.
    pub reached: Reached,
    /// Jobs that ran well.
    pub good: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Sum of the jobs' milliseconds.
    pub elapsed_ms: u64,
    /// Until when throttled types are not run, in seconds since the epoch.
    pub backoffs: BTreeMap<JobType, f64>,
    /// When too much memory was in use, how much, and of how much.
    pub excessive_memory: Option<(Timestamp, u64, u64)>,
}

/// How many jobs of a run have ended so far, for somebody who watches.
#[derive(Debug, Default)]
pub struct RunTally {
    good: AtomicU64,
    failed: AtomicU64,
}

impl RunTally {
    /// Jobs that ran well.
    pub fn good(&self) -> u64 {
        self.good.load(Ordering::Relaxed)
    }

    /// Jobs that failed.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, failed: bool) {
        let count = if failed { &self.failed } else { &self.good };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The document of `--result json`.
#[derive(Serialize)]
struct Document<'a> {
    jobs: &'a [JobReport],
    reached: Reached,
    #[serde(skip_serializing_if = "Option::is_none")]
    backoffs: Option<Backoffs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<u64>,
}

/// Prints as PHP does: none as an empty list, whole seconds without a fraction.
struct Backoffs<'a>(&'a BTreeMap<JobType, f64>);

impl Serialize for Backoffs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.collect_seq::<[(); 0]>([]);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds since the epoch fit"
        )]
        let number = |until: f64| {
            if until.fract() == 0.0 {
                serde_json::Value::from(until as i64)
            } else {
                serde_json::Value::from(until)
            }
        };
        serializer.collect_map(
            self.0
                .iter()
                .map(|(kind, until)| (kind.as_str(), number(*until))),
        )
    }
}

impl RunReport {
    /// How many jobs were taken.
    pub fn popped(&self) -> u64 {
        self.good.saturating_add(self.failed)
    }

    /// How long all jobs took together.
    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms)
    }

    /// Adds what another round, or another worker, did.
    pub(super) fn add_round(&mut self, round: Self) {
        self.jobs.extend(round.jobs);
        self.reached = round.reached;
        self.good = self.good.saturating_add(round.good);
        self.failed = self.failed.saturating_add(round.failed);
        self.elapsed_ms = self.elapsed_ms.saturating_add(round.elapsed_ms);
        self.backoffs = round.backoffs;
    }

    /// What is written when a round ends; one of a run that waits is not told to have found nothing.
    pub(super) fn last_words(&self, output: RunOutput, waits: bool) -> Vec<u8> {
        match output {
            RunOutput::Lines(format) => {
                let mut text = String::new();
                if let Some((time, used, limit)) = self.excessive_memory {
                    let time = time.to_log_time();
                    text = format!("{time} Detected excessive memory usage ({used}/{limit}).\n");
                }
                // The runners of 2014 said nothing of an empty queue.
                if format == LogFormat::Mw143 && self.popped() == 0 && !waits {
                    text.push_str("Job queue is empty.\n");
                }
                text.into_bytes()
            }
            RunOutput::Quiet => Vec::new(),
            RunOutput::Json => self.to_json(PrettyFormatter::with_indent(b"    ")),
            RunOutput::CompactJson => self.to_json(CompactFormatter),
        }
    }

    fn to_json(&self, form: impl Formatter) -> Vec<u8> {
        let ran = !self.reached.is_at_the_start();
        let document = Document {
            jobs: &self.jobs,
            reached: self.reached,
            backoffs: ran.then_some(Backoffs(&self.backoffs)),
            elapsed: ran.then_some(self.elapsed_ms),
        };
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, form);
        // Writing plain values to memory cannot fail.
        drop(document.serialize(&mut serializer));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(report: &RunReport) -> String {
        String::from_utf8(report.last_words(RunOutput::Json, false)).unwrap()
    }

    #[test]
    fn the_json_of_an_empty_queue_is_as_recorded() {
        // jobs/golden/runjobs.json, empty-json and unknown-type-json.
        let expected = "{\n    \"jobs\": [],\n    \"reached\": \"none-ready\",\n    \"backoffs\": [],\n    \"elapsed\": 0\n}";
        assert_eq!(json(&RunReport::default()), expected);
        let none = RunReport {
            reached: Reached::NonePossible,
            ..RunReport::default()
        };
        assert_eq!(
            json(&none),
            "{\n    \"jobs\": [],\n    \"reached\": \"none-possible\"\n}"
        );
    }

    #[test]
    fn only_the_later_format_speaks_of_an_empty_queue() {
        let report = RunReport::default();
        assert_eq!(
            report.last_words(RunOutput::Lines(LogFormat::Mw143), false),
            b"Job queue is empty.\n"
        );
        assert!(
            report
                .last_words(RunOutput::Lines(LogFormat::Mw2014), false)
                .is_empty()
        );
        let ran = RunReport {
            good: 1,
            ..RunReport::default()
        };
        assert!(
            ran.last_words(RunOutput::Lines(LogFormat::Mw143), false)
                .is_empty()
        );
    }
}
