//! The modules of the API, one file each; [`registry`](super::registry) has the list.

pub mod bouncehandler;
