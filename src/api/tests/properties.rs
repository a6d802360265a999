//! Whatever is sent, the answer is whole and can be read.

use super::support::{Wiki, body, header, request};
use crate::api::{ApiRequest, Method};
use proptest::prelude::*;
use proptest::sample::select;
use std::cell::OnceCell;

thread_local! {
    /// One wiki for all cases of a property: its store takes a while to open.
    static WIKI: OnceCell<Wiki> = const { OnceCell::new() };
}

/// Of these forms, multipart bodies and their values are made.
const PIECES: [&str; 21] = [
    "action=bouncehandler",
    "&",
    "=",
    "format=json",
    "&formatversion=2",
    "&formatversion=9",
    "&errorformat=",
    "plaintext",
    "html",
    "raw",
    "&uselang=qqx",
    "&requestid=",
    "&email=To: ",
    "wiki-testwiki-3-t85s00-FRP%2BzkpsmpTTFqZp@x",
    "wiki-a.b.c.d-3-t85s00-fHgJWLHs8yIlHcgy@x",
    "%1F",
    "%00",
    "<b>",
    "%0A",
    "[]",
    "--X\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n",
];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        3 => select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_answer_is_json_with_its_headers(
        query in pieces(),
        form in pieces(),
        content_type in prop_oneof![
            Just(None),
            Just(Some(&b"application/x-www-form-urlencoded"[..])),
            Just(Some(&b"multipart/form-data; boundary=X"[..])),
        ],
        method in prop_oneof![3 => Just(Method::Post), 1 => Just(Method::Get), 1 => Just(Method::Other)],
    ) {
        let request = ApiRequest { method, query: &query, content_type, body: &form, ..request() };
        let (response, _) = WIKI.with(|wiki| wiki.get_or_init(Wiki::new).answer(&request));
        prop_assert!(matches!(response.status, 200 | 405));
        let answer: serde_json::Value = serde_json::from_str(&body(&response)).unwrap();
        let has_error = answer.get("error").or_else(|| answer.get("errors")).is_some();
        prop_assert_eq!(has_error, header(&response, "MediaWiki-API-Error").is_some());
        prop_assert_eq!(header(&response, "X-Request-Id").map(str::len), Some(24));
        if response.job.is_some() {
            prop_assert_eq!(&answer["bouncehandler"]["submitted"], "job");
        }
    }
}
