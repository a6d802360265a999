//! A request to the API, before anything is read into it.

use crate::ip::{ClientAddress, ClientSource, UnresolvableClient};

/// The methods that the API tells apart. Names are case-sensitive (RFC 9110 section 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`: answered as `GET`, without a body.
    Head,
    /// `POST`: the only method whose body is read.
    Post,
    /// `OPTIONS`
    Options,
    /// Any other; the API refuses it.
    Other,
}

impl Method {
    /// The method with this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// A request as it came from the wire. Nothing is decoded yet; the rules for that are PHP's and the wiki's.
///
/// A header that came several times is given once, joined by `, ` (RFC 9110 section 5.3).
#[derive(Debug, Clone)]
pub struct ApiRequest<'r> {
    /// The method.
    pub method: Method,
    /// What follows the first `?` of the request target; empty if there is none.
    pub query: &'r [u8],
    /// The header `Content-Type`.
    pub content_type: Option<&'r [u8]>,
    /// The body, with chunks joined and nothing else decoded.
    pub body: &'r [u8],
    /// Whose request it is, or why that cannot be told.
    pub client: Result<ClientAddress, UnresolvableClient>,
    /// Where the address of the client comes from.
    pub client_source: ClientSource,
    /// The header `Promise-Non-Write-API-Action`.
    pub promise_non_write: Option<&'r [u8]>,
    /// The header `If-None-Match`.
    pub if_none_match: Option<&'r [u8]>,
    /// Whether there is a header `Treat-as-Untrusted`, whatever it says.
    pub treat_as_untrusted: bool,
    /// The header `Cookie`.
    pub cookie: Option<&'r [u8]>,
    /// The header `Origin`.
    pub origin: Option<&'r [u8]>,
    /// The header `Access-Control-Request-Method`.
    pub access_control_request_method: Option<&'r [u8]>,
    /// The header `Access-Control-Request-Headers`.
    pub access_control_request_headers: Option<&'r [u8]>,
    /// The header `Accept-Language`.
    pub accept_language: Option<&'r [u8]>,
    /// Whether the client speaks HTTPS, with this program or with a proxy that says so (`X-Forwarded-Proto`).
    pub is_https: bool,
}
