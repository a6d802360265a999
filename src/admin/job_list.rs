//! What MediaWiki's `showJobs.php` shows: how many jobs wait, all there are by type and state, or each of them.

use super::AdminError;
use super::php_number;
use crate::job::{JobId, JobType};
use crate::php_serialize::{self, PhpValue};
use crate::runner::kinds::{EndedBy, Kind};
use crate::runner::log_line::{JobLines, LogFormat};
use crate::runner::{RunOutput, Runner};
use crate::store::{CountsByType, JobCounts, JobStatus, ListedJob, StoreError};
use tokio::sync::mpsc;

/// How many jobs are read at a time.
const JOBS_AT_ONCE: usize = 256;

/// The statuses in the order in which jobs are listed. An abandoned job is claimed, too, as in MediaWiki.
const STATUSES: [(&str, JobStatus); 4] = [
    ("unclaimed", JobStatus::Unclaimed),
    ("delayed", JobStatus::Delayed),
    ("claimed", JobStatus::Claimed),
    ("abandoned", JobStatus::Abandoned),
];

/// The status of jobs that wait for a person. MediaWiki has none.
const HELD: &str = "held";

/// What is to be shown of the jobs; without anything the number of those that are ready.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobList {
    /// A line for each type.
    pub group: bool,
    /// A line for each job.
    pub list: bool,
    /// Only this type.
    pub kind: Option<String>,
    /// Only jobs with this status; there are none with an unknown one.
    pub status: Option<String>,
    /// End after so many lines; one is always shown.
    pub limit: Option<i64>,
    /// The format of lines about jobs, if not that of 1.43, which has their numbers.
    pub log_format: Option<LogFormat>,
}

