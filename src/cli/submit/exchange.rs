//! The request on the wire, and what can go wrong below HTTP.

use super::form::Form;
use super::outcome::Outcome;
use rustls::crypto::ring;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::Duration;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION};
use ureq::http::{HeaderValue, Request, Response, StatusCode, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, SendBody, Timeout};

/// How much of an answer is read. The API says in a few hundred bytes what became of a mail.
const LONGEST_ANSWER: u64 = 1 << 20;

/// An answer, of whatever kind.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status code.
    pub(super) status: StatusCode,
    /// Where a redirect leads.
    pub(super) location: Option<String>,
    /// The body, as far as it was read.
    pub(super) body: Vec<u8>,
}

/// A URL as it may stand in a log: without a password, a query or a fragment.
pub(super) fn shown_url(url: &Uri) -> String {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_secret, host)| host);
    format!("{}://{host}{}", url.scheme_str().unwrap_or(""), url.path())
}

/// Posts a form, once, and reads the answer.
pub(super) fn exchange(
    url: &Uri,
    host: Option<&HeaderValue>,
    limit: Duration,
    form: Form,
) -> Result<Answer, Outcome> {
    let failed = |error: &Error| unreachable(error, &shown_url(url));
    let mut request = Request::post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(CONTENT_LENGTH, form.length());
    if let Some(host) = host {
        request = request.header(HOST, host);
    }
    let request = request
        .body(SendBody::from_owned_reader(form))
        .map_err(|error| failed(&error.into()))?;
    let response = agent(limit).run(request).map_err(|error| failed(&error))?;
    read(response).map_err(|error| failed(&error))
}

/// A client that goes to the given URL and nowhere else: by no proxy, to no other place that an answer points to.
fn agent(limit: Duration) -> Agent {
    // The certificates that this machine trusts, since a wiki in a company often has one from the company itself.
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .tls_config(tls)
        .user_agent(concat!("bouncehandlerd/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(limit))
        .build();
    config.into()
}

fn read(mut response: Response<Body>) -> Result<Answer, Error> {
    let location = response.headers().get(LOCATION);
    let location = location.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let mut body = Vec::new();
    response
        .body_mut()
        .as_reader()
        .take(LONGEST_ANSWER)
        .read_to_end(&mut body)?;
    Ok(Answer {
        status: response.status(),
        location,
        body,
    })
}

/// No answer came. All of this may heal.
fn unreachable(error: &Error, url: &str) -> Outcome {
    let (status, seen) = match error {
        Error::Io(error) => of_socket(error),
        Error::HostNotFound => (
            "4.4.3",
            "the host name is not found; see --url and the name server".to_owned(),
        ),
        Error::Timeout(Timeout::Resolve) => {
            ("4.4.3", "the name server did not answer in time".to_owned())
        }
        Error::Timeout(phase) => (
            "4.4.2",
            format!("no answer within --time-limit ({phase}); see whether the wiki works"),
        ),
        Error::ConnectionFailed => ("4.4.1", "cannot be connected to".to_owned()),
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => of_certificates(error),
        _ => ("4.4.2", format!("no answer that is HTTP: {error}")),
    };
    Outcome::again(status, format!("bounce API {url}: {seen}"))
}

fn of_certificates(error: &dyn std::error::Error) -> (&'static str, String) {
    (
        "4.7.5",
        format!(
            "no secure connection: {error}; see the wiki's certificate and those that this machine trusts"
        ),
    )
}

fn of_socket(error: &io::Error) -> (&'static str, String) {
    // What is wrong with a certificate comes to light while the socket is read.
    if let Some(inner) = error.get_ref()
        && inner.is::<rustls::Error>()
    {
        return of_certificates(error);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            "4.4.1",
            "the connection is refused; is the wiki's web server running?".to_owned(),
        ),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => (
            "4.4.2",
            format!(
                "the connection was cut before there was a whole answer ({error}); see the log of the wiki's web server"
            ),
        ),
        _ => ("4.4.1", error.to_string()),
    }
}
