//! Patience that ends.

use std::thread::sleep;
use std::time::Duration;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(20);

/// How often to look: about two minutes' worth, for machines that do other things as well.
const LOOKS: u32 = 6000;

/// Looks until there is something to be seen, and fails if that takes for ever.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look() {
            return found;
        }
        sleep(PAUSE);
    }
    panic!("waited in vain for {what}");
}
