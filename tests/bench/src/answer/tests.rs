use super::*;

const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nServer: x\r\ncOntent-lEngth:  5 \r\nDate: Mon, 13 Jul 2026 15:02:36 GMT\r\n\r\nhello";

#[test]
fn a_whole_answer_is_read() {
    assert_eq!(
        parse(WHOLE).unwrap(),
        Some(Answer {
            status: 200,
            body: b"hello"
        })
    );
}

#[test]
fn an_answer_cut_off_anywhere_is_not_complete() {
    for end in 0..WHOLE.len() {
        assert_eq!(parse(&WHOLE[..end]).unwrap(), None, "after {end} bytes");
    }
}

#[test]
fn an_empty_body_is_complete_with_its_head() {
    let answer = parse(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").unwrap();
    assert_eq!(
        answer,
        Some(Answer {
            status: 503,
            body: b""
        })
    );
}

#[test]
fn what_is_no_single_answer_of_known_length_is_refused() {
    let cases: [(&[u8], &str); 6] = [
        (
            b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
            "an answer without Content-Length",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "Content-Length \"-1\" is no number",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
            "1 bytes behind the answer",
        ),
        (
            b"SSH-2.0-x\r\n\r\n",
            "expected an HTTP/1.1 status line, got \"SSH-2.0-x\"",
        ),
        (
            b"HTTP/1.1 2x0 OK\r\n\r\n",
            "expected an HTTP/1.1 status line, got \"HTTP/1.1 2x0 OK\"",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "transfer coding \"gzip\" was not asked for",
        ),
    ];
    for (bytes, message) in cases {
        assert_eq!(parse(bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_head_is_read_from_a_stream_and_the_body_is_left() {
    let mut stream: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let head = Head::read(&mut stream).unwrap();
    assert_eq!(
        head,
        Head {
            status: 200,
            content_length: None,
            chunked: true
        }
    );
    assert_eq!(stream, b"5\r\nhello\r\n0\r\n\r\n");
}

#[test]
fn a_head_that_breaks_off_is_refused() {
    let mut stream: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer";
    assert_eq!(
        Head::read(&mut stream).unwrap_err().to_string(),
        "the connection ended within the head of an answer"
    );
}

/// The example of RFC 9112, section 7.1 in other words: sizes are hexadecimal, extensions are skipped.
#[test]
fn chunks_are_joined_whatever_the_size_of_the_reads() {
    let body: &[u8] = b"4\r\nWiki\r\nB;name=value\r\npedia in \r\n\r\n3\r\nend\r\n0\r\n\r\n";
    let expected = b"Wikipedia in \r\nend";
    let mut whole = Vec::new();
    Chunked::new(body).read_to_end(&mut whole).unwrap();
    assert_eq!(whole, expected);

    let mut stream = Chunked::new(body);
    let (mut bytes, mut one) = (Vec::new(), [0]);
    while stream.read(&mut one).unwrap() == 1 {
        bytes.extend(one);
    }
    assert_eq!(bytes, expected);
}

#[test]
fn chunks_that_break_off_are_an_error() {
    let body: &[u8] = b"4\r\nWiki\r\n3\r\nend\r\n0\r\n";
    for end in 0..body.len() - 3 {
        let error = Chunked::new(&body[..end])
            .read_to_end(&mut Vec::new())
            .unwrap_err();
        assert_eq!(
            error.kind(),
            io::ErrorKind::UnexpectedEof,
            "after {end} bytes"
        );
    }
}

#[test]
fn a_chunk_of_no_size_or_of_more_than_its_size_is_an_error() {
    for body in [&b"x\r\nWiki\r\n0\r\n\r\n"[..], b"3\r\nWiki\r\n0\r\n\r\n"] {
        let error = Chunked::new(body).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
