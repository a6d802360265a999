//! `Special:RunJobs`: a signed request to run jobs, by MediaWiki's rules.
//!
//! jobs/SPEC.md section 7; what that leaves open (arrays, numbers that are none) was asked of a MediaWiki 1.39.

use super::accepted_signatures::{Acceptance, AcceptedSignatures};
use crate::clock::Timestamp;
use crate::runner::RunLimits;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use subtle::ConstantTimeEq as _;

/// What is signed, in the order in which it is.
const SIGNED: [&str; 8] = [
    "async",
    "maxjobs",
    "maxtime",
    "sigexpiry",
    "stats",
    "tasks",
    "title",
    "type",
];

/// What has to be there, in the order in which it is missed.
const REQUIRED: [&str; 4] = ["title", "tasks", "signature", "sigexpiry"];

/// Seconds after which a run ends that names no time.
const MAX_TIME: f64 = 30.0;

/// The highest number of jobs that is looked for where `maxjobs` is not a number.
const MOST_JOBS: u64 = 100_000;

/// What a param of the request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A text.
    Text(String),
    /// `name[]=value`: nobody signs such a thing.
    Array,
}

impl Given {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Array => None,
        }
    }
}

/// What holds for all signed requests.
#[derive(Default)]
pub struct SignedRuns {
    /// The key of signatures (`SecretKey`). Without one no signature is right.
    key: Option<Vec<u8>>,
    /// Why nothing is run, if the wiki is read-only.
    pub is_read_only: bool,
    accepted: AcceptedSignatures,
}

/// A run that was signed for.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedRun {
    /// When to stop.
    pub limits: RunLimits,
    /// Whether the answer does not wait for the jobs.
    pub is_async: bool,
    /// Whether the answer tells in JSON what was done.
    pub stats: bool,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The wiki is read-only.
    #[error("Wiki is in read-only mode.")]
    ReadOnly,
    /// It was not posted.
    #[error("Request must be POSTed.")]
    NotPosted,
    /// Params are missing.
    #[error("Missing parameters: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// The signature is wrong, expired, or was used before.
    #[error("Invalid or stale signature provided.")]
    Invalid,
    /// No more signatures can be remembered (`MaxRememberedSignatures`). Not in MediaWiki.
    #[error("Too many signatures are in use. Try again when some have expired.")]
    Full,
}

impl Refusal {
    /// The HTTP status and its reason.
    pub fn status(&self) -> (u16, &'static str) {
        match self {
            Self::ReadOnly => (423, "Locked"),
            Self::NotPosted | Self::Missing(_) | Self::Invalid => (400, "Bad Request"),
            Self::Full => (503, "Service Unavailable"),
        }
    }

    /// The page that tells it.
    pub fn page(&self) -> String {
        let label = self.status().1;
        format!(
            "<!DOCTYPE html><html><head><title>{label}</title></head><body><h1>{label}</h1><p>{self}</p></body></html>\n"
        )
    }
}

impl fmt::Debug for SignedRuns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SignedRuns").finish_non_exhaustive()
    }
}

impl SignedRuns {
    /// Runs signed with this key; without one nobody can sign.
    pub fn new(key: Option<Vec<u8>>, is_read_only: bool, accepted: AcceptedSignatures) -> Self {
        Self {
            key,
            is_read_only,
            accepted,
        }
    }

    /// Checks a request in the original's order; `given` tells what its params hold.
    pub fn check(
        &self,
        is_posted: bool,
        given: impl Fn(&str) -> Option<Given>,
        now: Timestamp,
    ) -> Result<SignedRun, Refusal> {
        if self.is_read_only {
            return Err(Refusal::ReadOnly);
        }
        if !is_posted {
            return Err(Refusal::NotPosted);
        }
        let is_missing = |name: &&str| given(name).is_none();
        let missing: Vec<_> = REQUIRED.into_iter().filter(is_missing).collect();
        if !missing.is_empty() {
            return Err(Refusal::Missing(missing));
        }
        let text = |name| given(name).and_then(|value| value.text().map(str::to_owned));
        let signed = canonical(&given).ok_or(Refusal::Invalid)?;
        let (shown, expiry) = text("signature")
            .zip(text("sigexpiry"))
            .ok_or(Refusal::Invalid)?;
        let expiry = Expiry::read(&expiry);
        let right = self.sign(&signed);
        let is_right = right.is_some_and(|right| right.as_bytes().ct_eq(shown.as_bytes()).into());
        if !is_right || expiry.is_over(now) {
            return Err(Refusal::Invalid);
        }
        match self.accepted.accept(&shown, expiry, now) {
            Acceptance::Accepted => Ok(run_of(text)),
            Acceptance::Repeated => Err(Refusal::Invalid),
            Acceptance::Full => Err(Refusal::Full),
        }
    }

