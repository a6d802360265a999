//! `submit`: whatever becomes of the API, the mail server hears the truth about the mail.

mod fake_api;
mod losses;
mod mails;
mod secure;
mod usage;

use crate::support::place::Place;
use crate::support::process::Ended;
use fake_api::FakeApi;
use serde_json::json;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::process::Command;

/// The exit codes of sysexits.h.
const OK: i32 = 0;
const DATAERR: i32 = 65;
const TEMPFAIL: i32 = 75;

const JOB: &str = r#"{"bouncehandler":{"submitted":"job"}}"#;
const FAILURE: &str = r#"{"bouncehandler":{"submitted":"failure"}}"#;

const MAIL: &[u8] =
    b"To: wiki-bouncewiki-3-t0-hash@wiki.example.org\nSubject: Undelivered\n\nIt came back.\n";

/// A file that a mail is read from.
fn file_of(mail: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(mail).unwrap();
    file.rewind().unwrap();
    file
}

/// The command with no settings at all and nothing in its environment, as mail servers start it.
fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.bare_command(&["submit"]);
    command.args(arguments).env_clear();
    command
}

/// Runs the command with a mail on its standard input.
fn submit(arguments: &[&str], mail: &[u8]) -> Ended {
    let place = Place::new(&json!({}));
    run(command(&place, arguments).stdin(file_of(mail)))
}

fn run(command: &mut Command) -> Ended {
    let ended = command.output().unwrap();
    Ended {
        code: ended.status.code(),
        out: String::from_utf8(ended.stdout).unwrap(),
        err: String::from_utf8(ended.stderr).unwrap(),
    }
}

/// Fails unless it ended with this code and said one line for a log, which begins with this status and has these words.
fn assert_told(ended: &Ended, code: i32, status: &str, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    let line = ended.out.strip_suffix('\n').unwrap();
    assert!(line.starts_with(&format!("{status} ")), "{line}");
    assert!(!line.contains(char::is_control), "{line:?}");
    assert_eq!(ended.err, "", "nothing may come before or after the line");
    for word in words {
        assert!(line.contains(word), "no {word:?} in {line}");
    }
}

/// Submits a mail to a server that answers thus.
fn submit_to(api: &FakeApi, more: &[&str]) -> Ended {
    let url = api.url();
    submit(&[&["--url", url.as_str()], more].concat(), MAIL)
}
