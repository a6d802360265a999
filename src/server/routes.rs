//! Which path leads where.

use super::body::BodyMemory;
use super::connection::Turn;
use super::{Server, admin, health, index_php, request};
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};

/// Adds all routes.
pub(super) fn add(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(admin::metrics))
        .route("/admin/runJobs", web::post().to(admin::run_jobs))
        .route("/admin/manageJobs", web::post().to(admin::manage_jobs))
        .route(
            "/admin/invalidateEmail",
            web::post().to(admin::invalidate_email),
        )
        .default_service(web::to(other));
}

/// Any path that ends in `api.php` is the API. Matched here and not by a pattern, which actix would try on each request.
async fn other(
    http: HttpRequest,
    payload: web::Payload,
    server: web::Data<Server>,
    memory: web::Data<BodyMemory>,
    turn: Turn,
) -> HttpResponse {
    if http.path().rsplit('/').next() == Some("api.php") {
        return request::api(&http, payload, &server, &memory, turn).await;
    }
    if index_php::title_in(http.path()).is_some() {
        return index_php::answer(&http, payload, &server, &memory, turn).await;
    }
    match http.path().strip_prefix("/admin/") {
        Some(name) if http.method() == Method::GET => admin::list(&http, name, &server, turn),
        Some(_) | None => nothing_here(),
    }
}

fn nothing_here() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body(
            "Nothing is here. The API is at any path that ends in api.php, for example /w/api.php; \
         jobs are run by POST /admin/runJobs; /healthz and /readyz tell how the server is.\n",
        )
}
