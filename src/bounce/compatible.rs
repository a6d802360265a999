//! The judge that decides what the `BounceHandler` extension would decide.
//!
//! `MediaWiki`: `BounceHandler` for 1.43, with all its oddities (jobs/SPEC.md section 9). The extension searches with regular
//! expressions on bytes; here stand scanners with the same answers. A mail on which those expressions give up (millions
//! of blanks in one line) is read here as if they had not.

mod boundary;
mod report_status;
mod text_scan;

use super::header_scan::{self, MailHeaders};

/// What the extension reads out of a mail, and what it makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompatibleReading<'a> {
    /// The header fields.
    pub headers: MailHeaders<'a>,
    /// Enhanced status code `d.d.d` (RFC 3463) of the delivery report; the classes 0 to 9 all occur.
    pub status: Option<&'a str>,
    /// Reply code (RFC 5321) found in the text, three digits from 100 to 599; empty when an enhanced status code without
    /// one was found first. Searched only in a mail with neither a status nor `X-Failed-Recipients`.
    pub smtp_code: Option<&'a str>,
    /// Whether the bounce counts.
    pub verdict: Verdict,
    /// What decided.
    pub evidence: Evidence,
}

/// Whether a failure is for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The bounce is recorded for the user.
    Permanent,
    /// The bounce is treated as unrecognized.
    NotPermanent,
}

/// The part of a mail that a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The status of the delivery report.
    Status,
    /// A code in the text, or the empty code.
    SmtpCode,
    /// An `X-Failed-Recipients` field, whatever it holds.
    FailedRecipients,
    /// None of them is there.
    Nothing,
}

/// Reads and judges `mail`; the answer borrows from it.
///
/// The extension does nothing at all with the empty mail and with the mail `0`; here they are not permanent.
pub fn judge(mail: &[u8]) -> CompatibleReading<'_> {
    let headers = header_scan::scan(mail);
    let status = report_status::find(mail);
    let smtp_code = if status.is_none() && headers.x_failed_recipients.is_none() {
        text_scan::find(mail)
    } else {
        None
    };
    let (verdict, evidence) = weigh(status, smtp_code, headers.x_failed_recipients);
    CompatibleReading {
        headers,
        status,
        smtp_code,
        verdict,
        evidence,
    }
}

/// The first of status, code and failed recipients that is there decides alone: a status of class 4 outweighs the rest.
fn weigh(
    status: Option<&str>,
    smtp_code: Option<&str>,
    failed_recipients: Option<&[u8]>,
) -> (Verdict, Evidence) {
    let (permanent, evidence) = match (status, smtp_code, failed_recipients) {
        (Some(status), _, _) => (status.starts_with('5'), Evidence::Status),
        (None, Some(code), _) => (code.starts_with('5'), Evidence::SmtpCode),
        (None, None, Some(_)) => (true, Evidence::FailedRecipients),
        (None, None, None) => (false, Evidence::Nothing),
    };
    let verdict = if permanent {
        Verdict::Permanent
    } else {
        Verdict::NotPermanent
    };
    (verdict, evidence)
}

/// Splits `text` after a leading enhanced status code: one digit, one to three, one to three. What follows may be anything,
/// so `5.1.1234` gives `5.1.123`.
fn split_status(text: &[u8]) -> Option<(&str, &[u8])> {
    let rest = skip_digits(text, 1)?.strip_prefix(b".")?;
    let rest = skip_digits(rest, 3)?.strip_prefix(b".")?;
    let rest = skip_digits(rest, 3)?;
    let (status, rest) = text.split_at_checked(text.len().abs_diff(rest.len()))?;
    Some((str::from_utf8(status).ok()?, rest))
}

/// What follows one to `most` digits.
fn skip_digits(text: &[u8], most: usize) -> Option<&[u8]> {
    let digits = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit());
    match digits.count() {
        0 => None,
        count => text.get(count..),
    }
}

#[cfg(test)]
mod recordings;
#[cfg(test)]
mod tests;
