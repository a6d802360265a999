//! What a long queue costs: memory, and time for each further bounce.

use super::{Bench, MANY_CONNECTIONS};
use crate::report::Queue;
use crate::server::Program;
use anyhow::Result;

impl Bench {
    /// Reads the memory at `memory_at` queued jobs, and compares the cost of a bounce on an empty queue with that at
    /// `long` queued jobs, which grow further by what is accepted meanwhile.
    pub(super) fn queue(&self, server: &Program, memory_at: u64, long: u64) -> Result<Queue> {
        let long = long.max(memory_at);
        let mut full = self.start(server)?;
        eprintln!("queueing {memory_at} jobs");
        self.fill(&mut full, memory_at)?;
        let resident = full.used()?.resident;
        eprintln!("queueing {long} jobs");
        self.fill(&mut full, long)?;
        let mut queue = Queue {
            memory_at,
            resident,
            long,
            resident_long: full.used()?.resident,
            empty: Vec::new(),
            full: Vec::new(),
        };
        for round in 1..=self.rounds {
            eprintln!(
                "cost of a bounce on an empty and on a long queue, round {round} of {}",
                self.rounds
            );
            queue.empty.push(self.fresh_turn(server, MANY_CONNECTIONS)?);
            queue.full.push(self.turn(&mut full, MANY_CONNECTIONS)?);
        }
        Ok(queue)
    }
}
