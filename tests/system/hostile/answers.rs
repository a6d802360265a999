//! What is odd or wrong, and which answer it has.

use super::{FORM_HEAD, get, place};
use crate::support::server::Server;

/// Sends each request on a connection of its own, and expects the status, and nothing queued.
fn assert_answers<R: AsRef<[u8]>>(status: u16, requests: impl IntoIterator<Item = R>) {
    let place = place();
    let server = Server::start(&place);
    for request in requests {
        let request = request.as_ref();
        let answer = server.connect().try_exchange(request);
        let answered = answer.as_ref().map(|answer| answer.status);
        let shown = String::from_utf8_lossy(&request[..request.len().min(300)]);
        assert_eq!(answered, Some(status), "{shown}: {answer:?}");
    }
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "0\n");
}

#[test]
fn a_length_that_is_none_or_not_the_only_one_is_a_bad_request() {
    let lengths = [
        "Content-Length: -1",
        "Content-Length: +7",
        "Content-Length: seven",
        "Content-Length: 0x7",
        "Content-Length: 7.0",
        "Content-Length:",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 7\r\nContent-Length: 7",
        "Content-Length: 7\r\nContent-Length: 8",
        "Content-Length: 7, 7",
        "Content-Length : 7",
        "Transfer-Encoding: identity",
    ];
    let codings = [
        "Content-Length: 7\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 7",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\x0bchunked",
    ];
    let plain = lengths.map(|headers| format!("{FORM_HEAD}{headers}\r\n\r\nemail=x"));
    let chunks =
        codings.map(|headers| format!("{FORM_HEAD}{headers}\r\n\r\n7\r\nemail=x\r\n0\r\n\r\n"));
    assert_answers(400, plain.into_iter().chain(chunks));
}

#[test]
fn a_length_beyond_all_memory_is_too_large() {
    assert_answers(
        413,
        [i64::MAX as u64, u64::MAX]
            .map(|length| format!("{FORM_HEAD}Content-Length: {length}\r\n\r\n")),
    );
}

#[test]
fn a_body_that_is_broken_or_cut_off_is_a_bad_request() {
    let place = place();
    let server = Server::start(&place);
    let mut requests = [
        "zz\r\nemail=x\r\n0\r\n\r\n",
        "-7\r\nemail=x\r\n0\r\n\r\n",
        "0x7\r\nemail=x\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nemail=x\r\n0\r\n\r\n",
        "5\r\nemail=x\r\n0\r\n\r\n",
        "ffff\r\nemail=x",
        "7\r\nemail=x\r\n",
    ]
    .map(|body| format!("{FORM_HEAD}Transfer-Encoding: chunked\r\n\r\n{body}"))
    .to_vec();
    requests.push(format!("{FORM_HEAD}Content-Length: 100\r\n\r\nemail=x"));
    for request in requests {
        let mut connection = server.connect();
        connection.send(request.as_bytes()).unwrap();
        connection.end_sending();
        let answer = connection.answer().unwrap();
        assert_eq!(answer.status, 400, "{request}: {}", answer.text());
        assert_eq!(answer.header("connection"), Some("close"), "{request}");
        assert!(connection.answer_or_end().is_none(), "{request}");
    }
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "0\n");
}

#[test]
fn a_head_that_is_none_is_a_bad_request() {
    let targets = ["/w/api.php?a b", "/w/api.php?a=\0", "/w/api.php?a=\x7f", ""];
    let headers = [
        "X-A: a\0b\r\n",
        "X-A: a\r\n b\r\n",
        "X-A\r\n",
        ": a\r\n",
        "X A: a\r\n",
        "Host: other\r\n",
    ];
    let whole = [
        "GET /w/api.php HTTP/1.1\r\n\r\n",
        "GET /w/api.php HTTP/9.9\r\nHost: wiki\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /w/api.php HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "EHLO mail.example.org\r\n\r\n",
        "\x16\x03\x01\x02\0\x01\0\x01",
    ];
    let requests = targets.map(|target| get(target, "")).into_iter();
    let requests = requests.chain(headers.map(|header| get("/w/api.php", header)));
    assert_answers(400, requests.chain(whole.map(str::to_owned)));
}

#[test]
fn a_head_that_is_too_long_is_told_so() {
    let long = "a".repeat(40_000);
    assert_answers(
        431,
        [
            get("/w/api.php", &format!("X-A: {long}\r\n")),
            get(&format!("/w/api.php?a={long}"), ""),
            get("/w/api.php", &"X-A: a\r\n".repeat(96)),
            get("/w/api.php", &"X-A: a\r\n".repeat(100_000)),
        ],
    );
}

#[test]
fn what_is_odd_but_allowed_is_answered() {
    let api = "/w/api.php?action=query&format=json";
    assert_answers(
        200,
        [
            get(&format!("http://other{api}"), ""),
            get(&format!("{api}#fragment"), ""),
            get("//w//api.php?format=json", ""),
            get(&format!("{api}&a={}", "a".repeat(30_000)), ""),
            get(&format!("{api}{}", "&a=b".repeat(7_000)), ""),
            get(&format!("{api}&%zz=%&%4"), ""),
            get(&format!("{api}&a=<b>\"\u{e9}`"), ""),
            get(&format!("{api}&action=%00%00"), ""),
            get(api, &"X-A: a\r\n".repeat(95)),
            get(api, "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
            get(api, "Expect: a miracle\r\n"),
            format!("GET {api} HTTP/1.1\nHost: wiki\n\n"),
            format!("GET {api} HTTP/1.0\r\n\r\n"),
        ],
    );
}

#[test]
fn what_is_nowhere_is_not_found() {
    assert_answers(
        404,
        [
            get("/../../etc/passwd", ""),
            get("/w/api.php/../load.php", ""),
            get("api.php", ""),
            "CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n".to_owned(),
            "OPTIONS * HTTP/1.1\r\nHost: wiki\r\n\r\n".to_owned(),
        ],
    );
}

#[test]
fn the_answer_to_head_tells_no_length_and_its_connection_goes_on() {
    let place = place();
    let server = Server::start(&place);
    let mut connection = server.connect();
    let target = "/w/api.php?action=query&format=json";
    let head = connection
        .exchange_head(format!("HEAD {target} HTTP/1.1\r\nHost: wiki\r\n\r\n").as_bytes());
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    // A length would have to be that of the answer to GET (RFC 9110, section 8.6).
    assert_eq!(head.header("content-length"), None);
    assert_eq!(head.header("transfer-encoding"), None);
    let whole = connection.exchange(get(target, "").as_bytes()).unwrap();
    assert_eq!(whole.text(), "{\"batchcomplete\":\"\"}");
}
