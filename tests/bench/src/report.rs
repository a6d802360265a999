//! What was measured, as tables with the targets beside the figures, and as JSON.
//!
//! Targets are shown, never asserted: a machine under other load is no fault of the server.

mod bounces;
mod peers;
mod ratio;
mod scale;
mod slow;
mod tables;

pub use self::bounces::{Bounces, Crafted, Rates};
pub use self::peers::{Peer, Peers, PeersRow};
pub use self::scale::{Deep, Soak, SoakSample};

use crate::measure::{Machine, Sample};
use anyhow::{Context, Result};
use serde::Serialize;
use std::fs::File;
use std::path::Path;

/// All that was measured in one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// On what.
    pub machine: Machine,
    /// How often each side had its turn.
    pub rounds: u32,
    /// How long a turn is.
    pub turn_seconds: f64,
    /// Threads that answer requests, on both sides.
    pub workers: usize,
    /// Size of a request with its head.
    pub request_bytes: usize,
    /// Accepted bounces a second.
    pub throughput: Option<Throughput>,
    /// Jobs run a second.
    pub jobs: Option<Jobs>,
    /// The cost of a long queue.
    pub queue: Option<Queue>,
    /// The cost of slow connections.
    pub slow: Option<SlowConnections>,
    /// The server beside other queues.
    pub peers: Option<Peers>,
    /// The cost of a very deep queue.
    pub deep: Option<Deep>,
    /// Very many jobs through a short queue.
    pub soak: Option<Soak>,
    /// The reading of bounces.
    pub bounces: Option<Bounces>,
}

/// The server and the ceiling side by side.
#[derive(Debug, Serialize)]
pub struct Throughput {
    /// One for each number of connections.
    pub rows: Vec<Comparison>,
}

/// Both sides at one number of connections, a sample for each round.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Requests under way at a time.
    pub connections: usize,
    /// Empty if the ceiling was measured alone.
    pub server: Vec<Sample>,
    /// The ceiling's turns.
    pub ceiling: Vec<Sample>,
}

/// Jobs run a second.
#[derive(Debug, Serialize)]
pub struct Jobs {
    /// How many were queued, and all of them run, in each round.
    pub jobs: u64,
    /// Jobs a second in each round.
    pub rates: Vec<f64>,
}

/// What a long queue costs.
#[derive(Debug, Serialize)]
pub struct Queue {
    /// Queued jobs when `resident` was read.
    pub memory_at: u64,
    /// Resident memory, bytes.
    pub resident: u64,
    /// Queued jobs before the first turn of `full`.
    pub long: u64,
    /// Resident memory then, bytes.
    pub resident_long: u64,
    /// Turns on an empty queue.
    pub empty: Vec<Sample>,
    /// Turns on the long queue.
    pub full: Vec<Sample>,
}

/// What slow connections cost ordinary ones.
#[derive(Debug, Serialize)]
pub struct SlowConnections {
    /// How many were open.
    pub slow: usize,
    /// Resident memory before they were opened, bytes.
    pub resident_before: u64,
    /// Resident memory with all of them open, bytes.
    pub resident_with: u64,
    /// How many were closed by the server and opened anew, in all rounds.
    pub reopened: usize,
    /// One for each number of ordinary connections.
    pub rows: Vec<SlowRow>,
}

/// Both ways at one number of ordinary connections, a sample for each round.
#[derive(Debug, Serialize)]
pub struct SlowRow {
    /// Ordinary requests under way at a time.
    pub connections: usize,
    /// Without slow connections.
    pub alone: Vec<Sample>,
    /// With them.
    pub beside: Vec<Sample>,
}

impl Report {
    /// Writes everything, each round's figures included.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        let file =
            File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(serde_json::to_writer_pretty(file, self)?)
    }
}
