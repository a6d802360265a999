//! The parts of a mail (RFC 2046), also where their structure is broken.

use super::fields::{Field, Fields, line_ends, parameter, split_line};
use crate::bounce::report::{PartNumber, ReadLimit, ReadLimits};
use memchr::memmem;

/// What a part is for the reading of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `text/plain`, and text without a type.
    Plain,
    /// `text/html`.
    Html,
    /// `message/delivery-status` (RFC 3464) and `message/global-delivery-status` (RFC 6533).
    DeliveryStatus,
    /// `message/feedback-report` (RFC 5965).
    Feedback,
    /// `message/disposition-notification` (RFC 8098) and its global form.
    Disposition,
    /// `message/rfc822`, `text/rfc822-headers` and their global forms: a message that is quoted.
    Message,
    /// Anything else.
    Other,
}

/// How the bytes of a part are encoded (RFC 2045 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Base64,
    QuotedPrintable,
}

/// One part that has no parts itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) number: PartNumber,
    pub(super) media: Media,
    pub(super) encoding: Encoding,
    pub(super) charset: Option<&'a [u8]>,
    pub(super) body: &'a [u8],
    /// The line of the mail that the body begins with.
    pub(super) line: u32,
}

/// The leaves of a mail, in their order.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) leaves: Vec<Part<'a>>,
    /// Whether the mail says that it is a report of receipt or complaint (`report-type`, RFC 6522 section 3).
    pub(super) report_type: Option<&'a [u8]>,
    pub(super) limit: Option<ReadLimit>,
}

/// What the header of a part says about its body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PartHeader<'a> {
    content_type: &'a [u8],
    encoding: &'a [u8],
}

impl<'a> PartHeader<'a> {
    pub(super) fn note(&mut self, field: &Field<'a>) {
        if field.is("Content-Type") {
            self.content_type = field.value;
        } else if field.is("Content-Transfer-Encoding") {
            self.encoding = field.value;
        }
    }

    fn media_type(&self) -> &'a [u8] {
        let end = self
            .content_type
            .iter()
            .position(|byte| *byte == b';' || byte.is_ascii_whitespace());
        self.content_type
            .get(..end.unwrap_or(self.content_type.len()))
            .unwrap_or_default()
    }

    fn is_multipart(&self) -> bool {
        starts_with(self.content_type, b"multipart/")
    }

    fn media(&self) -> Media {
        let media_type = self.media_type();
        let is = |names: &[&str]| {
            names
                .iter()
                .any(|name| media_type.eq_ignore_ascii_case(name.as_bytes()))
        };
        if media_type.is_empty() || is(&["text/plain", "text"]) {
            Media::Plain
        } else if is(&["text/html"]) {
            Media::Html
        } else if is(&["message/delivery-status", "message/global-delivery-status"]) {
            Media::DeliveryStatus
        } else if is(&["message/feedback-report"]) {
            Media::Feedback
        } else if is(&[
            "message/disposition-notification",
            "message/global-disposition-notification",
        ]) {
            Media::Disposition
        } else if starts_with(media_type, b"message/")
            || is(&["text/rfc822-headers", "text/rfc822"])
        {
            Media::Message
        } else if starts_with(media_type, b"text/") || is(&["report", "delivery-status"]) {
            Media::Plain
        } else {
            Media::Other
        }
    }

    fn encoding(&self) -> Encoding {
        if starts_with(self.encoding, b"base64") {
            Encoding::Base64
        } else if starts_with(self.encoding, b"quoted-printable") {
            Encoding::QuotedPrintable
        } else {
            Encoding::Identity
        }
    }
}

fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Cuts the body of a mail with this header into its parts. `line` is the body's first line within the mail.
pub(super) fn cut<'a>(
    header: &PartHeader<'a>,
    body: &'a [u8],
    line: u32,
    limits: &ReadLimits,
) -> Parts<'a> {
    let mut walk = Walk {
        parts: Parts {
            leaves: Vec::new(),
            report_type: parameter(header.content_type, "report-type"),
            limit: None,
        },
        limits: *limits,
        at: body,
        line,
    };
    walk.part(PartNumber::default(), 0, header, body, false);
    walk.parts
}

struct Walk<'a> {
    parts: Parts<'a>,
    limits: ReadLimits,
    /// The text from the place whose line is known.
    at: &'a [u8],
    line: u32,
}

impl<'a> Walk<'a> {
    /// One part: a leaf, or the parts within it.
    fn part(
        &mut self,
        number: PartNumber,
        depth: usize,
        header: &PartHeader<'a>,
        body: &'a [u8],
        in_digest: bool,
    ) {
        if header.is_multipart() {
            if depth >= self.limits.max_depth {
                self.parts.limit.get_or_insert(ReadLimit::Depth);
            } else if self.multipart(number, depth, header, body) {
                return;
            }
        } else if depth == 0
            && header.content_type.is_empty()
            && let Some(delimiter) = guess_delimiter(body, 8)
            && self.pieces(number, depth, Pieces::cut(&delimiter, body), false)
        {
            return;
        }
        if self.parts.leaves.len() >= self.limits.max_parts {
            self.parts.limit.get_or_insert(ReadLimit::Parts);
            return;
        }
        let mut media = header.media();
        if header.is_multipart() {
            media = Media::Plain;
        } else if in_digest && header.content_type.is_empty() {
            media = Media::Message;
        }
        let line = self.line_of(body);
        self.parts.leaves.push(Part {
            number,
            media,
            encoding: header.encoding(),
            charset: parameter(header.content_type, "charset"),
            body,
            line,
        });
    }

