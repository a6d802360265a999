//! Reply codes and enhanced status codes in a text, told apart from other numbers by what stands around them.

use super::text::Text;
use crate::bounce::report::{EnhancedStatus, ReplyCode};
use memchr::memchr2;

/// A reply code, a status, or a reply code with its status.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeHit {
    pub(super) start: u32,
    pub(super) code: Option<ReplyCode>,
    pub(super) status: Option<EnhancedStatus>,
}

impl CodeHit {
    /// The class that it says: the status's where there is one.
    pub(super) fn class(&self) -> Option<u8> {
        self.status
            .map(|status| status.class)
            .or(self.code.map(ReplyCode::class))
    }
}

/// Words before a number that make it a reply code.
const BEFORE: &[&[u8]] = &[
    b"code",
    b"error",
    b"said",
    b"smtp",
    b"reply",
    b"response",
    b"status",
    b"returned",
    b"with",
    b"answer",
    b"answered",
    b"responded",
    b"got",
    b"was",
    b"message",
    b"esmtp",
    b"diagnostic",
    b"reason",
    b"err",
    b"data",
    b"rcpt",
];

/// Names of programs and words before a version.
const VERSIONS: &[&[u8]] = &[
    b"version",
    b"exim",
    b"postfix",
    b"sendmail",
    b"ver",
    b"v",
    b"release",
    b"esmtp",
    b"build",
];

/// All codes of failures (classes 4 and 5) in `text`, in their order.
pub(super) fn find(whole: &Text, hits: &mut Vec<CodeHit>) {
    hits.clear();
    let text = whole.bytes.as_slice();
    let mut from = 0_usize;
    while let Some(found) = text.get(from..).and_then(|rest| memchr2(b'4', b'5', rest)) {
        let at = from.saturating_add(found);
        from = at.saturating_add(1);
        if let Some((hit, end)) = code_at(whole, at) {
            hits.push(hit);
            from = end;
        }
    }
}

/// The code that begins at `at`, and where it ends.
fn code_at(whole: &Text, at: usize) -> Option<(CodeHit, usize)> {
    let text = whole.bytes.as_slice();
    let (before, rest) = text.split_at_checked(at)?;
    if before.last().is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'@' | b'_' | b'$')
    }) {
        return None;
    }
    let start = u32::try_from(at).ok()?;
    let end_of = |rest: &[u8]| text.len().saturating_sub(rest.len());
    if let Some((status, after)) = EnhancedStatus::split(rest) {
        let hit = CodeHit {
            start,
            code: None,
            status: Some(status),
        };
        return (!is_version(before)).then_some((hit, end_of(after)));
    }
    let (code, after) = reply_code(rest)?;
    let status = status_behind(after);
    let plausible = status.is_some() || whole.is_line_start(at) || is_reply(before, after);
    let hit = CodeHit {
        start,
        code: Some(code),
        status: status.map(|(status, _)| status),
    };
    plausible.then_some((hit, end_of(status.map_or(after, |(_, after)| after))))
}

fn reply_code(text: &[u8]) -> Option<(ReplyCode, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<3>()?;
    let goes_on = match rest {
        [b'.' | b',', next, ..] => next.is_ascii_digit(),
        [byte, ..] => byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'/' | b'%' | b'*'),
        [] => false,
    };
    if goes_on {
        return None;
    }
    Some((ReplyCode::from_digits(*digits)?, rest))
}

/// The status that follows a reply code: `550 5.1.1`, `550-5.1.1`, `550 #5.1.1`, `550: 5.1.1`.
fn status_behind(text: &[u8]) -> Option<(EnhancedStatus, &[u8])> {
    let skip = text
        .iter()
        .take(4)
        .take_while(|byte| matches!(byte, b' ' | b'-' | b':' | b'#' | b'(' | b'[' | b',' | b';'))
        .count();
    if skip == 0 {
        return None;
    }
    EnhancedStatus::split(text.get(skip..)?)
}

/// Whether the number after `before` stands where reply codes stand.
fn is_reply(before: &[u8], after: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    let Some(last) = trimmed.last() else {
        return true;
    };
    match last {
        b':' | b';' | b'(' | b'\'' | b'"' | b'#' | b'[' | b'>' | b'<' | b'=' | b'|' | b'`' => true,
        b'-' => {
            !matches!(trimmed, [.., digit, b'-'] if digit.is_ascii_digit())
                && after.first() != Some(&b'-')
        }
        b'.' => trimmed.ends_with(b".."),
        _ => BEFORE.contains(&last_word(trimmed)),
    }
}

/// Whether what follows is a version of a program.
fn is_version(before: &[u8]) -> bool {
    VERSIONS.contains(&last_word(before.trim_ascii_end()))
        || before.last().is_some_and(|byte| *byte == b'/')
}

/// The letters at the end of `text`.
fn last_word(text: &[u8]) -> &[u8] {
    let length = text
        .iter()
        .rev()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    text.get(text.len().saturating_sub(length)..)
        .unwrap_or_default()
}
