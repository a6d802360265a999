//! How many connections the process may have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that are not connections: the store, logs, programs that are run.
const RESERVED: u64 = 256;

/// Raises the limit on open files as far as it may be raised, and returns how many of `wanted` connections it allows.
pub(super) fn connections(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            log::warn!(target: "server", "the limit on open files cannot be raised: {error}");
            current
        }
    };
    let possible = allowed(wanted, current);
    if possible < wanted {
        log::warn!(
            target: "server",
            "{possible} connections at most, not the {wanted} of MaxConnections: the limit on open files is too low"
        );
    }
    possible
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
}
