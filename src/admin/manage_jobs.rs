//! What MediaWiki's `manageJobs.php` does with the jobs of a type, and what it cannot do.

use super::AdminError;
use super::held_jobs::{self, HeldOnly};
use crate::clock::{Clock, Timestamp};
use crate::job::{JobId, JobType};
use crate::runner::Runner;
use crate::store::{HeldWord, JobCounts, Store, StoreError, Which};
use tokio::sync::mpsc;

/// When copies were last pushed, where they never were.
const NEVER: Timestamp = Timestamp(1);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManageAction {
    /// Delete all jobs of the type, claimed ones included.
    Delete,
    /// Push a copy of each abandoned job, once, and leave the jobs.
    RepushAbandoned,
    /// Make abandoned jobs ready again. Not in MediaWiki.
    RetryAbandoned,
    /// Delete abandoned jobs. Not in MediaWiki.
    DeleteAbandoned,
    /// Carry out un-confirmations that wait. Not in MediaWiki.
    ReleaseHeld,
    /// Drop un-confirmations that wait, and what was counted against their addresses. Not in MediaWiki.
    DropHeld,
}

/// All actions with their names.
const ACTIONS: [(&str, ManageAction); 6] = [
    ("delete", ManageAction::Delete),
    ("repush-abandoned", ManageAction::RepushAbandoned),
    ("retry-abandoned", ManageAction::RetryAbandoned),
    ("delete-abandoned", ManageAction::DeleteAbandoned),
    ("release-held", ManageAction::ReleaseHeld),
    ("drop-held", ManageAction::DropHeld),
];

impl ManageAction {
    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        let found = ACTIONS.iter().find(|(known, _)| *known == name);
        found.map(|(_, action)| *action)
    }

    fn name(self) -> &'static str {
        let found = ACTIONS.iter().find(|(_, action)| *action == self);
        found.map_or("", |(name, _)| *name)
    }
}

