//! From the API's answer to actix's.

use crate::api::{ApiResponse, Method};
use actix_web::HttpResponse;
use actix_web::body::{self, MessageBody};
use actix_web::http::StatusCode;

/// The answer as it goes out. That to `HEAD` does not tell a length: 0 would be that of the answer to `GET` (RFC 9110, 8.6).
pub(super) fn respond(answer: ApiResponse, method: Method) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers {
        response.append_header((name, &*value));
    }
    match method {
        Method::Head => response
            .message_body(body::None::new().boxed())
            .unwrap_or_else(Into::into),
        Method::Get | Method::Post | Method::Options | Method::Other => response.body(answer.body),
    }
}
