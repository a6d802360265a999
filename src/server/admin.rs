//! The admin endpoints: who may use them, and their answers.

use super::body::BodyMemory;
use super::connection::Turn;
use super::request::{self, Head};
use super::{Server, body};
use crate::admin::{
    AdminError, AdminFailure, Caller, InvalidateRequest, Listing, ManageRequest, Output, RunRequest,
};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;

/// `POST /admin/runJobs`: runs jobs and streams their lines.
pub(super) async fn run_jobs(
    http: HttpRequest,
    server: web::Data<Server>,
    turn: Turn,
) -> HttpResponse {
    let request =
        match authorize(&http, &server).and_then(|()| RunRequest::parse(http.query_string())) {
            Ok(request) => request,
            Err(error) => return refusal(&error),
        };
    let content_type = request.content_type();
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(chunks(server.admin.start_run(request), turn))
}

/// `POST /admin/manageJobs`: does something with the jobs of a type.
pub(super) async fn manage_jobs(
    http: HttpRequest,
    server: web::Data<Server>,
    turn: Turn,
) -> HttpResponse {
    let request =
        authorize(&http, &server).and_then(|()| ManageRequest::parse(http.query_string()));
    match request {
        Ok(request) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(chunks(server.admin.start_managing(request), turn)),
        Err(error) => refusal(&error),
    }
}

/// `GET /metrics`: what Prometheus gathers.
pub(super) async fn metrics(http: HttpRequest, server: web::Data<Server>) -> HttpResponse {
    if let Err(error) = authorize(&http, &server) {
        return refusal(&error);
    }
    match server.admin.metrics().await {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body(format!("{error}\n")),
    }
}

/// `POST /admin/invalidateEmail`: un-confirms the addresses of the users whose names are in the body.
pub(super) async fn invalidate_email(
    http: HttpRequest,
    payload: web::Payload,
    server: web::Data<Server>,
    memory: web::Data<BodyMemory>,
    mut turn: Turn,
) -> HttpResponse {
    if let Err(error) = authorize(&http, &server) {
        return refusal(&error);
    }
    let body = match body::read(&http, payload, &server.limits, &memory, &mut turn).await {
        Ok(body) => body,
        Err(error) => return request::without_body(&error, &Head::of(&http, &server), &server),
    };
    match InvalidateRequest::parse(http.query_string(), body.bytes()) {
        Ok(request) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(chunks(server.admin.start_invalidating(request), turn)),
        Err(error) => refusal(&error),
    }
}

/// `GET /admin/showJobs`, `/admin/records`, `/admin/users`: the same text as the commands of these names.
pub(super) fn list(http: &HttpRequest, name: &str, server: &Server, turn: Turn) -> HttpResponse {
    let listing = authorize(http, server).and_then(|()| Listing::parse(name, http.query_string()));
    match listing {
        Ok(listing) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(chunks(server.admin.start_listing(listing), turn)),
        Err(error) => refusal(&error),
    }
}

fn authorize(http: &HttpRequest, server: &Server) -> Result<(), AdminError> {
    let text = |name: &str| {
        http.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let caller = Caller {
        peer: http.peer_addr().map(|peer| peer.ip()),
        bearer: text("authorization").and_then(|value| value.strip_prefix("Bearer ")),
        forwarded: ["forwarded", "x-forwarded-for", "via"]
            .iter()
            .any(|name| http.headers().contains_key(*name))
            || server
                .client_ip_header
                .as_ref()
                .is_some_and(|header| header.is_in(http.headers())),
        origin: text("origin"),
        host: text("host"),
    };
    server.admin.authorize(&caller)
}

/// The chunks of a body. Where the work breaks off, so does the body, and the client sees that it is not whole. The turn
/// lasts until the last chunk: between two of them the client is not who keeps the connection waiting.
fn chunks(output: Output, turn: Turn) -> impl stream::Stream<Item = Result<Bytes, AdminFailure>> {
    stream::unfold(Some((output, turn)), |state| async move {
        let (mut output, turn) = state?;
        match output.next().await? {
            Ok(chunk) => Some((Ok(Bytes::from(chunk)), Some((output, turn)))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

fn refusal(error: &AdminError) -> HttpResponse {
    let mut response = match error {
        AdminError::NotAllowed(_) => HttpResponse::Forbidden(),
        AdminError::BadRequest(_) => HttpResponse::BadRequest(),
        AdminError::NotFound(_) => HttpResponse::NotFound(),
    };
    response
        .content_type("text/plain; charset=utf-8")
        .body(format!("{error}\n"))
}
