//! An answer of the API, ready for the wire.

use super::formats::Document;
use super::request_id::RequestId;
use crate::job::JobId;
use std::borrow::Cow;

/// The type of answers that are no documents of a format.
const HTML: &str = "text/html; charset=UTF-8";

/// What every answer to a request says in its headers.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    /// The identifier of the request.
    pub(super) request_id: RequestId,
    /// Whether the client was taken for a stranger, because somebody else's page may have sent the request.
    pub(super) login_suppressed: bool,
    /// The query string, if all of the request is in it.
    pub(super) query: Option<Vec<u8>>,
    /// Whether the body is left out (`HEAD`).
    pub(super) without_body: bool,
    /// What pages of other origins are told.
    pub(super) cors: Vec<Header>,
}

/// A header and its value.
pub type Header = (&'static str, Cow<'static, str>);

/// Status, headers and body; and what the request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without those that describe the transfer. Only `Set-Cookie` comes more than once.
    pub headers: Vec<Header>,
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
        response.add("X-Request-Id", envelope.request_id.as_str().to_owned());
        if envelope.login_suppressed {
            response.add("MediaWiki-Login-Suppressed", "true");
        }
        response.headers.extend(envelope.cors.iter().cloned());
        response
    }

    /// A printed result. `frame_options` is the header `X-Frame-Options`.
    pub(super) fn document(
        status: u16,
        document: Document,
        frame_options: Option<&'static str>,
        envelope: &Envelope,
    ) -> Self {
        let mut response = Self::new(status, document.text, envelope);
        response.add("Content-Type", document.content_type);
        let disposition = format!("inline; filename={}", document.file_name);
        response.add("Content-Disposition", disposition);
        if let Some(frame_options) = frame_options {
            response.add("X-Frame-Options", frame_options);
        }
        response
    }

    /// Status 304: the client has an answer already.
    pub(super) fn not_modified(envelope: &Envelope) -> Self {
        let mut response = Self::new(304, String::new(), envelope);
        response.add("Cache-Control", "private, must-revalidate, max-age=0");
        response
    }

    /// An empty page: the answer to `OPTIONS`.
    pub(super) fn empty_page(envelope: &Envelope) -> Self {
        Self::page(200, String::new(), envelope)
    }

    /// Status 403: the page says it is of another origin than the browser does.
    pub(super) fn origin_mismatch(envelope: &Envelope) -> Self {
        let text = "'origin' parameter does not match Origin header\n".to_owned();
        let mut response = Self::page(403, text, envelope);
        response.add("Cache-Control", "no-cache");
        response
    }

    /// A page that tells of an exception, for when there is nothing to print an answer with. `message` is HTML.
    pub(super) fn fatal_page(code: Cow<'static, str>, message: &str, envelope: &Envelope) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>Internal error</title></head><body><p>{message}</p></body></html>\n"
        );
        let mut response = Self::page(500, page, envelope);
        response.add_error_code(code);
        response
    }

    fn page(status: u16, text: String, envelope: &Envelope) -> Self {
        let mut response = Self::new(status, text, envelope);
        response.add("Content-Type", HTML);
        response
    }

    /// Says what is wrong, where clients look first.
    pub(super) fn add_error_code(&mut self, code: Cow<'static, str>) {
        self.add("MediaWiki-API-Error", code);
    }

    pub(super) fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.headers.push((name, value.into()));
    }
}
