//! The text of a part in one form: decoded, in lower case, with single blanks, so that phrases match across line ends.

use super::fields::split_line;
use super::parts::{Encoding, Media, Part};
use crate::bounce::report::{Evidence, PartNumber, ReadLimit, ReadLimits};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use std::borrow::Cow;

/// A text that is ready to be searched.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) part: PartNumber,
    pub(super) decoded: bool,
    /// Lower case (ASCII letters); lines are joined by one space, and by a line feed where blank lines were between.
    pub(super) bytes: Vec<u8>,
    /// The lines that are not blank.
    pub(super) lines: Vec<Line>,
    limits: Option<ReadLimit>,
    /// The reply code of a reply that goes on (RFC 5321 section 4.2: `550-`).
    reply: Option<[u8; 3]>,
}

/// Where a line is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Its beginning in [`Text::bytes`].
    pub(super) start: u32,
    /// Its number, as in [`Evidence::line`].
    pub(super) number: u32,
    /// How many blanks it began with.
    pub(super) indent: u16,
    /// Whether a blank line was before it.
    pub(super) after_blank: bool,
}

impl Text {
    pub(super) fn new(part: PartNumber, decoded: bool) -> Self {
        Self {
            part,
            decoded,
            ..Self::default()
        }
    }

    /// Makes room for so many bytes, in lines of usual length.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
        self.lines.reserve(bytes / 64);
    }

    /// Empties the text, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.lines.clear();
        self.reply = None;
    }

    /// Adds `line`, the `number`-th.
    pub(super) fn push(
        &mut self,
        line: &[u8],
        number: u32,
        after_blank: bool,
        limits: &ReadLimits,
    ) {
        let content = line.trim_ascii_start();
        let indent = line.len().saturating_sub(content.len());
        let content = content.get(..limits.max_line_bytes).map_or(content, |cut| {
            self.limits.get_or_insert(ReadLimit::LineBytes);
            cut
        });
        let content = self.without_repeated_reply(content);
        if !self.bytes.is_empty() {
            self.bytes.push(if after_blank { b'\n' } else { b' ' });
        }
        let start = self.bytes.len();
        self.lines.push(Line {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            number,
            indent: u16::try_from(indent).unwrap_or(u16::MAX),
            after_blank,
        });
        push_words(&mut self.bytes, content);
    }

    /// The line without the code that the lines of one reply repeat: the text of the reply then reads as one.
    fn without_repeated_reply<'l>(&mut self, line: &'l [u8]) -> &'l [u8] {
        let said = line.strip_prefix(b"<<< ").unwrap_or(line);
        let before = self.reply.take();
        let [a, b, c, separator @ (b'-' | b' '), rest @ ..] = said else {
            return line;
        };
        let code = [*a, *b, *c];
        if !code.iter().all(u8::is_ascii_digit) {
            return line;
        }
        if *separator == b'-' {
            self.reply = Some(code);
        }
        if before != Some(code) {
            return line;
        }
        match crate::bounce::report::EnhancedStatus::split(rest) {
            Some((_, rest)) => rest.trim_ascii_start(),
            None => rest,
        }
    }

    /// The first limit that was met.
    pub(super) fn limit(&self) -> Option<ReadLimit> {
        self.limits
    }

    pub(super) fn line_cut_short(&mut self) {
        self.limits.get_or_insert(ReadLimit::LineBytes);
    }

    pub(super) fn cut_short(&mut self) {
        self.limits.get_or_insert(ReadLimit::TextBytes);
    }

    /// The index of the line that holds `offset`.
    pub(super) fn line_index(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|line| line.start as usize <= offset)
            .saturating_sub(1)
    }

    /// Whether a line begins at `offset`.
    pub(super) fn is_line_start(&self, offset: usize) -> bool {
        self.lines
            .get(self.line_index(offset))
            .is_some_and(|line| line.start as usize == offset)
    }

    /// The bytes of a line.
    pub(super) fn line(&self, index: usize) -> &[u8] {
        let Some(line) = self.lines.get(index) else {
            return &[];
        };
        let end = self
            .lines
            .get(index.saturating_add(1))
            .map_or(self.bytes.len(), |next| {
                (next.start as usize).saturating_sub(1)
            });
        self.bytes.get(line.start as usize..end).unwrap_or_default()
    }

    /// The place of `offset`, for a value that `rule` found there.
    pub(super) fn evidence(&self, offset: usize, rule: &'static str) -> Evidence {
        let line = self.lines.get(self.line_index(offset));
        Evidence {
            part: self.part,
            line: line.map_or(1, |line| line.number),
            decoded: self.decoded,
            rule,
        }
    }
}

