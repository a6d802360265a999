//! Has the queued jobs run through the server's run endpoint.

use crate::answer::{Chunked, Head};
use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long no line may come before the run counts as stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the line of a bounce job holds.
const BOUNCE_JOB: &[u8] = b" BounceHandlerJob ";

/// A line of a job is never that long, bytes.
const LONGEST_RECORD: usize = 64 * 1024;

/// What a run told, line by line.
#[derive(Debug, Default)]
pub struct RunLines {
    /// Lines of bounce jobs that succeeded; other jobs may have come of them.
    pub good: u64,
    /// The first line that tells neither of a job's start nor of its success.
    pub first_other: Option<String>,
    /// From the request to the last line.
    pub elapsed: Duration,
}

/// Runs `most` jobs, or all that are ready, and reads the lines to their end.
pub fn run_jobs(server: SocketAddr, most: Option<u64>) -> Result<RunLines> {
    let started = Instant::now();
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let query = most.map_or_else(String::new, |most| format!("?maxjobs={most}"));
    stream.write_all(
        format!(
            "POST /admin/runJobs{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .as_bytes(),
    )?;
    let mut stream = BufReader::with_capacity(64 * 1024, stream);
    let head = Head::read(&mut stream)?;
    if head.status != 200 {
        let mut body = String::new();
        stream
            .read_to_string(&mut body)
            .context("a refused run has no readable answer")?;
        bail!("the run was refused with status {}: {body}", head.status);
    }
    ensure!(
        head.chunked,
        "the lines of a run were expected as they come, in chunks"
    );
    let mut lines = count(BufReader::with_capacity(64 * 1024, Chunked::new(stream)))?;
    lines.elapsed = started.elapsed();
    Ok(lines)
}

fn count(mut stream: impl BufRead) -> Result<RunLines> {
    let mut lines = RunLines::default();
    let mut record = Vec::new();
    while stream.read_until(b'\n', &mut record)? > 0 {
        if record.ends_with(b" good\n") {
            let is_bounce = memmem::find(&record, BOUNCE_JOB).is_some();
            lines.good = lines.good.saturating_add(u64::from(is_bounce));
        } else if is_within(&record) {
            continue;
        } else if !record.ends_with(b" STARTING\n") {
            lines.note(&record);
        }
        record.clear();
    }
    if !record.is_empty() {
        lines.note(&record);
    }
    Ok(lines)
}

/// Whether a job's line goes on: a short mail is shown as it is, its own lines included.
fn is_within(record: &[u8]) -> bool {
    let ended = record.ends_with(b" STARTING\n") || memmem::find(record, b" error=").is_some();
    !ended && record.len() < LONGEST_RECORD && memmem::find(record, BOUNCE_JOB).is_some()
}

impl RunLines {
    fn note(&mut self, record: &[u8]) {
        self.first_other
            .get_or_insert_with(|| String::from_utf8_lossy(record).trim_end().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_is_shown_with_its_lines_is_one_job() {
        let start = "2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=From: a\nTo: b\n\nStatus: 5 ";
        let good = |text: &str| {
            let lines = count(text.as_bytes()).unwrap();
            (lines.good, lines.first_other.is_some())
        };
        assert_eq!(
            good(&format!("{start}STARTING\n{start}t=1 good\n")),
            (1, false)
        );
        assert_eq!(
            good(&format!("{start}t=1 error=x\n{start}t=1 good\n")),
            (1, true)
        );
        assert_eq!(good(&format!("{start}\n")), (0, true));
        assert_eq!(good("Job queue is empty.\n"), (0, true));
    }

    #[test]
    fn only_lines_of_bounce_jobs_that_end_in_good_are_counted() {
        let text = "2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=string(1862) STARTING\n\
                    2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=string(1862) t=100 good\n\
                    2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=a good STARTING\n\
                    2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=a good t=1 error=x\n\
                    2014-07-13 15:02:38 BounceHandlerJob BounceHandler_Job email=b t=0 good\n\
                    2014-07-13 15:02:39 otherJob Special: t=0 good\n";
        let lines = count(text.as_bytes()).unwrap();
        assert_eq!(lines.good, 2);
        assert!(
            lines
                .first_other
                .unwrap()
                .ends_with("email=a good t=1 error=x")
        );
    }
}
