//! Very deep queues, and very many jobs.

use super::ratio::{Ratio, Target};
use super::tables::{for_length, or_dash, shown};
use crate::measure::{Sample, float, median};
use serde::Serialize;
use std::fmt;

/// How much more than in the first tenth may be taken later, where that is 1.
const FLAT: Target = Target::AtMost(1.1);
const SOAK_LENGTH: u64 = 5_000_000;

/// What a very deep queue costs.
#[derive(Debug, Serialize)]
pub struct Deep {
    /// Queued jobs.
    pub jobs: u64,
    /// Size of a mail.
    pub body_bytes: usize,
    /// How long it took to bring them over HTTP.
    pub fill_seconds: f64,
    /// Resident memory then, bytes.
    pub resident: u64,
    /// Bytes on the disk then.
    pub disk: u64,
    /// From the start after a kill until it takes connections.
    pub start_seconds: f64,
    /// From the kill until the first bounce is accepted.
    pub first_push_seconds: f64,
    /// From the first request to run jobs until one is run.
    pub first_job_seconds: f64,
    /// Resident memory after the start, bytes.
    pub resident_after_start: u64,
    /// Turns of pushes to an empty queue.
    pub pushes_empty: Vec<Sample>,
    /// Turns of pushes to the deep queue.
    pub pushes_full: Vec<Sample>,
    /// Jobs that are run in a turn.
    pub jobs_a_round: u64,
    /// Jobs a second, of a queue that holds no more.
    pub runs_empty: Vec<f64>,
    /// Jobs a second, of the deep queue.
    pub runs_full: Vec<f64>,
}

/// Very many jobs through a short queue.
#[derive(Debug, Serialize)]
pub struct Soak {
    /// How many were pushed and run.
    pub jobs: u64,
    /// How many the queue held at most.
    pub length: u64,
    /// How long it took.
    pub seconds: f64,
    /// What was taken after each part of the jobs.
    pub samples: Vec<SoakSample>,
}

/// What the server takes at a moment.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SoakSample {
    /// Jobs that were run before.
    pub jobs: u64,
    /// Resident memory, bytes.
    pub resident: u64,
    /// Bytes on the disk.
    pub disk: u64,
}

fn mebibytes(bytes: u64) -> f64 {
    float(bytes) / 1024.0 / 1024.0
}

impl fmt::Display for Deep {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\n{} queued jobs of {} bytes, brought over HTTP at {:.0} a second",
            self.jobs,
            self.body_bytes,
            float(self.jobs) / self.fill_seconds
        )?;
        writeln!(
            out,
            "     {:.1} MiB resident ({:.1} after the start), {:.1} MiB on the disk",
            mebibytes(self.resident),
            mebibytes(self.resident_after_start),
            mebibytes(self.disk)
        )?;
        writeln!(
            out,
            "     start after a kill {:.2} s, first bounce accepted {:.2} s after the kill, first job run in {:.3} s",
            self.start_seconds, self.first_push_seconds, self.first_job_seconds
        )?;
        self.costs(out)
    }
}

impl Deep {
    fn costs(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\ncost in us, queue empty and deep ({} jobs a turn)",
            self.jobs_a_round
        )?;
        let push = |sample: &Sample| 1e6 / sample.rate;
        let ratio = Ratio::new(&self.pushes_full, &self.pushes_empty, push);
        writeln!(
            out,
            "     {:<10} {:>8} {:>8}   {}",
            "push",
            shown(&self.pushes_empty, push, 1),
            shown(&self.pushes_full, push, 1),
            or_dash(ratio)
        )?;
        let cost = |rates: &[f64]| median(rates.iter().map(|rate| 1e6 / rate)).unwrap_or(f64::NAN);
        let by_round = || {
            let pairs = self.runs_empty.iter().zip(&self.runs_full);
            pairs.map(|(empty, full)| empty / full)
        };
        let (empty, full) = (cost(&self.runs_empty), cost(&self.runs_full));
        writeln!(
            out,
            "     {:<10} {empty:>8.1} {full:>8.1}   {:.2} ({:.2}..{:.2})",
            "job",
            full / empty,
            by_round().fold(f64::INFINITY, f64::min),
            by_round().fold(f64::NEG_INFINITY, f64::max)
        )
    }
}

impl fmt::Display for Soak {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\n{} jobs pushed and run in {:.1} s ({:.0} a second), at most {} in the queue",
            self.jobs,
            self.seconds,
            float(self.jobs) / self.seconds,
            self.length
        )?;
        writeln!(
            out,
            "     {:<18} {:>12} {:>9}   {:>6}  target",
            "greatest, MiB", "first tenth", "rest", "ratio"
        )?;
        self.line(out, "resident memory", |sample| sample.resident)?;
        self.line(out, "disk", |sample| sample.disk)
    }
}

impl Soak {
    fn line(
        &self,
        out: &mut fmt::Formatter<'_>,
        name: &str,
        figure: fn(&SoakSample) -> u64,
    ) -> fmt::Result {
        let (first, rest) = self.greatest(figure);
        let ratio = float(rest) / float(first);
        writeln!(
            out,
            "     {name:<18} {:>12.1} {:>9.1}   {ratio:>6.2}  {}",
            mebibytes(first),
            mebibytes(rest),
            for_length(self.jobs, SOAK_LENGTH, FLAT.beside(ratio))
        )
    }

    /// The greatest value of a figure in the first tenth of the jobs, and in the rest.
    fn greatest(&self, figure: fn(&SoakSample) -> u64) -> (u64, u64) {
        let tenth = self.samples.len().div_ceil(10);
        let (first, rest) = self.samples.split_at_checked(tenth).unwrap_or_default();
        let greatest = |samples: &[SoakSample]| samples.iter().map(figure).max().unwrap_or(0);
        (greatest(first), greatest(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_after_the_first_tenth_is_not_flat() {
        let sample = |n: u64| SoakSample {
            jobs: n,
            resident: 100 << 20,
            disk: (100 + n) << 20,
        };
        let soak = Soak {
            jobs: SOAK_LENGTH,
            length: 2,
            seconds: 1.0,
            samples: (0..20).map(sample).collect(),
        };
        assert_eq!(soak.greatest(|sample| sample.disk), (101 << 20, 119 << 20));
        let text = soak.to_string();
        assert!(text.contains("1.00  at most 1.1: reached"), "{text}");
        assert!(text.contains("1.18  at most 1.1: not reached"), "{text}");
    }
}
