//! Un-confirmations that wait for a person.

use crate::effects::UserId;
use crate::job::{JobId, WikiId};

/// A person's word on un-confirmations that wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldWord {
    /// They are right.
    Release,
    /// They are not: the addresses are good.
    Drop,
}

/// An un-confirmation that waits, as its job names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUnconfirm {
    /// The job that stands for it.
    pub id: JobId,
    /// The wiki of the user.
    pub wiki: WikiId,
    /// Whose address it is.
    pub user: UserId,
    /// The address that bounced.
    pub email: String,
}
