//! Mails read a second, beside other programs that read bounces.

use serde::Serialize;
use std::fmt;

/// What was measured of the reading of bounces.
#[derive(Debug, Serialize)]
pub struct Bounces {
    /// How many different mails.
    pub mails: usize,
    /// Their size in all.
    pub bytes: usize,
    /// The median size.
    pub median_bytes: usize,
    /// Mails a second on one core.
    pub rates: Rates,
    /// What a byte of these mails costs.
    pub nanoseconds_a_byte: f64,
    /// Mails that try to cost more.
    pub crafted: Vec<Crafted>,
}

/// Mails a second, one figure for each round.
#[derive(Debug, Default, Serialize)]
pub struct Rates {
    /// This program, with evidence.
    pub read: Vec<f64>,
    /// The same, and the line of JSON about it.
    pub line: Vec<f64>,
    /// Only mails of about median size, with evidence.
    pub median_read: Vec<f64>,
    /// The same, and the line of JSON about it.
    pub median_line: Vec<f64>,
    /// flufl.bounce; empty where it is missing.
    pub flufl: Vec<f64>,
    /// Sisimai; empty where it is missing.
    pub sisimai: Vec<f64>,
}

/// A crafted mail.
#[derive(Debug, Serialize)]
pub struct Crafted {
    /// What it is made of.
    pub name: &'static str,
    /// Its size.
    pub bytes: usize,
    /// What a byte of it costs.
    pub nanoseconds_a_byte: f64,
}

/// How many times faster than each peer reading has to be.
const TARGET: f64 = 100.0;

/// Mails of median size a second.
const TARGET_MEDIAN: f64 = 100_000.0;

/// How many times more a byte of a crafted mail may cost.
const TARGET_CRAFTED: f64 = 4.0;

fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

impl fmt::Display for Bounces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = &self.rates;
        writeln!(
            f,
            "\nBounces read a second on one core ({} mails, {} bytes)\n",
            self.mails, self.bytes
        )?;
        for (name, ours, target) in [
            ("read, with evidence", &rates.read, None),
            ("read and written as JSON", &rates.line, None),
            (
                "of median size, read",
                &rates.median_read,
                Some(TARGET_MEDIAN),
            ),
            (
                "of median size, read and written",
                &rates.median_line,
                Some(TARGET_MEDIAN),
            ),
        ] {
            write!(f, "  {name:<40} {:>10.0}", median(ours))?;
            match target {
                Some(target) => writeln!(f, "   target {target:.0} ({} bytes)", self.median_bytes)?,
                None => writeln!(f)?,
            }
        }
        for (name, peer) in [("flufl.bounce", &rates.flufl), ("Sisimai", &rates.sisimai)] {
            if peer.is_empty() {
                writeln!(f, "skipped: bounces read by {name}: it is missing")?;
                continue;
            }
            let (read, line) = (median(&rates.read), median(&rates.line));
            let peer = median(peer);
            let (read, line) = (read / peer, line / peer);
            writeln!(
                f,
                "  {name:<40} {peer:>10.0}   {read:.0} times that here, {line:.0} with JSON; target {TARGET:.0}"
            )?;
        }
        writeln!(
            f,
            "\nCost of a byte of crafted mails, read and written (ordinary ones: {:.2} ns)\n",
            self.nanoseconds_a_byte
        )?;
        for crafted in &self.crafted {
            let ratio = crafted.nanoseconds_a_byte / self.nanoseconds_a_byte;
            writeln!(
                f,
                "  {:<40} {:>10} bytes {:>8.2} ns {ratio:>7.2} times, target {TARGET_CRAFTED:.0}",
                crafted.name, crafted.bytes, crafted.nanoseconds_a_byte
            )?;
        }
        Ok(())
    }
}
