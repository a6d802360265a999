//! All connections, and who has to go when there are too many.

use super::line::{Line, Phase};
use crate::clock::Clock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// When there is no room, one connection of so many is given up at once, so that not each new one has to look at all.
const AT_ONCE: usize = 100;

/// How many clients that were turned away may still be read from at a time.
const FAREWELLS: usize = 128;

/// The connections that are open.
#[derive(Debug)]
pub(in crate::server) struct Crowd {
    most: usize,
    clock: Clock,
    next: AtomicU64,
    lines: Mutex<HashMap<u64, Arc<Line>>>,
    farewells: Semaphore,
}

/// The place of a connection; it is free again when this goes.
#[derive(Debug)]
pub(in crate::server) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    line: Arc<Line>,
}

impl Crowd {
    /// For at most `most` connections.
    pub(in crate::server) fn new(most: usize, clock: Clock) -> Self {
        Self {
            most,
            clock,
            next: AtomicU64::new(0),
            lines: Mutex::new(HashMap::new()),
            farewells: Semaphore::new(FAREWELLS),
        }
    }

    /// A place for a new connection. If there is none, the connections that have waited the longest for their clients are
    /// given up, one in a hundred; `None` if none waits.
    pub(in crate::server) fn place(self: &Arc<Self>) -> Option<Place> {
        let line = Arc::new(Line::new(self.clock.clone()));
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut lines = self.lines();
        if lines.len() >= self.most {
            let most = self.most.div_ceil(AT_ONCE);
            for longest in longest_waiting(&lines, most) {
                if let Some(line) = lines.remove(&longest) {
                    line.give_up();
                }
            }
        }
        if lines.len() >= self.most {
            return None;
        }
        lines.insert(number, Arc::clone(&line));
        drop(lines);
        Some(Place {
            crowd: Arc::clone(self),
            number,
            line,
        })
    }

    /// Leave to read on from a client that was turned away.
    pub(super) fn farewell(&self) -> Option<SemaphorePermit<'_>> {
        self.farewells.try_acquire().ok()
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `most` lines that have waited the longest, or fewer if fewer wait.
fn longest_waiting(lines: &HashMap<u64, Arc<Line>>, most: usize) -> Vec<u64> {
    let waiting = lines.iter().filter_map(|(number, line)| {
        let (phase, since) = line.phase();
        (phase != Phase::Busy).then_some((since, *number))
    });
    let mut waiting: Vec<_> = waiting.collect();
    if most < waiting.len() {
        waiting.select_nth_unstable(most);
        waiting.truncate(most);
    }
    waiting.into_iter().map(|(_, number)| number).collect()
}

impl Place {
    /// The connection's state.
    pub(in crate::server) fn line(&self) -> &Arc<Line> {
        &self.line
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.lines().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn crowd(most: usize) -> (Arc<Crowd>, Clock) {
        let clock = Clock::fixed(Timestamp(100));
        (Arc::new(Crowd::new(most, clock.clone())), clock)
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_goes() {
        let (crowd, _) = crowd(1);
        let first = crowd.place().unwrap();
        first.line().enter(Phase::Busy);
        assert!(crowd.place().is_none());
        drop(first);
        assert!(crowd.place().is_some());
    }

    #[test]
    fn of_many_one_in_a_hundred_goes_at_once() {
        let (crowd, clock) = crowd(1000);
        let open = |_| {
            clock.advance(1);
            crowd.place().unwrap()
        };
        let places: Vec<Place> = (0..1000).map(open).collect();
        let newcomers: Vec<Place> = (0..11).map(open).collect();
        let given_up = |place: &&Place| place.line().is_given_up();
        assert_eq!(places.iter().take_while(given_up).count(), 20);
        assert_eq!(places.iter().filter(given_up).count(), 20);
        assert_eq!(newcomers.iter().filter(given_up).count(), 0);
    }

    #[test]
    fn who_has_waited_the_longest_goes_first_and_who_is_served_stays() {
        let (crowd, clock) = crowd(4);
        let places: Vec<Place> = (0..4)
            .map(|_| {
                clock.advance(1);
                crowd.place().unwrap()
            })
            .collect();
        let line = |number: usize| places[number].line();
        line(0).enter(Phase::Busy);
        clock.advance(1);
        line(1).enter(Phase::Idle);
        let given_up = || -> Vec<bool> {
            places
                .iter()
                .map(|place| place.line().is_given_up())
                .collect()
        };
        clock.advance(1);
        let mut newcomers = vec![crowd.place().unwrap()];
        assert_eq!(given_up(), [false, false, true, false]);
        newcomers.push(crowd.place().unwrap());
        assert_eq!(given_up(), [false, false, true, true]);
        newcomers.push(crowd.place().unwrap());
        assert_eq!(given_up(), [false, true, true, true]);
        assert!(!newcomers.iter().any(|place| place.line().is_given_up()));
    }
}
