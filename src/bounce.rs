//! What a returned mail says: its headers, its failure codes, and whether the failure is for good.
//!
//! Bytes in, values out: no users, no limits, no storage, no time. A mail is never decoded, and no mail is too odd or too
//! large to be read; all work is linear in its length.
//!
//! `MediaWiki`: what the `BounceHandler` extension of 1.43 reads out of a mail, byte for byte.

pub mod compatible;
pub mod header_scan;
pub mod identity;
mod lines;
