//! One delivery: the mail is read, posted once, and the answer judged.

use super::Arguments;
use super::exchange::{exchange, shown_url};
use super::form::Form;
use super::judgement::judge;
use super::outcome::Outcome;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::http::Uri;

/// The largest mail. It is held in memory, since a form names its length first.
const LARGEST_MAIL: u64 = 256 << 20;

/// How far a delivery has come, for whoever waits for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicBool>);

impl Progress {
    fn mail_is_read(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// What is to be said where the time is up.
    pub(super) fn timed_out(&self, url: &Uri, limit: Duration) -> Outcome {
        let seconds = limit.as_secs_f64();
        if self.0.load(Ordering::SeqCst) {
            let url = shown_url(url);
            Outcome::again(
                "4.4.2",
                format!(
                    "bounce API {url}: no answer within {seconds} s (--time-limit); see whether the wiki works and is reached from here"
                ),
            )
        } else {
            Outcome::again(
                "4.3.0",
                format!(
                    "bouncehandlerd submit: the mail on standard input did not end within {seconds} s"
                ),
            )
        }
    }
}

/// A mail on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    arguments: Arguments,
    progress: Progress,
}

impl Delivery {
    /// A delivery as the command line says.
    pub(super) fn new(arguments: Arguments, progress: Progress) -> Self {
        Self {
            arguments,
            progress,
        }
    }

    /// Makes the delivery. The mail is sent at most once: whether to send it again is the mail server's to say.
    pub(super) fn outcome(&self) -> Outcome {
        let mail = match read_mail() {
            Ok(mail) => mail,
            Err(outcome) => return outcome,
        };
        self.progress.mail_is_read();
        let Arguments {
            url,
            host,
            time_limit,
            on_failure,
        } = &self.arguments;
        match exchange(url, host.as_ref(), *time_limit, Form::new(mail)) {
            Ok(answer) => judge(&answer, &shown_url(url), *on_failure),
            Err(outcome) => outcome,
        }
    }
}

fn read_mail() -> Result<Vec<u8>, Outcome> {
    let mut mail = Vec::new();
    let read = io::stdin()
        .lock()
        .take(LARGEST_MAIL.saturating_add(1))
        .read_to_end(&mut mail);
    let length = match read {
        Ok(length) => u64::try_from(length).unwrap_or(u64::MAX),
        Err(error) => {
            return Err(Outcome::again(
                "4.3.0",
                format!("bouncehandlerd submit: cannot read the mail on standard input: {error}"),
            ));
        }
    };
    match length {
        // A mail has headers at least. What is empty is a pipe that was set up wrongly, and the mail is still in the queue.
        0 => Err(Outcome::again(
            "4.3.5",
            "bouncehandlerd submit: nothing on standard input; the mail server has to pipe the whole mail into this command",
        )),
        1..=LARGEST_MAIL => Ok(mail),
        _ => Err(Outcome::again(
            "4.3.4",
            format!(
                "bouncehandlerd submit: the mail has more than {LARGEST_MAIL} bytes; limit the size of mails in the mail server"
            ),
        )),
    }
}
