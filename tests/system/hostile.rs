//! What no mail server would send: the answer is well formed or the connection is closed, and the server lives on.

mod answers;
mod bodies;
mod crowds;
mod echoes;
mod forged;
mod logs;
mod mails;
mod order;
mod requests;
mod slow;

use crate::support::http::Answer;
use crate::support::place::Place;
use serde_json::{Value, json};

/// The most bytes of a body in these tests.
const MOST: usize = 20 << 20;

const FORM_HEAD: &str = "POST /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: wiki\r\n\
                         Content-Type: application/x-www-form-urlencoded\r\n";

fn place() -> Place {
    Place::new(&json!({"MaxRequestSize": MOST, "LogLevel": "warn"}))
}

/// `GET`, of a target, with these headers.
fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: wiki\r\n{headers}\r\n")
}

/// Fails unless an answer of the API is JSON and no fault of the server's own.
fn assert_sound(what: &str, answer: &Answer) {
    assert!(
        answer.status < 500,
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    if answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"))
    {
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(document.is_object(), "{what}: {document}");
    }
}

/// What an answer says became of the mail. There may be warnings beside it.
fn submitted(answer: &Answer) -> String {
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    let submitted = document["bouncehandler"]["submitted"].as_str();
    submitted.unwrap_or_else(|| panic!("{document}")).to_owned()
}

/// The error code in an answer.
fn code(answer: &Answer) -> String {
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    let code = document["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{document}"));
    assert_eq!(answer.header("mediawiki-api-error"), Some(code));
    code.to_owned()
}
