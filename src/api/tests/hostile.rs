//! Requests that nobody sends by accident: any names and values, in any encoding, as query, form or multipart body, with
//! any headers. `PROPTEST_CASES` says how many.

use super::normalise::normalise;
use super::properties::tells_of_error;
use super::support::{Wiki, body, header, request};
use crate::api::module::Group;
use crate::api::registry::CATALOGUE;
use crate::api::{ApiRequest, ApiResponse, Method};
use crate::ip::{TrustedProxies, resolve_client};
use crate::log::escape;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use std::cell::OnceCell;

thread_local! {
    /// One wiki for all cases: its store takes a while to open.
    static WIKI: OnceCell<Wiki> = const { OnceCell::new() };
}

type Pair = (Vec<u8>, Vec<u8>);

/// Values that mean something to some param.
const VALUES: [&[u8]; 24] = [
    b"",
    b"1",
    b"-1",
    b"99999999999999999999",
    b"max",
    b"now",
    b"*",
    b"|",
    b"\x1f",
    b"\x1fa\x1fb",
    b"Bob|127.0.0.1",
    b"127.0.0.0/8",
    b"+\\",
    b"http://a.test",
    b"Main Page|Talk:|A<b|:",
    b"To: wiki-testwiki-3-t85s00-AAAA@x\n\ny",
    b"X-A: b\r\nSet-Cookie: a=b",
    b"a\r\n\r\n<script>alert(1)</script>",
    b"]]><b>\"'&",
    b"e\xcc\x81",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\0\x01\x7f",
    "\u{202e}\u{2028}\u{feff}\u{fffe}".as_bytes(),
];

fn names_of(groups: &[Group]) -> Vec<Vec<u8>> {
    let names = groups.iter().flat_map(|group| CATALOGUE.names(*group));
    names.map(|name| name.as_bytes().to_vec()).collect()
}

fn any_name() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<_> = CATALOGUE
        .all()
        .iter()
        .flat_map(|info| info.params.iter())
        .map(|spec| spec.name.as_bytes().to_vec())
        .collect();
    prop_oneof![
        8 => select(known.clone()),
        1 => (select(known), vec(any::<u8>(), 0..3)).prop_map(|(name, end)| [name, end].concat()),
        1 => vec(any::<u8>(), 0..8),
    ]
}

fn any_value() -> impl Strategy<Value = Vec<u8>> {
    use Group::{Action, Format, List, Meta, Prop};
    let modules = names_of(&[Action, Format, List, Meta, Prop]);
    prop_oneof![
        4 => select(&VALUES[..]).prop_map(<[u8]>::to_vec),
        1 => vec(select(modules), 1..4).prop_map(|names| names.join(&b'|')),
        1 => vec(any::<u8>(), 0..20),
    ]
}

/// A call of a module in a format, and params that mostly are not its own.
fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let named = |name: &'static str, groups: &[Group]| {
        select(names_of(groups)).prop_map(move |value| (name.as_bytes().to_vec(), value))
    };
    let action = prop_oneof![
        1 => named("action", &[Group::Action]),
        1 => Just((b"action".to_vec(), b"query".to_vec())),
    ];
    let format = named("format", &[Group::Format]);
    let queries = vec(
        prop_oneof![
            named("prop", &[Group::Prop]),
            named("list", &[Group::List]),
            named("meta", &[Group::Meta]),
        ],
        0..3,
    );
    let others = vec((any_name(), any_value()), 0..8);
    (action, format, queries, others).prop_map(|(action, format, queries, others)| {
        [vec![action, format], queries, others].concat()
    })
}

/// How the params travel.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    Query,
    Form,
    Multipart,
}

fn form(pairs: &[Pair], is_raw: bool) -> Vec<u8> {
    let encoded = |text: &[u8]| {
        if is_raw {
            text.to_vec()
        } else {
            text.iter()
                .flat_map(|byte| format!("%{byte:02x}").into_bytes())
                .collect()
        }
    };
    let pairs = pairs
        .iter()
        .map(|(name, value)| [encoded(name), encoded(value)].join(&b'='));
    pairs.collect::<Vec<_>>().join(&b'&')
}

fn multipart(pairs: &[Pair], is_raw: bool) -> Vec<u8> {
    let end = if is_raw { "\n" } else { "\r\n" };
    let parts = pairs.iter().map(|(name, value)| {
        let head = format!("--X{end}Content-Disposition: form-data; name=\"");
        [
            head.as_bytes(),
            name,
            b"\"",
            end.as_bytes(),
            end.as_bytes(),
            value,
            end.as_bytes(),
        ]
        .concat()
    });
    [parts.collect::<Vec<_>>().concat(), b"--X--".to_vec()].concat()
}

/// Headers, each there or not.
#[derive(Debug, Clone)]
struct Headers {
    values: Vec<Option<Vec<u8>>>,
    forwarded: Option<Vec<u8>>,
    is_https: bool,
}

/// Values that mean something in some header.
const HEADER_VALUES: [&[u8]; 6] = [
    b"*",
    b"de, en;q=0.5",
    b"http://a.test http://b.test",
    b"POST",
    b"content-type",
    b"testwiki_session=0123456789abcdef0123456789abcdef; testwikiUserID=3; testwikiToken=a",
];

/// What a proxy says of the client.
const FORWARDED: [&[u8]; 3] = [b"192.0.2.7", b"x", b"::1, 10.0.0.1"];

