//! Bodies that are too large, come in pieces, or do not come.

use super::{FORM_HEAD, MOST, assert_sound, code, place, submitted};
use crate::support::chance::Chance;
use crate::support::http::Answer;
use crate::support::mail::{self, ACCEPTED};
use crate::support::server::Server;
use serde_json::Value;

#[test]
fn a_body_that_is_too_large_is_refused_in_the_words_of_the_api() {
    let place = place();
    let server = Server::start(&place);
    let refused = |answer: &Answer| {
        assert_eq!(answer.status, 413, "{}", answer.text());
        assert_eq!(code(answer), "http-contenttoolarge");
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(
            !document["error"]["info"].as_str().unwrap().is_empty(),
            "{document}"
        );
    };
    // Refused by its announced length, before any of it is sent.
    let head = format!("{FORM_HEAD}Content-Length: {}\r\n\r\n", MOST + 1);
    refused(&server.connect().exchange(head.as_bytes()).unwrap());
    let head = format!("{FORM_HEAD}Content-Length: {}\r\n\r\n", u64::MAX);
    if let Some(answer) = server.connect().try_exchange(head.as_bytes()) {
        assert!(matches!(answer.status, 400 | 413), "{}", answer.status);
    }
    // In chunks nobody knows before it is there.
    let mut connection = server.connect();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "a".repeat(1 << 20));
    let sent = connection.send(format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
    assert!(sent.is_ok());
    for _ in 0..=(MOST >> 20) {
        if connection.send(chunk.as_bytes()).is_err() {
            break;
        }
    }
    if let Some(answer) = connection.answer_or_end() {
        refused(&answer);
    }
    // The largest that is allowed.
    let form = mail::form(&mail::permanent(&place.address_of(3), "padded"));
    let padding = "a".repeat(MOST - form.len() - 3);
    let body = [form.as_slice(), b"&p=", padding.as_bytes()].concat();
    assert_eq!(body.len(), MOST);
    let answer = server
        .connect()
        .exchange(&mail::form_request(&body))
        .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    server.assert_well();
}

#[test]
fn a_body_in_chunks_is_a_body() {
    let place = place();
    let server = Server::start(&place);
    let form = mail::form(&mail::permanent(&place.address_of(3), "in pieces"));
    let mut request = format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for piece in form.chunks(7) {
        request.extend(format!("{:x};extension=x\r\n", piece.len()).bytes());
        request.extend(piece);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    let mut connection = server.connect();
    assert_eq!(connection.exchange(&request).unwrap().text(), ACCEPTED);
    assert_eq!(
        connection
            .exchange(&mail::form_request(&form))
            .unwrap()
            .text(),
        ACCEPTED,
        "kept alive"
    );
    for broken in [
        "zz\r\nab\r\n0\r\n\r\n",
        "-1\r\n",
        "ffffffffffffffffffff\r\n",
        "5\r\nabc\r\n0\r\n\r\n",
        "\r\n\r\n",
    ] {
        let mut connection = server.connect();
        let request = format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n{broken}");
        drop(connection.send(request.as_bytes()));
        connection.end_sending();
        if let Some(answer) = connection.answer_or_end() {
            assert_sound(broken, &answer);
            assert_ne!(answer.text(), ACCEPTED, "{broken}");
        }
    }
    assert_eq!(place.print(&["showjobs"]), "2\n");
    server.assert_well();
}

#[test]
fn a_body_that_does_not_arrive_whole_queues_nothing() {
    let place = place();
    let server = Server::start(&place);
    let request = mail::request(&mail::permanent(&place.address_of(3), "half"));
    let mut chance = Chance::seeded();
    for round in 0..60 {
        let cut = usize::try_from(chance.below(u64::try_from(request.len()).unwrap())).unwrap();
        let mut connection = server.connect();
        connection.send(&request[..cut]).unwrap();
        if round % 2 == 0 {
            drop(connection);
            continue;
        }
        connection.end_sending();
        if let Some(answer) = connection.answer_or_end() {
            assert_sound("half a request", &answer);
            assert_ne!(answer.text(), ACCEPTED, "{cut} bytes");
        }
    }
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "0\n");
}

#[test]
fn a_request_that_announces_less_than_it_sends_is_one_request_and_rubbish() {
    let place = place();
    let server = Server::start(&place);
    let body = "email=x";
    let request = format!(
        "{FORM_HEAD}Content-Length: {}\r\n\r\n{body}\0\x01rubbish\r\n\r\n",
        body.len()
    );
    let mut connection = server.connect();
    let answer = connection.exchange(request.as_bytes()).unwrap();
    assert_eq!(submitted(&answer), "failure");
    if let Some(answer) = connection.answer_or_end() {
        assert_eq!(answer.status, 400);
    }
    server.assert_well();
}
