//! `index.php`: pages for people, after which jobs are run, and `Special:RunJobs`.

use super::body::BodyMemory;
use super::connection::Turn;
use super::request::{self, Head};
use super::{Server, body};
use crate::admin::{Given, Output, Refusal, SignedRun};
use crate::api::{FieldValue, IndexRequest};
use actix_web::body::{BoxBody, MessageBody, SizedStream};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

/// How MediaWiki has caches treat what was made for one reader.
const PRIVATE: &str = "private, must-revalidate, max-age=0";

/// The title in a path below `index.php`, `""` for that itself; `None` if the path leads elsewhere.
pub(super) fn title_in(path: &str) -> Option<&str> {
    match path.split_once("/index.php/") {
        Some((_, title)) => Some(title),
        None => (path.rsplit('/').next() == Some("index.php")).then_some(""),
    }
}

/// Answers a request to `index.php`.
pub(super) async fn answer(
    http: &HttpRequest,
    payload: web::Payload,
    server: &Server,
    memory: &Arc<BodyMemory>,
    mut turn: Turn,
) -> HttpResponse {
    let head = Head::of(http, server);
    let body = match body::read(http, payload, &server.limits, memory, &mut turn).await {
        Ok(body) => body,
        Err(error) => return request::without_body(&error, &head, server),
    };
    let request = head.request(body.bytes());
    // The path as it was sent: that of the library is decoded in part.
    let request = server.api.read_index(&request, title_in(http.uri().path()));
    let answer = if server.api.is_run_jobs(&request) {
        special_run_jobs(http, server, &request).await
    } else {
        let view = server.api.view(&request);
        let status = StatusCode::from_u16(view.status).unwrap_or(StatusCode::NOT_FOUND);
        page(http, status, "text/html; charset=UTF-8", view.html)
    };
    run_after(http, server);
    answer
}

/// Runs jobs after the answer, as `JobRunRate` says. Who asks whether there is something new gets no jobs run for it.
fn run_after(http: &HttpRequest, server: &Server) {
    let headers = http.headers();
    let is_conditional = headers.contains_key(header::IF_MODIFIED_SINCE)
        || headers.contains_key(header::IF_NONE_MATCH);
    if http.method() != Method::HEAD && !is_conditional && server.api.read_only().is_none() {
        server.background.page_viewed();
    }
}

async fn special_run_jobs(
    http: &HttpRequest,
    server: &Server,
    request: &IndexRequest<'_>,
) -> HttpResponse {
    let given = |name: &str| {
        request.field(name).map(|value| match value {
            FieldValue::Text(text) => Given::Text(text),
            FieldValue::Array => Given::Array,
        })
    };
    let admin = &server.admin;
    let is_posted = http.method() == Method::POST;
    let now = admin.runner.clock.now();
    match admin.signed_runs.check(is_posted, given, now) {
        Ok(run) => carry_out(server, run).await,
        Err(refusal) => refused(http, &refusal),
    }
}

async fn carry_out(server: &Server, run: SignedRun) -> HttpResponse {
    let (is_async, stats) = (run.is_async, run.stats);
    let output = server.admin.start_signed_run(run);
    if is_async {
        rt::spawn(async move {
            // The run has told the log how it ended.
            drop(all_of(output).await);
        });
        return success(StatusCode::ACCEPTED, "text/html; charset=UTF-8", Vec::new());
    }
    match all_of(output).await {
        Ok(json) if stats => success(StatusCode::OK, "application/json", json),
        Ok(_) => success(
            StatusCode::OK,
            "text/html; charset=UTF-8",
            b"Done\n".to_vec(),
        ),
        Err(error) => HttpResponse::InternalServerError()
            .content_type("text/plain; charset=utf-8")
            .body(format!("{error}\n")),
    }
}

async fn all_of(mut output: Output) -> Result<Vec<u8>, crate::admin::AdminFailure> {
    let mut all = Vec::new();
    while let Some(chunk) = output.next().await {
        all.extend(chunk?);
    }
    Ok(all)
}

/// The original does not tell the length of these.
fn success(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let chunk = (!body.is_empty()).then(|| Ok::<_, Infallible>(Bytes::from(body)));
    HttpResponse::build(status)
        .content_type(content_type)
        .streaming(stream::iter(chunk))
}

fn refused(http: &HttpRequest, refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status().0).unwrap_or(StatusCode::BAD_REQUEST);
    page(http, status, "text/html; charset=utf-8", refusal.page())
}

/// A page; `HEAD` gets its length alone.
fn page(
    http: &HttpRequest,
    status: StatusCode,
    content_type: &'static str,
    html: String,
) -> HttpResponse {
    let body: BoxBody = if http.method() == Method::HEAD {
        let length = u64::try_from(html.len()).unwrap_or(u64::MAX);
        let nothing = stream::empty::<Result<Bytes, Infallible>>();
        SizedStream::new(length, nothing).boxed()
    } else {
        html.boxed()
    };
    HttpResponse::build(status)
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, PRIVATE))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .message_body(body)
        .unwrap_or_else(Into::into)
}
