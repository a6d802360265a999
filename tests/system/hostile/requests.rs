//! What is no request, and clients that hang up.

use super::{FORM_HEAD, assert_sound, place};
use crate::support::http::Connection;
use crate::support::mail;
use crate::support::server::Server;

/// Sends each of these to a server, which has to answer or to close the connection, and to live on.
fn assert_survives(requests: &[(&str, String)]) {
    let place = place();
    let server = Server::start(&place);
    for (what, request) in requests {
        let mut connection = server.connect();
        drop(connection.send(request.as_bytes()));
        connection.end_sending();
        if let Some(answer) = connection.answer_or_end() {
            assert_sound(what, &answer);
        }
    }
    server.assert_well();
}

#[test]
fn requests_that_are_none_are_answered_or_cut_off() {
    let long = "a".repeat(200_000);
    let lines = "X-Line: a\r\n".repeat(100_000);
    assert_survives(&[
        ("nothing", String::new()),
        ("line ends", "\r\n\r\n\r\n".to_owned()),
        ("no HTTP", "EHLO mail.example.org\r\n".to_owned()),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\u{7f}\x03\x03".to_owned(),
        ),
        ("an unknown version", "GET / HTTP/9.9\r\n\r\n".to_owned()),
        ("no host", "GET /w/api.php HTTP/1.1\r\n\r\n".to_owned()),
        (
            "an endless target",
            format!("GET /{long} HTTP/1.1\r\nHost: wiki\r\n\r\n"),
        ),
        (
            "an endless query",
            format!("GET /w/api.php?{long} HTTP/1.1\r\nHost: wiki\r\n\r\n"),
        ),
        (
            "an endless header",
            format!("GET / HTTP/1.1\r\nHost: wiki\r\nX-Long: {long}\r\n\r\n"),
        ),
        (
            "many headers",
            format!("GET / HTTP/1.1\r\nHost: wiki\r\n{lines}\r\n"),
        ),
        (
            "a broken query",
            "GET /w/api.php?format=json&action=%&%%=%\u{ff} HTTP/1.1\r\nHost: wiki\r\n\r\n"
                .to_owned(),
        ),
        (
            "NUL in the target",
            "GET /w/api.php?a=\0 HTTP/1.1\r\nHost: wiki\r\n\r\n".to_owned(),
        ),
    ]);
}

#[test]
fn requests_of_a_kind_of_their_own_are_answered_or_cut_off() {
    assert_survives(&[
        (
            "a method of its own",
            "BREW /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: wiki\r\n\r\n"
                .to_owned(),
        ),
        (
            "forwarded from nowhere",
            format!("{FORM_HEAD}X-Forwarded-For: ,,;\u{1f4e7}\r\nContent-Length: 7\r\n\r\nemail=x"),
        ),
    ]);
}

#[test]
fn clients_that_hang_up_do_not_keep_others_waiting() {
    let place = place();
    let server = Server::start(&place);
    let to = place.address_of(3);
    let mut idle: Vec<Connection> = (0..200).map(|_| server.connect()).collect();
    for connection in &mut idle {
        connection.send(FORM_HEAD.as_bytes()).unwrap();
    }
    server.take(&mail::permanent(&to, "meanwhile"));
    drop(idle);
    for _ in 0..200 {
        // The answer is not waited for.
        server
            .connect()
            .send(&mail::request(&mail::permanent(&to, "gone")))
            .unwrap();
    }
    server.take(&mail::permanent(&to, "afterwards"));
    server.assert_well();
    place.print(&["runjobs"]);
    let reasons = place.reasons();
    for subject in ["meanwhile", "afterwards"] {
        assert_eq!(
            reasons.iter().filter(|reason| *reason == subject).count(),
            1,
            "{subject}"
        );
    }
}
