//! Reads HTTP/1.1 answers (RFC 9112): whole ones with a Content-Length, and streams in chunks.

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use std::io::{self, BufRead, Read};

/// The longest line before a chunk's bytes.
const CHUNK_LINE: u64 = 1024;

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Status code.
    pub status: u16,
    /// What follows the head.
    pub body: &'a [u8],
}

/// What an answer's head says of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: u16,
    /// The field Content-Length, bytes.
    pub content_length: Option<usize>,
    /// Whether the body comes in chunks.
    pub chunked: bool,
}

/// Reads the one answer in `bytes`; `None` while it is not complete.
///
/// An answer without Content-Length is an error here, and so is anything behind the answer: only one was asked for.
pub fn parse(bytes: &[u8]) -> Result<Option<Answer<'_>>> {
    let Some((head, rest)) = split_head(bytes) else {
        return Ok(None);
    };
    let head = Head::parse(head)?;
    let length = head
        .content_length
        .context("an answer without Content-Length")?;
    match rest.split_at_checked(length) {
        None => Ok(None),
        Some((body, [])) => Ok(Some(Answer {
            status: head.status,
            body,
        })),
        Some((_, more)) => bail!("{} bytes behind the answer", more.len()),
    }
}

/// The head without the empty line that ends it, and what follows.
fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let (head, rest) = bytes.split_at_checked(end)?;
    Some((head, rest.strip_prefix(b"\r\n\r\n")?))
}

impl Head {
    /// Reads the lines of a head.
    pub fn parse(head: &[u8]) -> Result<Self> {
        let text = str::from_utf8(head).context("the head of an answer is not UTF-8")?;
        let mut lines = text.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.get(2..5));
        let status = status.and_then(|code| code.parse().ok());
        let status = status
            .with_context(|| format!("expected an HTTP/1.1 status line, got {status_line:?}"))?;
        let mut this = Self {
            status,
            content_length: None,
            chunked: false,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                let length = value
                    .parse()
                    .with_context(|| format!("Content-Length {value:?} is no number"))?;
                this.content_length = Some(length);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                ensure!(
                    value.eq_ignore_ascii_case("chunked"),
                    "transfer coding {value:?} was not asked for"
                );
                this.chunked = true;
            }
        }
        Ok(this)
    }

    /// Reads a head and the empty line behind it from a stream.
    pub fn read(stream: &mut impl BufRead) -> Result<Self> {
        let mut head = Vec::new();
        while split_head(&head).is_none() {
            ensure!(
                stream.read_until(b'\n', &mut head)? > 0,
                "the connection ended within the head of an answer"
            );
        }
        let (head, _) = split_head(&head).context("the head of an answer has no end")?;
        Self::parse(head)
    }
}

/// The bytes of a body that comes in chunks (RFC 9112, section 7.1), without the chunks' own lines.
#[derive(Debug)]
pub struct Chunked<R> {
    stream: R,
    /// Bytes of the chunk still to come.
    left: usize,
    state: ChunkState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkState {
    First,
    Within,
    Ended,
}

impl<R: BufRead> Chunked<R> {
    /// A body that begins at the place where `stream` is.
    pub fn new(stream: R) -> Self {
        Self {
            stream,
            left: 0,
            state: ChunkState::First,
        }
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        if self.state == ChunkState::Within {
            let end = self.line()?;
            if !end.is_empty() {
                return Err(invalid(format!("expected the end of a chunk, got {end:?}")));
            }
        }
        let line = self.line()?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16);
        self.left = size.map_err(|error| invalid(format!("chunk size {line:?}: {error}")))?;
        self.state = if self.left == 0 {
            ChunkState::Ended
        } else {
            ChunkState::Within
        };
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        (&mut self.stream).take(CHUNK_LINE).read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(text) => Ok(text.to_owned()),
            None => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the answer was cut off between two chunks",
            )),
        }
    }
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.state != ChunkState::Ended {
            self.next_chunk()?;
        }
        if self.state == ChunkState::Ended {
            return Ok(0);
        }
        let room = buffer.len().min(self.left);
        let got = self
            .stream
            .read(buffer.get_mut(..room).unwrap_or_default())?;
        if got == 0 && room > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the answer was cut off within a chunk",
            ));
        }
        self.left = self.left.saturating_sub(got);
        Ok(got)
    }
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests;
