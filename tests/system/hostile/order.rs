//! Several requests on one connection, and requests in several steps.

use super::{FORM_HEAD, code, get, place, submitted};
use crate::support::mail;
use crate::support::server::Server;

#[test]
fn requests_that_come_together_are_answered_in_their_order() {
    let place = place();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let asked: Vec<String> = (0..100).map(|n| format!("nosuch{n}")).collect();
    let requests: String = asked
        .iter()
        .map(|action| get(&format!("/w/api.php?format=json&action={action}"), ""))
        .collect();
    connection.send(requests.as_bytes()).unwrap();
    for action in &asked {
        let answer = connection.answer().unwrap();
        assert_eq!(code(&answer), "badvalue");
        assert!(
            answer.text().contains(&format!(": {action}.")),
            "{action}: {}",
            answer.text()
        );
    }
    // Rubbish behind a request costs that request nothing.
    let mail = mail::request(b"no bounce");
    connection
        .send(&[&mail[..], b"rubbish\r\n\r\n"].concat())
        .unwrap();
    assert_eq!(submitted(&connection.answer().unwrap()), "failure");
    assert_eq!(connection.answer().unwrap().status, 400);
    assert!(connection.answer_or_end().is_none());
    server.assert_well();
}

#[test]
fn who_asks_first_is_told_to_go_on_and_who_has_said_all_still_gets_the_answer() {
    let place = place();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let head = format!("{FORM_HEAD}Expect: 100-continue\r\nContent-Length: 7\r\n\r\n");
    assert_eq!(connection.exchange_head(head.as_bytes()).status, 100);
    assert_eq!(
        submitted(&connection.exchange(b"email=x").unwrap()),
        "failure"
    );
    // Half closed: nothing more will be asked, and the answer is still wanted.
    let mut connection = server.connect();
    connection.send(&mail::request(b"no bounce")).unwrap();
    connection.end_sending();
    assert_eq!(submitted(&connection.answer().unwrap()), "failure");
    // HTTP/1.0 keeps no connection that it was not asked to keep.
    let mut connection = server.connect();
    let request = "POST /w/api.php?action=bouncehandler&format=json HTTP/1.0\r\nContent-Length: 7\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=x";
    assert_eq!(
        submitted(&connection.exchange(request.as_bytes()).unwrap()),
        "failure"
    );
    assert!(connection.answer_or_end().is_none());
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "0\n");
}
