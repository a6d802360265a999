//! Wikis that are not open to everything, what clients assert, and the HTTP status of bounces.

use super::support::{BOB, Wiki, body, get, header, options, request};
use crate::account::{Accounts, GroupPermissions};
use crate::api::{ApiOptions, ApiRequest, ApiResponse};
use crate::ip::ClientAddress;
use std::collections::BTreeMap;

fn code(response: &ApiResponse) -> Option<&str> {
    header(response, "MediaWiki-API-Error")
}

fn bounce(more: &str) -> String {
    let address = BOB.replace('+', "%2B");
    format!("action=bouncehandler&format=json&email=To: {address}%0A%0Ax{more}")
}

fn posted(wiki: &Wiki, form: &str) -> ApiResponse {
    let request = ApiRequest {
        body: form.as_bytes(),
        ..request()
    };
    wiki.answer(&request).0
}

fn read_only() -> ApiOptions {
    ApiOptions {
        read_only: Some("moving <house>".to_owned()),
        ..options()
    }
}

fn private() -> ApiOptions {
    let nobody_reads = BTreeMap::from([("read".to_owned(), false)]);
    let changes = BTreeMap::from([("*".to_owned(), nobody_reads)]);
    ApiOptions {
        accounts: Accounts::new(Vec::new(), GroupPermissions::with_changes(&changes)),
        ..options()
    }
}

#[test]
fn a_wiki_in_read_only_mode_takes_no_bounces_and_says_why() {
    // Recorded cases modes/readonly-*.
    let wiki = Wiki::with(read_only(), &["testwiki"]);
    let response = posted(&wiki, &bounce("&maxlag=-5"));
    assert_eq!((response.status, code(&response)), (200, Some("readonly")));
    assert!(body(&response).contains(r#""readonlyreason":"moving <house>""#));
    assert!(wiki.new_jobs().is_empty());
    let query = wiki.answer(&get("action=query&format=json")).0;
    assert_eq!(code(&query), None);
}

#[test]
fn a_private_wiki_is_read_by_nobody_who_may_not() {
    // Recorded cases modes/private-*.
    let wiki = Wiki::with(private(), &["testwiki"]);
    assert_eq!(code(&posted(&wiki, &bounce(""))), Some("readapidenied"));
    let query = wiki.answer(&get("action=query&format=json")).0;
    assert_eq!(code(&query), Some("readapidenied"));
    assert!(wiki.new_jobs().is_empty());
}

#[test]
fn lag_and_assertions_are_looked_at_in_the_order_of_the_original() {
    let wiki = Wiki::new();
    // Recorded cases params/maxlag*, params/assert*.
    for (query, expected) in [
        ("action=query&maxlag=-5", Some("maxlag")),
        ("action=query&maxlag=-1", None),
        ("action=query&maxlag=0", None),
        ("action=query&maxlag=x", Some("badinteger")),
        ("action=query&assert=user", Some("assertuserfailed")),
        ("action=query&assert=bot", Some("assertbotfailed")),
        ("action=query&assert=anon", None),
        ("action=nope&assert=user", Some("badvalue")),
        ("action=bouncehandler&assert=user", Some("assertuserfailed")),
        ("action=query&assertuser=Bob", Some("assertnameduserfailed")),
        (
            "action=query&assert=user&maxlag=-5",
            Some("assertuserfailed"),
        ),
    ] {
        let response = wiki.answer(&get(&format!("{query}&format=json"))).0;
        assert_eq!(code(&response), expected, "{query}");
    }
    let lagged = wiki.answer(&get("action=query&maxlag=-5&format=json")).0;
    assert_eq!(header(&lagged, "Retry-After"), Some("5"));
    assert_eq!(header(&lagged, "X-Database-Lag"), Some("-1"));
}

#[test]
fn a_wiki_for_https_only_warns_those_who_come_by_http() {
    let secure = ApiOptions {
        force_https: true,
        ..options()
    };
    let wiki = Wiki::with(secure, &["testwiki"]);
    let warned = |is_https| {
        let request = ApiRequest {
            is_https,
            ..get("action=query&format=json")
        };
        body(&wiki.answer(&request).0).contains("HTTP used when HTTPS was expected.")
    };
    assert!(warned(false));
    assert!(!warned(true));
}

#[test]
fn answers_are_kept_by_others_only_as_the_client_allows() {
    let wiki = Wiki::new();
    // Recorded cases params/smaxage-* and params/maxage-*.
    for (query, control) in [
        ("", "private, must-revalidate, max-age=0"),
        ("&smaxage=10", "s-maxage=10, max-age=0, public"),
        ("&maxage=10", "s-maxage=0, max-age=10, public"),
        ("&smaxage=-1", "private, must-revalidate, max-age=0"),
    ] {
        let query = format!("action=query&format=json{query}");
        let response = wiki.answer(&get(&query)).0;
        assert_eq!(header(&response, "Cache-Control"), Some(control), "{query}");
        assert_eq!(
            header(&response, "Vary"),
            Some("Accept-Encoding, Treat-as-Untrusted, Cookie")
        );
    }
    // By the headers of a MediaWiki 1.39: errors are nobody else's.
    let error = wiki
        .answer(&get("action=nope&format=json&smaxage=20&maxage=30"))
        .0;
    assert_eq!(
        header(&error, "Cache-Control"),
        Some("private, must-revalidate, max-age=0")
    );
    assert_eq!(header(&error, "Vary"), None);
}

#[test]
fn the_http_status_tells_what_was_not_stored_if_it_is_to() {
    let honest = |options: ApiOptions| {
        let options = ApiOptions {
            bounce_handler_http_errors: true,
            ..options
        };
        Wiki::with(options, &["testwiki"])
    };
    let status = |wiki: &Wiki, form: &str| posted(wiki, form).status;
    let wiki = honest(options());
    assert_eq!(status(&wiki, &bounce("")), 200);
    assert_eq!(
        status(&wiki, "action=bouncehandler&format=json&email=x"),
        422
    );
    assert_eq!(status(&wiki, "action=bouncehandler&format=json"), 400);
    assert_eq!(status(&wiki, &bounce("&maxlag=-5")), 503);
    assert_eq!(
        wiki.answer(&get("action=bouncehandler&format=json&email=x"))
            .0
            .status,
        405
    );
    let stranger = ApiRequest {
        client: Ok(ClientAddress::parse("192.0.2.1").unwrap()),
        body: b"action=bouncehandler&format=json&email=x",
        ..request()
    };
    assert_eq!(wiki.answer(&stranger).0.status, 403);
    assert_eq!(status(&honest(read_only()), &bounce("")), 503);
    assert_eq!(status(&honest(private()), &bounce("")), 403);
    // The store knows no such wiki.
    let options = ApiOptions {
        bounce_handler_http_errors: true,
        ..options()
    };
    assert_eq!(
        status(&Wiki::with(options, &["otherwiki"]), &bounce("")),
        503
    );
    // Other modules keep to the original.
    assert_eq!(wiki.answer(&get("action=nope&format=json")).0.status, 200);
}
