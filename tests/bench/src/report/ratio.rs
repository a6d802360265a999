//! Ratios of two sides, and the targets beside them.

use crate::measure::{Sample, median};
use std::fmt;

/// Which figure of a sample.
pub(super) type Figure = fn(&Sample) -> f64;

/// The quotient of the medians of one figure of two sides, and the least and greatest quotient of a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    pub(super) of_medians: f64,
    least: f64,
    greatest: f64,
}

impl Ratio {
    /// `None` if there are no samples of one side.
    pub(super) fn new(upper: &[Sample], lower: &[Sample], figure: Figure) -> Option<Self> {
        let by_round = || {
            upper
                .iter()
                .zip(lower)
                .map(|(upper, lower)| figure(upper) / figure(lower))
        };
        Some(Self {
            of_medians: median_of(upper, figure)? / median_of(lower, figure)?,
            least: by_round().min_by(f64::total_cmp)?,
            greatest: by_round().max_by(f64::total_cmp)?,
        })
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{:.2} ({:.2}..{:.2})",
            self.of_medians, self.least, self.greatest
        )
    }
}

/// The median over the rounds; `None` without samples.
pub(super) fn median_of(samples: &[Sample], figure: Figure) -> Option<f64> {
    median(samples.iter().map(figure))
}

/// What a figure is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Less than so many MiB.
    MebibytesBelow(f64),
}

impl Target {
    /// The target, and whether `value` reaches it.
    pub(super) fn beside(self, value: f64) -> String {
        let (text, reached) = match self {
            Self::AtLeast(least) => (format!("at least {least}"), value >= least),
            Self::AtMost(most) => (format!("at most {most}"), value <= most),
            Self::MebibytesBelow(limit) => (format!("below {limit} MiB"), value < limit),
        };
        format!(
            "{text}: {}",
            if reached { "reached" } else { "not reached" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rates: &[f64]) -> Vec<Sample> {
        rates
            .iter()
            .map(|&rate| Sample {
                rate,
                p50_ms: 0.0,
                p99_ms: 0.0,
                cpu_us: 0.0,
            })
            .collect()
    }

    #[test]
    fn the_ratio_is_of_medians_and_its_range_is_of_rounds() {
        let ratio = Ratio::new(
            &of(&[30.0, 10.0, 20.0]),
            &of(&[40.0, 40.0, 20.0]),
            |sample| sample.rate,
        );
        assert_eq!(ratio.unwrap().to_string(), "0.50 (0.25..1.00)");
    }

    #[test]
    fn one_side_alone_has_no_ratio() {
        assert_eq!(Ratio::new(&[], &of(&[1.0]), |sample| sample.rate), None);
    }

    #[test]
    fn a_target_says_whether_it_is_reached() {
        assert_eq!(Target::AtLeast(0.7).beside(0.7), "at least 0.7: reached");
        assert_eq!(
            Target::AtLeast(0.7).beside(0.69),
            "at least 0.7: not reached"
        );
        assert_eq!(Target::AtMost(1.5).beside(1.5), "at most 1.5: reached");
        assert_eq!(
            Target::MebibytesBelow(96.0).beside(96.0),
            "below 96 MiB: not reached"
        );
    }
}
