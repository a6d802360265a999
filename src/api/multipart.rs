//! How PHP reads the fields of a `multipart/form-data` body (RFC 7578), with its own idea of RFC 2046.
//!
//! Lines may end in LF alone, a preamble is skipped, nothing is decoded, and a part with a file name is no field. Where
//! this departs from the RFCs, PHP 8.2 was asked.

use std::iter;

/// PHP's `max_file_uploads`: so many parts may be there beside the fields (`max_multipart_body_parts`).
const MAX_FILE_UPLOADS: usize = 20;

/// Name and value of the first `max_fields` fields of a body, in order. Empty if the content type has no boundary.
///
/// Files do not count as fields, but a body with too many parts is not read beyond its limit.
pub fn fields<'r>(
    content_type: &[u8],
    body: &'r [u8],
    max_fields: usize,
) -> impl Iterator<Item = (Vec<u8>, &'r [u8])> {
    let max_parts = max_fields.saturating_add(MAX_FILE_UPLOADS);
    let mut parts = boundary(content_type).map(|boundary| Parts::new(boundary, body, max_parts));
    iter::from_fn(move || parts.as_mut()?.next_field()).take(max_fields)
}

/// The `boundary` of a content type: quoted, or up to a comma or semicolon.
fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"boundary";
    let named = |spelling: fn(&[u8], &[u8]) -> bool| {
        let mut places = content_type.windows(NAME.len());
        places.position(|place| spelling(place, NAME))
    };
    let start =
        named(|place, name| place == name).or_else(|| named(<[u8]>::eq_ignore_ascii_case))?;
    let after_name = content_type.get(start..)?;
    let equals = memchr::memchr(b'=', after_name)?;
    let value = after_name.get(equals.checked_add(1)?..)?;
    match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.get(..memchr::memchr(b'"', quoted)?),
        None => value.split(|byte| matches!(byte, b',' | b';')).next(),
    }
}

/// A walk over the parts of a body.
struct Parts<'r> {
    /// `--` and the boundary: a line that is exactly this begins a part.
    delimiter: Vec<u8>,
    /// The delimiter behind a line feed: this ends the content of a part, whatever follows.
    content_end: Vec<u8>,
    rest: &'r [u8],
    /// How many more parts are looked at. Those without a `Content-Disposition` do not count.
    left: usize,
}

/// What the header of a part says it is.
enum Part {
    Field(Vec<u8>),
    File {
        has_name: bool,
    },
    /// No `Content-Disposition`.
    Undisposed,
    /// Neither a name nor a file name: PHP stops reading there.
    Garbled,
}

impl<'r> Parts<'r> {
    fn new(boundary: &[u8], body: &'r [u8], max_parts: usize) -> Self {
        Self {
            delimiter: [b"--", boundary].concat(),
            content_end: [b"\n--", boundary].concat(),
            rest: body,
            left: max_parts,
        }
    }

    fn next_field(&mut self) -> Option<(Vec<u8>, &'r [u8])> {
        loop {
            let part = self.next_part()?;
            if !matches!(part, Part::Undisposed) {
                self.left = self.left.checked_sub(1)?;
            }
            match part {
                Part::Field(name) => return Some((name, self.content())),
                Part::File { has_name: true } => {
                    self.content();
                }
                Part::File { has_name: false } | Part::Undisposed => {}
                Part::Garbled => return None,
            }
        }
    }

    /// Skips to the next delimiter and reads the header behind it. The closing delimiter is no delimiter.
    fn next_part(&mut self) -> Option<Part> {
        while self.line()? != self.delimiter {}
        let mut header = Header::default();
        while let Some(line) = self.line()
            && !line.is_empty()
        {
            header.add_line(line);
        }
        Some(header.part())
    }

