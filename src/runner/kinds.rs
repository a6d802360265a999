//! The job types that can be run. A new type is a file here and a line in [`KindRegistry::of_bounces`].

pub mod bounce_handler;
pub mod held_unconfirm;
pub mod unrecognized_notice;

use crate::effects::Effect;
use crate::job::signature::JobSignature;
use crate::job::{ClaimedJob, JobType, NewJob, WikiId};
use crate::php_serialize::{self, PhpArray, PhpValue};
use bounce_handler::BounceHandler;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use unrecognized_notice::UnrecognizedNotice;

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// It failed, and said why or not: what stands behind `error=` in its line.
    Failed(Option<String>),
    /// What it needs could not be reached, so other jobs need not be tried now.
    Unreachable(String),
}

impl JobError {
    /// A failure that says why.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(Some(text.into()))
    }

    /// What went wrong, if it is said.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Failed(text) => text.as_deref(),
            Self::Unreachable(text) => Some(text),
        }
    }
}

/// What running a job yields.
pub type JobFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Effect>, JobError>> + Send + 'a>>;

/// Runs a job on its params. It may run twice, so it changes nothing itself: it says which effects it wants.
pub type RunJob = dyn for<'a> Fn(&'a ClaimedJob, &'a PhpArray<'a>) -> JobFuture<'a> + Send + Sync;

/// Who ends the jobs of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// A run takes and runs them.
    Run,
    /// They wait for a person's word: no run takes them.
    Person,
}

/// A job type.
#[derive(Clone)]
pub struct Kind {
    /// Its name.
    pub name: JobType,
    /// Whether it waits for other programs. Such a job is taken alone and runs on a thread of its own.
    pub waits: bool,
    /// Whether a job of it that failed is tried again (MediaWiki's `allowRetries`).
    pub may_retry: bool,
    /// Whether a job of it is not pushed if an equal one is ready (MediaWiki's `ignoreDuplicates`).
    pub is_unique: bool,
    /// Who ends jobs of it.
    pub ended_by: EndedBy,
    /// How much work a job with these params is, for throttling (MediaWiki's `workItemCount`).
    pub work_items: fn(&PhpArray<'_>) -> u64,
    /// How it runs.
    pub run: Arc<RunJob>,
}

impl Kind {
    /// A type whose jobs only compute, are tried again and may be pushed any number of times.
    pub fn new(
        name: JobType,
        run: impl for<'a> Fn(&'a ClaimedJob, &'a PhpArray<'a>) -> JobFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            waits: false,
            may_retry: true,
            is_unique: false,
            ended_by: EndedBy::Run,
            work_items: |_params| 1,
            run: Arc::new(run),
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Kind")
            .field("name", &self.name)
            .field("waits", &self.waits)
            .finish_non_exhaustive()
    }
}

/// All types that a runner knows.
#[derive(Debug, Default)]
pub struct KindRegistry(Vec<Kind>);

impl KindRegistry {
    /// These types.
    pub fn new(kinds: Vec<Kind>) -> Self {
        Self(kinds)
    }

    /// The types of this program.
    pub fn of_bounces(bounce_handler: BounceHandler, notice: UnrecognizedNotice) -> Self {
        Self(vec![
            bounce_handler.kind(),
            notice.kind(),
            held_unconfirm::kind(),
        ])
    }

    /// All types.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.0.iter()
    }

    /// A job of one of these types, so that it is pushed as its type wants.
    pub fn new_job(&self, kind: JobType, wiki: WikiId, params: &PhpArray<'_>) -> NewJob {
        let is_unique = self.get(&kind).is_some_and(|kind| kind.is_unique);
        NewJob {
            unique: is_unique.then(|| JobSignature::of(&kind, params)),
            kind,
            wiki,
            params: php_serialize::write(&PhpValue::Array(params.clone())),
        }
    }

    /// The type of this name.
    pub fn get(&self, name: &JobType) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.name == *name)
    }
}
