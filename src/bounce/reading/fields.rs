//! Header fields (RFC 5322 section 2.2) of a mail, of a part, or of a message that is quoted in a text.

use memchr::{memchr, memchr2};

/// One field as it stands, folded lines included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    /// What follows the colon, without white space at its ends; folded lines keep their line ends.
    pub(super) value: &'a [u8],
    /// The line within the block on which the value begins, from 0.
    pub(super) line: u32,
}

impl Field<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The line of `text` from its beginning, without its end, and what follows. An end is CR LF, LF or a lone CR.
pub(super) fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let Some((line, rest)) = memchr2(b'\r', b'\n', text).and_then(|end| text.split_at_checked(end))
    else {
        return (text, &[]);
    };
    let rest = rest
        .strip_prefix(b"\r\n")
        .or_else(|| rest.get(1..))
        .unwrap_or_default();
    (line, rest)
}

/// How many line ends there are: LF, CR LF and lone CR.
pub(super) fn line_ends(text: &[u8]) -> u32 {
    let feeds = memchr::memchr_iter(b'\n', text).count();
    let returns = memchr::memchr_iter(b'\r', text).count();
    // Most mails have none, or one before each line feed.
    let pairs = if returns == 0 {
        0
    } else {
        let next = text.get(1..).unwrap_or_default();
        let pair = |(byte, next): &(&u8, &u8)| (**byte, **next) == (b'\r', b'\n');
        text.iter().zip(next).filter(pair).count()
    };
    let ends = feeds.saturating_add(returns).saturating_sub(pairs);
    u32::try_from(ends).unwrap_or(u32::MAX)
}

/// How many line ends stand in `whole` before `end`, which is its end.
pub(super) fn lines_before(whole: &[u8], end: &[u8]) -> u32 {
    let before = whole.len().saturating_sub(end.len());
    whole.get(..before).map_or(0, line_ends)
}

/// The fields of a header block.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    line: u32,
    ended: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(block: &'a [u8]) -> Self {
        Self {
            rest: block,
            line: 0,
            ended: false,
        }
    }

    /// What follows the blank line that ends the block, once all fields were taken.
    pub(super) fn body(&self) -> &'a [u8] {
        self.rest
    }

    /// How many lines were taken.
    pub(super) fn lines(&self) -> u32 {
        self.line
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        loop {
            if self.ended || self.rest.is_empty() {
                return None;
            }
            let start = self.rest;
            let at = self.line;
            let (first, mut rest) = split_line(start);
            self.line = self.line.saturating_add(1);
            if first.is_empty() {
                self.rest = rest;
                self.ended = true;
                return None;
            }
            let mut end = first.len();
            while matches!(rest.first(), Some(b' ' | b'\t')) {
                let (line, after) = split_line(rest);
                if line.trim_ascii().is_empty() {
                    break;
                }
                end = start.len().saturating_sub(after.len());
                self.line = self.line.saturating_add(1);
                rest = after;
            }
            self.rest = rest;
            let Some(colon) = end_of_name(first) else {
                continue;
            };
            let (Some(name), Some(value)) =
                (first.get(..colon), start.get(colon.saturating_add(1)..end))
            else {
                continue;
            };
            let content = value.trim_ascii_start();
            return Some(Field {
                name: name.trim_ascii_end(),
                value: content.trim_ascii_end(),
                line: at.saturating_add(lines_before(value, content)),
            });
        }
    }
}

/// Where the colon is that ends the name at the beginning of `line`: printable characters without space and colon (RFC 5322
/// section 3.6.8), and perhaps white space.
fn end_of_name(line: &[u8]) -> Option<usize> {
    let end = line
        .iter()
        .position(|byte| !byte.is_ascii_graphic() || *byte == b':')?;
    let blanks = line
        .get(end..)?
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let colon = end.saturating_add(blanks);
    (end > 0 && line.get(colon) == Some(&b':')).then_some(colon)
}

/// The parameter `name` of a structured value (RFC 2045 section 5.1), without its quotes.
pub(super) fn parameter<'a>(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = value;
    while let Some(at) = memchr(b';', rest) {
        rest = rest.get(at.saturating_add(1)..)?.trim_ascii_start();
        let equals = rest
            .iter()
            .position(|byte| matches!(byte, b'=' | b';' | b'"'))?;
        let (found, after) = rest.split_at_checked(equals)?;
        if !found.trim_ascii().eq_ignore_ascii_case(name.as_bytes()) {
            continue;
        }
        let after = after.strip_prefix(b"=")?.trim_ascii_start();
        if let Some(quoted) = after.strip_prefix(b"\"") {
            return quoted.split(|byte| *byte == b'"').next();
        }
        let end = after
            .iter()
            .position(|byte| *byte == b';' || byte.is_ascii_whitespace());
        return after.get(..end.unwrap_or(after.len()));
    }
    None
}
