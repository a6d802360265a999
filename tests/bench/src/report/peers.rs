//! The server beside other queues.

use super::ratio::{Figure, Ratio, Target, median_of};
use super::tables::{or_dash, shown};
use crate::measure::Sample;
use serde::Serialize;
use std::fmt;

/// Of beanstalkd's and of Redis' rate, at [`MANY`] connections.
const BEANSTALKD_TARGET: Target = Target::AtLeast(4.0);
const REDIS_TARGET: Target = Target::AtLeast(0.65);
const MANY: usize = 64;

/// The server beside other queues, at several numbers of connections.
#[derive(Debug, Serialize)]
pub struct Peers {
    /// Size of the body that is kept.
    pub body_bytes: usize,
    /// One for each number of connections; none if no peer is installed.
    pub rows: Vec<PeersRow>,
}

/// All sides at one number of connections.
#[derive(Debug, Serialize)]
pub struct PeersRow {
    /// Requests under way at a time.
    pub connections: usize,
    /// Of the server.
    pub ours: Vec<Sample>,
    /// Of beanstalkd, each way to use it.
    pub beanstalkd: Vec<Peer>,
    /// Of Redis, each way to use it.
    pub redis: Vec<Peer>,
    /// What `redis-benchmark` measures of `LPUSH`, a second.
    pub redis_benchmark: Option<f64>,
}

/// One way to use another queue.
#[derive(Debug, Serialize)]
pub struct Peer {
    /// The command and the options.
    pub name: String,
    /// A sample for each round.
    pub samples: Vec<Sample>,
}

impl fmt::Display for Peers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\nother queues, bodies of {} bytes, answered when they are on the disk; the best way of each counts",
            self.body_bytes
        )?;
        self.rows.iter().try_for_each(|row| row.fmt(out))
    }
}

impl fmt::Display for PeersRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\n{:<42} {:>9} {:>9} {:>9}",
            format!("{} connection(s)", self.connections),
            "a second",
            "p50, ms",
            "p99, ms"
        )?;
        line(out, "bouncehandlerd over HTTP", &self.ours)?;
        for (program, peers) in [("beanstalkd", &self.beanstalkd), ("Redis", &self.redis)] {
            for Peer { name, samples } in peers {
                line(out, &format!("{program}: {name}"), samples)?;
            }
        }
        if let Some(rate) = self.redis_benchmark {
            writeln!(
                out,
                "{:<42} {rate:>9.0}",
                "Redis: LPUSH, by redis-benchmark"
            )?;
        }
        self.verdict(out, "beanstalkd", &self.beanstalkd, BEANSTALKD_TARGET)?;
        self.verdict(out, "Redis", &self.redis, REDIS_TARGET)
    }
}

impl PeersRow {
    fn verdict(
        &self,
        out: &mut fmt::Formatter<'_>,
        program: &str,
        peers: &[Peer],
        target: Target,
    ) -> fmt::Result {
        let Some(best) = best(peers) else {
            return Ok(());
        };
        let figures: [(&str, Figure); 2] = [
            ("accepted", |sample| sample.rate),
            ("p99", |sample| sample.p99_ms),
        ];
        for (name, figure) in figures {
            let ratio = Ratio::new(&self.ours, &best.samples, figure);
            let verdict = ratio
                .filter(|_| name == "accepted" && self.connections == MANY)
                .map(|ratio| target.beside(ratio.of_medians));
            let title = format!("ours / {program}, {name}");
            let (ratio, verdict) = (or_dash(ratio), or_dash(verdict));
            writeln!(out, "{title:<30} {ratio:<22} {verdict}")?;
        }
        Ok(())
    }
}

fn line(out: &mut fmt::Formatter<'_>, name: &str, samples: &[Sample]) -> fmt::Result {
    writeln!(
        out,
        "{name:<42} {:>9} {:>9} {:>9}",
        shown(samples, |sample| sample.rate, 0),
        shown(samples, |sample| sample.p50_ms, 3),
        shown(samples, |sample| sample.p99_ms, 3)
    )
}

/// The way with the greatest median rate.
fn best(peers: &[Peer]) -> Option<&Peer> {
    let rate = |peer: &Peer| median_of(&peer.samples, |sample| sample.rate).unwrap_or(0.0);
    peers
        .iter()
        .max_by(|one, other| rate(one).total_cmp(&rate(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, rate: f64) -> Peer {
        let sample = Sample {
            rate,
            p50_ms: 1.0,
            p99_ms: 2.0,
            cpu_us: 1.0,
        };
        Peer {
            name: name.to_owned(),
            samples: vec![sample],
        }
    }

    #[test]
    fn a_peer_counts_with_its_best_way() {
        let row = PeersRow {
            connections: 64,
            ours: of("", 65.0).samples,
            beanstalkd: vec![of("slow", 1.0), of("fast", 20.0)],
            redis: vec![of("fast", 100.0), of("slow", 90.0)],
            redis_benchmark: None,
        };
        let text = row.to_string();
        assert!(text.contains("3.25 (3.25..3.25)      at least 4: not reached"));
        assert!(text.contains("0.65 (0.65..0.65)      at least 0.65: reached"));
    }
}
