//! What an answer of the API means for the mail.

use super::OnFailure;
use super::exchange::Answer;
use super::outcome::Outcome;
use super::web_page::{beginning, is_page, title};
use serde::Deserialize;
use ureq::http::StatusCode;

/// The parts of an answer that matter, in format version 2 (and in 1, which some wiki may force).
#[derive(Debug, Default, Deserialize)]
struct Document {
    bouncehandler: Option<Verdict>,
    error: Option<ApiError>,
    #[serde(default)]
    errors: Vec<ApiError>,
}

#[derive(Debug, Default, Deserialize)]
struct Verdict {
    submitted: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ApiError {
    code: String,
    #[serde(default, alias = "text")]
    info: String,
}

/// Judges an answer that came whole; `url` is where from.
pub(super) fn judge(answer: &Answer, url: &str, on_failure: OnFailure) -> Outcome {
    let mut outcome = match serde_json::from_slice::<Document>(&answer.body) {
        Ok(document) => of_document(document, answer, on_failure),
        Err(_no_document) => of_no_document(answer),
    };
    outcome.text = format!("bounce API {url}: {}", outcome.text);
    outcome
}

fn of_document(document: Document, answer: &Answer, on_failure: OnFailure) -> Outcome {
    let error = document
        .error
        .or_else(|| document.errors.into_iter().next());
    if let Some(error) = error {
        return of_error(&error, answer.status);
    }
    let submitted = document.bouncehandler.and_then(|verdict| verdict.submitted);
    match submitted.as_deref() {
        Some("job") if answer.status.is_success() => {
            Outcome::done("2.0.0", "taken; a job for it is queued (submitted: job)")
        }
        // The server may say by the status that it stored nothing, if it is set up so.
        Some("failure") if answer.status.is_success() || answer.status.is_client_error() => {
            of_failure(on_failure)
        }
        _ if !answer.status.is_success() => of_status(answer),
        _ => Outcome::again(
            "4.3.0",
            format!(
                "the answer does not say what became of the mail: {}",
                beginning(&String::from_utf8_lossy(&answer.body))
            ),
        ),
    }
}

/// The API has found no address of the wiki's in `To:`, or one that is forged or too old.
fn of_failure(on_failure: OnFailure) -> Outcome {
    let seen = "no bounce to an address of this wiki, or one that is too old (submitted: failure); the wiki's log channel BounceHandler says why";
    match on_failure {
        OnFailure::Accept => Outcome::done(
            "2.6.0",
            format!("{seen}; let go, since another try could not help (--on-failure=accept)"),
        ),
        OnFailure::Tempfail => {
            Outcome::again("4.6.0", format!("{seen}; kept (--on-failure=tempfail)"))
        }
        OnFailure::Reject => {
            Outcome::refused("5.6.0", format!("{seen}; refused (--on-failure=reject)"))
        }
    }
}

fn of_error(error: &ApiError, status: StatusCode) -> Outcome {
    let (enhanced, advice) = match error.code.as_str() {
        "invalid-ip" => (
            "4.7.1",
            "the wiki takes no bounces from this machine: add its address to $wgBounceHandlerInternalIPs, and proxies on the way to $wgCdnServers",
        ),
        "readonly" => ("4.3.2", "the wiki can only be read at present"),
        "maxlag" => ("4.3.2", "the wiki's database lags behind"),
        "ratelimited" => ("4.3.2", "there were too many requests"),
        "http-contenttoolarge" => (
            "4.3.4",
            "the mail is too large for it: raise the server's limit for requests",
        ),
        "badvalue" | "unknown_action" => (
            "4.3.5",
            "is the extension BounceHandler installed on that wiki?",
        ),
        code if code.starts_with("internal_api_error") => {
            ("4.3.0", "a fault in the wiki: see its error log")
        }
        _ => ("4.3.0", "the mail was not stored"),
    };
    let on_status = match status {
        StatusCode::OK => String::new(),
        other => format!(" with HTTP status {}", other.as_u16()),
    };
    Outcome::again(
        enhanced,
        format!(
            "error {}{on_status} ({}); {advice}",
            beginning(&error.code),
            beginning(&error.info)
        ),
    )
}

/// What came is no JSON, or no object.
fn of_no_document(answer: &Answer) -> Outcome {
    if !answer.status.is_success() {
        return of_status(answer);
    }
    let body = String::from_utf8_lossy(&answer.body);
    let seen = if body.trim().is_empty() {
        "an empty answer; see the log of the wiki's web server".to_owned()
    } else if is_page(&body) {
        format!(
            "a web page in place of an answer ({}); is --url the wiki's api.php, and the wiki not under maintenance?",
            title(&body)
        )
    } else {
        format!(
            "an answer that is no whole JSON of the API: {}",
            beginning(&body)
        )
    };
    Outcome::again("4.3.0", seen)
}

/// The status tells it all.
fn of_status(answer: &Answer) -> Outcome {
    let status = answer.status;
    let (enhanced, advice) = match status.as_u16() {
        300..=399 => {
            let place = answer.location.as_deref().unwrap_or("somewhere else");
            let text = format!(
                "HTTP status {}, a redirect to {}; put the right place into --url",
                status.as_u16(),
                beginning(place)
            );
            return Outcome::again("4.3.5", text);
        }
        401 | 403 => ("4.7.1", "let this machine in"),
        404 | 410 => ("4.3.5", "is --url the wiki's api.php?"),
        413 => (
            "4.3.4",
            "the mail is too large for it: raise the server's limit for requests",
        ),
        429 => ("4.3.2", "there were too many requests"),
        502..=504 => ("4.3.2", "the wiki is down or under maintenance"),
        _ => ("4.3.0", "see the log of the wiki's web server"),
    };
    let body = String::from_utf8_lossy(&answer.body);
    let about = if body.trim().is_empty() {
        String::new()
    } else if is_page(&body) {
        format!(" ({})", title(&body))
    } else {
        format!(" ({})", beginning(&body))
    };
    Outcome::again(
        enhanced,
        format!("HTTP status {}{about}; {advice}", status.as_u16()),
    )
}
