//! The cookies of a session: reading them, and setting them as the original does (RFC 6265).

use crate::clock::Timestamp;
use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

/// How long a browser keeps the name of a user who did not ask to be remembered (MediaWiki: `$wgCookieExpiration`).
const NAME_SECONDS: i64 = 30 * 86_400;

/// How long it keeps the cookies of one who did (MediaWiki: `$wgExtendedLoginCookieExpiration`).
const REMEMBERED_SECONDS: i64 = 180 * 86_400;

/// The names of the cookies of one wiki.
#[derive(Debug, Clone)]
pub struct CookieNames {
    /// The session of somebody who logged in with the account's password, or of nobody.
    pub session: String,
    /// The session of a bot with a password of its own.
    pub bot_session: String,
    /// Number of the user.
    pub user_id: String,
    /// Name of the user.
    pub user_name: String,
    /// What logs the user in again.
    pub token: String,
}

impl CookieNames {
    /// The names with this prefix.
    pub fn new(prefix: &str) -> Self {
        let name = |suffix: &str| format!("{prefix}{suffix}");
        Self {
            session: name("_session"),
            bot_session: name("_BPsession"),
            user_id: name("UserID"),
            user_name: name("UserName"),
            token: name("Token"),
        }
    }
}

/// The cookies that came with a request.
#[derive(Default)]
pub struct Cookies<'r>(Vec<(&'r [u8], Cow<'r, [u8]>)>);

impl<'r> Cookies<'r> {
    /// Those of the header `Cookie`. Of several with one name the first counts.
    pub fn read(header: Option<&'r [u8]>) -> Self {
        let pairs = header.unwrap_or_default().split(|byte| *byte == b';');
        let cookies = pairs.filter_map(|pair| {
            let pair = pair.trim_ascii_start();
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at(equals);
            Some((name, url_decoded(value.get(1..)?)))
        });
        Self(cookies.collect())
    }

    /// The value of a cookie.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let cookie = self.0.iter().find(|(known, _)| *known == name.as_bytes());
        cookie.map(|(_, value)| &**value)
    }
}

fn url_decoded(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(value);
    }
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        match (first, escaped) {
            (_, Some((high, low))) => {
                decoded.push((high << 4) | low);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', None) => {
                decoded.push(b' ');
                rest = after;
            }
            (byte, None) => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    Cow::Owned(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

/// A cookie that a client is to keep, or to forget.
#[derive(Clone)]
pub struct SetCookie {
    name: String,
    value: String,
    kept: Kept,
    is_secure: bool,
}

#[derive(Clone, Copy)]
enum Kept {
    /// Until the browser ends.
    ForNow,
    Seconds(i64),
    NoMore,
}

impl SetCookie {
    /// A cookie for as long as the browser runs.
    pub fn for_now(name: &str, value: &str, is_secure: bool) -> Self {
        Self::new(name, value, Kept::ForNow, is_secure)
    }

    /// A cookie for the days that a user is remembered, or for those that the name is.
    pub fn for_days(name: &str, value: &str, is_remembered: bool, is_secure: bool) -> Self {
        let seconds = if is_remembered {
            REMEMBERED_SECONDS
        } else {
            NAME_SECONDS
        };
        Self::new(name, value, Kept::Seconds(seconds), is_secure)
    }

    /// A cookie that goes away.
    pub fn deleted(name: &str, is_secure: bool) -> Self {
        Self::new(name, "deleted", Kept::NoMore, is_secure)
    }

    fn new(name: &str, value: &str, kept: Kept, is_secure: bool) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            kept,
            is_secure,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of the header `Set-Cookie`.
    pub fn header(&self, now: Timestamp) -> String {
        let mut header = format!("{}={}", self.name, url_encoded(&self.value));
        match self.kept {
            Kept::ForNow => {}
            Kept::Seconds(seconds) => {
                let expiry = now.plus(seconds).to_http();
                header = format!("{header}; expires={expiry}; Max-Age={seconds}");
            }
            Kept::NoMore => {
                let expiry = Timestamp(1).to_http();
                header = format!("{header}; expires={expiry}; Max-Age=0");
            }
        }
        header.push_str("; path=/");
        if self.is_secure {
            header.push_str("; secure");
        }
        header.push_str("; HttpOnly");
        header
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SetCookie({:?})", self.name)
    }
}

/// Everything but letters, digits and `-._~` escaped (PHP's `rawurlencode`).
fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cookies_are_found_by_name_decoded_and_the_first_counts() {
        let cookies = Cookies::read(Some(b"a=b; x=1%20%zz+2;x=3;  y==;z; =q"));
        assert_eq!(cookies.get("a"), Some(&b"b"[..]));
        assert_eq!(cookies.get("x"), Some(&b"1 %zz 2"[..]));
        assert_eq!(cookies.get("y"), Some(&b"="[..]));
        assert_eq!(cookies.get("z"), None);
        assert!(Cookies::read(None).get("a").is_none());
    }

    /// As a MediaWiki 1.39 sent them on 2026-11-25 at 19:36:20 UTC.
    #[test]
    fn cookies_are_set_as_the_original_sets_them() {
        let now = Timestamp::from_mw("20261125193620").unwrap();
        let session = SetCookie::for_now(
            "testwiki_session",
            "ffkj184ph6gdiv2dr2s2sronifuibm7l",
            false,
        );
        assert_eq!(
            session.header(now),
            "testwiki_session=ffkj184ph6gdiv2dr2s2sronifuibm7l; path=/; HttpOnly"
        );
        let id = SetCookie::for_days("testwikiUserID", "4", true, false);
        assert_eq!(
            id.header(now),
            "testwikiUserID=4; expires=Mon, 24 May 2027 19:36:20 GMT; Max-Age=15552000; path=/; HttpOnly"
        );
        let name = SetCookie::for_days("testwikiUserName", "Bounce Bot", false, true);
        assert_eq!(
            name.header(now),
            "testwikiUserName=Bounce%20Bot; expires=Fri, 25 Dec 2026 19:36:20 GMT; Max-Age=2592000; path=/; secure; HttpOnly"
        );
        assert_eq!(
            SetCookie::deleted("testwikiToken", false).header(now),
            "testwikiToken=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly"
        );
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(header in proptest::collection::vec(any::<u8>(), 0..200)) {
            let cookies = Cookies::read(Some(&header));
            let _ = cookies.get("testwiki_session");
        }

        #[test]
        fn no_name_of_a_user_ends_a_header(name in any::<String>()) {
            let header = SetCookie::for_days("n", &name, true, false).header(Timestamp(0));
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(header.matches(';').count(), 4);
        }
    }
}
