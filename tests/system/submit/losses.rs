//! All that loses mails where they are handed over with curl.

use super::fake_api::{Does, FakeApi};
use super::{DATAERR, FAILURE, JOB, MAIL, OK, TEMPFAIL, assert_told, submit, submit_to};
use std::net::TcpListener;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=UTF-8";

/// As the wiki sends it to a client that it does not know (recorded case `ip/stranger`, format version 2).
const INVALID_IP: &str =
    r#"{"error":{"code":"invalid-ip","info":"This API module is for internal use only."}}"#;
const READONLY: &str = r#"{"error":{"code":"readonly","info":"The wiki is currently in read-only mode.","readonlyreason":"Upgrading"}}"#;
const MAXLAG: &str =
    r#"{"error":{"code":"maxlag","info":"Waiting for a database server: 9 seconds lagged."}}"#;
const DATABASE: &str = r#"{"error":{"code":"internal_api_error_DBQueryError","info":"[0123456789abcdef] Caught exception of type Wikimedia\\Rdbms\\DBQueryError"}}"#;
const BAD_ACTION: &str = r#"{"error":{"code":"badvalue","info":"Unrecognized value for parameter \"action\": bouncehandler."}}"#;
const OTHER: &str = r#"{"errors":[{"code":"somethingnew","text":"Nobody knows it yet."}]}"#;
const PAGE: &str = "<!DOCTYPE html>\n<html><head>\n<title>Down for\tmaintenance</title></head><body>Back soon</body></html>";

/// A server whose connections are refused: the port was free a moment ago.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/w/api.php", listener.local_addr().unwrap())
}

#[test]
fn an_answer_that_took_the_mail_is_the_only_good_end() {
    let api = FakeApi::saying(JOB);
    assert_told(
        &submit_to(&api, &[]),
        OK,
        "2.0.0",
        &["submitted: job", &api.url()],
    );
    assert_eq!(api.seen().len(), 1);
    let with_warnings =
        r#"{"warnings":{"main":{"warnings":"x"}},"bouncehandler":{"submitted":"job"}}"#;
    let api = FakeApi::saying(with_warnings);
    assert_told(&submit_to(&api, &[]), OK, "2.0.0", &["submitted: job"]);
}

#[test]
fn a_connection_that_is_refused_may_heal() {
    let ended = submit(&["--url", &nobody()], MAIL);
    assert_told(&ended, TEMPFAIL, "4.4.1", &["refused"]);
}

#[test]
fn a_host_that_is_not_found_may_heal() {
    let ended = submit(&["--url", "http://wiki.invalid/api.php"], MAIL);
    assert_eq!(ended.code, Some(TEMPFAIL), "{ended:?}");
    assert!(ended.out.starts_with("4.4."), "{ended:?}");
}

#[test]
fn statuses_that_are_no_success_may_heal() {
    for (status, enhanced, words) in [
        ("500 Internal Server Error", "4.3.0", "500"),
        ("502 Bad Gateway", "4.3.2", "502"),
        ("503 Service Unavailable", "4.3.2", "503"),
        ("504 Gateway Timeout", "4.3.2", "504"),
        ("401 Unauthorized", "4.7.1", "401"),
        ("403 Forbidden", "4.7.1", "403"),
        ("404 Not Found", "4.3.5", "404"),
        ("410 Gone", "4.3.5", "410"),
        ("413 Content Too Large", "4.3.4", "413"),
        ("418 I'm a teapot", "4.3.0", "418"),
        ("429 Too Many Requests", "4.3.2", "429"),
    ] {
        for body in [PAGE, "", "no page", "{}", "[1]", JOB] {
            let api = FakeApi::answering(status, HTML, body);
            assert_told(
                &submit_to(&api, &[]),
                TEMPFAIL,
                enhanced,
                &["HTTP status", words],
            );
        }
    }
}

#[test]
fn errors_of_the_api_may_heal_and_are_named() {
    for (body, enhanced, words) in [
        (
            INVALID_IP,
            "4.7.1",
            ["invalid-ip", "$wgBounceHandlerInternalIPs"],
        ),
        (READONLY, "4.3.2", ["readonly", "read-only mode"]),
        (MAXLAG, "4.3.2", ["maxlag", "9 seconds"]),
        (
            DATABASE,
            "4.3.0",
            ["internal_api_error_DBQueryError", "error log"],
        ),
        (BAD_ACTION, "4.3.5", ["badvalue", "BounceHandler installed"]),
        (OTHER, "4.3.0", ["somethingnew", "Nobody knows it yet."]),
    ] {
        for status in [
            "200 OK",
            "503 Service Unavailable",
            "403 Forbidden",
            "500 Oh",
        ] {
            let api = FakeApi::answering(status, JSON, body);
            let ended = submit_to(&api, &["--on-failure", "reject"]);
            assert_told(&ended, TEMPFAIL, enhanced, &words);
        }
    }
}

#[test]
fn a_page_in_the_place_of_an_answer_may_heal() {
    for kind in [HTML, JSON] {
        let api = FakeApi::answering("200 OK", kind, PAGE);
        let ended = submit_to(&api, &[]);
        assert_told(
            &ended,
            TEMPFAIL,
            "4.3.0",
            &["web page", "(Down for maintenance)"],
        );
    }
    // The wiki's own page that shows JSON to people, where something on the way drops the format.
    let shown = "<!DOCTYPE html><html><body><pre>{\"bouncehandler\":{\"submitted\":\"job\"}}</pre></body></html>";
    let api = FakeApi::answering("200 OK", HTML, shown);
    assert_told(&submit_to(&api, &[]), TEMPFAIL, "4.3.0", &["web page"]);
}

