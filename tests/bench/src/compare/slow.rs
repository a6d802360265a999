//! Ordinary bounces beside many slow connections, compared with ordinary bounces alone.

use super::Bench;
use crate::report::{SlowConnections, SlowRow};
use crate::server::Program;
use anyhow::Result;

impl Bench {
    /// Measures at each number of connections with and without `slow` further ones that are slow.
    pub(super) fn slow(
        &self,
        server: &Program,
        connections: &[usize],
        slow: usize,
    ) -> Result<SlowConnections> {
        let mut measured = SlowConnections {
            slow,
            resident_before: 0,
            resident_with: 0,
            reopened: 0,
            rows: Vec::new(),
        };
        for &connections in connections {
            let mut row = SlowRow {
                connections,
                alone: Vec::new(),
                beside: Vec::new(),
            };
            for round in 1..=self.rounds {
                eprintln!(
                    "{connections} connections beside {slow} slow ones, round {round} of {}",
                    self.rounds
                );
                row.alone.push(self.fresh_turn(server, connections)?);
                let mut running = self.start(server)?;
                measured.resident_before = running.used()?.resident;
                let clients = running.open_slow(slow)?;
                measured.resident_with = running.used()?.resident;
                row.beside.push(self.turn(&mut running, connections)?);
                let reopened = clients.close()?;
                measured.reopened = measured.reopened.saturating_add(reopened);
            }
            measured.rows.push(row);
        }
        Ok(measured)
    }
}
