//! The real program, from the outside: processes, signals, sockets and files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says with which numbers it ran"
)]

mod commands;
mod crash;
mod full_disk;
mod hostile;
mod jobs;
mod lifecycle;
mod power;
mod queue;
mod refusals;
mod submit;
mod support;
