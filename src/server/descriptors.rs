//! How many connections the process may have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that are not connections: the store, logs, programs that are run.
const RESERVED: u64 = 256;

/// Raises the limit on open files as far as `wanted` connections need it and the hard limit allows, and returns how many of
/// them there may be. It is raised no further: programs that are run have the same limit.
pub(super) fn connections(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let mut files = current;
    if let Some(raised) = raised(wanted, current, maximum) {
        let limit = Rlimit {
            current: Some(raised),
            maximum,
        };
        match setrlimit(Resource::Nofile, limit) {
            Ok(()) => files = Some(raised),
            Err(error) => {
                log::warn!(target: "server", "the limit on open files cannot be raised: {error}");
            }
        }
    }
    let possible = allowed(wanted, files);
    if possible < wanted {
        log::warn!(
            target: "server",
            "{possible} connections at most, not the {wanted} of MaxConnections: the limit on open files is too low"
        );
    }
    possible
}

/// What a soft limit is to become for `wanted` connections; `None` if it can stay. A limit that is `None` is none.
fn raised(wanted: usize, current: Option<u64>, maximum: Option<u64>) -> Option<u64> {
    let needed = u64::try_from(wanted)
        .unwrap_or(u64::MAX)
        .saturating_add(RESERVED)
        .min(maximum.unwrap_or(u64::MAX));
    current.filter(|current| *current < needed).map(|_| needed)
}

/// How many of `wanted` connections a limit on open files allows; `None` is no limit.
fn allowed(wanted: usize, files: Option<u64>) -> usize {
    let free = files.map_or(u64::MAX, |files| files.saturating_sub(RESERVED).max(1));
    wanted.min(usize::try_from(free).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_connections_are_kept_in_reserve() {
        assert_eq!(allowed(10_000, None), 10_000);
        assert_eq!(allowed(10_000, Some(524_288)), 10_000);
        assert_eq!(allowed(10_000, Some(1024)), 768);
        assert_eq!(allowed(10_000, Some(16)), 1);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_needed_and_allowed() {
        assert_eq!(raised(10_000, Some(1024), Some(524_288)), Some(10_256));
        assert_eq!(raised(10_000, Some(1024), None), Some(10_256));
        assert_eq!(raised(10_000, Some(1024), Some(4096)), Some(4096));
        assert_eq!(raised(10_000, Some(20_000), Some(20_000)), None);
        assert_eq!(raised(10_000, Some(4096), Some(4096)), None);
        assert_eq!(raised(10_000, None, None), None);
    }
}
