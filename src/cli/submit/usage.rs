//! The command line of `submit`, and what happens where it is wrong.

use super::outcome::Outcome;
use clap::error::ErrorKind;
use std::ffi::OsStr;
use std::process::ExitCode;
use std::time::Duration;
use ureq::http::{HeaderValue, Uri};

/// Whether a command line that cannot be understood was meant for this command: one of the words says so.
///
/// Rather once too often: 75 keeps a mail in the queue, the code that other commands end with throws it away.
pub(in crate::cli) fn is_meant<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> bool {
    let mut words = words.into_iter().skip(1);
    words.any(|word| word.as_ref() == "submit")
}

/// Ends a command line that is wrong so that the mail waits until it is put right.
pub(in crate::cli) fn wrong_usage(error: &clap::Error) -> ExitCode {
    Outcome::again(
        "4.3.5",
        format!(
            "bouncehandlerd submit: wrong command line: {}; the mail waits until it is put right",
            first_words(error)
        ),
    )
    .tell()
}

/// What is wrong, without the usage and the tips that come after it.
fn first_words(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "the command is missing".to_owned();
    }
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let lines: Vec<_> = text
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .collect();
    lines.join(" ")
}

/// Reads `--url`.
pub(super) fn url(text: &str) -> Result<Uri, String> {
    let expected = "expected a URL such as http://wiki.example.org/w/api.php";
    let url: Uri = text
        .parse()
        .map_err(|error| format!("{error}; {expected}"))?;
    let is_web = matches!(url.scheme_str(), Some("http" | "https"));
    if !is_web || url.host().is_none_or(str::is_empty) {
        return Err(expected.to_owned());
    }
    Ok(url)
}

/// Reads `--host`.
pub(super) fn host(text: &str) -> Result<HeaderValue, String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    match HeaderValue::from_str(text) {
        Ok(value) if !text.is_empty() && text.bytes().all(sound) => Ok(value),
        _ => Err("expected the name of a host, for example wiki.example.org".to_owned()),
    }
}

/// Reads `--time-limit`.
pub(super) fn time_limit(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|limit| !limit.is_zero());
    seconds.ok_or_else(|| "expected a number of seconds, more than 0".to_owned())
}
