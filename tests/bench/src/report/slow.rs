//! The table of slow connections on standard output.

use super::ratio::{Figure, Ratio, Target};
use super::tables::{or_dash, shown};
use super::{SlowConnections, SlowRow};
use crate::measure::float;
use std::fmt;

/// The p99 latency beside [`MANY`] slow connections, where it is 1 without.
const P99_TARGET: Target = Target::AtMost(2.0);
const MANY: usize = 2000;

impl fmt::Display for SlowConnections {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes| float(bytes) / 1024.0 / 1024.0;
        writeln!(
            out,
            "\n{} slow connections: {:.1} MiB resident, {:.1} before; {} closed and opened anew",
            self.slow,
            mebibytes(self.resident_with),
            mebibytes(self.resident_before),
            self.reopened
        )?;
        self.table(
            out,
            "latency p99, ms",
            |sample| sample.p99_ms,
            3,
            |ratio| {
                if self.slow >= MANY {
                    P99_TARGET.beside(ratio)
                } else {
                    format!("the target is for {MANY} slow connections")
                }
            },
        )?;
        let none = |_| "-".to_owned();
        self.table(out, "latency p50, ms", |sample| sample.p50_ms, 3, none)?;
        self.table(out, "accepted a second", |sample| sample.rate, 0, none)
    }
}

impl SlowConnections {
    fn table(
        &self,
        out: &mut fmt::Formatter<'_>,
        title: &str,
        figure: Figure,
        decimals: usize,
        verdict: impl Fn(f64) -> String,
    ) -> fmt::Result {
        writeln!(
            out,
            "\n{title:<18} {:>9} {:>9}   {:<19} target",
            "beside", "alone", "ratio"
        )?;
        for SlowRow {
            connections,
            alone,
            beside,
        } in &self.rows
        {
            let ratio = Ratio::new(beside, alone, figure);
            let verdict = or_dash(ratio.map(|ratio| verdict(ratio.of_medians)));
            let (beside, alone) = (
                shown(beside, figure, decimals),
                shown(alone, figure, decimals),
            );
            let ratio = or_dash(ratio);
            writeln!(
                out,
                "{connections:>4} connection(s) {beside:>9} {alone:>9}   {ratio:<19} {verdict}"
            )?;
        }
        Ok(())
    }
}
