//! Which path leads where.

use super::{admin, health, request};
use actix_web::{HttpRequest, HttpResponse, web};

/// Adds all routes.
pub(super) fn add(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .route("/admin/runJobs", web::post().to(admin::run_jobs))
        .route("/admin/{list}", web::get().to(admin::list))
        .default_service(web::to(api_or_nothing));
}

/// Any path that ends in `api.php` is the API.
async fn api_or_nothing(
    http: HttpRequest,
    payload: web::Payload,
    server: web::Data<super::Server>,
) -> HttpResponse {
    let file = http.path().rsplit('/').next();
    if file == Some("api.php") {
        return request::api(&http, payload, &server).await;
    }
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body(
            "Nothing is here. The API is at any path that ends in api.php, for example /w/api.php; \
         jobs are run by POST /admin/runJobs; /healthz and /readyz tell how the server is.\n",
        )
}