    /// The signature of a text: HMAC-SHA1 in small hexadecimal digits. `None` without a key.
    pub fn sign(&self, text: &str) -> Option<String> {
        let mut hex = String::with_capacity(40);
        let mut mac = Hmac::<Sha1>::new_from_slice(self.key.as_ref()?).ok()?;
        mac.update(text.as_bytes());
        for byte in mac.finalize().into_bytes() {
            // Writing to memory cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Some(hex)
    }
}

/// What is signed: the params that were sent, sorted and encoded as in a form; `None` where one of them is an array.
pub fn canonical(given: impl Fn(&str) -> Option<Given>) -> Option<String> {
    let mut signed = String::new();
    for name in SIGNED {
        if let Some(value) = given(name) {
            let separator = if signed.is_empty() { "" } else { "&" };
            signed.push_str(separator);
            signed.push_str(name);
            signed.push('=');
            encode(value.text()?, &mut signed);
        }
    }
    Some(signed)
}

/// PHP's `urlencode`.
fn encode(text: &str, encoded: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            byte => {
                // Writing to memory cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
}

fn run_of(text: impl Fn(&'static str) -> Option<String>) -> SignedRun {
    let is_true = |text: &String| !matches!(text.as_str(), "" | "0");
    SignedRun {
        limits: RunLimits {
            max_jobs: text("maxjobs")
                .filter(is_true)
                .map_or(Some(1), |text| most_jobs(&text)),
            max_time: text("maxtime")
                .filter(is_true)
                .map_or(Some(MAX_TIME), |text| most_time(&text)),
            kind: text("type"),
            ..RunLimits::default()
        },
        is_async: text("async").as_ref().is_none_or(is_true),
        stats: text("stats").as_ref().is_some_and(is_true),
    }
}

/// The number of jobs at which a run ends: the first that is not less than the text, in PHP's order of numbers and texts.
fn most_jobs(text: &str) -> Option<u64> {
    match number(text) {
        Some(most) => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of a float saturates"
            )]
            let most = most.ceil() as u64;
            Some(most.max(1))
        }
        None => (1..=MOST_JOBS).find(|count| count.to_string().as_str() >= text),
    }
}

/// The seconds after which a run ends. A text that is no number is behind all numbers or before them.
fn most_time(text: &str) -> Option<f64> {
    match number(text) {
        Some(most) => Some(most),
        None if text.as_bytes() < b"0".as_slice() => Some(-1.0),
        None => None,
    }
}

/// The number that a text is as a whole, blanks at its ends aside.
fn number(text: &str) -> Option<f64> {
    let blank = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];
    let text = text.trim_matches(blank);
    // Rust reads words such as `inf` too.
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|_| is_number)
}

/// When a signature is too old.
#[derive(Debug, Clone, PartialEq)]
pub enum Expiry {
    /// After this time.
    At(f64),
    /// When the present, written in digits, comes behind this text, which is no number.
    Text(String),
}

impl Expiry {
    /// Reads `sigexpiry`.
    pub fn read(text: &str) -> Self {
        number(text).map_or_else(|| Self::Text(text.to_owned()), Self::At)
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        #[expect(
            clippy::cast_precision_loss,
            reason = "times are far below where floats lose seconds"
        )]
        let seconds = now.unix() as f64;
        match self {
            Self::At(time) => *time < seconds,
            Self::Text(text) => text.as_str().cmp(&now.unix().to_string()) == Ordering::Less,
        }
    }
}

#[cfg(test)]
mod tests;
