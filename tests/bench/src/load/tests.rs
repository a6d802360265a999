use super::*;
use crate::bounce::ACCEPTED;
use std::net::TcpListener;
use std::thread;

const REQUEST: &[u8] = b"request";

/// A server for one connection that answers each [`REQUEST`] with the next of `answers`, cut in two at `cut`, and then closes.
fn serve(answers: Vec<String>, cut: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        for answer in answers {
            stream.read_exact(&mut [0; REQUEST.len()]).unwrap();
            let (first, second) = answer.as_bytes().split_at(cut);
            stream.write_all(first).unwrap();
            stream.write_all(second).unwrap();
        }
    });
    address
}

fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn run(address: SocketAddr, until: Until) -> Result<Figures> {
    Load {
        address,
        request: REQUEST,
        dialect: Dialect::Http,
        connections: 1,
    }
    .run(until, &AtomicBool::new(false))
}

#[test]
fn only_the_expected_answer_counts_as_accepted() {
    let failure = r#"{"bouncehandler":{"submitted":"failure"}}"#;
    let answers = vec![
        answer(200, ACCEPTED),
        answer(500, ACCEPTED),
        answer(200, failure),
        answer(200, ACCEPTED),
    ];
    let figures = run(serve(answers, 9), Until::Sent(4)).unwrap();
    assert_eq!((figures.accepted(), figures.wrong), (2, 2));
    assert_eq!(
        figures.first_wrong.unwrap(),
        format!("status 500, {ACCEPTED}")
    );
}

#[test]
fn a_server_that_goes_away_is_an_error() {
    let error = run(serve(vec![answer(200, ACCEPTED)], 1), Until::Sent(2)).unwrap_err();
    // Closed in order, or reset because a request came afterwards.
    let told = [
        "the server closed a connection within a request",
        "an answer cannot be read",
        "a request cannot be sent",
    ];
    assert!(told.contains(&error.to_string().as_str()), "{error:#}");
}

#[test]
fn a_time_of_nothing_sends_nothing() {
    let figures = run(serve(Vec::new(), 0), Until::Elapsed(Duration::ZERO)).unwrap();
    assert_eq!((figures.accepted(), figures.wrong), (0, 0));
}

#[test]
fn an_interrupted_run_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let load = Load {
        address: listener.local_addr().unwrap(),
        request: REQUEST,
        dialect: Dialect::Http,
        connections: 1,
    };
    let error = load
        .run(Until::Sent(1), &AtomicBool::new(true))
        .unwrap_err();
    assert_eq!(error.to_string(), "interrupted");
}
