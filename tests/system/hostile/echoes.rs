//! Values that come back in answers.

use super::{assert_sound, place};
use crate::support::http::Answer;
use crate::support::server::Server;
use serde_json::Value;

/// Line ends and what passes for them somewhere, percent-encoded: CR LF, LF, CR, NEL, LINE SEPARATOR, the characters whose
/// low bytes are LF and CR, and NUL in front.
const LINE_ENDS: [&str; 7] = [
    "%0D%0A",
    "%0A",
    "%0D",
    "%C2%85",
    "%E2%80%A8",
    "%E5%98%8A%E5%98%8D",
    "%00%0D%0A",
];

/// Params that come back in the answer or decide about its headers.
const ECHOED: [&str; 13] = [
    "requestid",
    "callback",
    "origin",
    "crossorigin",
    "action",
    "format",
    "uselang",
    "errorlang",
    "errorformat",
    "variant",
    "smaxage",
    "curtimestamp",
    "assertuser",
];

/// Fails if an answer has a header that the value made, or another answer behind it.
fn assert_one(what: &str, answer: &Answer) {
    assert_sound(what, answer);
    for (name, value) in &answer.headers {
        assert!(!name.contains("injected"), "{what}: {name}: {value}");
        assert!(
            !value.contains(|c: char| c.is_control()),
            "{what}: {name}: {value:?}"
        );
    }
}

#[test]
fn no_value_of_a_param_makes_a_header_or_a_second_answer() {
    let place = place();
    let server = Server::start(&place);
    let mut connection = server.connect();
    for name in ECHOED {
        for end in LINE_ENDS {
            let value = format!("a{end}X-Injected:%20yes{end}{end}HTTP/1.1%20200%20OK{end}");
            let query = format!("format=json&action=nosuch&{name}={value}");
            let get = format!("GET /w/api.php?{query} HTTP/1.1\r\nHost: wiki\r\n\r\n");
            let post = format!(
                "POST /w/api.php HTTP/1.1\r\nHost: wiki\r\nContent-Length: {}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n{query}",
                query.len()
            );
            for request in [get, post] {
                let answer = connection.exchange(request.as_bytes()).unwrap();
                assert_one(&request, &answer);
            }
        }
    }
    // What stands in the connection now is the answer to this, and not the rest of another.
    let last = b"GET /healthz HTTP/1.1\r\nHost: wiki\r\n\r\n";
    assert_eq!(connection.exchange(last).unwrap().text(), "alive\n");
    server.assert_well();
}

#[test]
fn a_request_id_with_line_ends_comes_back_inside_its_text() {
    let place = place();
    let server = Server::start(&place);
    let target = "/w/api.php?format=json&action=nosuch&requestid=a%0D%0AX-Injected:%20yes";
    let answer = server.ask("GET", target, "");
    assert_one(target, &answer);
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(document["requestid"], "a\r\nX-Injected: yes");
}

#[test]
fn no_header_of_a_request_makes_one_of_the_answer() {
    let place = place();
    let server = Server::start(&place);
    for name in [
        "Origin",
        "Cookie",
        "Host",
        "Referer",
        "User-Agent",
        "Accept-Language",
        "X-Forwarded-Proto",
        "X-Forwarded-For",
        "X-Request-Id",
        "If-None-Match",
        "Promise-Non-Write-API-Action",
    ] {
        for value in [
            "http://a%0d%0aX-Injected:%20yes",
            "a\u{85}X-Injected: yes",
            "\u{560a}\u{560d}X-Injected: yes",
            "\tX-Injected: yes",
            "\"\\\r",
            "<script>X-Injected: yes</script>",
        ] {
            let host = if name == "Host" { "" } else { "Host: wiki\r\n" };
            let request = format!(
                "GET /w/api.php?format=json&action=nosuch&origin=* HTTP/1.1\r\n{host}{name}: {value}\r\n\r\n"
            );
            let mut connection = server.connect();
            if let Some(answer) = connection.try_exchange(request.as_bytes()) {
                assert_one(&request, &answer);
            }
        }
    }
    server.assert_well();
}
