//! A request to run jobs: the same words on the command line and in a query.

use super::AdminError;
use crate::runner::log_line::LogFormat;
use crate::runner::{RunLimits, RunOutput};

/// The most workers of one request (MediaWiki's `--procs`).
pub const MOST_WORKERS: usize = 1000;

/// What is to be run, and how it is to be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunRequest {
    /// When to stop.
    pub limits: RunLimits,
    /// How many workers run side by side; 0 is one, too.
    pub workers: usize,
    /// One JSON document instead of lines.
    pub json: bool,
    /// Nothing instead of lines.
    pub quiet: bool,
    /// The format of the lines, if not the default one.
    pub log_format: Option<LogFormat>,
    /// Whether records of the progress come between the lines, and one at the end.
    pub progress: bool,
}

/// The words of a query.
const WORDS: &str = "maxjobs, maxtime, type, procs, wait, nothrottle, memory-limit, result, quiet, log-format and progress";

impl RunRequest {
    /// Reads `maxjobs=&maxtime=&type=&...`. An empty value counts as not given, a number of 0 as no limit.
    pub fn parse(query: &str) -> Result<Self, AdminError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|error| {
            AdminError::BadRequest(format!("The query cannot be read: {error}."))
        })?;
        let mut request = Self::default();
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            request.set(name, value)?;
        }
        Ok(request)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), AdminError> {
        let bad = |expected: &str| {
            AdminError::BadRequest(format!("{name}={value:?}: expected {expected}."))
        };
        let flag = || match value {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(bad("1 or 0")),
        };
        let number = || {
            let number = value.parse::<f64>().ok();
            let number = number.filter(|number| number.is_finite() && *number >= 0.0);
            number.ok_or_else(|| bad("seconds, 0 for no limit"))
        };
        match name {
            "maxjobs" => {
                let most: Option<u64> = value.parse().ok();
                let most = most.ok_or_else(|| bad("a whole number, 0 for no limit"))?;
                self.limits.max_jobs = (most > 0).then_some(most);
            }
            "maxtime" => self.limits.max_time = Some(number()?).filter(|most| *most > 0.0),
            "type" => self.limits.kind = Some(value.to_owned()),
            "procs" => {
                let workers = value
                    .parse()
                    .ok()
                    .filter(|procs| (1..=MOST_WORKERS).contains(procs));
                self.workers = workers.ok_or_else(|| bad("a number from 1 to 1000"))?;
            }
            "wait" => self.limits.wait = flag()?,
            "nothrottle" => self.limits.no_throttle = flag()?,
            "memory-limit" => {
                let most = value.parse().ok();
                self.limits.max_memory = Some(most.ok_or_else(|| bad("a number of bytes"))?);
            }
            "result" => self.json = value == "json",
            "quiet" => self.quiet = flag()?,
            "log-format" => {
                self.log_format = Some(value.parse().ok().ok_or_else(|| bad("2014 or 1.43"))?);
            }
            "progress" => self.progress = flag()?,
            _ => {
                return Err(AdminError::BadRequest(format!(
                    "There is no parameter {name:?}; there are {WORDS}."
                )));
            }
        }
        Ok(())
    }

    /// The query that [`RunRequest::parse`] reads back as this request.
    pub fn to_query(&self) -> Result<String, serde_urlencoded::ser::Error> {
        let limits = &self.limits;
        let mut pairs = Vec::new();
        let mut add = |name: &'static str, value: Option<String>| {
            pairs.extend(value.map(|value| (name, value)));
        };
        let flag = |on: bool| on.then(|| "1".to_owned());
        add("maxjobs", limits.max_jobs.map(|most| most.to_string()));
        add("maxtime", limits.max_time.map(|most| most.to_string()));
        add("type", limits.kind.clone());
        add(
            "procs",
            (self.workers > 0).then(|| self.workers.to_string()),
        );
        add("wait", flag(limits.wait));
        add("nothrottle", flag(limits.no_throttle));
        add(
            "memory-limit",
            limits.max_memory.map(|most| most.to_string()),
        );
        add("result", self.json.then(|| "json".to_owned()));
        add("quiet", flag(self.quiet));
        add(
            "log-format",
            self.log_format.map(|format| format.to_string()),
        );
        add("progress", flag(self.progress));
        serde_urlencoded::to_string(pairs)
    }

    /// What a run writes, where `default` is the format that nobody had to ask for.
    pub fn output(&self, default: LogFormat) -> RunOutput {
        if self.quiet {
            RunOutput::Quiet
        } else if self.json {
            RunOutput::Json
        } else {
            RunOutput::Lines(self.log_format.unwrap_or(default))
        }
    }

    /// The media type of what a run writes.
    pub fn content_type(&self) -> &'static str {
        if self.json {
            "application/json; charset=utf-8"
        } else {
            "text/plain; charset=utf-8"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_its_way_through_a_query() {
        let request = RunRequest {
            limits: RunLimits {
                max_jobs: Some(3),
                max_time: Some(2.5),
                max_memory: Some(150 << 20),
                kind: Some("a b&c".to_owned()),
                wait: true,
                no_throttle: true,
            },
            workers: 4,
            json: true,
            quiet: true,
            log_format: Some(LogFormat::Mw143),
            progress: true,
        };
        assert_eq!(RunRequest::parse(&request.to_query().unwrap()), Ok(request));
        assert_eq!(RunRequest::parse(""), Ok(RunRequest::default()));
    }

    #[test]
    fn zero_and_nothing_are_no_limit() {
        let request = RunRequest::parse("maxjobs=0&maxtime=0&type=&result=text&wait=0").unwrap();
        assert_eq!(request, RunRequest::default());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let errors = [
            (
                "maxjobs=-1",
                "maxjobs=\"-1\": expected a whole number, 0 for no limit.",
            ),
            (
                "maxtime=NaN",
                "maxtime=\"NaN\": expected seconds, 0 for no limit.",
            ),
            (
                "log-format=2015",
                "log-format=\"2015\": expected 2014 or 1.43.",
            ),
            (
                "procs=1001",
                "procs=\"1001\": expected a number from 1 to 1000.",
            ),
            ("wait=yes", "wait=\"yes\": expected 1 or 0."),
        ];
        for (query, message) in errors {
            assert_eq!(RunRequest::parse(query).unwrap_err().to_string(), message);
        }
        let unknown = RunRequest::parse("maxjob=1").unwrap_err().to_string();
        assert!(
            unknown.starts_with("There is no parameter \"maxjob\"; there are maxjobs, maxtime,")
        );
    }
}
