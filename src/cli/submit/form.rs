//! The request body: a form that carries a mail byte by byte.

use std::io::{self, Read};

/// The params beside the mail. In the body, so that a web server's log and limits of URLs have nothing to do with them.
const HEAD: &[u8] = b"action=bouncehandler&format=json&formatversion=2&email=";

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A form of the type `application/x-www-form-urlencoded` (URL standard) that is written as it is read.
#[derive(Debug)]
pub(super) struct Form {
    mail: io::Cursor<Vec<u8>>,
    /// What is written and not yet read.
    ready: io::Cursor<Vec<u8>>,
    length: u64,
}

impl Form {
    /// The form that carries `mail`.
    pub(super) fn new(mail: Vec<u8>) -> Self {
        let escaped = mail.iter().filter(|byte| is_escaped(**byte)).count();
        let length = [HEAD.len(), mail.len(), escaped, escaped]
            .into_iter()
            .fold(0_usize, usize::saturating_add);
        Self {
            mail: io::Cursor::new(mail),
            ready: io::Cursor::new(HEAD.to_vec()),
            length: u64::try_from(length).unwrap_or(u64::MAX),
        }
    }

    /// How many bytes it has, for the header `Content-Length`: not every server takes a body in chunks.
    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

impl Read for Form {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.ready.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let mut raw = [0; 8 * 1024];
            let length = self.mail.read(&mut raw)?;
            let Some(raw @ [_, ..]) = raw.get(..length) else {
                return Ok(0);
            };
            let mut written = Vec::with_capacity(raw.len().saturating_mul(3));
            for byte in raw {
                write(*byte, &mut written);
            }
            self.ready = io::Cursor::new(written);
        }
    }
}

fn is_escaped(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_' | b' '))
}

fn write(byte: u8, form: &mut Vec<u8>) {
    if byte == b' ' {
        form.push(b'+');
    } else if is_escaped(byte) {
        let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
        form.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
    } else {
        form.push(byte);
    }
}
