//! From actix's request to the API's.

use super::{Server, respond};
use crate::api::{ApiRequest, Method, Prepared};
use crate::ip::{ClientAddress, UnresolvableClient, resolve_client};
use actix_web::error::PayloadError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use std::net::{IpAddr, Ipv4Addr};

/// Bodies from this size on are read and judged on a thread that serves nobody else.
const LARGE_BODY: usize = 128 << 10;

/// Why there is no body.
enum BodyError {
    /// It is longer than `MaxRequestSize`.
    TooLarge,
    /// The connection broke, or what came is no HTTP.
    Broken(PayloadError),
}

/// What the API needs of a request besides its body.
struct Head {
    method: Method,
    query: Vec<u8>,
    content_type: Option<Vec<u8>>,
    client: Result<ClientAddress, UnresolvableClient>,
    promise_non_write: Option<Vec<u8>>,
    if_none_match: Option<Vec<u8>>,
    treat_as_untrusted: bool,
    cookie: Option<Vec<u8>>,
    origin: Option<Vec<u8>>,
    access_control_request_method: Option<Vec<u8>>,
    access_control_request_headers: Option<Vec<u8>>,
    accept_language: Option<Vec<u8>>,
    is_https: bool,
}

/// Answers a request to the API.
pub(super) async fn api(
    http: &HttpRequest,
    payload: web::Payload,
    server: &Server,
) -> HttpResponse {
    let head = Head::of(http, server);
    let body = match read_body(http, payload, server.max_request_bytes).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => {
            return respond::respond(
                server
                    .api
                    .too_large(&head.request(&[]), server.max_request_bytes),
            );
        }
        Err(BodyError::Broken(error)) => {
            log::warn!(target: "server", "a request body did not arrive whole: {error}");
            return HttpResponse::BadRequest()
                .content_type("text/plain; charset=utf-8")
                .body("The body of the request did not arrive whole.\n");
        }
    };
    let response = server.api.finish(prepare(head, body, server).await).await;
    if response.job.is_some()
        && let Some(background) = &server.background
    {
        background.job_pushed();
    }
    respond::respond(response)
}

async fn prepare(head: Head, body: Bytes, server: &Server) -> Prepared {
    if body.len() < LARGE_BODY {
        return server.api.prepare(&head.request(&body));
    }
    let api = server.api.clone();
    match web::block(move || api.prepare(&head.request(&body))).await {
        Ok(prepared) => prepared,
        // The pool of threads is gone only while the program ends.
        Err(_stopping) => std::future::pending().await,
    }
}

impl Head {
    fn of(http: &HttpRequest, server: &Server) -> Self {
        let headers = http.headers();
        let forwarded: Vec<&[u8]> = headers
            .get_all("x-forwarded-for")
            .map(HeaderValue::as_bytes)
            .collect();
        let peer = http
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        Self {
            method: Method::from_name(http.method().as_str()),
            query: http.query_string().as_bytes().to_vec(),
            content_type: joined(headers, "content-type"),
            client: resolve_client(peer, &forwarded, &server.proxies)
                .map(|resolved| resolved.address),
            promise_non_write: joined(headers, "promise-non-write-api-action"),
            if_none_match: joined(headers, "if-none-match"),
            treat_as_untrusted: headers.contains_key(HeaderName::from_static("treat-as-untrusted")),
            cookie: cookies(headers),
            origin: joined(headers, "origin"),
            access_control_request_method: joined(headers, "access-control-request-method"),
            access_control_request_headers: joined(headers, "access-control-request-headers"),
            accept_language: joined(headers, "accept-language"),
            is_https: headers
                .get("x-forwarded-proto")
                .is_some_and(|scheme| scheme == "https"),
        }
    }

    fn request<'r>(&'r self, body: &'r [u8]) -> ApiRequest<'r> {
        ApiRequest {
            method: self.method,
            query: &self.query,
            content_type: self.content_type.as_deref(),
            body,
            client: self.client.clone(),
            promise_non_write: self.promise_non_write.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            treat_as_untrusted: self.treat_as_untrusted,
            cookie: self.cookie.as_deref(),
            origin: self.origin.as_deref(),
            access_control_request_method: self.access_control_request_method.as_deref(),
            access_control_request_headers: self.access_control_request_headers.as_deref(),
            accept_language: self.accept_language.as_deref(),
            is_https: self.is_https,
        }
    }
}

/// A header that came several times is one, joined by commas (RFC 9110 section 5.3).
fn joined(headers: &HeaderMap, name: &'static str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
    (!values.is_empty()).then(|| values.join(&b", "[..]))
}

/// Cookies of several headers are joined by semicolons (RFC 9113 section 8.2.3).
fn cookies(headers: &HeaderMap) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = headers
        .get_all("cookie")
        .map(HeaderValue::as_bytes)
        .collect();
    (!values.is_empty()).then(|| values.join(&b"; "[..]))
}

async fn read_body(
    http: &HttpRequest,
    mut payload: web::Payload,
    limit: usize,
) -> Result<Bytes, BodyError> {
    let announced = http
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(LARGE_BODY));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(BodyError::Broken)?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
