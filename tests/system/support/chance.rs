//! Chance that can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

/// A small generator of numbers (`SplitMix64`); the same seed gives the same numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Seeded by the environment variable `BOUNCEHANDLERD_SEED`, else by the clock; the seed is printed.
    pub fn seeded() -> Self {
        let given = std::env::var("BOUNCEHANDLERD_SEED").ok();
        let seed = given.map_or_else(of_the_clock, |seed| seed.parse().unwrap());
        println!("BOUNCEHANDLERD_SEED={seed}");
        Self(seed)
    }

    /// A number from 0 to `below` less one.
    pub fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    /// Whether something that happens once in `times` happens now.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A generator of its own for somebody else.
    pub fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }
}

fn of_the_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::from(now.subsec_nanos()) ^ now.as_secs()
}
