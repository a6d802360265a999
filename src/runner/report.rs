//! What a run did, and the JSON that tells of it.

use super::RunOutput;
use super::log_line::LogFormat;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
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
    /// The program was told to stop, or nobody listens any more. Not a word of MediaWiki's, which dies in mid-job.
    Stopped,
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

/// A whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
}

/// The document of `--result json`.
#[derive(Serialize)]
struct Document<'a> {
    jobs: &'a [JobReport],
    reached: Reached,
    /// Expiry times of throttled types. Nothing is throttled.
    #[serde(skip_serializing_if = "Option::is_none")]
    backoffs: Option<[(); 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<u64>,
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

    /// What is written when a run ends.
    pub(super) fn last_words(&self, output: RunOutput) -> Vec<u8> {
        match output {
            // The runners of 2014 said nothing of an empty queue.
            RunOutput::Lines(LogFormat::Mw143) if self.popped() == 0 => {
                b"Job queue is empty.\n".to_vec()
            }
            RunOutput::Lines(_) | RunOutput::Quiet => Vec::new(),
            RunOutput::Json => self.to_json(),
        }
    }

    fn to_json(&self) -> Vec<u8> {
        let ran = self.reached != Reached::NonePossible;
        let document = Document {
            jobs: &self.jobs,
            reached: self.reached,
            backoffs: ran.then_some([]),
            elapsed: ran.then_some(self.elapsed_ms),
        };
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(
            &mut text,
            PrettyFormatter::with_indent(b"    "),
        );
        // Writing plain values to memory cannot fail.
        drop(document.serialize(&mut serializer));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(report: &RunReport) -> String {
        String::from_utf8(report.last_words(RunOutput::Json)).unwrap()
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
            report.last_words(RunOutput::Lines(LogFormat::Mw143)),
            b"Job queue is empty.\n"
        );
        assert!(
            report
                .last_words(RunOutput::Lines(LogFormat::Mw2014))
                .is_empty()
        );
        let ran = RunReport {
            good: 1,
            ..RunReport::default()
        };
        assert!(
            ran.last_words(RunOutput::Lines(LogFormat::Mw143))
                .is_empty()
        );
    }
}
