//! The job types that can be run. A new type is a file here and a line in [`KindRegistry::of_bounces`].

pub mod bounce_handler;
pub mod unrecognized_notice;

use crate::effects::Effect;
use crate::job::{ClaimedJob, JobType};
use crate::php_serialize::PhpArray;
use bounce_handler::BounceHandler;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use unrecognized_notice::UnrecognizedNotice;

/// Why a job failed, as it stands behind `error=` in its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JobError(pub String);

/// What running a job yields.
pub type JobFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Effect>, JobError>> + Send + 'a>>;

/// Runs a job on its params. It may run twice, so it changes nothing itself: it says which effects it wants.
pub type RunJob = dyn for<'a> Fn(&'a ClaimedJob, &'a PhpArray<'a>) -> JobFuture<'a> + Send + Sync;

/// A job type.
#[derive(Clone)]
pub struct Kind {
    /// Its name.
    pub name: JobType,
    /// Whether it waits for other programs. Such a job is taken alone.
    pub waits: bool,
    /// How it runs.
    pub run: Arc<RunJob>,
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
        Self(vec![bounce_handler.kind(), notice.kind()])
    }

    /// All types.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.0.iter()
    }

    /// The type of this name.
    pub fn get(&self, name: &JobType) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.name == *name)
    }
}
