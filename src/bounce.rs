//! What a returned mail says: its headers, its failure codes, and whether the failure is for good.
//!
//! Bytes in, values out: no users, no limits, no storage, no time. No mail is too odd or too large to be read; all work is
//! linear in its length.
//!
//! Two readings of the same bytes: [`compatible`] is what `MediaWiki`'s `BounceHandler` extension of 1.43 reads out of a
//! mail, byte for byte; [`read`] is what the mail says, and [`strict`] judges by it.

pub mod compatible;
pub mod header_scan;
pub mod identity;
mod lines;
pub mod reading;
pub mod recipient_fields;
pub mod report;
pub mod strict;

pub use self::reading::read;