/// Adds the words of `line` in lower case with one space between; typographic apostrophes and no-break spaces become plain
/// ones.
fn push_words(bytes: &mut Vec<u8>, line: &[u8]) {
    let line = line.trim_ascii_end();
    let start = bytes.len();
    if is_plain(line) {
        bytes.extend_from_slice(line);
    } else {
        for word in line.split(|byte| matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\0')) {
            if word.is_empty() {
                continue;
            }
            if bytes.len() > start {
                bytes.push(b' ');
            }
            match str::from_utf8(word) {
                Ok(word) if !word.is_ascii() => push_lower_case(bytes, word),
                _ => bytes.extend_from_slice(word),
            }
        }
    }
    if let Some(added) = bytes.get_mut(start..) {
        added.make_ascii_lowercase();
    }
}

/// Whether a line is ASCII and has single spaces only. Looks at all of it at once rather than at each word.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the bytes are compared many at a time"
)]
fn is_plain(line: &[u8]) -> bool {
    let next = line.get(1..).unwrap_or_default();
    let odd = line.iter().zip(next).fold(false, |odd, (byte, next)| {
        odd | !(b' '..0x80).contains(byte) | ((*byte == b' ') & (*next == b' '))
    });
    !odd && line.last().is_none_or(u8::is_ascii_graphic)
}

/// Adds a word that is not ASCII; letters of ASCII are left as they are.
fn push_lower_case(bytes: &mut Vec<u8>, word: &str) {
    let mut encoded = [0; 4];
    for character in word.chars() {
        match character {
            '\u{2018}' | '\u{2019}' => bytes.push(b'\''),
            '\u{a0}' => bytes.push(b' '),
            // Scripts without case, the most of all: no need to look them up.
            '\0'..'\u{80}' | '\u{3000}'..'\u{a000}' | '\u{ac00}'..'\u{d7a4}' => {
                bytes.extend_from_slice(character.encode_utf8(&mut encoded).as_bytes());
            }
            _ => {
                for lower in character.to_lowercase() {
                    bytes.extend_from_slice(lower.encode_utf8(&mut encoded).as_bytes());
                }
            }
        }
    }
}

/// The bytes of a part after its transfer encoding, its character set and its mark-up, and whether anything was undone.
pub(super) fn decode<'a>(part: &Part<'a>) -> (Cow<'a, [u8]>, bool) {
    let undone: Cow<'a, [u8]> = match part.encoding {
        Encoding::Identity => Cow::Borrowed(part.body),
        Encoding::Base64 => {
            guarded(|| base64_decode(part.body)).map_or(Cow::Borrowed(part.body), Cow::Owned)
        }
        Encoding::QuotedPrintable => {
            let body = with_line_feeds(part.body);
            match guarded(|| quoted_printable_decode(&body)) {
                Some(text) => Cow::Owned(text),
                None => body,
            }
        }
    };
    let undone = match needed_decoder(part.charset, &undone) {
        Some(text) => Cow::Owned(text.into_bytes()),
        None => undone,
    };
    let undone = if part.media == Media::Html {
        match guarded(|| Some(html_to_text(&String::from_utf8_lossy(&undone)))) {
            Some(text) => Cow::Owned(text.into_bytes()),
            None => undone,
        }
    } else {
        undone
    };
    let decoded = matches!(undone, Cow::Owned(_));
    (undone, decoded)
}

/// The same with line feeds, where all lines end with lone carriage returns: the decoder does not know these for line ends.
fn with_line_feeds(body: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', body).is_some() || memchr::memchr(b'\r', body).is_none() {
        return Cow::Borrowed(body);
    }
    let feed = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
    Cow::Owned(body.iter().map(feed).collect())
}

/// The text in UTF-8, where it is in another character set and not all ASCII.
fn needed_decoder(charset: Option<&[u8]>, text: &[u8]) -> Option<String> {
    let charset = charset?;
    if charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"us-ascii") {
        return None;
    }
    let shifts = charset
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"iso-"));
    if text.is_ascii() && !(shifts && memchr::memchr(0x1b, text).is_some()) {
        return None;
    }
    guarded(|| charset_decoder(charset).map(|decoder| decoder(text)))
}

/// Calls a decoder that hostile input must not take the process down with.
fn guarded<T>(decode: impl FnOnce() -> Option<T>) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode))
        .ok()
        .flatten()
}

/// The lines of `bytes` with their numbers from `first`, blank ones left out; the flag says that one was before.
pub(super) fn numbered_lines(bytes: &[u8], first: u32) -> impl Iterator<Item = (&[u8], u32, bool)> {
    let mut rest = bytes;
    let mut number = first;
    let mut blank = false;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            rest = after;
            let at = number;
            number = number.saturating_add(1);
            if line.iter().all(u8::is_ascii_whitespace) {
                blank = true;
                continue;
            }
            return Some((line, at, std::mem::take(&mut blank)));
        }
        None
    })
}
