//! From actix's request to the API's, and back.

use super::{Server, respond};
use crate::api::{ApiRequest, ApiResponse, Method};
use crate::ip::resolve_client;
use actix_web::error::PayloadError;
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

/// Bodies from this size on are read and judged on a thread that serves nobody else.
const LARGE_BODY: usize = 128 << 10;

/// Why there is no body.
enum BodyError {
    /// It is longer than the setting `MaxRequestSize` allows.
    TooLarge,
    /// The connection broke, or what came is no HTTP.
    Broken(PayloadError),
}

/// Answers a request to the API.
pub(super) async fn api(http: &HttpRequest, payload: web::Payload, server: &Server) -> HttpResponse {
    let head = Head::of(http, server);
    let body = match read_body(http, payload, server.max_request_bytes).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => {
            return respond::respond(server.api.too_large(&head.request(&[]), server.max_request_bytes));
        }
        Err(BodyError::Broken(error)) => {
            log::warn!(target: "server", "a request body did not arrive whole: {error}");
            return HttpResponse::BadRequest().content_type("text/plain; charset=utf-8").body("The body is broken.\n");
        }
    };
    respond::respond(answer(head, body, server).await)
}
