//! Whether a body comes fast enough.

use crate::clock::Clock;
use crate::server::Limits;
use std::time::Duration;

/// The bytes that came within the present span of time. A span is judged when it is over, so a body that is whole before
/// may be as slow as it likes.
#[derive(Debug)]
pub(super) struct Pace {
    clock: Clock,
    span: Option<Duration>,
    least: u64,
    began: Duration,
    came: u64,
}

impl Pace {
    /// The first span begins now.
    pub(super) fn new(limits: &Limits, clock: Clock) -> Self {
        let seconds = limits.body_time.map_or(0, |span| span.as_secs());
        Self {
            span: limits.body_time,
            least: limits.body_rate.saturating_mul(seconds),
            began: clock.elapsed(),
            came: 0,
            clock,
        }
    }

    /// Takes note of bytes that came.
    pub(super) fn count(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.came = self.came.saturating_add(bytes);
    }

    /// How much of the span is left; `None` where time has no limit.
    pub(super) fn left(&self) -> Option<Duration> {
        let end = self.began.saturating_add(self.span?);
        Some(end.saturating_sub(self.clock.elapsed()))
    }

    /// Judges the span once it is over, and begins the next one.
    pub(super) fn keeps_up(&mut self) -> bool {
        if self.left().is_none_or(|left| !left.is_zero()) {
            return true;
        }
        let enough = self.came >= self.least.max(1);
        self.began = self.clock.elapsed();
        self.came = 0;
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    /// Spans of 20 seconds, at least 500 bytes a second: 10,000 bytes each.
    fn pace(body_time: Option<u64>) -> (Pace, Clock) {
        let limits = Limits {
            connections: 0,
            head_bytes: 0,
            head_time: None,
            body_bytes: 0,
            body_time: body_time.map(Duration::from_secs),
            body_rate: 500,
            answer_time: None,
            keep_alive: None,
            memory: 0,
        };
        let clock = Clock::fixed(Timestamp(100));
        (Pace::new(&limits, clock.clone()), clock)
    }

    #[test]
    fn each_span_needs_its_own_bytes() {
        let (mut pace, clock) = pace(Some(20));
        for _ in 0..100 {
            clock.advance(19);
            assert_eq!(pace.left(), Some(Duration::from_secs(1)));
            assert!(pace.keeps_up(), "a span that is not over is not judged");
            pace.count(10_000);
            clock.advance(1);
            assert!(pace.keeps_up());
        }
        pace.count(9_999);
        clock.advance(20);
        assert!(!pace.keeps_up());
    }

    #[test]
    fn what_came_too_early_does_not_count_later() {
        let (mut pace, clock) = pace(Some(20));
        pace.count(64 << 20);
        clock.advance(20);
        assert!(pace.keeps_up());
        clock.advance(20);
        assert!(!pace.keeps_up());
    }

    #[test]
    fn without_a_span_there_is_no_hurry() {
        let (mut pace, clock) = pace(None);
        clock.advance(1_000_000);
        assert_eq!(pace.left(), None);
        assert!(pace.keeps_up());
    }
}
