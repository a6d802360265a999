//! Latencies in buckets of equal relative width: fixed size, one addition per value.

use std::time::Duration;

/// Buckets per doubling, as a power of two: a bucket is at most 1/128 of its value wide.
const STEPS_LOG2: u32 = 7;
const STEPS: usize = 1 << STEPS_LOG2;

/// One row of [`STEPS`] buckets for 0 to 127 ns, and one for each doubling of a 64-bit number above.
const BUCKETS: usize = STEPS * (64 - STEPS_LOG2 as usize + 1);

/// Counts of latencies.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            count: 0,
        }
    }
}

impl Histogram {
    /// Counts one latency; more than 584 years count as these.
    pub fn add(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get_mut(bucket_of(nanoseconds)) {
            *bucket = bucket.saturating_add(1);
            self.count = self.count.saturating_add(1);
        }
    }

    /// How many latencies were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The latency that `percent` of 100 do not exceed, rounded up to the end of its bucket (less than 1 % too much);
    /// zero if nothing was counted.
    pub fn percentile(&self, percent: u64) -> Duration {
        let rank = self.count.saturating_mul(percent).div_ceil(100);
        let mut counted: u64 = 0;
        let found = self.buckets.iter().position(|bucket| {
            counted = counted.saturating_add(*bucket);
            counted > 0 && counted >= rank
        });
        found.map_or(Duration::ZERO, |bucket| {
            Duration::from_nanos(end_of(bucket))
        })
    }
}

/// The row is the number of doublings above 127, the place in it the seven bits behind the highest one.
fn bucket_of(value: u64) -> usize {
    let Some(shift) = shift_of(value) else {
        return usize::try_from(value).unwrap_or(usize::MAX);
    };
    let place = usize::try_from(value >> shift).unwrap_or(usize::MAX);
    STEPS.saturating_mul(shift as usize).saturating_add(place)
}

/// By how many bits a value is too long for eight; `None` for the values of the first row.
fn shift_of(value: u64) -> Option<u32> {
    value.checked_ilog2()?.checked_sub(STEPS_LOG2)
}

/// The greatest value of a bucket.
fn end_of(bucket: usize) -> u64 {
    let (row, place) = (bucket / STEPS, bucket % STEPS);
    let shift = row.saturating_sub(1);
    let start = if row == 0 {
        place
    } else {
        STEPS.saturating_add(place)
    };
    let width_minus_one = (1_u64 << shift).saturating_sub(1);
    ((start as u64) << shift).saturating_add(width_minus_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nanoseconds: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        nanoseconds
            .into_iter()
            .for_each(|value| histogram.add(Duration::from_nanos(value)));
        histogram
    }

    #[test]
    fn small_values_are_kept_exactly() {
        let histogram = of(1..=100);
        for percent in [1, 50, 99, 100] {
            assert_eq!(histogram.percentile(percent), Duration::from_nanos(percent));
        }
    }

    #[test]
    fn a_percentile_is_never_too_small_and_less_than_one_percent_too_great() {
        for value in [
            128,
            129,
            255,
            256,
            257,
            1_000,
            123_456,
            2_600_000,
            10_000_000_000,
            1 << 63,
            u64::MAX,
        ] {
            let told = of([value]).percentile(99).as_nanos();
            assert!(told >= u128::from(value), "{told} for {value}");
            assert!(
                (told - u128::from(value)) * 100 < u128::from(value),
                "{told} for {value}"
            );
        }
    }

    #[test]
    fn buckets_follow_one_another_without_gap_or_overlap() {
        for bucket in 0..BUCKETS - 1 {
            assert_eq!(bucket_of(end_of(bucket)), bucket);
            assert_eq!(bucket_of(end_of(bucket) + 1), bucket + 1);
        }
        assert_eq!(end_of(BUCKETS - 1), u64::MAX);
    }

    #[test]
    fn rare_long_latencies_are_beyond_the_percentile_and_frequent_ones_are_not() {
        let with_slow = |slow| of((0..1000).map(|n| if n < slow { 1_000_000 } else { 100 }));
        assert_eq!(with_slow(10).percentile(99), Duration::from_nanos(100));
        assert!(with_slow(11).percentile(99) >= Duration::from_millis(1));
        assert_eq!(with_slow(11).percentile(50), Duration::from_nanos(100));
    }

    #[test]
    fn nothing_counted_is_no_latency() {
        assert_eq!(of([]).percentile(99), Duration::ZERO);
        assert_eq!(of([5, 6]).count(), 2);
    }
}
