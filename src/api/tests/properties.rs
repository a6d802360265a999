//! Whatever is sent, the answer is whole and can be read.

use super::support::{Wiki, body, header, request};
use crate::api::{ApiRequest, ApiResponse, Method};
use crate::php_serialize::{self, PhpValue};
use proptest::prelude::*;
use proptest::sample::select;
use std::cell::OnceCell;

thread_local! {
    /// One wiki for all cases of a property: its store takes a while to open.
    static WIKI: OnceCell<Wiki> = const { OnceCell::new() };
}

/// Of these forms, multipart bodies and their values are made.
const PIECES: [&str; 34] = [
    "action=bouncehandler",
    "&",
    "=",
    "format=json",
    "&format=jsonfm",
    "&format=none",
    "&format=php",
    "&format=phpfm",
    "&format=rawfm",
    "&format=xml",
    "&format=xmlfm",
    "&wrappedhtml=1",
    "&includexmlnamespace=1&xslt=x",
    "&callback=a.b",
    "action=query&meta=siteinfo|userinfo|tokens",
    "action=paraminfo&modules=main|query",
    "%E9\"'>",
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

/// Whether the body tells of an error, if its format lets programs see that.
pub fn tells_of_error(response: &ApiResponse) -> Option<bool> {
    let body = body(response);
    match header(response, "Content-Type").unwrap() {
        "application/json; charset=utf-8" => {
            let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
            if response.job.is_some() {
                // A format that is asked for wrongly replaces an answer that was good.
                let answer = answer["bouncehandler"]["submitted"].as_str();
                assert!(matches!(answer, Some("job") | None), "{body}");
            }
            Some(
                answer
                    .get("error")
                    .or_else(|| answer.get("errors"))
                    .is_some(),
            )
        }
        "text/xml; charset=utf-8" => {
            let document = roxmltree::Document::parse(&body).unwrap();
            let mut children = document.root_element().children();
            Some(children.any(|child| matches!(child.tag_name().name(), "error" | "errors")))
        }
        "application/vnd.php.serialized; charset=utf-8" => {
            let Ok(PhpValue::Array(answer)) = php_serialize::read(&response.body) else {
                panic!("no array: {body}");
            };
            Some(
                answer
                    .get("error")
                    .or_else(|| answer.get("errors"))
                    .is_some(),
            )
        }
        "text/mediawiki-api-prettyprint-wrapped; charset=utf-8" => {
            let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(answer["html"].is_string());
            None
        }
        "text/javascript; charset=utf-8" => {
            assert!(body.starts_with("/**/") && body.ends_with("})"), "{body}");
            None
        }
        "text/plain; charset=utf-8" => {
            assert_eq!(body, "");
            None
        }
        "text/html; charset=UTF-8" | "text/html; charset=utf-8" => {
            assert!(
                body.contains("<html") && !body.contains("<b>\"'>"),
                "{body}"
            );
            None
        }
        other => panic!("unknown type {other}"),
    }
}

proptest! {
    #[test]
    fn every_answer_can_be_read_and_has_its_headers(
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
        prop_assert_eq!(header(&response, "X-Request-Id").map(str::len), Some(24));
        let has_error = header(&response, "MediaWiki-API-Error").is_some();
        prop_assert_eq!(tells_of_error(&response).unwrap_or(has_error), has_error);
    }
}
