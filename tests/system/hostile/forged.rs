//! Clients that claim to be others.

use super::code;
use crate::support::http::Answer;
use crate::support::mail::{self, ACCEPTED};
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::{Value, json};

/// Delivers a good bounce to a server with these settings, with more headers.
fn deliver(settings: &Value, headers: &[&str]) -> Vec<Answer> {
    let place = Place::new(settings);
    let server = Server::start(&place);
    let request = mail::request(&mail::permanent(&place.address_of(3), "forged"));
    let text = String::from_utf8(request).unwrap();
    let answers = headers.iter().map(|header| {
        let request = text.replacen("Host: wiki\r\n", &format!("Host: wiki\r\n{header}"), 1);
        server.connect().exchange(request.as_bytes()).unwrap()
    });
    let answers = answers.collect();
    server.assert_well();
    answers
}

#[test]
fn a_trusted_proxy_names_the_client_in_the_header_of_its_own() {
    let settings = json!({
        "CdnServers": ["127.0.0.1"],
        "ClientIPHeader": "X-Client-IP",
        "LogLevel": "off",
    });
    let answers = deliver(
        &settings,
        &[
            "X-Client-IP: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.9\r\n",
            "x-client-ip: 203.0.113.9\r\nX-Forwarded-For: 127.0.0.1\r\n",
            "X-Forwarded-For: 203.0.113.9\r\n",
            "",
            "X-Client-IP: nobody\r\n",
            "X-Client-IP: 127.0.0.1\r\nX-Client-IP: 127.0.0.1\r\n",
            "X-Client-IP:\r\n",
        ],
    );
    assert_eq!(answers[0].text(), ACCEPTED);
    assert_eq!(code(&answers[1]), "invalid-ip");
    assert_eq!(code(&answers[2]), "invalid-ip");
    assert_eq!(answers[3].text(), ACCEPTED);
    // As an entry of X-Forwarded-For that is no address (recorded: 500, and this header).
    for answer in &answers[4..] {
        assert_eq!(answer.status, 500);
        assert_eq!(
            answer.header("mediawiki-api-error"),
            Some("internal_api_error_MWException")
        );
    }
}

#[test]
fn nobody_else_names_a_client_in_it() {
    let forged = ["X-Client-IP: 203.0.113.9\r\n", "X-Client-IP: nobody\r\n"];
    for settings in [
        json!({"ClientIPHeader": "X-Client-IP"}),
        json!({"ClientIPHeader": "X-Client-IP", "CdnServers": ["192.0.2.1"]}),
        json!({"CdnServers": ["127.0.0.1"]}),
    ] {
        for answer in deliver(&settings, &forged) {
            assert_eq!(answer.text(), ACCEPTED, "{settings}");
        }
    }
}

#[test]
fn who_is_named_in_it_is_not_this_machine_to_the_admin() {
    let place = Place::new(&json!({"ClientIPHeader": "X-Client-IP"}));
    let server = Server::start(&place);
    let status = |headers| server.ask("GET", "/admin/showJobs", headers).status;
    assert_eq!(status(""), 200);
    assert_eq!(status("X-Client-IP: 127.0.0.1\r\n"), 403);
    server.assert_well();
}

#[test]
fn a_header_that_there_cannot_be_is_refused_at_the_start() {
    let place = Place::new(&json!({"ClientIPHeader": "X Client IP"}));
    let ended = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("ClientIPHeader: \"X Client IP\""),
        "{}",
        ended.err
    );
}
