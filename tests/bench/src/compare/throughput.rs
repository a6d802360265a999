//! Accepted bounces a second, of the server and of the ceiling.

use super::Bench;
use crate::measure::Sample;
use crate::report::{Comparison, Throughput};
use crate::server::Program;
use anyhow::Result;

impl Bench {
    /// Compares both sides at each number of connections.
    pub(super) fn throughput(&self, connections: &[usize]) -> Result<Throughput> {
        let rows: Result<_> = connections
            .iter()
            .map(|&connections| self.compare_at(connections))
            .collect();
        Ok(Throughput { rows: rows? })
    }

    fn compare_at(&self, connections: usize) -> Result<Comparison> {
        let mut row = Comparison {
            connections,
            server: Vec::new(),
            ceiling: Vec::new(),
        };
        for round in 1..=self.rounds {
            eprintln!(
                "throughput at {connections} connections, round {round} of {}",
                self.rounds
            );
            if let Some(server) = &self.server {
                row.server.push(self.fresh_turn(server, connections)?);
            }
            row.ceiling
                .push(self.fresh_turn(&self.ceiling, connections)?);
        }
        Ok(row)
    }

    /// One turn of a program that was just started.
    pub(super) fn fresh_turn(&self, program: &Program, connections: usize) -> Result<Sample> {
        let mut running = self.start(program)?;
        self.turn(&mut running, connections)
    }
}
