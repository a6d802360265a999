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
    /// MediaWiki's `job_namespace`; -1 with an empty title means that the job has none.
    pub namespace: i64,
    /// MediaWiki's `job_title`.
    pub title: &'a [u8],
    /// Number and time of the push (14 digits) in the store.
    pub stored: Option<(u64, &'a str)>,
    /// Stands for `requestId` where the params have none.
    pub request_id: &'a str,
    /// Name of the wiki, which is also the name of its project namespace.
    pub site_name: &'a str,
}

/// Appends what both lines of a job say about it: type, title, params and, in the later format, its number.
pub fn job_text(format: LogFormat, facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(facts.kind.as_bytes());
    out.push(b' ');
    title::write_prefixed(facts.namespace, facts.title, facts.site_name, out);
    match format {
        LogFormat::Mw2014 => text_2014(facts, out),
        LogFormat::Mw143 => text_143(facts, out),
    }
}

/// Params that MediaWiki adds to a job's own, unknown in 2014.
const ADDED: [&str; 3] = ["namespace", "title", "requestId"];

fn text_2014(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    for (key, value) in facts.params.iter() {
        if !ADDED
            .iter()
            .any(|added| *key == PhpKey::Str(added.as_bytes()))
        {
            write_key(*key, out);
            param_text::write_2014(value, out);
        }
    }
}

fn text_143(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    for (key, value) in facts.params.iter() {
        write_key(*key, out);
        param_text::write_143(value, out);
    }
    let from_row = [
        ("namespace", PhpValue::Int(facts.namespace)),
        ("title", PhpValue::Str(facts.title)),
        ("requestId", PhpValue::Str(facts.request_id.as_bytes())),
    ];
    for (key, value) in from_row {
        if facts.params.get(key).is_none() {
            write_key(PhpKey::Str(key.as_bytes()), out);
            param_text::write_143(&value, out);
        }
    }
    if let Some((id, timestamp)) = facts.stored {
        put(out, format_args!(" (id={id},timestamp={timestamp})"));
    }
}

fn write_key(key: PhpKey<'_>, out: &mut Vec<u8>) {
    out.push(b' ');
    match key {
        PhpKey::Int(number) => put(out, format_args!("{number}")),
        PhpKey::Str(bytes) => out.extend_from_slice(bytes),
    }
    out.push(b'=');
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
        let (pushed, request_id) = match format {
            LogFormat::Mw2014 => (String::new(), String::new()),
            LogFormat::Mw143 => (job.pushed.to_mw(), new_request_id()),
        };
        let namespace = match params.get("namespace") {
            Some(PhpValue::Int(number)) => *number,
            Some(_) | None => -1,
        };
        let facts = JobFacts {
            kind: job.kind.as_str(),
            params,
            namespace,
            title: params.get_str("title").unwrap_or_default(),
            stored: Some((job.id.0, &pushed)),
            request_id: &request_id,
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
