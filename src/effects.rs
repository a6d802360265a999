//! What may happen to a wiki, as data. Nobody here carries it out: the store does, in one transaction with the
//! acknowledgement of the job that asked for it.

use crate::clock::Timestamp;
use crate::decision::{Brake, UnconfirmRule, Weight};
use crate::job::{NewJob, WikiId};

/// Number of a user of a wiki (MediaWiki's `user_id`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// One row of MediaWiki's `bounce_records`: this address bounced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceRecord {
    /// The address as the user table had it when the bounce was processed.
    pub email: String,
    /// When the bounced mail had been sent: the time in the VERP address.
    pub timestamp: Timestamp,
    /// The bounce's Subject, at most 255 bytes, any bytes.
    pub reason: Vec<u8>,
    /// How much it counts.
    pub weight: Weight,
    /// Set if the recipient complained: the mail had arrived.
    pub complaint: bool,
}

/// What makes two posted bounces the same one, as `CountBounceOnce` has it: 128 bits of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BounceIdentity(pub [u8; 16]);

/// That a bounce is to count once, however often it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountOnce {
    /// What a repeated bounce has in common with the first.
    pub identity: BounceIdentity,
    /// Identities of mails sent before this moment may be forgotten, because their addresses prove nothing any more.
    pub forget_before: Timestamp,
}

/// A bounce to be recorded, and what may follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The wiki of the user.
    pub wiki: WikiId,
    /// Whose address it is.
    pub user: UserId,
    /// The new record.
    pub record: BounceRecord,
    /// When the address is to be un-confirmed.
    pub rule: UnconfirmRule,
    /// Records with an earlier timestamp may be pruned; `None` keeps all.
    pub prune_before: Option<Timestamp>,
    /// Set if the bounce counts once only.
    pub once: Option<CountOnce>,
    /// Set if the un-confirmation that may follow is held when there are too many of its domain.
    pub brake: Option<UnconfirmBrake>,
}

/// When an un-confirmation has to wait for a person, and what waits then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmBrake {
    /// How many of one domain are too many.
    pub brake: Brake,
    /// The job that stands for the un-confirmation while it waits. It has a signature, so it waits once.
    pub held: NewJob,
}

/// A change to a wiki that a job asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Record a bounce of a user's address; then prune; then un-confirm the address if the rule says so. One a job.
    RecordBounce(Bounce),
    /// Push a further job.
    Push(NewJob),
}

/// What came of an effect, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// A bounce was recorded.
    BounceRecorded {
        /// The wiki it was recorded for.
        wiki: WikiId,
        /// How many old records were removed.
        pruned: usize,
        /// Whether the record is one of a complaint.
        complaint: bool,
        /// Whose address was un-confirmed, if it was.
        unconfirmed: Option<Unconfirmed>,
        /// Whose address would have been, if it has to wait from now on.
        held: Option<HeldBack>,
    },
    /// The bounce had been counted before; nothing was changed.
    BounceRepeated {
        /// The wiki for which it was recorded.
        wiki: WikiId,
        /// Name of the user; `None` if the user is gone.
        user: Option<String>,
    },
    /// A further job was pushed.
    Pushed,
}

/// A user whose address was un-confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Name of the user.
    pub name: String,
    /// The address.
    pub email: String,
    /// The limit that was reached.
    pub limit: u64,
}

/// A user whose un-confirmation waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Name of the user.
    pub name: String,
    /// The domain of the address.
    pub domain: String,
    /// How many of the domain's users were to be un-confirmed within an hour, this one included.
    pub due: u64,
}

/// The most old records that one job prunes (MediaWiki's BounceHandler removes 100 at a time).
pub const PRUNE_AT_ONCE: usize = 100;