#[test]
fn an_answer_that_does_not_say_it_may_heal() {
    for body in [
        "",
        "\n",
        "{}",
        "null",
        "[]",
        "\"job\"",
        "job",
        r#"{"bouncehandler":{"submitted":"job"}"#,
        r#"{"bouncehandler":{"submitted":"jo"#,
        r#"{"bouncehandler":{"submitted":"job"}}{}"#,
        r#"{"bouncehandler":{"submitted":"later"}}"#,
        r#"{"bouncehandler":{"submitted":true}}"#,
        r#"{"bouncehandler":{}}"#,
        r#"{"bouncehandler":[]}"#,
        r#"{"bouncehandler":"job"}"#,
        r#"{"submitted":"job"}"#,
        r#"{"query":{"bouncehandler":{"submitted":"job"}}}"#,
        r#"{"error":"job","bouncehandler":{"submitted":"job"}}"#,
        r#"{"error":{"code":"x"},"bouncehandler":{"submitted":"job"}}"#,
    ] {
        let api = FakeApi::saying(body);
        assert_told(
            &submit_to(&api, &["--on-failure=reject"]),
            TEMPFAIL,
            "4.3.0",
            &[],
        );
    }
}

#[test]
fn an_answer_that_breaks_off_may_heal() {
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{JOB}");
    let chunk = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{JOB}\r\n",
        JOB.len()
    );
    for does in [
        Does::Cuts,
        Does::Answers(b"HTTP/1.1 200".to_vec()),
        Does::Answers(b"HTTP/1.1 200 OK\r\nContent-Type: app".to_vec()),
        Does::Answers(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Does::Answers(vec![0xff; 1000]),
        Does::Answers(cut.into_bytes()),
        Does::Answers(chunk.into_bytes()),
    ] {
        let api = FakeApi::start(does.clone());
        assert_told(&submit_to(&api, &[]), TEMPFAIL, "4.4.2", &[&api.url()]);
        assert_eq!(api.seen().len(), 1, "{does:?}: sent once");
    }
}

#[test]
fn no_answer_within_the_time_limit_may_heal() {
    let api = FakeApi::start(Does::Waits);
    let ended = submit_to(&api, &["--time-limit", "0.4"]);
    assert_told(&ended, TEMPFAIL, "4.4.2", &["0.4 s", "--time-limit"]);
    assert_eq!(api.seen().len(), 1);
}

#[test]
fn a_redirect_is_not_followed_and_says_where_to() {
    let there = FakeApi::saying(JOB);
    for status in [
        "301 Moved",
        "302 Found",
        "303 See",
        "307 Temporary",
        "308 Permanent",
    ] {
        let head = format!(
            "HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            there.url()
        );
        let api = FakeApi::start(Does::Answers(head.into_bytes()));
        let ended = submit_to(&api, &[]);
        assert_told(
            &ended,
            TEMPFAIL,
            "4.3.5",
            &["redirect", &there.url(), "--url"],
        );
    }
    assert_eq!(there.seen().len(), 0);
}

#[test]
fn what_is_no_bounce_of_the_wiki_is_dealt_with_as_asked() {
    let cases = [
        (&[][..], OK, "2.6.0"),
        (&["--on-failure=accept"], OK, "2.6.0"),
        (&["--on-failure=tempfail"], TEMPFAIL, "4.6.0"),
        (&["--on-failure=reject"], DATAERR, "5.6.0"),
    ];
    for (flags, code, status) in cases {
        for http in ["200 OK", "422 Unprocessable Content"] {
            let api = FakeApi::answering(http, JSON, FAILURE);
            assert_told(
                &submit_to(&api, flags),
                code,
                status,
                &["submitted: failure"],
            );
        }
    }
    let api = FakeApi::answering("503 Service Unavailable", JSON, FAILURE);
    assert_told(
        &submit_to(&api, &["--on-failure=reject"]),
        TEMPFAIL,
        "4.3.2",
        &["503"],
    );
}

#[test]
fn an_answer_cannot_write_lines_of_its_own_into_the_log() {
    let evil =
        r#"{"error":{"code":"a\u0000\nb","info":"\u001b[2J\r\n2.0.0 taken\u0085\u2028end"}}"#;
    let api = FakeApi::saying(evil);
    assert_told(&submit_to(&api, &[]), TEMPFAIL, "4.3.0", &["\\u{1b}[2J"]);
    let long = format!(
        r#"{{"error":{{"code":"long","info":"{}"}}}}"#,
        "word ".repeat(100_000)
    );
    let ended = submit_to(&FakeApi::saying(&long), &[]);
    assert_told(&ended, TEMPFAIL, "4.3.0", &["long"]);
    assert!(ended.out.len() < 1000, "{}", ended.out.len());
    let endless = FakeApi::answering("200 OK", JSON, &" ".repeat(3 << 20));
    assert_told(&submit_to(&endless, &[]), TEMPFAIL, "4.3.0", &[]);
}
