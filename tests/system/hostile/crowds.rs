//! More of everything than there is room for.

use super::FORM_HEAD;
use crate::support::http::Connection;
use crate::support::mail::{self, ACCEPTED};
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::json;

#[test]
fn when_there_are_too_many_connections_those_that_wait_the_longest_make_room() {
    let place = Place::new(&json!({"MaxConnections": 20, "LogLevel": "warn"}));
    let server = Server::start(&place);
    let bounce = mail::permanent(&place.address_of(3), "in time");
    // Three kinds of waiting: for a body, for a head, for a next request.
    let mut slow_bodies: Vec<Connection> = (0..5).map(|_| server.connect()).collect();
    let head = format!("{FORM_HEAD}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n");
    for connection in &mut slow_bodies {
        let answer = connection.exchange_head(head.as_bytes());
        assert_eq!(answer.status, 100, "the server waits for the body");
    }
    let mut idle: Vec<Connection> = (0..15).map(|_| server.connect()).collect();
    for connection in &mut idle {
        let answer = connection.exchange(&mail::request(b"no bounce")).unwrap();
        assert_eq!(answer.status, 200);
    }
    let mut newcomers = Vec::new();
    for round in 0..50 {
        let mut connection = server.connect();
        let answer = connection.exchange(&mail::request(&bounce)).unwrap();
        assert_eq!(answer.text(), ACCEPTED, "round {round}");
        newcomers.push(connection);
    }
    for connection in &mut slow_bodies {
        let answer = connection.answer().unwrap();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    for connection in idle.iter_mut().chain(&mut newcomers[..30]) {
        assert!(
            connection.answer_or_end().is_none(),
            "closed without a word"
        );
    }
    let answer = newcomers[49].exchange(&mail::request(&bounce)).unwrap();
    assert_eq!(answer.text(), ACCEPTED, "the newest are kept");
    server.assert_well();
}

#[test]
fn hundreds_of_unfinished_heads_make_room_for_one_that_is_whole() {
    let place = Place::new(&json!({"MaxConnections": 100, "LogLevel": "warn"}));
    let server = Server::start(&place);
    let to = place.address_of(3);
    let mut slow: Vec<Connection> = Vec::new();
    for round in 0..400 {
        let mut connection = server.connect();
        // One that was given up meanwhile cannot be written to.
        drop(connection.send(FORM_HEAD.as_bytes()));
        slow.push(connection);
        if round % 50 == 0 {
            server.take(&mail::permanent(&to, "between"));
        }
    }
    server.take(&mail::permanent(&to, "afterwards"));
    let told = slow.first_mut().and_then(Connection::answer_or_end);
    assert!(told.is_none_or(|answer| answer.status == 503));
    server.assert_well();
}

#[test]
fn who_finds_no_place_at_all_is_told_when_to_come_back() {
    let place = Place::new(&json!({"MaxConnections": 0, "LogLevel": "off"}));
    let server = Server::start(&place);
    for _ in 0..20 {
        let mut connection = server.connect();
        let answer = connection.exchange(&mail::request(b"x")).unwrap();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.answer_or_end().is_none());
    }
}

#[test]
fn a_large_body_that_is_not_finished_makes_room_for_one_that_is() {
    let place = Place::new(&json!({"MaxRequestMemory": "2 MiB", "LogLevel": "off"}));
    let server = Server::start(&place);
    let to = place.address_of(3);
    let large = mail::large(&to, "large", 600 << 10);
    let mut unfinished = server.connect();
    let head = format!("{FORM_HEAD}Content-Length: 4000000\r\n\r\nemail=");
    let begun = [head.as_bytes(), &vec![b'a'; 1 << 20]].concat();
    unfinished.send(&begun).unwrap();
    wait_for("the unfinished body to give way", || {
        server.take(&large);
        unfinished.has_word().then_some(())
    });
    let answer = unfinished.answer().unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("5"));
    // One that is too large even alone.
    let too_large = mail::large(&to, "too large", 3 << 20);
    let answer = server.connect().try_exchange(&mail::request(&too_large));
    assert_eq!(answer.map(|answer| answer.status), Some(503));
    server.take(&large);
    server.assert_well();
}
