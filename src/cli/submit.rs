//! `submit`: hands the mail on standard input to the API, and tells a mail server what became of it.
//!
//! A mail server hears nothing but the exit code, and a bounce that "fails for good" is lost: it cannot be sent back to
//! anybody. So the code is 0 only where the mail is dealt with, and 75 wherever another try may help, a wrong command line
//! and a fault of this program included.

mod delivery;
mod exchange;
mod form;
mod judgement;
mod outcome;
mod usage;
mod web_page;

pub(super) use usage::{is_meant, wrong_usage};

use clap::Args;
use clap::ValueEnum;
use std::panic;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use delivery::{Delivery, Progress};
use outcome::Outcome;
use ureq::http::{HeaderValue, Uri};

/// Arguments of `submit`.
#[derive(Debug, Clone, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The API of the wiki, http or https
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/w/api.php", value_parser = usage::url)]
    url: Uri,
    /// Name of the wiki for the header Host, where --url names the machine
    #[arg(long, value_name = "NAME", value_parser = usage::host)]
    host: Option<HeaderValue>,
    /// Seconds that all of it may take; less than the mail server's own limit
    #[arg(long, value_name = "S", default_value = "25", value_parser = usage::time_limit)]
    time_limit: Duration,
    /// What a mail is that the API finds no address of the wiki in (`submitted: failure`)
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    on_failure: OnFailure,
}

const AFTER_HELP: &str = "\
Exit codes are those of sysexits.h, which Exim and Postfix know:
  0   the mail is dealt with
  75  try again later: everything that may heal, a wrong command line included
  65  the mail is refused for good; only with --on-failure=reject
The line on standard output is for the mail server's log. No settings are read: --config, --data-dir and --set change nothing.";

/// What becomes of a mail that the API takes for no bounce of the wiki's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum OnFailure {
    /// It is let go: another try could not help (exit code 0)
    #[default]
    Accept,
    /// It stays in the queue of the mail server (75)
    Tempfail,
    /// The mail server returns it, freezes it or throws it away (65)
    Reject,
}

/// Delivers within the time limit, on a thread of its own: whatever blocks or panics there, this one answers.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    panic::set_hook(Box::new(|_information| {
        // A mail server would take the usual message for this program's line.
    }));
    let limit = arguments.time_limit;
    let progress = Progress::default();
    let delivery = Delivery::new(arguments.clone(), progress.clone());
    let (sender, receiver) = mpsc::channel();
    let worker = thread::Builder::new().spawn(move || drop(sender.send(delivery.outcome())));
    let worker = match worker {
        Ok(worker) => worker,
        Err(error) => return Outcome::own_fault(&error.to_string()).tell(),
    };
    let outcome = match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => progress.timed_out(&arguments.url, limit),
        Err(RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => Outcome::own_fault(&panic_text(panic.as_ref())),
            Ok(()) => Outcome::own_fault("it ended without a word"),
        },
    };
    outcome.tell()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panic".to_owned())
}

#[cfg(test)]
mod tests;
