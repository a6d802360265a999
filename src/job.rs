//! What a job is: plain types, no storage and no meaning.
//!
//! Terms are MediaWiki's: a *job* has a *type* and *params*; a runner *claims* it, which costs one of its *attempts*;
//! success *acknowledges* it, a failure *delays* it or leaves it claimed until its claim is *recycled*; a job without
//! attempts left is *abandoned*.

pub mod retry;
pub mod signature;
pub mod state;

use crate::clock::Timestamp;
use signature::JobSignature;
use std::borrow::Cow;
use std::fmt;

/// Number of a job, unique in its store and rising in the order of the pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Name of a job type such as `BounceHandlerJob` (MediaWiki's `job_cmd`): 1 to 60 bytes without NUL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobType(Cow<'static, str>);

impl JobType {
    /// The job that reads a bounce mail.
    pub const BOUNCE_HANDLER: Self = Self::known("BounceHandlerJob");

    /// An un-confirmation that waits for a person's word. No runner takes it.
    pub const HELD_UNCONFIRM: Self = Self::known("HeldUnconfirmJob");

    /// The most bytes that a name may have (the width of MediaWiki's `job_cmd`).
    pub const MAX_BYTES: usize = 60;

    /// A type that the program itself knows.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A type named by somebody else; `None` if no type can have that name.
    pub fn parse(name: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_BYTES).contains(&name.len()) && !name.contains('\0');
        fits.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The title that the original gives all jobs of [`JobType::BOUNCE_HANDLER`], in namespace 0.
pub const BOUNCE_HANDLER_TITLE: &str = "BounceHandler_Job";

/// Identifier of a wiki in a farm: `DBname`, or `DBname-DBprefix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WikiId(pub String);

impl WikiId {
    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WikiId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A job that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What kind of work it is.
    pub kind: JobType,
    /// The wiki whose queue it goes to.
    pub wiki: WikiId,
    /// The params as MediaWiki stores them: PHP's `serialize()` of an ordered map.
    pub params: Vec<u8>,
    /// Where set, the job is pushed only if no ready job of the wiki has the same.
    pub unique: Option<JobSignature>,
}

/// A job as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What kind of work it is.
    pub kind: JobType,
    /// The wiki whose queue it is in.
    pub wiki: WikiId,
    /// When it was pushed.
    pub pushed: Timestamp,
    /// The params as MediaWiki stores them: PHP's `serialize()` of an ordered map.
    pub params: Vec<u8>,
}

/// A claim as its runner names it to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The type of the job.
    pub kind: JobType,
    /// The job.
    pub id: JobId,
    /// What was drawn for this claim.
    pub token: ClaimToken,
}

/// Proof that a runner holds a job: 128 random bits, new for each claim (MediaWiki's `job_token`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimToken(pub u128);

/// A claimed job in a runner's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The job.
    pub job: Job,
    /// What the acknowledgement has to show.
    pub token: ClaimToken,
    /// How often the job has been claimed, this time included.
    pub attempts: u32,
}

impl ClaimedJob {
    /// The claim.
    pub fn claim(&self) -> Claim {
        Claim {
            kind: self.job.kind.clone(),
            id: self.job.id,
            token: self.token,
        }
    }
}
