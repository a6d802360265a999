//! Values that come to a log.

use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::json;
use std::fs;

/// What would make a line of its own, move a terminal's cursor, or end a text.
const EVIL: [&str; 8] = [
    "\r\nINJECTED",
    "\nINJECTED",
    "\rINJECTED",
    "\x1b[2J\x1b[HINJECTED",
    "\u{9b}2JINJECTED",
    "\u{85}INJECTED",
    "\x08\x08\x08INJECTED\x7f",
    "\0INJECTED",
];

fn encoded(text: &str) -> String {
    String::from_utf8(mail::form(text.as_bytes())).unwrap()["email=".len()..].to_owned()
}

/// Requests whose values reach the log where a value can.
fn requests(to: &str) -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    for evil in EVIL {
        let (local, domain) = to.split_once('@').unwrap();
        for address in [
            format!("{evil}{to}"),
            format!("{local}{evil}@{domain}"),
            format!("wiki-other{evil}wiki-3-t85s00-FRP+zkpsmpTTFqZp@{domain}"),
            format!("\"{evil}\" <{to}>"),
        ] {
            requests.push(mail::request(&mail::permanent(&address, "to")));
        }
        requests.push(mail::request(&mail::permanent(to, evil)));
        requests.push(mail::form_request(
            format!("email={}", encoded(evil)).as_bytes(),
        ));
        let names = [
            "requestid",
            "origin",
            "callback",
            "uselang",
            "format",
            "assertuser",
        ];
        for name in names {
            let query = format!("email=x&{name}={}", encoded(evil));
            requests.push(mail::form_request(query.as_bytes()));
        }
        for name in [
            "X-Forwarded-For",
            "X-Client-IP",
            "Origin",
            "User-Agent",
            "Content-Type",
        ] {
            for value in [evil.trim_start_matches(['\r', '\n']), &encoded(evil)] {
                let get = format!(
                    "GET /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: wiki\r\n{name}: a{value}\r\n\r\n"
                );
                requests.push(get.into_bytes());
            }
        }
        requests
            .push(format!("GET /{evil} HTTP/1.1\r\nContent-Length: {evil}\r\n\r\n").into_bytes());
        requests
            .push(format!("GET /admin/{} HTTP/1.1\r\nHost: w\r\n\r\n", encoded(evil)).into_bytes());
    }
    requests
}

#[test]
fn no_value_makes_a_line_of_a_log_or_moves_a_cursor() {
    let place = Place::new(&json!({}));
    let log = place.path().join("bounces.log");
    place.set(&json!({
        "CdnServers": ["127.0.0.1"],
        "ClientIPHeader": "X-Client-IP",
        "LogAddresses": true,
        "LogLevel": "debug,sled=info",
        "DebugLogGroups": {"BounceHandler": log},
    }));
    let server = Server::start(&place);
    for request in requests(&place.address_of(3)) {
        let mut connection = server.connect();
        drop(connection.send(&request));
        connection.end_sending();
        drop(connection.answer_or_end());
    }
    server.assert_well();
    place.print(&["runjobs"]);
    let file = fs::read_to_string(&log).unwrap();
    let screen = server.process().err();
    assert!(
        file.contains("INJECTED") && screen.contains("INJECTED"),
        "nothing of it came to the logs"
    );
    for line in file.lines().chain(screen.lines()) {
        assert!(!line.starts_with("INJECTED"), "{line:?}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
