//! The order of the checks, and what does not follow from the recordings of a healthy wiki.

use super::support::{BOB, Wiki, body, get, header, options, request};
use crate::api::{ApiOptions, ApiRequest, Method, Prepared, RestrictedIpResponse};
use crate::ip::{ClientAddress, TrustedProxies, resolve_client};
use crate::verp::strict::KnownReturnPaths;

/// A form with everything right about it.
fn bounce() -> String {
    format!(
        "action=bouncehandler&format=json&email=To: {}%0A%0Ax",
        BOB.replace('+', "%2B")
    )
}

#[test]
fn the_first_check_that_fails_is_the_answer() {
    let wiki = Wiki::new();
    // Everything is wrong with the first request; each further one mends what the one before was refused for.
    let mut request = ApiRequest {
        method: Method::Other,
        client: Ok(ClientAddress::parse("127.0.0.2").unwrap()),
        promise_non_write: Some(b"1"),
        if_none_match: Some(b"*"),
        ..get("action=x&format=json")
    };
    let refusal = |request: &ApiRequest<'_>| {
        let (response, _) = wiki.answer(request);
        let code = header(&response, "MediaWiki-API-Error").map(str::to_owned);
        code.unwrap_or_else(|| response.status.to_string())
    };
    // Recorded one by one: categories core, transport and ip.
    assert_eq!(refusal(&request), "badvalue");
    request.query = b"action=bouncehandler&format=json";
    assert_eq!(refusal(&request), "missingparam");
    request.query = b"action=bouncehandler&format=json&email=x";
    assert_eq!(refusal(&request), "promised-nonwrite-api");
    request.promise_non_write = None;
    assert_eq!(refusal(&request), "invalidmethod");
    request.method = Method::Get;
    assert_eq!(refusal(&request), "304");
    request.if_none_match = None;
    assert_eq!(refusal(&request), "mustbeposted");
    request.method = Method::Post;
    assert_eq!(refusal(&request), "invalid-ip");
    request.client = Ok(ClientAddress::parse("127.0.0.1").unwrap());
    assert_eq!(refusal(&request), "200");
}

#[test]
fn where_the_strict_verdict_counts_the_return_path_is_taken_in_the_fields_that_servers_add() {
    let strict = Wiki::with(
        ApiOptions {
            strict_return_paths: Some(KnownReturnPaths::new("wiki", ["testwiki"])),
            ..options()
        },
        &["testwiki"],
    );
    let compatible = Wiki::new();
    let path = BOB.replace('+', "%2B");
    let answer = |wiki: &Wiki, header: &str| {
        let form = format!("action=bouncehandler&format=json&email={header}%0A%0Ax");
        let (response, _) = wiki.answer(&ApiRequest {
            body: form.as_bytes(),
            ..request()
        });
        body(&response)
    };
    let job = r#"{"bouncehandler":{"submitted":"job"}}"#;
    for header in [
        format!("To: Wiki <{path}>"),
        format!("To: admin@example.com%0ADelivered-To: {path}"),
        format!("To: admin@example.com%0AX-Original-To: {path}"),
        format!("To: admin@example.com%0AEnvelope-To: {path}"),
        format!("To: {}", path.to_uppercase()),
    ] {
        assert_eq!(answer(&strict, &header), job, "{header}");
        let header = header.replace("FRP", "FRQ");
        assert_ne!(answer(&strict, &header), job, "{header}");
    }
    assert_eq!(strict.new_jobs().len(), 5);
    let delivered = format!("To: admin@example.com%0ADelivered-To: {path}");
    assert_ne!(answer(&compatible, &delivered), job);
    assert_eq!(compatible.new_jobs(), []);
}

#[test]
fn a_prepared_request_may_go_to_another_thread() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Prepared>();
}

#[test]
fn a_bounce_is_answered_after_it_is_queued() {
    let wiki = Wiki::new();
    let form = bounce();
    let prepared = wiki.api.prepare(&ApiRequest {
        body: form.as_bytes(),
        ..request()
    });
    assert!(matches!(prepared, Prepared::Pending(_)));
    assert!(wiki.new_jobs().is_empty());
    let (response, _) = wiki.answer(&ApiRequest {
        body: form.as_bytes(),
        ..request()
    });
    let jobs = wiki.new_jobs();
    assert_eq!(response.job, Some(jobs[0].id));
    let id = header(&response, "X-Request-Id").unwrap();
    let mail = format!("To: {BOB}\n\nx");
    // jobs/SPEC.md, section 5.
    let params = format!(
        "a:4:{{s:5:\"email\";s:{}:\"{mail}\";s:9:\"namespace\";i:0;s:5:\"title\";s:17:\"BounceHandler_Job\";s:9:\"requestId\";s:24:\"{id}\";}}",
        mail.len()
    );
    assert_eq!(String::from_utf8_lossy(&jobs[0].params), params);
    assert_eq!(
        (jobs[0].kind.as_str(), jobs[0].wiki.as_str()),
        ("BounceHandlerJob", "testwiki")
    );
}

