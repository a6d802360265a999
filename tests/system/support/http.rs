//! A client that speaks HTTP/1.1 (RFC 9112) and accepts no answer that is not well formed.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

/// How long the server may be silent.
const SILENCE: Duration = Duration::from_mins(2);

/// A connection that is kept for further requests.
#[derive(Debug)]
pub struct Connection(BufReader<TcpStream>);

/// An answer, its body joined.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding") == Some("chunked")
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Whether the server has sent something, or hung up.
    pub fn has_word(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).unwrap();
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        !matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends pieces with pauses between them, until the last one, or until the server has something to say or hangs up.
    pub fn send_slowly(&mut self, pieces: impl IntoIterator<Item = Vec<u8>>, pause: Duration) {
        for piece in pieces {
            if self.has_word() || self.send(&piece).is_err() {
                return;
            }
            sleep(pause);
        }
    }

    /// Says that nothing more will be sent.
    pub fn end_sending(&self) {
        // A server that has closed the connection has nothing more to be told.
        drop(self.0.get_ref().shutdown(Shutdown::Write));
    }

    /// Sends a request and reads the answer.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.send(request)?;
        self.answer()
    }

    /// Sends the head of a request and reads that of an answer.
    pub fn exchange_head(&mut self, head: &[u8]) -> Answer {
        self.send(head).unwrap();
        self.head().unwrap()
    }

    /// Sends what may be no request, and returns the answer, or `None` if the connection was closed instead.
    pub fn try_exchange(&mut self, bytes: &[u8]) -> Option<Answer> {
        // A server may answer and close before it has read everything.
        drop(self.send(bytes));
        self.answer_or_end()
    }

    /// The next answer, or `None` if the connection was closed instead.
    pub fn answer_or_end(&mut self) -> Option<Answer> {
        match self.answer() {
            Ok(answer) => Some(answer),
            Err(error) if is_end(&error) => None,
            Err(error) => panic!("neither an answer nor the end of the connection: {error}"),
        }
    }

    /// Reads an answer whole.
    pub fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        if answer.is_chunked() {
            while let Some(chunk) = self.chunk()? {
                answer.body.extend(chunk);
            }
        } else if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().map_err(malformed)?];
            self.0.read_exact(&mut answer.body)?;
        } else {
            self.0.read_to_end(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// Reads an answer up to its body, which [`Connection::chunk`] then reads.
    pub fn head(&mut self) -> io::Result<Answer> {
        let line = self.line()?;
        let status = line
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| line.strip_prefix("HTTP/1.0 "))
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or_else(|| malformed(format!("status line {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| malformed(format!("header line {line:?}")))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Answer {
            status,
            headers,
            body: Vec::new(),
        })
    }

    /// Reads a chunk of a body; `None` at its end.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let length = usize::from_str_radix(&self.line()?, 16).map_err(malformed)?;
        let mut chunk = vec![0; length];
        self.0.read_exact(&mut chunk)?;
        let end = self.line()?;
        if !end.is_empty() {
            return Err(malformed(format!("{end:?} behind a chunk")));
        }
        Ok((length > 0).then_some(chunk))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(line) => String::from_utf8(line.to_vec()).map_err(malformed),
            None if line.last() == Some(&b'\n') => Err(malformed("a line that ends in LF")),
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Whether an error means that the other side has gone.
pub fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionRefused
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
    )
}

fn malformed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
