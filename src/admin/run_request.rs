//! A request to run jobs: the same words on the command line and in a query.

use super::AdminError;
use crate::runner::log_line::LogFormat;
use crate::runner::{RunLimits, RunOutput};
use std::time::Duration;

/// What is to be run, and how it is to be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunRequest {
    /// When to stop.
    pub limits: RunLimits,
    /// One JSON document instead of lines.
    pub json: bool,
    /// The format of the lines, if not the default one.
    pub log_format: Option<LogFormat>,
}

impl RunRequest {
    /// Reads `maxjobs=&maxtime=&type=&result=&log-format=`. An empty value counts as not given, a number of 0 as no limit.
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
        match name {
            "maxjobs" => {
                let most: Option<u64> = value.parse().ok();
                let most = most.ok_or_else(|| bad("a whole number, 0 for no limit"))?;
                self.limits.max_jobs = (most > 0).then_some(most);
            }
            "maxtime" => {
                let most = value
                    .parse()
                    .ok()
                    .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let most = most.ok_or_else(|| bad("seconds, 0 for no limit"))?;
                self.limits.max_time = (!most.is_zero()).then_some(most);
            }
            "type" => self.limits.kind = Some(value.to_owned()),
            "result" => self.json = value == "json",
            "log-format" => {
                self.log_format = Some(value.parse().ok().ok_or_else(|| bad("2014 or 1.43"))?);
            }
            _ => {
                return Err(AdminError::BadRequest(format!(
                    "There is no parameter {name:?}; there are maxjobs, maxtime, type, result and log-format."
                )));
            }
        }
        Ok(())
    }

    /// The query that [`RunRequest::parse`] reads back as this request.
    pub fn to_query(&self) -> Result<String, serde_urlencoded::ser::Error> {
        let mut pairs = Vec::new();
        pairs.extend(
            self.limits
                .max_jobs
                .map(|most| ("maxjobs", most.to_string())),
        );
        pairs.extend(
            self.limits
                .max_time
                .map(|most| ("maxtime", most.as_secs_f64().to_string())),
        );
        pairs.extend(self.limits.kind.clone().map(|kind| ("type", kind)));
        pairs.extend(self.json.then(|| ("result", "json".to_owned())));
        pairs.extend(
            self.log_format
                .map(|format| ("log-format", format.to_string())),
        );
        serde_urlencoded::to_string(pairs)
    }

    /// What a run writes, where `default` is the format that nobody had to ask for.
    pub fn output(&self, default: LogFormat) -> RunOutput {
        if self.json {
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
                max_time: Some(Duration::from_millis(2500)),
                kind: Some("a b&c".to_owned()),
            },
            json: true,
            log_format: Some(LogFormat::Mw143),
        };
        assert_eq!(RunRequest::parse(&request.to_query().unwrap()), Ok(request));
        assert_eq!(RunRequest::parse(""), Ok(RunRequest::default()));
    }

    #[test]
    fn zero_and_nothing_are_no_limit() {
        let request = RunRequest::parse("maxjobs=0&maxtime=0&type=&result=text").unwrap();
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
                "maxjob=1",
                "There is no parameter \"maxjob\"; there are maxjobs, maxtime, type, result and log-format.",
            ),
        ];
        for (query, message) in errors {
            assert_eq!(RunRequest::parse(query).unwrap_err().to_string(), message);
        }
    }
}
