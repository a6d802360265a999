//! What the server's log says of mails that it does not take.

use crate::support::http::Answer;
use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::{Value, json};

/// Posts a form with more headers, and returns the answer and the lines that `bounces` got of it.
fn post(settings: &Value, headers: &str, form: impl Fn(&str) -> Vec<u8>) -> (Answer, String) {
    let place = Place::new(settings);
    let server = Server::start(&place);
    let request = mail::form_request(&form(&place.address_of(3)));
    let host = "Host: wiki\r\n";
    let request = String::from_utf8(request).unwrap();
    let request = request.replacen(host, &format!("{host}{headers}"), 1);
    let answer = server.connect().exchange(request.as_bytes()).unwrap();
    let log = wait_for("a line in the log", || {
        let err = server.process().err();
        let lines: Vec<_> = err
            .lines()
            .filter(|line| line.contains(" bounces: "))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    });
    (answer, log)
}

fn assert_says(log: &str, words: &[&str]) {
    for word in words {
        assert!(log.contains(word), "no {word:?} in {log}");
    }
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_stranger_is_named_with_the_header_and_the_list() {
    let settings =
        json!({"CdnServers": ["127.0.0.1"], "BounceHandlerInternalIPs": ["192.0.2.0/28"]});
    let stranger = "X-Forwarded-For: 192.0.2.77\r\n";
    let bounce = |to: &str| mail::form(&mail::permanent(to, "a"));
    let (answer, log) = post(&settings, stranger, bounce);
    assert!(answer.text().contains("invalid-ip"), "{}", answer.text());
    let words = [
        "WARN  bounces: refused: the client 192.0.2.77 (X-Forwarded-For of proxy 127.0.0.1)",
        "BounceHandlerInternalIPs (127.0.0.1, ::1, 192.0.2.0/28)",
        "CdnServers",
    ];
    assert_says(&log, &words);
}

#[test]
fn a_stranger_that_is_answered_with_nothing_is_told_so_by_the_status_if_that_is_asked_for() {
    let settings = json!({
        "CdnServers": ["127.0.0.1"],
        "RestrictedIPResponse": "empty",
        "BounceHandlerHttpErrors": true,
    });
    let bounce = |to: &str| mail::form(&mail::permanent(to, "a"));
    let (answer, _log) = post(&settings, "X-Forwarded-For: 192.0.2.77\r\n", bounce);
    assert_eq!((answer.status, answer.text().as_str()), (403, "{}"));
}

#[test]
fn the_part_of_an_address_that_failed_is_named_and_the_address_is_not_shown() {
    let forged = |to: &str| mail::form(&mail::permanent(&to.replace("-3-", "-4-"), "a"));
    let (answer, log) = post(&json!({}), "", forged);
    assert!(answer.text().contains("failure"), "{}", answer.text());
    assert_says(
        &log,
        &[
            "INFO  bounces: not taken",
            "part hash (16 characters) of ...@",
        ],
    );
    assert!(!log.contains("-4-"), "{log}");
    let (_answer, log) = post(&json!({"LogAddresses": true}), "", forged);
    assert_says(&log, &["part hash (16 characters) of wiki-bouncewiki-4-"]);
}

#[test]
fn a_mail_that_curl_took_the_line_breaks_from_is_recognised() {
    // What `curl --data` sends of a file: everything but the line breaks, nothing encoded.
    let bare = |to: &str| {
        let mail = mail::permanent(to, "a");
        let kept = mail.into_iter().filter(|byte| !b"\r\n".contains(byte));
        b"email=".iter().copied().chain(kept).collect()
    };
    let (answer, log) = post(&json!({}), "", bare);
    assert!(answer.text().contains("failure"), "{}", answer.text());
    assert_says(
        &log,
        &[
            "WARN  bounces: not taken",
            "without its line breaks",
            "--data-urlencode of curl",
        ],
    );
}
