//! `strace`: what the program asks of the system, written down, or made to fail or to kill it.

use super::place::Place;
use super::process::Process;
use super::wait::wait_for;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why `strace` cannot be used here, if it cannot; printed as `tests/run` wants to see it.
pub fn is_missing(what: &str) -> bool {
    let mut tried = Command::new("strace");
    tried.args(["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]);
    let works = tried.output().is_ok_and(|tried| tried.status.success());
    if !works {
        println!("skipped: {what}: strace is missing, or may not trace here");
    }
    !works
}

/// The program under `strace` with these options; it stays the child of whoever starts it.
pub fn command(place: &Place, options: &[&str], arguments: &[&str]) -> Command {
    let own = [&["-D", "-f", "-q"], options, &["--"]].concat();
    place.command_by("strace", &own, arguments)
}

/// What a trace file holds as soon as its last process has ended.
pub fn finished(trace: &Path, process: u32) -> String {
    wait_for("the end of the trace", || {
        let text = fs::read_to_string(trace).ok()?;
        let last = text.lines().last()?;
        let ended = last.contains(" +++ ") && last.trim_start().starts_with(&format!("{process} "));
        ended.then_some(text)
    })
}

/// Where the trace of a run goes.
pub fn trace_of(place: &Place, run: &str) -> PathBuf {
    place.path().join(format!("{run}.trace"))
}

/// Has calls of a process fail, from now on until what is returned is told to end.
pub fn failing(process: u32, calls: &str, error: &str) -> Process {
    let process = process.to_string();
    let (trace, inject) = (
        format!("trace={calls}"),
        format!("inject={calls}:error={error}"),
    );
    let options = ["-f", "-e", &trace, "-e", &inject, "-p", &process];
    let tracer = Process::spawn(Command::new("strace").args(options));
    wait_for("strace to hold the process", || {
        tracer.err().contains("attached").then_some(())
    });
    tracer
}
