//! The tables on standard output.

use super::ratio::{Figure, Ratio, Target, median_of};
use super::{Comparison, Jobs, Queue, Report, Throughput};
use crate::measure::{Sample, float, median};
use std::fmt;

/// Of the ceiling's rate, by number of connections; the others have no target of their own.
fn rate_target(connections: usize) -> Option<Target> {
    match connections {
        1 => Some(Target::AtLeast(0.75)),
        64 => Some(Target::AtLeast(0.70)),
        _ => None,
    }
}

/// Of the ceiling's p99 latency.
const P99_TARGET: Target = Target::AtMost(1.5);

/// Jobs a second.
const JOBS_TARGET: Target = Target::AtLeast(20_000.0);

/// Resident memory at [`MEMORY_LENGTH`] queued jobs.
const MEMORY_TARGET: Target = Target::MebibytesBelow(96.0);

const MEMORY_LENGTH: u64 = 100_000;

/// Cost of a bounce at [`GROWTH_LENGTH`] queued jobs, where that on an empty queue is 1.
const GROWTH_TARGET: Target = Target::AtMost(1.15);
const GROWTH_LENGTH: u64 = 1_000_000;

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            machine,
            rounds,
            turn_seconds,
            workers,
            request_bytes,
            ..
        } = self;
        writeln!(out, "{machine}")?;
        writeln!(
            out,
            "{rounds} rounds, in each a turn of {turn_seconds} s for either side; figures are medians of the"
        )?;
        writeln!(
            out,
            "rounds, ratios are those of the medians (and the least and greatest of a round)."
        )?;
        writeln!(
            out,
            "{workers} workers a side; requests of {request_bytes} bytes from one thread on this machine."
        )
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(
            out,
            "accepted a second",
            |sample| sample.rate,
            0,
            rate_target,
        )?;
        self.table(out, "latency p50, ms", |sample| sample.p50_ms, 3, |_| None)?;
        self.table(
            out,
            "latency p99, ms",
            |sample| sample.p99_ms,
            3,
            |_| Some(P99_TARGET),
        )?;
        self.table(
            out,
            "processor us each",
            |sample| sample.cpu_us,
            1,
            |_| None,
        )
    }
}

impl Throughput {
    fn table(
        &self,
        out: &mut fmt::Formatter<'_>,
        title: &str,
        figure: Figure,
        decimals: usize,
        target: fn(usize) -> Option<Target>,
    ) -> fmt::Result {
        writeln!(
            out,
            "\n{title:<18} {:>9} {:>9}   {:<19} target",
            "server", "ceiling", "ratio"
        )?;
        for Comparison {
            connections,
            server,
            ceiling,
        } in &self.rows
        {
            let name = if *connections == 1 {
                "connection"
            } else {
                "connections"
            };
            let ratio = Ratio::new(server, ceiling, figure);
            let target = ratio
                .zip(target(*connections))
                .map(|(ratio, target)| target.beside(ratio.of_medians));
            let (server, ceiling) = (
                shown(server, figure, decimals),
                shown(ceiling, figure, decimals),
            );
            let (ratio, target) = (or_dash(ratio), or_dash(target));
            writeln!(
                out,
                "{connections:>4} {name:<13} {server:>9} {ceiling:>9}   {ratio:<19} {target}"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Jobs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = median(self.rates.iter().copied()).unwrap_or(f64::NAN);
        let least = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = self.rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (jobs, target) = (self.jobs, JOBS_TARGET.beside(rate));
        writeln!(
            out,
            "\njobs run a second, with their log lines, {jobs} jobs a round"
        )?;
        writeln!(out, "     {rate:.0} ({least:.0}..{greatest:.0})   {target}")
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes| float(bytes) / 1024.0 / 1024.0;
        let (resident, resident_long) = (mebibytes(self.resident), mebibytes(self.resident_long));
        writeln!(out, "\nresident memory, MiB")?;
        writeln!(
            out,
            "     {resident:.1} at {} queued jobs   {}",
            self.memory_at,
            for_length(
                self.memory_at,
                MEMORY_LENGTH,
                MEMORY_TARGET.beside(resident)
            )
        )?;
        writeln!(out, "     {resident_long:.1} at {} queued jobs", self.long)?;
        writeln!(
            out,
            "\ncost of an accepted bounce at 64 connections, us, queue empty and at {} jobs",
            self.long
        )?;
        let verdict = |ratio: Ratio| {
            for_length(
                self.long,
                GROWTH_LENGTH,
                GROWTH_TARGET.beside(ratio.of_medians),
            )
        };
        self.growth(out, "time", |sample| 1e6 / sample.rate, verdict)?;
        self.growth(out, "processor", |sample| sample.cpu_us, |_| "-".to_owned())
    }
}

impl Queue {
    fn growth(
        &self,
        out: &mut fmt::Formatter<'_>,
        name: &str,
        figure: Figure,
        verdict: impl Fn(Ratio) -> String,
    ) -> fmt::Result {
        let (empty, full) = (shown(&self.empty, figure, 1), shown(&self.full, figure, 1));
        let ratio = Ratio::new(&self.full, &self.empty, figure);
        let (ratio, verdict) = (or_dash(ratio), or_dash(ratio.map(verdict)));
        writeln!(
            out,
            "     {name:<10} {empty:>8} {full:>8}   {ratio:<19} {verdict}"
        )
    }
}

pub(super) fn shown(samples: &[Sample], figure: Figure, decimals: usize) -> String {
    or_dash(median_of(samples, figure).map(|value| format!("{value:.decimals$}")))
}

pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A verdict on a queue of `length` jobs or more; a shorter queue deserves none.
pub(super) fn for_length(measured: u64, length: u64, verdict: String) -> String {
    if measured >= length {
        return verdict;
    }
    format!("the target is for {length} jobs")
}