    /// The parts within a multipart; false if it cannot be cut.
    fn multipart(
        &mut self,
        number: PartNumber,
        depth: usize,
        header: &PartHeader<'a>,
        body: &'a [u8],
    ) -> bool {
        let digest = starts_with(header.content_type, b"multipart/digest");
        let declared = parameter(header.content_type, "boundary").unwrap_or_default();
        if !declared.is_empty() {
            let delimiter = [b"--", declared].concat();
            if self.pieces(number, depth, Pieces::cut(&delimiter, body), digest) {
                return true;
            }
        }
        guess_delimiter(body, 50).is_some_and(|delimiter| {
            self.pieces(number, depth, Pieces::cut(&delimiter, body), digest)
        })
    }

    fn pieces(
        &mut self,
        number: PartNumber,
        depth: usize,
        pieces: Option<Pieces<'a, '_>>,
        digest: bool,
    ) -> bool {
        let Some(pieces) = pieces else {
            return false;
        };
        let mut count = 0_u16;
        for piece in pieces {
            count = count.saturating_add(1);
            if self.parts.leaves.len() >= self.limits.max_parts {
                self.parts.limit.get_or_insert(ReadLimit::Parts);
                break;
            }
            let mut header = PartHeader::default();
            let mut fields = Fields::new(piece);
            for field in fields.by_ref() {
                header.note(&field);
            }
            let inner = fields.body();
            let number = number.child(count).unwrap_or(number);
            self.part(number, depth.saturating_add(1), &header, inner, digest);
        }
        true
    }

    /// The line that `place`, a slice of the body behind the last one asked for, begins with.
    fn line_of(&mut self, place: &'a [u8]) -> u32 {
        let offset = (place.as_ptr() as usize).saturating_sub(self.at.as_ptr() as usize);
        if let Some((before, after)) = self.at.split_at_checked(offset) {
            self.line = self.line.saturating_add(line_ends(before));
            self.at = after;
        }
        self.line
    }
}

/// The first of so many lines that begins with two hyphens and is followed by a header.
fn guess_delimiter(body: &[u8], lines: usize) -> Option<Vec<u8>> {
    let mut rest = body;
    for _ in 0..lines {
        let (line, after) = split_line(rest);
        let (next, _) = split_line(after);
        let line = line.trim_ascii_end();
        if line.len() > 4
            && line.starts_with(b"--")
            && !line.contains(&b' ')
            && (starts_with(next, b"content-") || (next.is_empty() && leads_to_header(body, line)))
        {
            return Some(line.to_vec());
        }
        if after.is_empty() {
            return None;
        }
        rest = after;
    }
    None
}

/// Whether `delimiter` stands before the header of a part somewhere.
fn leads_to_header(body: &[u8], delimiter: &[u8]) -> bool {
    memmem::find_iter(body, delimiter).take(20).any(|at| {
        let end = at.saturating_add(delimiter.len());
        let (tail, rest) = split_line(body.get(end..).unwrap_or_default());
        tail.trim_ascii().is_empty() && starts_with(rest, b"content-")
    })
}

/// What lies between delimiter lines (RFC 2046 section 5.1.1); preamble and epilogue are left out.
struct Pieces<'a, 'b> {
    finder: memmem::Finder<'b>,
    rest: Option<&'a [u8]>,
}

impl<'a, 'b> Pieces<'a, 'b> {
    /// `None` if there is no such delimiter.
    fn cut(delimiter: &'b [u8], body: &'a [u8]) -> Option<Self> {
        let mut pieces = Self {
            finder: memmem::Finder::new(delimiter),
            rest: None,
        };
        let (_, end, last) = pieces.delimiter(body)?;
        if !last {
            let (_, rest) = split_line(body.get(end..)?);
            pieces.rest = Some(rest);
        }
        Some(pieces)
    }

    /// The next delimiter that stands at the beginning of a line: where it is, and whether it is the last one.
    fn delimiter(&self, text: &[u8]) -> Option<(usize, usize, bool)> {
        let length = self.finder.needle().len();
        let mut from = 0_usize;
        loop {
            let at = self.finder.find(text.get(from..)?)?.saturating_add(from);
            let end = at.saturating_add(length);
            let starts_line = at
                .checked_sub(1)
                .and_then(|before| text.get(before))
                .is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
            let (tail, _) = split_line(text.get(end..)?);
            let last = tail.starts_with(b"--");
            // A longer boundary that begins with this one is another boundary.
            let whole = last || tail.iter().all(u8::is_ascii_whitespace);
            if starts_line && whole {
                return Some((at, end.saturating_add(tail.len()), last));
            }
            from = end;
        }
    }
}

impl<'a> Iterator for Pieces<'a, '_> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.take()?;
        let Some((at, end, last)) = self.delimiter(text) else {
            // Cut short: what is there is the last part.
            return (!text.is_empty()).then_some(text);
        };
        if !last {
            let (_, rest) = split_line(text.get(end..)?);
            self.rest = Some(rest);
        }
        text.get(..at)
    }
}
