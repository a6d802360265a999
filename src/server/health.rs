//! Whether the server is alive and whether it can do its work.

use super::Server;
use super::connection::Turn;
use actix_web::{HttpResponse, web};

/// The process answers.
pub(super) async fn alive(_turn: Turn) -> HttpResponse {
    text(HttpResponse::Ok(), "alive\n".to_owned())
}

/// The store is open and a write reaches the disk.
pub(super) async fn ready(server: web::Data<Server>, _turn: Turn) -> HttpResponse {
    match server.admin.check_store().await {
        Ok(()) => text(HttpResponse::Ok(), "ready\n".to_owned()),
        Err(error) => text(
            HttpResponse::ServiceUnavailable(),
            format!("not ready: {error}\n"),
        ),
    }
}

fn text(mut response: actix_web::HttpResponseBuilder, body: String) -> HttpResponse {
    response
        .content_type("text/plain; charset=utf-8")
        .body(body)
}