/// What is to be done with which jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManageRequest {
    /// The type; there need be no such type.
    pub kind: String,
    /// What is to be done.
    pub action: ManageAction,
    /// Only with this job.
    pub job: Option<u64>,
    /// Only with un-confirmations of addresses at this domain.
    pub domain: Option<String>,
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// The wiki is read-only.
    #[error("Job queue is read-only: {0}")]
    ReadOnly(String),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ManageRequest {
    /// Reads `type=&action=&job=&domain=`.
    pub fn parse(query: &str) -> Result<Self, AdminError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|error| {
            AdminError::BadRequest(format!("The query cannot be read: {error}."))
        })?;
        let (mut kind, mut action, mut job, mut domain) = (None, None, None, None);
        for (name, value) in pairs {
            let bad = |text: String| Err(AdminError::BadRequest(text));
            match name.as_str() {
                "type" => kind = Some(value),
                "action" => match ManageAction::named(&value) {
                    Some(known) => action = Some(known),
                    None => return bad(format!("Invalid action '{value}'.")),
                },
                "domain" => domain = Some(value),
                "job" => match value.parse() {
                    Ok(id) => job = Some(id),
                    Err(_) => return bad(format!("job={value:?}: expected the number of a job.")),
                },
                _ => {
                    return bad(format!(
                        "There is no parameter {name:?}; there are type, action, job and domain."
                    ));
                }
            }
        }
        let missing =
            |name: &str| AdminError::BadRequest(format!("The parameter {name} is missing."));
        Ok(Self {
            kind: kind.ok_or_else(|| missing("type"))?,
            action: action.ok_or_else(|| missing("action"))?,
            job,
            domain,
        })
    }

    /// The query that [`ManageRequest::parse`] reads back as this request.
    pub fn to_query(&self) -> Result<String, serde_urlencoded::ser::Error> {
        let mut pairs = vec![
            ("type", self.kind.clone()),
            ("action", self.action.name().to_owned()),
        ];
        pairs.extend(self.job.map(|job| ("job", job.to_string())));
        pairs.extend(self.domain.clone().map(|domain| ("domain", domain)));
        serde_urlencoded::to_string(pairs)
    }

    /// Does it, and says so in MediaWiki's words where it has some.
    pub(super) async fn carry_out(
        &self,
        runner: &Runner,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), ManageError> {
        let say = async |text: String| {
            // What is to be done is done, whoever listens.
            drop(out.send(text.into_bytes()).await);
        };
        let Some(kind) = JobType::parse(&self.kind) else {
            // No store has jobs of a type that cannot be.
            say(self.of_nothing(&runner.clock)).await;
            return Ok(());
        };
        let store = &runner.store;
        match self.action {
            ManageAction::Delete if self.job.is_none() => {
                let ready = ready(store, &kind).await?;
                say(format!("Queue has {ready} job(s); deleting...\n")).await;
                check_writable(runner)?;
                let deleted = store.delete(&kind, Which::All).await?;
                log::warn!(target: "runJobs", "{deleted} jobs of type {kind} were deleted by command");
                let ready = self::ready(store, &kind).await?;
                say(format!("Done; current size is {ready} job(s).\n")).await;
            }
            ManageAction::RepushAbandoned => {
                let last = store.last_repush(&kind)?.unwrap_or(NEVER).to_mw();
                let now = runner.clock.now().to_mw();
                say(format!("Last re-push time: {last}; current time: {now}\n")).await;
                check_writable(runner)?;
                let repushed = store.repush_abandoned(&kind).await?;
                let (pushed, skipped) = (repushed.pushed, repushed.skipped);
                say(format!("Re-pushed {pushed} job(s) [{skipped} skipped].\n")).await;
            }
            ManageAction::Delete | ManageAction::DeleteAbandoned => {
                check_writable(runner)?;
                let deleted = store.delete(&kind, self.which()).await?;
                log::warn!(target: "runJobs", "{deleted} jobs of type {kind} were deleted by command");
                say(format!("Deleted {deleted} job(s).\n")).await;
            }
            ManageAction::RetryAbandoned => {
                check_writable(runner)?;
                let retried = store.retry_abandoned(&kind, self.which()).await?;
                say(format!("Made {retried} abandoned job(s) ready again.\n")).await;
            }
            ManageAction::ReleaseHeld => {
                let released = self.end_held(runner, &kind, HeldWord::Release).await?;
                say(format!("Released {released} held job(s).\n")).await;
            }
            ManageAction::DropHeld => {
                let dropped = self.end_held(runner, &kind, HeldWord::Drop).await?;
                say(format!("Dropped {dropped} held job(s).\n")).await;
            }
        }
        Ok(())
    }

    /// Bounce jobs are what un-confirmations come of, so their type names those that wait, too.
    async fn end_held(
        &self,
        runner: &Runner,
        kind: &JobType,
        word: HeldWord,
    ) -> Result<u64, ManageError> {
        check_writable(runner)?;
        if ![JobType::HELD_UNCONFIRM, JobType::BOUNCE_HANDLER].contains(kind) {
            return Ok(0);
        }
        let only = HeldOnly {
            job: self.job.map(JobId),
            domain: self.domain.as_deref(),
        };
        Ok(held_jobs::end(runner, word, only).await?)
    }

    fn which(&self) -> Which {
        self.job
            .map_or(Which::Abandoned, |id| Which::One(JobId(id)))
    }

    fn of_nothing(&self, clock: &Clock) -> String {
        match self.action {
            ManageAction::Delete => {
                "Queue has 0 job(s); deleting...\nDone; current size is 0 job(s).\n".to_owned()
            }
            ManageAction::RepushAbandoned => format!(
                "Last re-push time: {}; current time: {}\nRe-pushed 0 job(s) [0 skipped].\n",
                NEVER.to_mw(),
                clock.now().to_mw()
            ),
            ManageAction::RetryAbandoned => "Made 0 abandoned job(s) ready again.\n".to_owned(),
            ManageAction::DeleteAbandoned => "Deleted 0 job(s).\n".to_owned(),
            ManageAction::ReleaseHeld => "Released 0 held job(s).\n".to_owned(),
            ManageAction::DropHeld => "Dropped 0 held job(s).\n".to_owned(),
        }
    }
}

fn check_writable(runner: &Runner) -> Result<(), ManageError> {
    match &runner.policy.read_only {
        Some(reason) => Err(ManageError::ReadOnly(reason.clone())),
        None => Ok(()),
    }
}

async fn ready(store: &Store, kind: &JobType) -> Result<u64, StoreError> {
    let counts = store.counts().await?;
    Ok(counts
        .get(kind)
        .map_or(0, |counts: &JobCounts| counts.ready))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_its_way_through_a_query() {
        for (_, action) in ACTIONS {
            let request = ManageRequest {
                kind: "a b&c".to_owned(),
                action,
                job: Some(7),
                domain: Some("example.org".to_owned()),
            };
            assert_eq!(
                ManageRequest::parse(&request.to_query().unwrap()),
                Ok(request)
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (query, message) in [
            ("type=x&action=frob", "Invalid action 'frob'."),
            ("action=delete", "The parameter type is missing."),
            ("type=x", "The parameter action is missing."),
            (
                "type=x&action=delete&job=y",
                "job=\"y\": expected the number of a job.",
            ),
        ] {
            let error = ManageRequest::parse(query).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
