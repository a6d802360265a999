//! Where requests begin in the bytes of a connection (RFC 9112 sections 2, 6 and 7).
//!
//! Only what is certain is followed: at the first doubt about the length of a message the rest of the connection is left
//! as it is, and the HTTP library decides.

/// The longest line of a head that is looked at.
const LONGEST_LINE: usize = 64 << 10;

/// The place in the messages of a connection.
#[derive(Debug)]
pub(super) struct Framing {
    place: Place,
    /// The line of a head so far, from the field name on.
    line: Vec<u8>,
    length: BodyLength,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a request line: before, in, or behind the target.
    RequestLine(Part),
    /// In the fields of a head.
    Fields,
    /// In a body, or a chunk, of which so many bytes are left.
    Body { left: u64, is_chunk: bool },
    /// In the line that tells the size of a chunk.
    ChunkSize,
    /// In the line end behind a chunk.
    ChunkEnd,
    /// In the fields behind the last chunk.
    Trailers,
    /// Nobody knows.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Method,
    Target,
    Version,
}

/// What the fields of a head say about the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyLength {
    Nothing,
    Bytes(u64),
    Chunked,
    /// They contradict each other, or are not understood.
    Doubtful,
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            place: Place::RequestLine(Part::Method),
            line: Vec::new(),
            length: BodyLength::Nothing,
        }
    }
}

impl Framing {
    /// Follows the next bytes; gives them anew if something in them had to be encoded.
    pub(super) fn encode_targets(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut encoded: Option<Vec<u8>> = None;
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if let Some((skipped, after)) = self.skip(rest) {
                if let Some(encoded) = &mut encoded {
                    encoded.extend_from_slice(skipped);
                }
                rest = after;
                continue;
            }
            let is_in_target = self.place == Place::RequestLine(Part::Target);
            self.step(*first);
            if is_in_target && must_be_encoded(*first) {
                let read = bytes.len().saturating_sub(rest.len());
                let encoded =
                    encoded.get_or_insert_with(|| bytes.get(..read).unwrap_or_default().to_vec());
                encoded.extend_from_slice(&percent_encoded(*first));
            } else if let Some(encoded) = &mut encoded {
                encoded.push(*first);
            }
            rest = after;
        }
        encoded
    }

    /// The part of a body, or of what nobody knows, that these bytes begin with, and what follows it.
    fn skip<'b>(&mut self, bytes: &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
        match self.place {
            Place::Lost => Some((bytes, &[])),
            Place::Body { left, is_chunk } => {
                let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                let left = left.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
                self.place = match (left, is_chunk) {
                    (0, true) => Place::ChunkEnd,
                    (0, false) => Place::RequestLine(Part::Method),
                    (left, is_chunk) => Place::Body { left, is_chunk },
                };
                Some(bytes.split_at(length))
            }
            Place::RequestLine(_)
            | Place::Fields
            | Place::ChunkSize
            | Place::ChunkEnd
            | Place::Trailers => None,
        }
    }

    fn step(&mut self, byte: u8) {
        match self.place {
            Place::RequestLine(part) => self.step_in_request_line(part, byte),
            Place::ChunkEnd if byte == b'\n' => self.place = Place::ChunkSize,
            Place::ChunkEnd if byte == b'\r' => {}
            Place::ChunkEnd => self.place = Place::Lost,
            Place::Fields | Place::ChunkSize | Place::Trailers if byte == b'\n' => self.end_line(),
            Place::Fields | Place::ChunkSize | Place::Trailers => {
                self.line.push(byte);
                if self.line.len() > LONGEST_LINE {
                    self.place = Place::Lost;
                }
            }
            Place::Body { .. } | Place::Lost => {}
        }
    }

    fn step_in_request_line(&mut self, part: Part, byte: u8) {
        self.place = match (part, byte) {
            (Part::Method, b'\r' | b'\n') => Place::RequestLine(Part::Method),
            (Part::Version, b'\n') => {
                self.line.clear();
                self.length = BodyLength::Nothing;
                Place::Fields
            }
            (_, b'\n') => Place::Lost,
            (Part::Method, b' ') => Place::RequestLine(Part::Target),
            (Part::Target, b' ') => Place::RequestLine(Part::Version),
            (part, _) => Place::RequestLine(part),
        };
    }

    /// Reads a line of a head, of trailers, or the size of a chunk.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        self.place = match self.place {
            Place::Fields if line.is_empty() => self.body(),
            Place::Fields => {
                self.length = self.length.with_field(line);
                Place::Fields
            }
            Place::ChunkSize => match chunk_size(line) {
                Some(0) => Place::Trailers,
                Some(left) => Place::Body {
                    left,
                    is_chunk: true,
                },
                None => Place::Lost,
            },
            Place::Trailers if line.is_empty() => Place::RequestLine(Part::Method),
            place => place,
        };
    }

    fn body(&self) -> Place {
        match self.length {
            BodyLength::Nothing | BodyLength::Bytes(0) => Place::RequestLine(Part::Method),
            BodyLength::Bytes(left) => Place::Body {
                left,
                is_chunk: false,
            },
            BodyLength::Chunked => Place::ChunkSize,
            BodyLength::Doubtful => Place::Lost,
        }
    }
}