fn headers() -> impl Strategy<Value = Headers> {
    let value = prop_oneof![
        2 => select(&VALUES[..]).prop_map(<[u8]>::to_vec),
        1 => select(&HEADER_VALUES[..]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..20),
    ];
    let values = vec(proptest::option::weighted(0.3, value), 7);
    let forwarded =
        proptest::option::weighted(0.2, select(&FORWARDED[..]).prop_map(<[u8]>::to_vec));
    (values, forwarded, any::<bool>()).prop_map(|(values, forwarded, is_https)| Headers {
        values,
        forwarded,
        is_https,
    })
}

/// What cannot be: a fault of the wiki that the request does not ask for, and headers that are more than one.
fn assert_is_sound(request: &ApiRequest<'_>, response: &ApiResponse) {
    let code = header(response, "MediaWiki-API-Error").unwrap_or_default();
    let is_fault = code.starts_with("internal_api_error_");
    let is_original = match code {
        "internal_api_error_MWException" => request.client.is_err(),
        "internal_api_error_MediaWiki\\Rest\\HeaderParser\\HeaderParserError" => {
            request.origin.is_some()
        }
        _ => !is_fault,
    };
    assert!(is_original, "{code}");
    let statuses: &[u16] = match request.origin {
        _ if is_fault => &[200, 500],
        // Without the header, an `origin` is a mismatch as well.
        _ => &[200, 304, 403, 405],
    };
    assert!(
        statuses.contains(&response.status),
        "{} {code}",
        response.status
    );
    for (name, value) in &response.headers {
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_the_answer_is_whole(
        pairs in pairs(),
        in_query in pairs(),
        (carrier, is_raw) in (select(&[Carrier::Query, Carrier::Form, Carrier::Multipart][..]), any::<bool>()),
        method in select(&[Method::Get, Method::Head, Method::Post, Method::Post, Method::Post, Method::Options, Method::Other][..]),
        headers in headers(),
    ) {
        let (query, body, content_type): (_, _, Option<&[u8]>) = match carrier {
            Carrier::Query => (form(&pairs, is_raw), Vec::new(), None),
            Carrier::Form => (form(&in_query, false), form(&pairs, is_raw), Some(b"application/x-www-form-urlencoded")),
            Carrier::Multipart => (Vec::new(), multipart(&pairs, is_raw), Some(b"multipart/form-data; boundary=X")),
        };
        let peer = "127.0.0.1".parse().unwrap();
        let proxies = TrustedProxies {
            cdn_servers: vec![peer],
            ..TrustedProxies::default()
        };
        let forwarded: Vec<_> = headers.forwarded.as_deref().into_iter().collect();
        let client = resolve_client(peer, &forwarded, &proxies);
        let value = |at: usize| headers.values[at].as_deref();
        let request = ApiRequest {
            method,
            query: &query,
            content_type,
            body: &body,
            client: client.map(|client| client.address),
            promise_non_write: value(0),
            if_none_match: value(1),
            treat_as_untrusted: value(2).is_some(),
            cookie: value(2),
            origin: value(3),
            access_control_request_method: value(4),
            access_control_request_headers: value(5),
            accept_language: value(6),
            is_https: headers.is_https,
            ..request()
        };
        let (response, log) = WIKI.with(|wiki| wiki.get_or_init(Wiki::new).answer(&request));
        for line in log {
            prop_assert!(!escape(&line).contains(|character: char| character.is_control() && character != '\t'));
        }
        assert_is_sound(&request, &response);
        let has_format = header(&response, "Content-Disposition").is_some();
        if has_format && method != Method::Head {
            let has_error = header(&response, "MediaWiki-API-Error").is_some();
            prop_assert_eq!(tells_of_error(&response).unwrap_or(has_error), has_error);
        }
    }

    #[test]
    fn both_versions_of_json_tell_the_same(pairs in pairs()) {
        let is_of_format = |name: &[u8]| name.starts_with(b"format") || name.starts_with(b"callback");
        let pairs: Vec<_> = pairs.into_iter().filter(|(name, _)| !is_of_format(name)).collect();
        let form = form(&pairs, false);
        let answers = ["1", "2"].map(|version| {
            let end = format!("&format=json&formatversion={version}");
            let request = ApiRequest { body: &[&form, end.as_bytes()].concat(), query: b"", ..request() };
            WIKI.with(|wiki| wiki.get_or_init(Wiki::new).answer(&request)).0
        });
        let codes = answers.each_ref().map(|answer| header(answer, "MediaWiki-API-Error"));
        prop_assert_eq!(codes[0], codes[1]);
        let is_json = |answer: &ApiResponse| header(answer, "Content-Type") == Some("application/json; charset=utf-8");
        prop_assert_eq!(is_json(&answers[0]), is_json(&answers[1]));
        if is_json(&answers[0]) {
            let trees = answers.each_ref().map(|answer| serde_json::from_str::<Value>(&normalise(&body(answer))).unwrap());
            prop_assert_eq!(texts(&trees[0]), texts(&trees[1]));
        }
    }
}

/// All texts of a tree that are not empty, sorted: the versions differ in names, in truth, and in the order of some entries.
fn texts(tree: &Value) -> Vec<&str> {
    let mut texts = match tree {
        Value::String(text) if !text.is_empty() => vec![text.as_str()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    };
    texts.sort_unstable();
    texts
}
