//! The lines that `runJobs.php` prints before and after a job, in the format of 2014 and in that of MediaWiki 1.43.
//!
//! Log lines are bytes: what a job holds may be no valid text, and is shown as it is.

mod param_text;
mod php_json;
mod title;

use super::RunOutput;
use crate::clock::Timestamp;
use crate::job::Job;
use crate::php_serialize::{PhpArray, PhpKey, PhpValue};
use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

/// Which runner the lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// MediaWiki 1.23 and 1.24, of 2014.
    Mw2014,
    /// MediaWiki 1.43.
    Mw143,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "2014" => Ok(Self::Mw2014),
            "1.43" => Ok(Self::Mw143),
            _ => Err(format!(
                "{text:?} is no format of job lines: expected 2014 or 1.43"
            )),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Mw2014 => "2014",
            Self::Mw143 => "1.43",
        })
    }
}

/// What a line tells of a job.
#[derive(Debug, Clone, Copy)]
pub struct JobFacts<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Its params as they are stored.
    pub params: &'a PhpArray<'a>,
    /// Stands for `namespace` where the params have none (MediaWiki's `job_namespace`); -1 for a job without a title.
    pub namespace: i64,
    /// Stands for `title` where the params have none (MediaWiki's `job_title`); empty for a job without a title.
    pub title: &'a [u8],
    /// Number in the store and, if it is known, time of the push (14 digits).
    pub stored: Option<(u64, Option<&'a str>)>,
    /// Stands for `requestId` where the params have none.
    pub request_id: &'a str,
    /// Name of the wiki, which is also the name of its project namespace.
    pub site_name: &'a str,
}

/// Appends what both lines of a job say about it: type, title, params and, in the later format, its number.
pub fn job_text(format: LogFormat, facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(facts.kind.as_bytes());
    out.push(b' ');
    title::write_prefixed(facts, out);
    match format {
        LogFormat::Mw2014 => write_params_of_2014(facts, out),
        LogFormat::Mw143 => {
            write_all_params(facts, out);
            write_number(facts, out);
        }
    }
}

/// Params that MediaWiki adds to a job's own, unknown in 2014.
const ADDED: [&str; 3] = ["namespace", "title", "requestId"];

fn write_params_of_2014(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    let is_added = |key: &PhpKey<'_>| {
        ADDED
            .iter()
            .any(|added| *key == PhpKey::Str(added.as_bytes()))
    };
    for (key, value) in facts.params.iter().filter(|(key, _)| !is_added(key)) {
        write_param(LogFormat::Mw2014, *key, value, out);
    }
}

fn write_all_params(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    for (key, value) in facts.params.iter() {
        write_param(LogFormat::Mw143, *key, value, out);
    }
    let stand_ins = [
        PhpValue::Int(facts.namespace),
        PhpValue::Str(facts.title),
        PhpValue::Str(facts.request_id.as_bytes()),
    ];
    for (key, value) in ADDED.iter().zip(stand_ins) {
        if facts.params.get(key).is_none() {
            write_param(LogFormat::Mw143, PhpKey::Str(key.as_bytes()), &value, out);
        }
    }
}

fn write_number(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    match facts.stored {
        Some((id, Some(timestamp))) => put(out, format_args!(" (id={id},timestamp={timestamp})")),
        Some((id, None)) => put(out, format_args!(" (id={id})")),
        None => {}
    }
}

fn write_param(format: LogFormat, key: PhpKey<'_>, value: &PhpValue<'_>, out: &mut Vec<u8>) {
    out.push(b' ');
    match key {
        PhpKey::Int(number) => put(out, format_args!("{number}")),
        PhpKey::Str(bytes) => out.extend_from_slice(bytes),
    }
    out.push(b'=');
    param_text::write(format, value, out);
}

fn put(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    drop(out.write_fmt(text));
}

/// The two lines of a job; what both say is put together once.
#[derive(Debug, Clone, Default)]
pub struct JobLines(Vec<u8>);

impl JobLines {
    /// Lines about a job of the store; nothing is put together for an output without lines.
    ///
    /// Params that cannot be read are left out.
    pub fn of(
        output: RunOutput,
        job: &Job,
        params: Option<&PhpArray<'_>>,
        site_name: &str,
    ) -> Self {
        let RunOutput::Lines(format) = output else {
            return Self::default();
        };
        let none = PhpArray::default();
        let params = params.unwrap_or(&none);
        let later = format == LogFormat::Mw143;
        let pushed = later.then(|| job.pushed.to_mw());
        let request_id = (later && params.get("requestId").is_none()).then(new_request_id);
        let facts = JobFacts {
            kind: job.kind.as_str(),
            params,
            namespace: -1,
            title: b"",
            stored: Some((job.id.0, pushed.as_deref())),
            request_id: request_id.as_deref().unwrap_or_default(),
            site_name,
        };
        Self::from_facts(format, &facts)
    }

    /// Lines about any job.
    pub fn from_facts(format: LogFormat, facts: &JobFacts<'_>) -> Self {
        let mut text = Vec::with_capacity(128);
        job_text(format, facts, &mut text);
        Self(text)
    }

    /// What both lines say of the job.
    pub fn text(&self) -> &[u8] {
        &self.0
    }

    /// The line before the job. Times are seconds since the epoch, shown in UTC.
    pub fn starting(&self, time: Timestamp, out: &mut Vec<u8>) {
        self.begin(time, out);
        out.extend_from_slice(b" STARTING\n");
    }

    /// The line after a job that ran well and took so many milliseconds.
    pub fn good(&self, time: Timestamp, milliseconds: u64, out: &mut Vec<u8>) {
        self.begin(time, out);
        put(out, format_args!(" t={milliseconds} good\n"));
    }

    /// The line after a job that failed.
    pub fn failed(&self, time: Timestamp, milliseconds: u64, error: &str, out: &mut Vec<u8>) {
        self.begin(time, out);
        put(out, format_args!(" t={milliseconds} error={error}\n"));
    }

    fn begin(&self, time: Timestamp, out: &mut Vec<u8>) {
        out.extend_from_slice(time.to_log_time().as_bytes());
        out.push(b' ');
        out.extend_from_slice(&self.0);
    }
}

/// 24 hexadecimal digits, as MediaWiki names a request.
fn new_request_id() -> String {
    let mut bytes = [0; 12];
    // Without random bytes the line says so; a job must not fail for its log line.
    if getrandom::fill(&mut bytes).is_err() {
        return "unknown".to_owned();
    }
    let number = bytes
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:024x}")
}

#[cfg(test)]
mod recordings;
#[cfg(test)]
mod tests;