    /// The next line without its end; `None` if no further line ends. A NUL hides the remainder of its line.
    fn line(&mut self) -> Option<&'r [u8]> {
        let end = memchr::memchr(b'\n', self.rest)?;
        let (line, from_end) = self.rest.split_at_checked(end)?;
        self.rest = from_end.get(1..)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(before_nul(line))
    }

    /// The content of the part that was begun; the line end in front of the delimiter is not part of it.
    fn content(&mut self) -> &'r [u8] {
        let end = memchr::memmem::find(self.rest, &self.content_end)
            .unwrap_or_else(|| self.end_of_cut_content());
        let (content, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        if rest.is_empty() {
            return content;
        }
        content.strip_suffix(b"\r").unwrap_or(content)
    }

    /// Where the content ends if the body does: in front of what could have become a delimiter.
    fn end_of_cut_content(&self) -> usize {
        let could_begin = |at: &usize| {
            let tail = self.rest.get(*at..).unwrap_or_default();
            self.content_end.starts_with(tail)
        };
        let longest = self.content_end.len().min(self.rest.len());
        let first = self.rest.len().saturating_sub(longest);
        (first..self.rest.len())
            .find(could_begin)
            .unwrap_or(self.rest.len())
    }
}

/// The header of a part, as far as it matters.
#[derive(Default)]
struct Header {
    /// The first value of `Content-Disposition`, with the lines that continue it.
    disposition: Option<Vec<u8>>,
    in_disposition: bool,
}

impl Header {
    /// A line that begins with white space or has no colon continues the line before.
    fn add_line(&mut self, line: &[u8]) {
        let begins_field = !line.first().is_some_and(|byte| is_space(*byte));
        let colon = memchr::memchr(b':', line).filter(|_| begins_field);
        let field = colon.and_then(|colon| line.split_at_checked(colon));
        if let Some((name, value)) = field {
            let is_disposition = name.eq_ignore_ascii_case(b"Content-Disposition");
            self.in_disposition = is_disposition && self.disposition.is_none();
            if self.in_disposition {
                self.disposition = Some(trim_start(value.get(1..).unwrap_or_default()).to_vec());
            }
        } else if self.in_disposition {
            self.disposition
                .get_or_insert_default()
                .extend_from_slice(line);
        }
    }

    fn part(self) -> Part {
        let Some(disposition) = self.disposition else {
            return Part::Undisposed;
        };
        let (mut name, mut file_name) = (None, None);
        let mut rest = trim_start(&disposition);
        while !rest.is_empty() {
            let (pair, after) = split_word(rest, b';');
            rest = trim_start(after);
            if !pair.contains(&b'=') {
                continue;
            }
            let (key, value) = split_word(pair, b'=');
            if key.eq_ignore_ascii_case(b"name") {
                name = Some(unquoted(value));
            } else if key.eq_ignore_ascii_case(b"filename") {
                file_name = Some(unquoted(value));
            }
        }
        match (name, file_name) {
            (_, Some(file_name)) => Part::File {
                has_name: !file_name.is_empty(),
            },
            (Some(name), None) => Part::Field(name),
            (None, None) => Part::Garbled,
        }
    }
}

/// Splits at the first `stop` that stands in no quotes; further ones right behind it are dropped too.
fn split_word(text: &[u8], stop: u8) -> (&[u8], &[u8]) {
    let mut quote = None;
    let mut escaped = false;
    let end = text.iter().enumerate().position(|(at, byte)| {
        let next = at.checked_add(1).and_then(|next| text.get(next));
        match quote {
            _ if escaped => escaped = false,
            Some(open) if *byte == b'\\' && next == Some(&open) => escaped = true,
            Some(open) if *byte == open => quote = None,
            None if *byte == stop => return true,
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            Some(_) | None => {}
        }
        false
    });
    let (word, rest) = end
        .and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, &[]));
    let stops = rest.iter().take_while(|byte| **byte == stop).count();
    (word, rest.get(stops..).unwrap_or_default())
}

/// A word in quotes of either kind, or up to the next white space. A backslash protects itself and the quote.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let text = trim_start(text);
    let (quote, text) = match text.split_first() {
        Some((quote @ (b'"' | b'\''), quoted)) => (Some(*quote), quoted),
        _ => (
            None,
            text.split(|byte| is_space(*byte))
                .next()
                .unwrap_or_default(),
        ),
    };
    let mut word = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next().filter(|byte| Some(*byte) != quote) {
        let protects = |next: &u8| *next == b'\\' || Some(*next) == quote;
        let protected = if byte == b'\\' {
            bytes.next_if(protects)
        } else {
            None
        };
        word.push(protected.unwrap_or(byte));
    }
    word
}

fn before_nul(line: &[u8]) -> &[u8] {
    line.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn trim_start(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| is_space(**byte)).count();
    text.get(spaces..).unwrap_or_default()
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests;
