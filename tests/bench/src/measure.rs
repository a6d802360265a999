//! Figures: latencies, medians, what a process uses, and on what machine.

mod histogram;
mod machine;
mod process;

pub use self::histogram::Histogram;
pub use self::machine::Machine;
pub use self::process::ProcessUse;

use crate::load::Figures;
use serde::Serialize;
use std::time::Duration;

/// One measurement of one side.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sample {
    /// Accepted bounces a second.
    pub rate: f64,
    /// Median latency, milliseconds.
    pub p50_ms: f64,
    /// Latency that 99 of 100 requests do not exceed, milliseconds.
    pub p99_ms: f64,
    /// Processor time of the server for each accepted bounce, microseconds.
    pub cpu_us: f64,
}

impl Sample {
    /// Of what the load generator saw while the server used `cpu`.
    pub fn new(figures: &Figures, cpu: Duration) -> Self {
        let accepted = float(figures.accepted());
        let milliseconds = |percent| figures.latencies.percentile(percent).as_secs_f64() * 1e3;
        Self {
            rate: accepted / figures.elapsed.as_secs_f64(),
            p50_ms: milliseconds(50),
            p99_ms: milliseconds(99),
            cpu_us: cpu.as_secs_f64() * 1e6 / accepted,
        }
    }
}

/// The value in the middle, or between the two in the middle; `None` of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let lower = if values.len().is_multiple_of(2) {
        *values.get(middle.checked_sub(1)?)?
    } else {
        upper
    };
    Some(f64::midpoint(lower, upper))
}

/// A count as a fraction's part.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of requests and bytes stay far below 2^53"
)]
pub fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(median([]), None);
        assert_eq!(median([7.0]), Some(7.0));
        assert_eq!(median([9.0, 1.0]), Some(5.0));
        assert_eq!(median([100.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median([4.0, 100.0, 1.0, 3.0]), Some(3.5));
    }

    #[test]
    fn a_sample_is_per_second_and_per_bounce() {
        let mut figures = Figures {
            elapsed: Duration::from_millis(500),
            ..Figures::default()
        };
        (0..200).for_each(|_| figures.latencies.add(Duration::from_micros(64)));
        let sample = Sample::new(&figures, Duration::from_millis(10));
        assert!((sample.rate - 400.0).abs() < 1e-9);
        assert!((sample.cpu_us - 50.0).abs() < 1e-9);
        assert!((sample.p50_ms - 0.064).abs() < 0.001 && (sample.p99_ms - 0.064).abs() < 0.001);
    }
}
