//! Accepted bodies a second, of the server and of other queues that answer when a body is on the disk.

use super::Bench;
use crate::bounce;
use crate::dialect::{beanstalkd_request, redis_request};
use crate::measure::Sample;
use crate::report::{Peer, Peers, PeersRow};
use crate::server::Program;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Size of the body that all of them keep, bytes.
const BODY: usize = 2048;

/// Sizes of a file of beanstalkd's log: its own default, and one that is hardly ever full.
const SEGMENTS: [usize; 2] = [10 << 20, 200 << 20];

/// Threads of Redis for its connections: its own default, and the least number that is more.
const IO_THREADS: [usize; 2] = [1, 2];

/// How Redis is asked to keep a body.
const REDIS_COMMANDS: [&[&str]; 2] = [&["LPUSH", "queue"], &["XADD", "queue", "*", "body"]];

/// Requests of `redis-benchmark` for each second of a turn.
const REQUESTS_A_SECOND: f64 = 2000.0;

/// Another program, with options and a way to be asked.
struct Rival {
    kind: Kind,
    name: String,
    program: Program,
    request: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Beanstalkd,
    Redis,
}

impl Bench {
    /// Compares at each number of connections; all ways to use a peer have their turn in each round.
    pub(super) fn peers(&self, server: &Program, connections: &[usize]) -> Result<Peers> {
        let mail = bounce::mail_of_size(&self.address, BODY);
        let request = bounce::request(&mail);
        let mut peers = Peers {
            body_bytes: mail.len(),
            rows: Vec::new(),
        };
        let rivals = rivals(mail.as_bytes());
        if rivals.is_empty() {
            return Ok(peers);
        }
        for &connections in connections {
            let mut row = PeersRow {
                connections,
                ours: Vec::new(),
                beanstalkd: Vec::new(),
                redis: Vec::new(),
                redis_benchmark: None,
            };
            let mut samples: Vec<Vec<Sample>> = rivals.iter().map(|_| Vec::new()).collect();
            for round in 1..=self.rounds {
                let rounds = self.rounds;
                eprintln!("peers at {connections} connections, round {round} of {rounds}");
                row.ours
                    .push(self.fresh_turn_with(server, &request, connections)?);
                for (rival, samples) in rivals.iter().zip(&mut samples) {
                    samples.push(self.fresh_turn_with(
                        &rival.program,
                        &rival.request,
                        connections,
                    )?);
                }
            }
            for (rival, samples) in rivals.iter().zip(samples) {
                let name = rival.name.clone();
                row.of(rival.kind).push(Peer { name, samples });
            }
            row.redis_benchmark = self.redis_benchmark(connections)?;
            peers.rows.push(row);
        }
        Ok(peers)
    }

    fn fresh_turn_with(
        &self,
        program: &Program,
        request: &[u8],
        connections: usize,
    ) -> Result<Sample> {
        let mut running = self.start(program)?;
        running.measure(request, connections, self.turn, &self.stop)
    }

    /// What Redis' own load generator makes of it, so that nobody has to believe ours; `None` where it is missing.
    fn redis_benchmark(&self, connections: usize) -> Result<Option<f64>> {
        let (Some(tool), Some(path)) = (in_path("redis-benchmark"), in_path("redis-server")) else {
            return Ok(None);
        };
        let running = self.start(&Program::Redis {
            path,
            io_threads: 1,
        })?;
        let requests = REQUESTS_A_SECOND * self.turn.as_secs_f64();
        let busy = u32::try_from(connections).map_or(1.0, f64::from).sqrt();
        let output = Command::new(tool)
            .args(["-p", &running.address().port().to_string()])
            .args(["-c", &connections.to_string(), "-d", &BODY.to_string()])
            .args(["-n", &format!("{:.0}", (requests * busy).max(500.0))])
            .args(["-t", "lpush", "--csv"])
            .output()?;
        ensure!(output.status.success(), "redis-benchmark: {output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = lpush_rate(&text).with_context(|| format!("redis-benchmark wrote {text:?}"))?;
        Ok(Some(rate))
    }
}

impl PeersRow {
    fn of(&mut self, kind: Kind) -> &mut Vec<Peer> {
        match kind {
            Kind::Beanstalkd => &mut self.beanstalkd,
            Kind::Redis => &mut self.redis,
        }
    }
}

/// All that is installed, in all ways; a line tells what is not.
fn rivals(body: &[u8]) -> Vec<Rival> {
    let mut rivals = Vec::new();
    for (command, kind) in [
        ("beanstalkd", Kind::Beanstalkd),
        ("redis-server", Kind::Redis),
    ] {
        match in_path(command) {
            Some(path) if kind == Kind::Beanstalkd => rivals.extend(beanstalkds(&path, body)),
            Some(path) => rivals.extend(redises(&path, body)),
            None => println!("skipped: comparison with {command}: it is not installed"),
        }
    }
    rivals
}

fn beanstalkds(path: &Path, body: &[u8]) -> Vec<Rival> {
    let rival = |segment: usize| Rival {
        kind: Kind::Beanstalkd,
        name: format!("put, log in files of {} MiB", segment >> 20),
        program: Program::Beanstalkd {
            path: path.to_owned(),
            segment,
        },
        request: beanstalkd_request(body),
    };
    SEGMENTS.into_iter().map(rival).collect()
}

fn redises(path: &Path, body: &[u8]) -> Vec<Rival> {
    let rival = |command: &[&str], io_threads| Rival {
        kind: Kind::Redis,
        name: format!(
            "{}, io-threads {io_threads}",
            command.first().copied().unwrap_or_default()
        ),
        program: Program::Redis {
            path: path.to_owned(),
            io_threads,
        },
        request: redis_request(command, body),
    };
    REDIS_COMMANDS
        .into_iter()
        .flat_map(|command| IO_THREADS.map(|io_threads| rival(command, io_threads)))
        .collect()
}

/// Where a command is, as a shell finds it.
fn in_path(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(command))
        .find(|program| program.is_file())
}

/// The second field of the line whose first one is `"LPUSH"`: requests a second.
fn lpush_rate(csv: &str) -> Option<f64> {
    let fields = csv
        .lines()
        .find_map(|line| line.strip_prefix("\"LPUSH\",\""))?;
    fields.split('"').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_the_line_of_the_command() {
        let csv = "\"test\",\"rps\",\"avg_latency_ms\"\n\"LPUSH\",\"1612.90\",\"0.612\"\n";
        assert_eq!(lpush_rate(csv), Some(1612.9));
        assert_eq!(lpush_rate("\"test\",\"rps\"\n"), None);
    }
}
