//! Whose caches may keep an answer, and for how long: `Cache-Control`, `Expires` and `Vary` (RFC 9111).
//!
//! MediaWiki: `ApiMain::sendCacheHeaders`. Recorded cases: `params/smaxage-*`, `cors/match-smaxage`, `auth/login-get-smaxage`.

use super::module::CacheMode;
use crate::clock::Timestamp;
use std::borrow::Cow;

/// A moment long ago, for answers that are no longer fresh by it and yet not for ever stale.
const LONG_AGO: Timestamp = Timestamp(1);

/// How an answer may be kept.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of itself what an answer depends on"
)]
pub struct Caching {
    /// By whom.
    pub mode: CacheMode,
    /// How long by caches that many share, in seconds (`smaxage`).
    pub shared_seconds: i64,
    /// How long by the client, in seconds (`maxage`).
    pub seconds: i64,
    /// Whether the client has a session, or is logged in.
    pub has_session: bool,
    /// Whether the answer is in the language that its reader prefers.
    pub by_user: bool,
    /// Whether the client's origin was looked at.
    pub by_origin: bool,
    /// Whether answers differ by `X-Forwarded-Proto` (`VaryOnXFP`).
    pub by_protocol: bool,
}

impl Caching {
    /// For an answer that nobody may keep.
    pub const fn private() -> Self {
        Self {
            mode: CacheMode::Private,
            shared_seconds: 0,
            seconds: 0,
            has_session: false,
            by_user: false,
            by_origin: false,
            by_protocol: false,
        }
    }

    /// The headers of an answer that is given now. One with cookies is never shared: they are for one client.
    pub fn headers(
        &self,
        now: Timestamp,
        has_cookies: bool,
    ) -> Vec<(&'static str, Cow<'static, str>)> {
        let mut headers = Vec::new();
        if self.mode != CacheMode::Private {
            headers.push(("Vary", self.vary().into()));
        }
        if self.is_public() && has_cookies {
            headers.push(("Cache-Control", "private, max-age=0, s-maxage=0".into()));
            headers.push(("Expires", Timestamp(0).to_http().into()));
        } else if self.is_public() {
            let (shared, own) = (self.shared_seconds, self.seconds);
            let control = format!("s-maxage={shared}, max-age={own}, public");
            headers.push(("Cache-Control", control.into()));
            headers.push(("Expires", self.expiry(now).to_http().into()));
        } else {
            let control = format!("private, must-revalidate, max-age={}", self.seconds);
            headers.push(("Cache-Control", control.into()));
        }
        headers
    }

    fn is_public(&self) -> bool {
        let may_share = match self.mode {
            CacheMode::Private => false,
            CacheMode::AnonPublicUserPrivate => !self.has_session,
            CacheMode::Public => !(self.by_user && self.has_session),
        };
        may_share && (self.shared_seconds > 0 || self.seconds > 0)
    }

    fn expiry(&self, now: Timestamp) -> Timestamp {
        match self.shared_seconds.min(self.seconds) {
            0 => LONG_AGO,
            seconds => Timestamp(now.unix().saturating_add(seconds)),
        }
    }

    fn vary(&self) -> String {
        let names = [
            ("Accept-Encoding", true),
            ("Origin", self.by_origin),
            ("Treat-as-Untrusted", true),
            ("X-Forwarded-Proto", self.by_protocol),
            ("Cookie", true),
        ];
        let applying = names.into_iter().filter(|(_, applies)| *applies);
        applying
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
