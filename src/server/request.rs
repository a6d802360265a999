//! From actix's request to the API's.

use super::body::{self, Body, BodyError, BodyMemory};
use super::connection::Turn;
use super::{Server, respond};
use crate::api::{ApiRequest, Method, Prepared};
use crate::ip::{ClientHeaders, ClientSource, ResolvedClient, UnresolvableClient, find_client};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Bodies from this size on are read and judged on a thread that serves nobody else.
const LARGE_BODY: usize = 128 << 10;

/// What the API needs of a request besides its body.
pub(super) struct Head {
    method: Method,
    query: Vec<u8>,
    content_type: Option<Vec<u8>>,
    client: Result<ResolvedClient, UnresolvableClient>,
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
    memory: &Arc<BodyMemory>,
    mut turn: Turn,
) -> HttpResponse {
    let head = Head::of(http, server);
    let method = head.method;
    let body = match body::read(http, payload, &server.limits, memory, &mut turn).await {
        Ok(body) => body,
        Err(error) => return without_body(&error, &head, server),
    };
    let response = server.api.finish(prepare(head, body, server).await).await;
    if response.job.is_some() {
        server.admin.runner.metrics.bounce_accepted();
        server.background.job_pushed();
    }
    respond::respond(response, method)
}

/// The answer to a request whose body is not to be had.
pub(super) fn without_body(error: &BodyError, head: &Head, server: &Server) -> HttpResponse {
    let client = head.client_name();
    let (status, text) = match error {
        BodyError::TooLarge => {
            let limit = server.limits.body_bytes;
            return respond::respond(server.api.too_large(&head.request(&[]), limit), head.method);
        }
        BodyError::TooSlow => {
            log::warn!(target: "server", "the body of a request of {client} came too slowly");
            let text = "The body of the request came too slowly.\n";
            (StatusCode::REQUEST_TIMEOUT, text)
        }
        BodyError::Crowded => {
            log::warn!(target: "server", "the body of a request of {client} was given up for those of others");
            let text = "There are too many requests. Try again in a moment.\n";
            (StatusCode::SERVICE_UNAVAILABLE, text)
        }
        BodyError::Broken(error) => {
            log::warn!(target: "server", "the body of a request of {client} did not arrive whole: {error}");
            let text = "The body of the request did not arrive whole.\n";
            (StatusCode::BAD_REQUEST, text)
        }
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
    response
        .force_close()
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

async fn prepare(head: Head, body: Body, server: &Server) -> Prepared {
    if body.len() < LARGE_BODY {
        return server.api.prepare(&head.request(body.bytes()));
    }
    let api = server.api.clone();
    match web::block(move || api.prepare(&head.request(body.bytes()))).await {
        Ok(prepared) => prepared,
        // The pool of threads is gone only while the program ends.
        Err(_stopping) => std::future::pending().await,
    }
}

impl Head {
    pub(super) fn of(http: &HttpRequest, server: &Server) -> Self {
        let headers = http.headers();
        Self {
            method: Method::from_name(http.method().as_str()),
            query: http.query_string().as_bytes().to_vec(),
            content_type: joined(headers, "content-type"),
            client: client(http, server),
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

    /// The client's address and where it was found, for the log.
    fn client_name(&self) -> String {
        match &self.client {
            Ok(ResolvedClient { address, source }) => format!("{address} ({source})"),
            Err(error) => error.to_string(),
        }
    }

    pub(super) fn request<'r>(&'r self, body: &'r [u8]) -> ApiRequest<'r> {
        let (client, client_source) = match &self.client {
            Ok(client) => (Ok(client.address.clone()), client.source.clone()),
            Err(error) => (Err(error.clone()), ClientSource::Peer),
        };
        ApiRequest {
            method: self.method,
            query: &self.query,
            content_type: self.content_type.as_deref(),
            body,
            client,
            client_source,
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

/// Who the client is, and who says so.
fn client(http: &HttpRequest, server: &Server) -> Result<ResolvedClient, UnresolvableClient> {
    let lines = |name: &HeaderName| -> Vec<&[u8]> {
        let values = http.headers().get_all(name);
        values.map(HeaderValue::as_bytes).collect()
    };
    let forwarded = lines(&header::X_FORWARDED_FOR);
    let named = server.client_ip_header.as_ref();
    let named = named.map(|named| (&*named.name, lines(&named.key)));
    let headers = ClientHeaders {
        client_ip: named
            .as_ref()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(name, lines)| (*name, &**lines)),
        x_forwarded_for: &forwarded,
    };
    let peer = http
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    find_client(peer, headers, &server.proxies)
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