impl BodyLength {
    fn with_field(self, line: &[u8]) -> Self {
        let colon = line.iter().position(|byte| *byte == b':');
        let Some((name, value)) = colon.and_then(|colon| line.split_at_checked(colon)) else {
            return Self::Doubtful;
        };
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let said = if name.eq_ignore_ascii_case(b"content-length") {
            decimal(value).map(Self::Bytes)
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            value
                .eq_ignore_ascii_case(b"chunked")
                .then_some(Self::Chunked)
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            None
        } else {
            return self;
        };
        match (self, said) {
            (Self::Nothing, Some(length)) => length,
            _ => Self::Doubtful,
        }
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits)
        .ok()
        .filter(|_| are_digits)?
        .parse()
        .ok()
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = str::from_utf8(digits).ok().filter(|_| are_digits)?;
    u64::from_str_radix(digits, 16).ok()
}

fn must_be_encoded(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`' | 0x80..)
}

fn percent_encoded(byte: u8) -> [u8; 3] {
    let digit = |half: u8| match half {
        0..10 => half.saturating_add(b'0'),
        _ => half.saturating_sub(10).saturating_add(b'A'),
    };
    [b'%', digit(byte >> 4), digit(byte & 0xF)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes out of a connection that brings these bytes in pieces of this length.
    fn through(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut framing = Framing::default();
        let pieces = bytes.chunks(piece);
        pieces
            .flat_map(|piece| {
                framing
                    .encode_targets(piece)
                    .unwrap_or_else(|| piece.to_vec())
            })
            .collect()
    }

    fn assert_through(bytes: &[u8], expected: &[u8]) {
        for piece in [1, 2, 7, bytes.len().max(1)] {
            let found = through(bytes, piece);
            assert_eq!(
                String::from_utf8_lossy(&found),
                String::from_utf8_lossy(expected),
                "in pieces of {piece}"
            );
        }
    }

    #[test]
    fn only_targets_are_encoded() {
        // Recorded case params/responselanginfo-bad; the percent-encoding is RFC 3986 section 2.1.
        assert_through(
            b"GET /w/api.php?uselang=b<d&x=\"\xc3\xa9> HTTP/1.1\r\nHost: <a>\r\n\r\n",
            b"GET /w/api.php?uselang=b%3Cd&x=%22%C3%A9%3E HTTP/1.1\r\nHost: <a>\r\n\r\n",
        );
    }

    #[test]
    fn bodies_stay_as_they_are_and_the_next_request_is_found() {
        assert_through(
            b"POST /< HTTP/1.1\r\nContent-Length: 8\r\n\r\nGET /< \r\n\r\nGET /< HTTP/1.1\r\n\r\n",
            b"POST /%3C HTTP/1.1\r\nContent-Length: 8\r\n\r\nGET /< \r\n\r\nGET /%3C HTTP/1.1\r\n\r\n",
        );
        assert_through(
            b"POST /< HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n7;x=<\r\nGET /< \r\n0\r\nA: <\r\n\r\nGET /< HTTP/1.1\n\n",
            b"POST /%3C HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n7;x=<\r\nGET /< \r\n0\r\nA: <\r\n\r\nGET /%3C HTTP/1.1\n\n",
        );
    }

    #[test]
    fn after_a_doubtful_head_nothing_is_touched() {
        for fields in [
            "Content-Length: 3\r\nContent-Length: 3",
            "Content-Length: +3",
            "Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked",
            "Upgrade: websocket",
            " folded",
        ] {
            let bytes = format!("POST /a HTTP/1.1\r\n{fields}\r\n\r\nGET /< HTTP/1.1\r\n\r\n");
            assert_through(bytes.as_bytes(), bytes.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn it_makes_no_difference_how_the_bytes_are_cut(
            bytes in proptest::collection::vec(
                prop_oneof![
                    Just(b'\r'), Just(b'\n'), Just(b' '), Just(b'<'), Just(b':'), Just(b'3'), any::<u8>()
                ],
                0..200,
            ),
            piece in 1..20_usize,
        ) {
            let whole = through(&bytes, bytes.len().max(1));
            prop_assert_eq!(through(&bytes, piece), whole);
        }
    }
}
