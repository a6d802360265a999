//! From the API's answer to actix's.

use crate::api::ApiResponse;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// The answer as it goes out.
pub(super) fn respond(answer: ApiResponse) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers {
        response.append_header((name, &*value));
    }
    response.body(answer.body)
}
