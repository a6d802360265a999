//! How fast job types may be run (`JobBackoffThrottling`).
//!
//! A job of a throttled type is followed by a back-off: as long as it lasts, no run takes another of that type. Each type has
//! a back-off of its own, kept in the store, so that it holds for all runs and survives a restart.

use crate::clock::Clock;
use crate::job::JobType;
use std::collections::BTreeMap;
use tokio::sync::{Mutex, MutexGuard};

/// Rates and back-offs.
#[derive(Debug, Default)]
pub struct Throttle {
    /// Work items a second, by type.
    rates: BTreeMap<JobType, f64>,
    /// Until when a type is not run, in seconds since the epoch.
    until: std::sync::Mutex<BTreeMap<JobType, f64>>,
    /// One run at a time looks and claims, so that two never take what only one may.
    turn: Mutex<()>,
}

/// The right to claim.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    throttle: &'a Throttle,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl Throttle {
    /// With these rates, and the back-offs that are still in force.
    pub fn new(rates: BTreeMap<JobType, f64>, until: BTreeMap<JobType, f64>) -> Self {
        Self {
            rates,
            until: std::sync::Mutex::new(until),
            turn: Mutex::new(()),
        }
    }

    /// Waits until no other run is claiming, if any type is throttled at all.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let turn = if self.rates.is_empty() {
            None
        } else {
            Some(self.turn.lock().await)
        };
        Turn {
            throttle: self,
            _turn: turn,
        }
    }

    /// The back-offs that end in the future.
    pub(super) fn in_force(&self, clock: &Clock) -> BTreeMap<JobType, f64> {
        let now = clock.now_exactly();
        let mut backoffs = self.lock().clone();
        backoffs.retain(|_, until| *until > now);
        backoffs
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<JobType, f64>> {
        self.until
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Turn<'_> {
    pub(super) fn is_throttled(&self, kind: &JobType) -> bool {
        self.throttle.rates.contains_key(kind)
    }

    /// Whether no back-off of the type is in force.
    pub(super) fn may_run(&self, kind: &JobType, clock: &Clock) -> bool {
        let until = self.throttle.lock().get(kind).copied();
        until.is_none_or(|until| until <= clock.now_exactly())
    }

    /// A job was taken: returns until when its type is not run again, if it is throttled.
    pub(super) fn took(
        &self,
        kind: &JobType,
        items: impl FnOnce() -> u64,
        clock: &Clock,
    ) -> Option<f64> {
        let rate = self.throttle.rates.get(kind)?;
        #[expect(clippy::cast_precision_loss, reason = "work items are few")]
        let delay = items() as f64 / rate;
        let whole = delay.trunc() + f64::from(u8::from(chance() < delay.fract()));
        let until = clock.now_exactly() + whole;
        self.throttle.lock().insert(kind.clone(), until);
        Some(until)
    }
}

/// A number from 0 to 1; 0 where there is no random number, which rounds up.
fn chance() -> f64 {
    getrandom::u32().map_or(0.0, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    const WORK: JobType = JobType::known("work");

    fn throttle(rate: f64) -> Throttle {
        Throttle::new([(WORK, rate)].into(), BTreeMap::new())
    }

    #[tokio::test]
    async fn a_type_is_not_run_again_before_its_items_are_worth_the_time() {
        let clock = Clock::fixed(Timestamp(1000));
        let throttle = throttle(0.5);
        let turn = throttle.turn().await;
        assert!(turn.may_run(&WORK, &clock));
        // By hand: 3 items at half an item a second are 6 seconds.
        assert_eq!(turn.took(&WORK, || 3, &clock), Some(1006.0));
        clock.advance(5);
        assert!(!turn.may_run(&WORK, &clock));
        clock.advance(1);
        assert!(turn.may_run(&WORK, &clock));
        assert!(throttle.in_force(&clock).is_empty());
    }

    #[tokio::test]
    async fn a_part_of_a_second_is_rounded_up_as_often_as_it_is_large() {
        let clock = Clock::fixed(Timestamp(0));
        let throttle = throttle(4.0);
        let turn = throttle.turn().await;
        let took: f64 = (0..4000)
            .filter_map(|_| turn.took(&WORK, || 1, &clock))
            .sum();
        // A quarter of a second each: 1000 of 4000, give or take six standard deviations (27 each).
        assert!((1000.0 - took).abs() < 165.0, "{took}");
    }

    #[tokio::test]
    async fn other_types_are_not_throttled() {
        let clock = Clock::fixed(Timestamp(0));
        let throttle = throttle(0.5);
        let turn = throttle.turn().await;
        let other = JobType::known("other");
        assert_eq!(turn.took(&other, || 1, &clock), None);
        assert!(turn.may_run(&other, &clock) && !turn.is_throttled(&other));
    }
}
