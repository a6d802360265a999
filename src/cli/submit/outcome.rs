//! What became of a mail, in the two languages of a mail server: an exit code and a line for its log.

use crate::log::escape;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Characters of a line: a line in syslog holds about a thousand, with what the mail server writes around it.
const LONGEST_LINE: usize = 600;

/// What a mail server does with the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing more (`EX_OK`).
    Done,
    /// Keeps it and tries again (`EX_TEMPFAIL`).
    Again,
    /// Gives it up (`EX_DATAERR`: what is wrong is in the mail; there is no recipient that this command could name).
    Refused,
}

impl Fate {
    /// The number in sysexits.h.
    fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 65,
            Self::Again => 75,
        }
    }
}

/// What became of a mail, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// What is to be done with the mail.
    pub(super) fate: Fate,
    /// The enhanced status code (RFC 3463).
    pub(super) status: &'static str,
    /// What was seen and what to do.
    pub(super) text: String,
}

impl Outcome {
    /// The mail is dealt with.
    pub(super) fn done(status: &'static str, text: impl Into<String>) -> Self {
        Self::new(Fate::Done, status, text)
    }

    /// The mail has to be tried again.
    pub(super) fn again(status: &'static str, text: impl Into<String>) -> Self {
        Self::new(Fate::Again, status, text)
    }

    /// The mail is given up.
    pub(super) fn refused(status: &'static str, text: impl Into<String>) -> Self {
        Self::new(Fate::Refused, status, text)
    }

    /// This program failed; the mail shall not suffer for it.
    pub(super) fn own_fault(what: &str) -> Self {
        Self::again(
            "4.3.0",
            format!("bouncehandlerd submit failed itself: {what}"),
        )
    }

    fn new(fate: Fate, status: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { fate, status, text }
    }

    /// The line for the log, without its end.
    pub(super) fn line(&self) -> String {
        let text = escape(&self.text).replace('\t', " ");
        let mut line = format!("{} {text}", self.status);
        if let Some((cut, _)) = line.char_indices().nth(LONGEST_LINE) {
            line.truncate(cut);
            line.push_str("...");
        }
        line
    }

    /// Prints the line, and makes the exit code. A reader that has gone changes nothing about the mail.
    pub(super) fn tell(&self) -> ExitCode {
        let line = format!("{}\n", self.line());
        let mut out = io::stdout();
        drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
        ExitCode::from(self.fate.exit_code())
    }
}