#[test]
fn a_store_that_cannot_take_the_bounce_makes_an_error_of_it() {
    let wiki = Wiki::with(options(), &["otherwiki"]);
    let answer = wiki.post(&bounce());
    assert!(
        answer.starts_with("{\"error\":{\"code\":\"internal_api_error_DBQueryError\",\"info\":\"["),
        "{answer}"
    );
    assert!(wiki.new_jobs().is_empty());
}

#[test]
fn details_of_exceptions_are_shown_if_they_are_to_be() {
    let details = ApiOptions {
        show_exception_details: true,
        ..options()
    };
    let answer = Wiki::with(details, &["otherwiki"]).post(&bounce());
    assert!(
        answer.contains("] Exception caught: there is no wiki testwiki here"),
        "{answer}"
    );
}

#[test]
fn a_stranger_may_be_told_nothing() {
    let quiet = ApiOptions {
        restricted_ip_response: RestrictedIpResponse::Empty,
        ..options()
    };
    let wiki = Wiki::with(quiet, &["testwiki"]);
    let client = Ok(ClientAddress::parse("192.0.2.1").unwrap());
    let form = bounce();
    let (response, log) = wiki.answer(&ApiRequest {
        client,
        body: form.as_bytes(),
        ..request()
    });
    assert_eq!((response.status, body(&response).as_str()), (200, "{}"));
    assert_eq!(header(&response, "MediaWiki-API-Error"), None);
    assert_eq!(log, ["POST received from restricted IP 192.0.2.1"]);
    assert!(wiki.new_jobs().is_empty());
}

#[test]
fn a_client_without_an_address_gets_a_page() {
    let proxies = TrustedProxies {
        cdn_servers: vec!["127.0.0.1".parse().unwrap()],
        ..TrustedProxies::default()
    };
    let client = resolve_client("127.0.0.1".parse().unwrap(), &[b"<b>"], &proxies)
        .map(|client| client.address);
    let form = bounce();
    let (response, _) = Wiki::new().answer(&ApiRequest {
        client,
        body: form.as_bytes(),
        ..request()
    });
    assert_eq!(
        (response.status, header(&response, "Content-Type")),
        (500, Some("text/html; charset=UTF-8"))
    );
    assert_eq!(
        header(&response, "MediaWiki-API-Error"),
        Some("internal_api_error_MWException")
    );
    assert!(body(&response).contains("MWException") && !body(&response).contains("<b>"));
}

#[test]
fn a_body_that_is_too_large_is_refused_in_the_format_of_the_query() {
    let wiki = Wiki::new();
    let query = "action=bouncehandler&format=json&formatversion=2&errorformat=none";
    let refused = wiki.api.too_large(
        &ApiRequest {
            method: Method::Post,
            body: b"x",
            ..get(query)
        },
        10,
    );
    assert_eq!(
        (refused.status, header(&refused, "MediaWiki-API-Error")),
        (413, Some("http-contenttoolarge"))
    );
    assert!(
        body(&refused).starts_with(
            r#"{"errors":[{"code":"http-contenttoolarge","module":"main"}],"docref":"#
        )
    );
    let refused = wiki.api.too_large(&get("format=json"), 10);
    let info = r#"{"error":{"code":"http-contenttoolarge","info":"The request body is larger than 10 bytes.","*":"See "#;
    assert!(body(&refused).starts_with(info), "{}", body(&refused));
}

#[test]
fn only_the_star_alone_says_that_the_client_has_the_answer() {
    let wiki = Wiki::new();
    let query = "action=bouncehandler&format=json&email=x";
    for (tags, status) in [
        (&b"*"[..], 304),
        (b" , *,", 304),
        (b"\"a\"", 200),
        (b"*, \"a\"", 200),
        (b"", 200),
    ] {
        for method in [Method::Get, Method::Head] {
            let (response, _) = wiki.answer(&ApiRequest {
                method,
                if_none_match: Some(tags),
                ..get(query)
            });
            assert_eq!(response.status, status, "{tags:?}");
        }
    }
}

#[test]
fn an_answer_that_any_page_can_load_is_given_to_a_stranger() {
    let wiki = Wiki::new();
    let suppressed = |request: &ApiRequest<'_>| {
        header(&wiki.answer(request).0, "MediaWiki-Login-Suppressed").is_some()
    };
    assert!(suppressed(&get("action=x&format=json&callback=")));
    assert!(suppressed(&ApiRequest {
        treat_as_untrusted: true,
        ..get("action=x&format=json")
    }));
    assert!(!suppressed(&get("action=x&format=json&callback[]=c")));
}
