//! What a process uses, as Linux tells it in `/proc`.

use anyhow::{Context, Result};
use std::fs;
use std::time::Duration;

/// Length of a tick in `/proc/PID/stat`: the kernel shows all programs 100 a second (proc(5), `USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// Processor time and memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessUse {
    /// Time on processors since it was started, for the program and for the system.
    pub cpu: Duration,
    /// Resident memory, bytes.
    pub resident: u64,
}

impl ProcessUse {
    /// Of a process by its id.
    pub fn of(pid: u32) -> Result<Self> {
        let read = |name| {
            let path = format!("/proc/{pid}/{name}");
            fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))
        };
        let cpu = cpu(&read("stat")?).context("/proc/PID/stat is not as proc(5) says")?;
        let resident = resident(&read("status")?).context("/proc/PID/status has no VmRSS in kB")?;
        Ok(Self { cpu, resident })
    }
}

/// The fields 14 and 15; the second field is the program's name in parentheses and may hold anything.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    TICK.checked_mul(user.checked_add(system)?)
}

fn resident(status: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_any_name() {
        let stat = "4242 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 20 0 1";
        assert_eq!(cpu(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu("4242 (x) S 1 2 3"), None);
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        assert_eq!(
            resident("Name:\tx\nVmHWM:\t    9 kB\nVmRSS:\t    3 kB\nRssAnon:\t 1 kB\n"),
            Some(3072)
        );
        assert_eq!(resident("Name:\tx\n"), None);
    }

    #[test]
    fn a_running_process_has_memory() {
        assert!(ProcessUse::of(std::process::id()).unwrap().resident > 0);
    }
}
