//! The modules, one file each; [`registry`](super::registry) has the list.

pub mod bouncehandler;
pub mod query;
