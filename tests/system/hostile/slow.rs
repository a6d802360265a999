//! Clients that take their time.

use super::{FORM_HEAD, MOST};
use crate::support::http::is_end;
use crate::support::mail::{self, ACCEPTED};
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::json;
use std::time::Duration;

/// A pause within a second, after which every limit of these tests is over.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that gives a client one second for anything.
fn hurried() -> Place {
    Place::new(&json!({
        "RequestHeadTime": 1,
        "RequestBodyTime": 1,
        "RequestBodyMinRate": 500,
        "KeepAliveTime": 1,
        "AnswerTime": 1,
        "MaxRequestSize": MOST,
        "LogLevel": "off",
    }))
}

fn bytes_of(text: &str) -> Vec<Vec<u8>> {
    text.bytes().map(|byte| vec![byte]).collect()
}

#[test]
fn a_head_that_does_not_come_is_told_so_and_cut_off() {
    let place = hurried();
    let server = Server::start(&place);
    for begun in ["G", "POST /w/api.php HTTP/1.1\r\n", FORM_HEAD] {
        let mut connection = server.connect();
        connection.send(begun.as_bytes()).unwrap();
        let answer = connection.answer().unwrap();
        assert_eq!(answer.status, 408, "{begun:?}");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.answer_or_end().is_none());
    }
    // A byte now and then buys no time.
    let endless = format!("{FORM_HEAD}X-Endless: {}", "a".repeat(1000));
    let mut connection = server.connect();
    connection.send_slowly(bytes_of(&endless), PAUSE);
    assert_eq!(connection.answer().unwrap().status, 408);
    assert!(
        server.connect().answer_or_end().is_none(),
        "who says nothing is told nothing"
    );
    server.assert_well();
}

#[test]
fn the_head_of_a_later_request_has_no_more_time_than_that_of_the_first() {
    let place = hurried();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let request = mail::request(b"no bounce");
    assert_eq!(connection.exchange(&request).unwrap().status, 200);
    connection.send_slowly(bytes_of(FORM_HEAD), PAUSE);
    assert_eq!(connection.answer().unwrap().status, 408);
    assert!(connection.answer_or_end().is_none());
    server.assert_well();
}

#[test]
fn a_connection_without_a_request_is_closed_in_the_end() {
    let place = hurried();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let request = mail::request(b"no bounce");
    assert_eq!(connection.exchange(&request).unwrap().status, 200);
    assert!(connection.answer_or_end().is_none());
    server.assert_well();
}

#[test]
fn a_body_that_does_not_come_is_told_so_and_queues_nothing() {
    let place = hurried();
    let server = Server::start(&place);
    let request = mail::request(&mail::permanent(&place.address_of(3), "slow"));
    let all_but_one = &request[..request.len() - 1];
    let chunked = format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n7\r\nemail=x\r\n");
    let nothing_of_it = format!("{FORM_HEAD}Content-Length: 100\r\n\r\n");
    for begun in [all_but_one, chunked.as_bytes(), nothing_of_it.as_bytes()] {
        let mut connection = server.connect();
        connection.send(begun).unwrap();
        let answer = connection.answer().unwrap();
        assert_eq!(answer.status, 408, "{}", answer.text());
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.answer_or_end().is_none());
    }
    // A byte now and then is less than the rate, with a length and in chunks.
    for (head, piece) in [
        (format!("{FORM_HEAD}Content-Length: 1000\r\n\r\n"), "a"),
        (
            format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n"),
            "1\r\na\r\n",
        ),
    ] {
        let mut connection = server.connect();
        connection.send(head.as_bytes()).unwrap();
        connection.send_slowly(vec![piece.into(); 1000], PAUSE);
        assert_eq!(connection.answer().unwrap().status, 408, "{head}");
    }
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "0\n");
}

#[test]
fn a_body_that_keeps_the_rate_may_take_longer_than_any_limit() {
    let place = hurried();
    let server = Server::start(&place);
    let request = mail::request(&mail::large(&place.address_of(3), "patient", 8_000));
    let mut connection = server.connect();
    // 200 bytes in 50 ms are 4,000 a second, on a slow machine at least 500; for about three seconds.
    let pieces = request.chunks(200).map(<[u8]>::to_vec);
    connection.send_slowly(pieces, PAUSE);
    assert_eq!(connection.answer().unwrap().text(), ACCEPTED);
    server.assert_well();
}

#[test]
fn an_endless_body_in_chunks_is_not_read_for_ever_after_it_is_refused() {
    let place = hurried();
    let server = Server::start(&place);
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "a".repeat(1 << 20));
    for path in ["/w/api.php", "/nothing/here", "/healthz"] {
        let mut connection = server.connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: wiki\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Transfer-Encoding: chunked\r\n\r\n"
        );
        connection.send(head.as_bytes()).unwrap();
        // Far more than is read in the seconds that a refused client is heard out.
        let cut = (0..1_000_000).find_map(|_| connection.send(chunk.as_bytes()).err());
        let cut = cut.unwrap_or_else(|| panic!("{path}: a terabyte was read"));
        assert!(is_end(&cut), "{path}: {cut}");
    }
    server.assert_well();
}

#[test]
fn a_client_that_takes_nothing_of_its_answers_is_cut_off() {
    let place = hurried();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let request = b"GET /w/api.php?action=nosuch HTTP/1.1\r\nHost: wiki\r\n\r\n".repeat(100);
    let cut = (0..1_000_000).find_map(|_| connection.send(&request).err());
    let cut = cut.unwrap_or_else(|| panic!("the answers to 100 million requests were kept"));
    assert!(is_end(&cut), "{cut}");
    server.assert_well();
}
