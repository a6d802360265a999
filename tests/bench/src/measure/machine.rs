//! What was measured on.

use serde::Serialize;
use std::fmt;
use std::fs;
use std::path::Path;

const UNKNOWN: &str = "unknown";

/// The machine, as far as it bears on the figures.
#[derive(Debug, Serialize)]
pub struct Machine {
    cores: usize,
    cpu: String,
    kernel: String,
    filesystem: String,
    /// The system's own load averages before the first measurement: above 0 means that others were at work.
    load_average: String,
}

impl Machine {
    /// This machine; `data` is where the servers keep theirs.
    pub fn of(data: &Path) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_else(|_| UNKNOWN.to_owned());
        let cpu_info = read("/proc/cpuinfo");
        let model = cpu_info
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let data = data.canonicalize().unwrap_or_else(|_| data.to_owned());
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: model.map_or(UNKNOWN, |(_, name)| name).to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            filesystem: filesystem(&read("/proc/self/mountinfo"), &data)
                .unwrap_or(UNKNOWN)
                .to_owned(),
            load_average: read("/proc/loadavg")
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

/// The type of the file system that holds `path`: of the mounts above it the nearest, and there the last one
/// (proc(5), `/proc/PID/mountinfo`).
fn filesystem<'a>(mount_info: &'a str, path: &Path) -> Option<&'a str> {
    let mounts = mount_info.lines().filter_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        Some((
            Path::new(mount.split(' ').nth(4)?),
            source.split(' ').next()?,
        ))
    });
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above
        .max_by_key(|(point, _)| point.components().count())
        .map(|(_, kind)| kind)
}

impl fmt::Display for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cores,
            cpu,
            kernel,
            filesystem,
            load_average,
        } = self;
        write!(
            out,
            "{cores} cores, {cpu}, Linux {kernel}, {filesystem}; load average at the start {load_average}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_says_the_file_system() {
        let mounts = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
                      30 22 0:25 / /tmp rw,nosuid - tmpfs tmpfs rw\n\
                      31 30 0:26 / /tmp/deep/er rw master:3 - xfs /dev/vdb rw\n";
        let of = |path: &str| filesystem(mounts, Path::new(path));
        assert_eq!(of("/home/x"), Some("ext4"));
        assert_eq!(of("/tmp/deep"), Some("tmpfs"));
        assert_eq!(of("/tmp/deep/er/x"), Some("xfs"));
        assert_eq!(of("/tmpx"), Some("ext4"));
        assert_eq!(filesystem("", Path::new("/")), None);
    }
}
