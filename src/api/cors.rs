//! Requests from pages of other origins: the param `origin` and the headers `Access-Control-*` (the Fetch standard,
//! "CORS protocol").
//!
//! MediaWiki: `ApiMain::handleCORS`. Recorded cases: `cors/*`.

use super::php_input::PhpInput;
use super::request::{ApiRequest, Method};
use std::borrow::Cow;

/// The param that names the page's origin.
pub const ORIGIN: &str = "origin";

/// The origin of requests that want no more than strangers get.
const ANY: &str = "*";

const MISMATCH: &str = "Origin mismatch";
const UNSUPPORTED_HEADER: &str = "Unsupported header requested in preflight";

/// Headers that a page may read of an answer.
const EXPOSED: &str =
    "MediaWiki-API-Error, Retry-After, X-Database-Lag, MediaWiki-Login-Suppressed";

/// Headers that a page may send.
const ALLOWED_HEADERS: [&str; 11] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-max-age",
    "api-user-agent",
    "authorization",
    "content-language",
    "content-type",
    "dnt",
    "origin",
    "user-agent",
];

/// Which origins may use the API in the name of a user who is logged in.
#[derive(Debug, Clone, Default)]
pub struct CrossSiteDomains {
    /// `CrossSiteAJAXdomains`: hosts, with `*` for any text and `?` for any character.
    pub allowed: Vec<String>,
    /// `CrossSiteAJAXdomainExceptions`: the same, for those of them that may not.
    pub exceptions: Vec<String>,
}

/// What the origin of a request means for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOutcome {
    /// The request is answered.
    Go(CorsHeaders),
    /// The param `origin` is not what the header says: status 403.
    Mismatch,
    /// The header `Origin` is none.
    MalformedHeader(String),
}

/// What an answer says about origins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsHeaders {
    /// The headers.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// Whether the answer depends on the header `Origin`.
    pub by_origin: bool,
}

/// Whether the request is for anybody, and so in nobody's name.
pub fn is_for_anybody(input: &PhpInput<'_>) -> bool {
    input.scalar(ORIGIN) == Some(ANY.as_bytes())
}

/// Looks at the origin of a request.
pub fn check(
    request: &ApiRequest<'_>,
    input: &PhpInput<'_>,
    domains: &CrossSiteDomains,
) -> CorsOutcome {
    let Some(param) = input.scalar(ORIGIN) else {
        return CorsOutcome::Go(CorsHeaders::default());
    };
    let (allowed, by_origin) = if param == ANY.as_bytes() {
        (Some(Cow::Borrowed(ANY)), false)
    } else {
        match named_origin(param, request.origin, domains) {
            Ok(origin) => (origin.map(Cow::Owned), true),
            Err(refusal) => return refusal,
        }
    };
    let headers = match allowed {
        Some(origin) => answer(request, origin),
        None => vec![rejection(MISMATCH)],
    };
    CorsOutcome::Go(CorsHeaders { headers, by_origin })
}

/// The origin, if it is the one in the header and may use the API.
fn named_origin(
    param: &[u8],
    header: Option<&[u8]>,
    domains: &CrossSiteDomains,
) -> Result<Option<String>, CorsOutcome> {
    let header = header.unwrap_or_default().trim_ascii();
    if header.contains(&b' ') {
        let header = String::from_utf8_lossy(header).into_owned();
        return Err(CorsOutcome::MalformedHeader(header));
    }
    if param.is_empty() || param != header {
        return Err(CorsOutcome::Mismatch);
    }
    let origin = str::from_utf8(param).ok();
    let origin = origin.filter(|origin| domains.contain(origin));
    Ok(origin.map(str::to_owned))
}

fn answer(
    request: &ApiRequest<'_>,
    origin: Cow<'static, str>,
) -> Vec<(&'static str, Cow<'static, str>)> {
    let is_preflight =
        request.method == Method::Options && request.access_control_request_method.is_some();
    let requested = request.access_control_request_headers;
    if is_preflight && !requested.is_none_or(all_allowed) {
        return vec![rejection(UNSUPPORTED_HEADER)];
    }
    let credentials = if origin == ANY { "false" } else { "true" };
    let mut headers = vec![("Access-Control-Allow-Credentials", credentials.into())];
    if origin != ANY {
        headers.push(("Timing-Allow-Origin", origin.clone()));
    }
    headers.push(("Access-Control-Allow-Origin", origin));
    if is_preflight {
        headers.push(("Access-Control-Allow-Methods", "POST, GET, HEAD".into()));
        if let Some(requested) = requested {
            let requested = String::from_utf8_lossy(requested).into_owned();
            headers.push(("Access-Control-Allow-Headers", requested.into()));
        }
    } else {
        headers.push(("Access-Control-Expose-Headers", EXPOSED.into()));
    }
    headers
}

fn rejection(reason: &'static str) -> (&'static str, Cow<'static, str>) {
    ("MediaWiki-CORS-Rejection", reason.into())
}

fn all_allowed(requested: &[u8]) -> bool {
    if requested.trim_ascii().is_empty() {
        return true;
    }
    requested.split(|byte| *byte == b',').all(|name| {
        let name = name.trim_ascii();
        ALLOWED_HEADERS
            .iter()
            .any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(name))
    })
}

impl CrossSiteDomains {
    fn contain(&self, origin: &str) -> bool {
        let host = ["http://", "https://"]
            .iter()
            .find_map(|scheme| origin.strip_prefix(scheme));
        host.is_some_and(|host| {
            let is_one_of = |domains: &[String]| domains.iter().any(|domain| matches(domain, host));
            is_one_of(&self.allowed) && !is_one_of(&self.exceptions)
        })
    }
}

/// Whether the pattern describes the text. `*` is any text, `?` any character. No star but the last is tried again:
/// no text takes longer than its length times that of the pattern.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // What follows the last star, and the text from where the star ends: as early as it can.
    let mut last_star = None;
    loop {
        if let Some(after) = pattern.strip_prefix('*') {
            last_star = Some((after, text));
            pattern = after;
            continue;
        }
        let (mut wanted, mut given) = (pattern.chars(), text.chars());
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted_character), Some(character))
                if wanted_character == '?' || wanted_character == character =>
            {
                (pattern, text) = (wanted.as_str(), given.as_str());
            }
            (Some(_) | None, _) => {
                let Some((after, end)) = last_star else {
                    return false;
                };
                let mut longer = end.chars();
                if longer.next().is_none() {
                    return false;
                }
                (pattern, text) = (after, longer.as_str());
                last_star = Some((after, text));
            }
        }
    }
}

#[cfg(test)]
mod tests;
