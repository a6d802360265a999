//! An answer of the API, ready for the wire.

use super::error::ApiError;
use super::formats::Document;
use super::messages::{Language, TextForm};
use super::request_id::RequestId;
use crate::job::JobId;

/// Answers belong to the client that asked, and are asked for anew each time.
const CACHE_CONTROL: &str = "private, must-revalidate, max-age=0";

/// The type of answers that are no documents of a format.
const HTML: &str = "text/html; charset=UTF-8";

/// What every answer to a request says in its headers.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    /// The identifier of the request.
    pub(super) request_id: RequestId,
    /// Whether the client was taken for a stranger, because somebody else's page may have sent the request.
    pub(super) login_suppressed: bool,
    /// Whether the body is left out (`HEAD`).
    pub(super) without_body: bool,
}

/// Status, headers and body; and what the request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without those that describe the transfer.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The job that was queued, if one was.
    pub job: Option<JobId>,
}

impl ApiResponse {
    fn new(status: u16, body: String, envelope: &Envelope) -> Self {
        let body = if envelope.without_body {
            Vec::new()
        } else {
            body.into_bytes()
        };
        let mut response = Self {
            status,
            headers: Vec::new(),
            body,
            job: None,
        };
        response.add("X-Content-Type-Options", "nosniff");
        response.add("X-Request-Id", envelope.request_id.as_str());
        if envelope.login_suppressed {
            response.add("MediaWiki-Login-Suppressed", "true");
        }
        response
    }

    /// A printed result. `frame_options` is the header `X-Frame-Options`.
    pub(super) fn document(
        status: u16,
        document: Document,
        frame_options: Option<&str>,
        envelope: &Envelope,
    ) -> Self {
        let mut response = Self::new(status, document.text, envelope);
        response.add("Content-Type", document.content_type);
        response.add(
            "Content-Disposition",
            &format!("inline; filename={}", document.file_name),
        );
        response.add("Cache-Control", CACHE_CONTROL);
        if let Some(frame_options) = frame_options {
            response.add("X-Frame-Options", frame_options);
        }
        response
    }

    /// Status 304: the client has an answer already.
    pub(super) fn not_modified(envelope: &Envelope) -> Self {
        let mut response = Self::new(304, String::new(), envelope);
        response.add("Cache-Control", CACHE_CONTROL);
        response
    }

    /// An empty page: the answer to `OPTIONS`.
    pub(super) fn empty_page(envelope: &Envelope) -> Self {
        let mut response = Self::new(200, String::new(), envelope);
        response.add("Content-Type", HTML);
        response
    }

    /// A page that tells of an exception, for when there is nothing to print an answer with.
    pub(super) fn fatal_page(error: &ApiError, envelope: &Envelope) -> Self {
        let message = error.message(&envelope.request_id, false);
        let message = message.render(Language::English, TextForm::Html);
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>Internal error</title></head><body><p>{message}</p></body></html>\n"
        );
        let mut response = Self::new(500, page, envelope);
        response.add("Content-Type", HTML);
        response.add_error_code(error.code());
        response
    }

    /// Says what is wrong, where clients look first.
    pub(super) fn add_error_code(&mut self, code: &str) {
        self.add("MediaWiki-API-Error", code);
    }

    fn add(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }
}
