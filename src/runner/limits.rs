//! What a run is allowed, and what it writes.

use super::log_line::LogFormat;
use std::time::Duration;

/// What holds for every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPolicy {
    /// How long a job may take (`JobTimeLimit`).
    pub time_limit: Duration,
    /// How long a running job may go on when the program is told to stop (`JobStopTime`).
    pub stop_time: Duration,
    /// How often the claim of a running job is renewed; well below the claim TTL.
    pub heartbeat: Duration,
    /// Types that are run only when they are asked for (`JobTypesExcludedFromDefaultQueue`).
    pub excluded: Vec<String>,
    /// Why the wiki is read-only, if it is; nothing is run then.
    pub read_only: Option<String>,
}

impl Default for RunPolicy {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_mins(5),
            stop_time: Duration::from_secs(10),
            heartbeat: Duration::from_mins(20),
            excluded: Vec::new(),
            read_only: None,
        }
    }
}

/// When to stop, and what to run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunLimits {
    /// Stop after this many jobs, failed ones included.
    pub max_jobs: Option<u64>,
    /// Stop after a job when all jobs together took longer than this many seconds.
    pub max_time: Option<f64>,
    /// Stop after a job when this many bytes of memory are nearly in use.
    pub max_memory: Option<u64>,
    /// Run only this type.
    pub kind: Option<String>,
    /// Do not end when nothing is ready: look again every second.
    pub wait: bool,
    /// Run throttled types, too.
    pub no_throttle: bool,
}

/// What a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutput {
    /// A line before and a line after each job.
    Lines(LogFormat),
    /// One JSON document at the end.
    Json,
    /// The same on one line.
    CompactJson,
    /// Nothing.
    Quiet,
}
