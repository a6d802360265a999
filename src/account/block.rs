//! Blocks.

use crate::clock::Timestamp;

/// A block on an account.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that an administrator ticks"
)]
#[derive(Debug, Clone)]
pub struct Block {
    /// Its number.
    pub id: u64,
    /// Name of the user who placed it; empty if nobody knows.
    pub by: String,
    /// The reason that was given.
    pub reason: String,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it ends.
    pub expiry: BlockExpiry,
    /// Whether accounts cannot be made.
    pub no_create: bool,
    /// Whether the user cannot send mail.
    pub no_email: bool,
    /// Whether the user cannot edit their own talk page.
    pub no_user_talk: bool,
    /// Whether addresses that the user uses are blocked too.
    pub autoblock: bool,
}

/// When a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockExpiry {
    /// Never.
    Infinity,
    /// At this moment.
    At(Timestamp),
}

impl Block {
    /// Whether it holds at this moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        match self.expiry {
            BlockExpiry::Infinity => true,
            BlockExpiry::At(end) => end > now,
        }
    }
}
