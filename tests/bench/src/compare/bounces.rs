//! Mails read a second: by this program and by other programs that read bounces, and what crafted mails cost.

mod crafted;

use super::{Bench, Plan};
use crate::report::{Bounces, Crafted, Rates};
use anyhow::{Context as _, Result, ensure};
use bouncehandlerd::bounce::report::{ReadLimits, write_line};
use bouncehandlerd::bounce::{self, compatible};
use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many mails of about median size are taken.
const MEDIAN: usize = 100;

struct Mail {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Bench {
    /// All programs have their turn in each round, each on one core.
    pub(super) fn bounces(&self, plan: &Plan) -> Result<Bounces> {
        let mails = load(&plan.mails)?;
        let near_median = near_median(&mails);
        let mut rates = Rates::default();
        // What is built at the first reading is no part of the others.
        pass(&mails, read_and_write);
        for _ in 0..self.rounds {
            rates.read.push(rate(&mails, self.turn, read));
            rates.line.push(rate(&mails, self.turn, read_and_write));
            rates.median_read.push(rate(&near_median, self.turn, read));
            let line = rate(&near_median, self.turn, read_and_write);
            rates.median_line.push(line);
            if let Some(python) = &plan.flufl_python {
                let mut peer = Command::new(python);
                peer.arg(plan.peers_dir.join("read_flufl.py"));
                rates.flufl.push(peer_rate(peer, &mails, self.turn)?);
            }
            if has_sisimai() {
                let mut peer = Command::new("perl");
                peer.arg(plan.peers_dir.join("read_sisimai.pl"));
                rates.sisimai.push(peer_rate(peer, &mails, self.turn)?);
            }
        }
        let ordinary = cost(&mails, self.rounds);
        let crafted = crafted::all()
            .into_iter()
            .map(|(name, bytes)| {
                let mail = [Mail {
                    path: PathBuf::new(),
                    bytes,
                }];
                Crafted {
                    name,
                    bytes: total(&mail),
                    nanoseconds_a_byte: cost(&mail, self.rounds),
                }
            })
            .collect();
        Ok(Bounces {
            mails: mails.len(),
            bytes: total(&mails),
            median_bytes: near_median
                .get(MEDIAN / 2)
                .map_or(0, |mail| mail.bytes.len()),
            rates,
            nanoseconds_a_byte: ordinary,
            crafted,
        })
    }
}

/// All mails under a directory, in the order of their names.
fn load(directory: &Path) -> Result<Vec<Mail>> {
    let mut mails = Vec::new();
    collect(directory, &mut mails)?;
    ensure!(!mails.is_empty(), "{} has no mails", directory.display());
    mails.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(mails)
}

fn collect(directory: &Path, mails: &mut Vec<Mail>) -> Result<()> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("mails of {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, mails)?;
        } else if path.extension().is_none_or(|end| end != "jsonl") {
            let bytes = fs::read(&path)?;
            mails.push(Mail { path, bytes });
        }
    }
    Ok(())
}

fn near_median(mails: &[Mail]) -> Vec<Mail> {
    let mut by_size: Vec<&Mail> = mails.iter().collect();
    by_size.sort_by_key(|mail| mail.bytes.len());
    let first = (by_size.len() / 2).saturating_sub(MEDIAN / 2);
    by_size
        .into_iter()
        .skip(first)
        .take(MEDIAN)
        .map(|mail| Mail {
            path: mail.path.clone(),
            bytes: mail.bytes.clone(),
        })
        .collect()
}

/// The reading with its evidence.
fn read(mail: &[u8], _line: &mut Vec<u8>) {
    black_box(bounce::read(black_box(mail), &ReadLimits::default()));
}

/// The reading, that of the extension, and the line of JSON about both, as `parse --json` makes it.
fn read_and_write(mail: &[u8], line: &mut Vec<u8>) {
    let reading = bounce::read(black_box(mail), &ReadLimits::default());
    line.clear();
    let written = write_line(line, Some("mail"), &reading, &compatible::judge(mail));
    black_box(written.is_ok());
}

/// Reads each mail once.
fn pass(mails: &[Mail], reading: fn(&[u8], &mut Vec<u8>)) {
    let mut line = Vec::new();
    for mail in mails {
        reading(&mail.bytes, &mut line);
    }
}

/// Mails a second, in whole passes over all.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(mails: &[Mail], turn: Duration, reading: fn(&[u8], &mut Vec<u8>)) -> f64 {
    let began = Instant::now();
    let mut done = 0_usize;
    while began.elapsed() < turn {
        pass(mails, reading);
        done = done.saturating_add(mails.len());
    }
    done as f64 / began.elapsed().as_secs_f64()
}

/// Nanoseconds a byte, of the best of some passes.
#[expect(clippy::cast_precision_loss, reason = "a cost for people")]
fn cost(mails: &[Mail], rounds: u32) -> f64 {
    let best = (0..rounds.max(3))
        .map(|_| {
            let began = Instant::now();
            pass(mails, read_and_write);
            began.elapsed()
        })
        .min()
        .unwrap_or_default();
    best.as_secs_f64() * 1e9 / total(mails).max(1) as f64
}

fn total(mails: &[Mail]) -> usize {
    mails.iter().map(|mail| mail.bytes.len()).sum()
}

fn has_sisimai() -> bool {
    Command::new("perl")
        .args(["-MSisimai", "-e", "1"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Mails a second of a peer: it is given the names of the mails, and says how many it read in how many seconds.
fn peer_rate(mut peer: Command, mails: &[Mail], turn: Duration) -> Result<f64> {
    let mut running = peer
        .arg(turn.as_secs_f64().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What they warn of is not wanted here.
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{}", peer.get_program().display()))?;
    let mut names = running.stdin.take().context("no pipe")?;
    for mail in mails {
        writeln!(names, "{}", mail.path.display())?;
    }
    drop(names);
    let said = running.wait_with_output()?;
    ensure!(said.status.success(), "{}", said.status);
    let said = String::from_utf8(said.stdout)?;
    let (done, seconds) = said
        .trim()
        .split_once(' ')
        .with_context(|| format!("the peer says {said:?}"))?;
    Ok(done.parse::<f64>()? / seconds.parse::<f64>()?)
}
