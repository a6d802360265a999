//! The lines of an export: a header, an entry each, an end with which a file that was cut off is told from a whole one.

use crate::clock::Timestamp;
use crate::decision::Weight;
use crate::effects::{BounceIdentity, BounceRecord, UserId};
use crate::job::signature::JobSignature;
use crate::job::state::JobState;
use crate::job::{ClaimToken, JobId, JobType, NewJob, WikiId};
use crate::store::{Entry, StoredJob, StoredRecord};
use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The version of the format that this program writes and reads.
pub(super) const VERSION: u32 = 1;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Export(Header),
    Job(Job),
    User(User),
    Record(Record),
    Counted(Counted),
    Backoff(Moment),
    LastRepush(Moment),
    End(End),
}

/// The first line. Fields that are not known are those of a later version.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) program: String,
    pub(super) time: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// Entries before this line.
    pub(super) entries: u64,
    /// Entries that are known to be missing or could not be read.
    pub(super) missing: Vec<String>,
    /// SHA-256 of all lines before this one.
    pub(super) sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    id: u64,
    #[serde(rename = "type")]
    kind: String,
    wiki: String,
    pushed: i64,
    state: State,
    attempts: u32,
    /// Claimed or given up when, or delayed until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    repushed: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    params: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ready,
    Claimed,
    Delayed,
    Abandoned,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    wiki: String,
    id: u64,
    row: serde_json::Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    wiki: String,
    id: u64,
    time: i64,
    email: String,
    /// Any bytes, in base 64.
    reason: String,
    /// In thousandths, where it does not count in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weight: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    complaint: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    wiki: String,
    time: i64,
    identity: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moment {
    #[serde(rename = "type")]
    kind: String,
    time: serde_json::Number,
}

impl Line {
    /// The line of an entry.
    pub(super) fn of(entry: Entry) -> anyhow::Result<Self> {
        Ok(match entry {
            Entry::Job(stored) => Self::Job(Job::of(stored)),
            Entry::User { wiki, id, row } => Self::User(User {
                wiki: wiki.0,
                id: id.0,
                row: serde_json::from_str(&row)?,
            }),
            Entry::Record { wiki, record } => Self::Record(Record::of(wiki, record)),
            Entry::Counted {
                wiki,
                time,
                identity,
            } => Self::Counted(Counted {
                wiki: wiki.0,
                time: time.0,
                identity: STANDARD.encode(identity.0),
            }),
            Entry::Backoff { kind, until } => Self::Backoff(Moment {
                kind: kind.as_str().to_owned(),
                time: until.into(),
            }),
            Entry::LastRepush { kind, time } => Self::LastRepush(Moment {
                kind: kind.as_str().to_owned(),
                time: time.0.into(),
            }),
        })
    }

    /// The entry of a line; `None` for the first and the last.
    pub(super) fn into_entry(self) -> anyhow::Result<Option<Entry>> {
        Ok(Some(match self {
            Self::Export(_) | Self::End(_) => return Ok(None),
            Self::Job(job) => Entry::Job(job.into_stored()?),
            Self::User(user) => Entry::User {
                wiki: WikiId(user.wiki),
                id: UserId(user.id),
                row: user.row.to_string(),
            },
            Self::Record(record) => record.into_entry()?,
            Self::Counted(counted) => Entry::Counted {
                wiki: WikiId(counted.wiki),
                time: Timestamp(counted.time),
                identity: BounceIdentity(fixed(&counted.identity)?),
            },
            Self::Backoff(moment) => Entry::Backoff {
                kind: job_type(&moment.kind)?,
                until: moment.time.as_u64().context("the time is no number")?,
            },
            Self::LastRepush(moment) => Entry::LastRepush {
                kind: job_type(&moment.kind)?,
                time: Timestamp(moment.time.as_i64().context("the time is no number")?),
            },
        }))
    }
}

impl Record {
    fn of(wiki: WikiId, StoredRecord { id, record }: StoredRecord) -> Self {
        Self {
            wiki: wiki.0,
            id,
            time: record.timestamp.0,
            email: record.email,
            reason: STANDARD.encode(record.reason),
            weight: (record.weight != Weight::WHOLE).then_some(record.weight.0),
            complaint: record.complaint,
        }
    }

    fn into_entry(self) -> anyhow::Result<Entry> {
        let record = BounceRecord {
            email: self.email,
            timestamp: Timestamp(self.time),
            reason: STANDARD.decode(self.reason)?,
            weight: self.weight.map_or(Weight::WHOLE, Weight),
            complaint: self.complaint,
        };
        Ok(Entry::Record {
            wiki: WikiId(self.wiki),
            record: StoredRecord {
                id: self.id,
                record,
            },
        })
    }
}

impl Job {
    fn of(stored: StoredJob) -> Self {
        let (state, time, repushed) = match stored.state {
            JobState::Ready { .. } => (State::Ready, None, false),
            JobState::Claimed { since, .. } => (State::Claimed, Some(since.0), false),
            JobState::Delayed { until, .. } => (State::Delayed, Some(until.0), false),
            JobState::Abandoned {
                since, repushed, ..
            } => (State::Abandoned, Some(since.0), repushed),
        };
        Self {
            id: stored.id.map_or(0, |id| id.0),
            kind: stored.job.kind.as_str().to_owned(),
            wiki: stored.job.wiki.0,
            pushed: stored.pushed.0,
            state,
            attempts: stored.state.attempts(),
            time,
            repushed,
            error: stored.error,
            signature: stored
                .job
                .unique
                .map(|signature| STANDARD.encode(signature.0)),
            params: STANDARD.encode(stored.job.params),
        }
    }

    fn into_stored(self) -> anyhow::Result<StoredJob> {
        let attempts = self.attempts;
        let time = Timestamp(self.time.unwrap_or(0));
        let state = match self.state {
            State::Ready => JobState::Ready { attempts },
            // The token of a claim that nobody can settle any more.
            State::Claimed => JobState::Claimed {
                token: ClaimToken(0),
                since: time,
                attempts,
            },
            State::Delayed => JobState::Delayed {
                attempts,
                until: time,
            },
            State::Abandoned => JobState::Abandoned {
                attempts,
                since: time,
                repushed: self.repushed,
            },
        };
        let signature = self.signature.as_deref().map(fixed).transpose()?;
        Ok(StoredJob {
            id: Some(JobId(self.id)),
            job: NewJob {
                kind: job_type(&self.kind)?,
                wiki: WikiId(self.wiki),
                params: STANDARD.decode(self.params)?,
                unique: signature.map(JobSignature),
            },
            pushed: Timestamp(self.pushed),
            state,
            error: self.error,
        })
    }
}

fn job_type(name: &str) -> anyhow::Result<JobType> {
    JobType::parse(name).with_context(|| format!("{name:?} cannot be a job type"))
}

fn fixed<const N: usize>(text: &str) -> anyhow::Result<[u8; N]> {
    match STANDARD.decode(text)?.try_into() {
        Ok(bytes) => Ok(bytes),
        Err(_other_length) => bail!("{text:?} has not {N} bytes"),
    }
}