impl JobList {
    /// Takes one pair of a query.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), AdminError> {
        match name {
            "group" => self.group = value == "1",
            "list" => self.list = value == "1",
            "type" => self.kind = Some(value.to_owned()),
            "status" => self.status = Some(value.to_owned()),
            "limit" => self.limit = Some(php_number::whole(value)),
            "log-format" => {
                let format = value.parse().map_err(AdminError::BadRequest)?;
                self.log_format = Some(format);
            }
            _ => {
                return Err(AdminError::BadRequest(format!(
                    "There is no parameter {name:?}; there are group, list, type, status, limit and log-format."
                )));
            }
        }
        Ok(())
    }

    /// The pairs of a query that says the same.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let flag = |on: bool| u8::from(on).to_string();
        let mut pairs = vec![("group", flag(self.group)), ("list", flag(self.list))];
        pairs.extend(self.kind.clone().map(|kind| ("type", kind)));
        pairs.extend(self.status.clone().map(|status| ("status", status)));
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        let format = self.log_format.map(|format| format.to_string());
        pairs.extend(format.map(|format| ("log-format", format)));
        pairs
    }

    /// Writes the list. Only types that the runner knows are shown, as in MediaWiki.
    pub(super) async fn write(
        &self,
        runner: &Runner,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let kinds = runner.kinds.iter();
        let kinds: Vec<&Kind> = kinds
            .filter(|kind| {
                self.kind
                    .as_ref()
                    .is_none_or(|name| kind.name.as_str() == name)
            })
            .collect();
        if self.list {
            let lines = Lines {
                runner,
                format: self.log_format.unwrap_or(LogFormat::Mw143),
                out,
                left: self.limit.map_or(i64::MAX, |limit| limit.max(1)),
            };
            return self.write_lines(&kinds, lines).await;
        }
        let counts = runner.store.counts().await?;
        let text = if self.group {
            groups(&kinds, &counts)
        } else {
            let run = kinds.iter().filter(|kind| kind.ended_by == EndedBy::Run);
            let ready = run.filter_map(|kind| counts.get(&kind.name));
            let ready = ready.fold(0_u64, |sum, counts| sum.saturating_add(counts.ready));
            format!("{ready}\n")
        };
        // A reader who has gone misses nothing that matters.
        drop(out.send(text.into_bytes()).await);
        Ok(())
    }

    async fn write_lines(&self, kinds: &[&Kind], mut lines: Lines<'_>) -> Result<(), StoreError> {
        for Kind {
            name: kind,
            ended_by,
            ..
        } in kinds
        {
            for (name, status) in STATUSES {
                let waits = *ended_by == EndedBy::Person && status == JobStatus::Unclaimed;
                let name = if waits { HELD } else { name };
                if self.status.as_ref().is_none_or(|wanted| wanted == name)
                    && !lines.write(kind, name, status).await?
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn groups(kinds: &[&Kind], counts: &CountsByType) -> String {
    let mut text = String::new();
    for kind in kinds {
        let (name, Some(counts)) = (&kind.name, counts.get(&kind.name)) else {
            continue;
        };
        if *counts == JobCounts::default() {
            continue;
        }
        let held = counts.claimed.saturating_add(counts.abandoned);
        let JobCounts {
            ready,
            claimed,
            delayed,
            abandoned,
        } = counts;
        let waits = if kind.ended_by == EndedBy::Person {
            HELD
        } else {
            "queued"
        };
        let line = format!(
            "{name}: {ready} {waits}; {held} claimed ({claimed} active, {abandoned} abandoned); {delayed} delayed\n"
        );
        text.push_str(&line);
    }
    text
}

/// Lines about jobs, until there are enough.
struct Lines<'a> {
    runner: &'a Runner,
    format: LogFormat,
    out: &'a mpsc::Sender<Vec<u8>>,
    left: i64,
}

impl Lines<'_> {
    /// Writes the jobs of a type with a status; returns whether there may be more.
    async fn write(
        &mut self,
        kind: &JobType,
        name: &str,
        status: JobStatus,
    ) -> Result<bool, StoreError> {
        let mut after: Option<JobId> = None;
        loop {
            let most = usize::try_from(self.left)
                .unwrap_or(usize::MAX)
                .min(JOBS_AT_ONCE);
            let page = self.runner.store.list(kind, status, after, most).await?;
            let Some(last) = page.last() else {
                return Ok(true);
            };
            after = Some(last.id);
            let mut text = Vec::new();
            for job in &page {
                self.append(kind, name, job, &mut text);
            }
            self.left = self
                .left
                .saturating_sub(i64::try_from(page.len()).unwrap_or(i64::MAX));
            if self.out.send(text).await.is_err() || self.left <= 0 {
                return Ok(false);
            }
        }
    }

    fn append(&self, kind: &JobType, status: &str, listed: &ListedJob, text: &mut Vec<u8>) {
        match &listed.job {
            Ok(job) => {
                let params = match php_serialize::read(&job.params) {
                    Ok(PhpValue::Array(params)) => Some(params),
                    Ok(_) | Err(_) => None,
                };
                let output = RunOutput::Lines(self.format);
                let line = JobLines::of(output, job, params.as_ref(), &self.runner.site_name);
                text.extend_from_slice(line.text());
            }
            Err(error) => {
                let id = listed.id;
                text.extend_from_slice(format!("{kind} (id={id}) unreadable: {error}").as_bytes());
            }
        }
        text.extend_from_slice(format!(" status={status}").as_bytes());
        if !listed.error.is_empty() {
            let error = listed.error.replace(char::is_control, " ");
            text.extend_from_slice(format!(" error={error}").as_bytes());
        }
        text.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_printed_as_mediawiki_prints_them() {
        // jobs/SPEC.md section 4.
        let busy = JobCounts {
            ready: 3,
            claimed: 1,
            delayed: 4,
            abandoned: 2,
        };
        let kind =
            |name: JobType| Kind::new(name, |_, _| Box::pin(std::future::ready(Ok(Vec::new()))));
        let (bounce, idle) = (kind(JobType::BOUNCE_HANDLER), kind(JobType::known("Idle")));
        let held = crate::runner::kinds::held_unconfirm::kind();
        let counts = [
            (bounce.name.clone(), busy),
            (idle.name.clone(), JobCounts::default()),
            (JobType::known("Unknown"), busy),
            (
                held.name.clone(),
                JobCounts {
                    ready: 7,
                    ..JobCounts::default()
                },
            ),
        ]
        .into();
        let line = "BounceHandlerJob: 3 queued; 3 claimed (1 active, 2 abandoned); 4 delayed\n";
        assert_eq!(groups(&[&bounce, &idle], &counts), line);
        let line = "HeldUnconfirmJob: 7 held; 0 claimed (0 active, 0 abandoned); 0 delayed\n";
        assert_eq!(groups(&[&held], &counts), line);
    }
}
