use super::*;
use crate::api::tests::support::{get, request};

fn domains() -> CrossSiteDomains {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CrossSiteDomains {
        allowed: texts(&[
            "*.example.org",
            "trusted.test",
            "a?c.example.com",
            "http://scheme.test",
        ]),
        exceptions: texts(&["bad.example.org"]),
    }
}

#[test]
fn hosts_are_allowed_by_patterns_and_their_exceptions() {
    // Recorded cases cors/match-*: a port, upper case or a scheme in the setting make another host.
    let table = [
        ("http://trusted.test", true),
        ("https://trusted.test", true),
        ("ftp://trusted.test", false),
        ("http://trusted.test:8080", false),
        ("HTTP://TRUSTED.TEST", false),
        ("https://en.example.org", true),
        ("https://a.b.example.org", true),
        ("https://example.org", false),
        ("https://bad.example.org", false),
        ("https://abc.example.com", true),
        ("https://ac.example.com", false),
        ("http://scheme.test", false),
        ("null", false),
    ];
    for (origin, allowed) in table {
        assert_eq!(domains().contain(origin), allowed, "{origin}");
    }
}

#[test]
fn a_pattern_of_stars_takes_no_longer_than_its_length_times_that_of_the_text() {
    assert!(!matches(&"*a".repeat(200), &"b".repeat(20_000)));
    assert!(matches(&"*".repeat(200), &"b".repeat(20_000)));
}

#[test]
fn the_param_has_to_be_the_header() {
    let outcome = |query: &str, origin: Option<&'static [u8]>| {
        let request = ApiRequest {
            origin,
            ..get(query)
        };
        let input = PhpInput::read(&request, 1000);
        check(&request, &input, &domains())
    };
    // Recorded cases cors/mismatch, cors/empty-*, cors/spaces, cors/match-two, cors/array.
    assert_eq!(
        outcome("origin=http://a.test", Some(b"http://b.test")),
        CorsOutcome::Mismatch
    );
    assert_eq!(outcome("origin=", None), CorsOutcome::Mismatch);
    let spaces = outcome("origin=http://trusted.test", Some(b" http://trusted.test "));
    assert!(matches!(spaces, CorsOutcome::Go(headers) if headers.by_origin));
    let two = b"http://trusted.test https://en.example.org";
    let malformed = outcome("origin=http://trusted.test", Some(two));
    assert!(matches!(malformed, CorsOutcome::MalformedHeader(_)));
    let none = CorsOutcome::Go(CorsHeaders::default());
    assert_eq!(outcome("origin[]=*", Some(b"http://a.test")), none);
    assert_eq!(outcome("", Some(b"http://a.test")), none);
}

#[test]
fn a_preflight_is_told_what_may_be_sent() {
    let headers = |requested: Option<&'static [u8]>| {
        let request = ApiRequest {
            method: Method::Options,
            query: b"origin=*",
            access_control_request_method: Some(b"POST"),
            access_control_request_headers: requested,
            ..request()
        };
        let input = PhpInput::read(&request, 1000);
        match check(&request, &input, &domains()) {
            CorsOutcome::Go(cors) => cors.headers,
            refusal => panic!("{refusal:?}"),
        }
    };
    // Recorded cases cors/star-preflight-*.
    let names: Vec<_> = headers(Some(b"content-type, api-user-agent"))
        .iter()
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(
        names,
        [
            "Access-Control-Allow-Credentials",
            "Access-Control-Allow-Origin",
            "Access-Control-Allow-Methods",
            "Access-Control-Allow-Headers"
        ]
    );
    let refused = (
        "MediaWiki-CORS-Rejection",
        "Unsupported header requested in preflight".into(),
    );
    assert_eq!(headers(Some(b"content-type, x-evil")), [refused]);
}
