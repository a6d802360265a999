//! Behaviour at the contract: in process, on a store in a temporary directory, with a clock that the test holds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test fails by panicking and says what it skips"
)]

mod damage;
mod importing;
mod jobs;
mod mails;
mod opening;
mod processing;
mod rooms;
mod store;
mod support;
mod upgrade;
