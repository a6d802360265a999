//! Servers that stand where the API should be, each with one thing that it does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// What a server does with a request.
#[derive(Debug, Clone)]
pub enum Does {
    /// Sends these bytes and closes.
    Answers(Vec<u8>),
    /// Closes the connection as soon as it has the request.
    Cuts,
    /// Says nothing for as long as the client waits.
    Waits,
}

/// A request as it came.
#[derive(Debug)]
pub struct Seen {
    /// The request line.
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(known, _)| known == name);
        headers.map(|(_, value)| value.as_str()).collect()
    }
}

/// A server of this kind. It ends with the test.
#[derive(Debug)]
pub struct FakeApi {
    address: SocketAddr,
    seen: Receiver<Seen>,
}

impl FakeApi {
    /// Starts it.
    pub fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, seen) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (does, sender) = (does.clone(), sender.clone());
                thread::spawn(move || serve(stream.unwrap(), &does, &sender));
            }
        });
        Self { address, seen }
    }

    /// A server that answers with this status line, type and body.
    pub fn answering(status: &str, kind: &str, body: &str) -> Self {
        Self::start(Does::Answers(answer(status, kind, body)))
    }

    /// A server that answers as the API does: status 200, JSON.
    pub fn saying(body: &str) -> Self {
        Self::answering("200 OK", "application/json; charset=utf-8", body)
    }

    /// The URL of its API.
    pub fn url(&self) -> String {
        format!("http://{}/w/api.php", self.address)
    }

    /// The requests that came whole so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.try_iter().collect()
    }
}

/// An answer with a length.
pub fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn serve(stream: TcpStream, does: &Does, sender: &Sender<Seen>) {
    let mut reader = BufReader::new(stream);
    let Some(seen) = read(&mut reader) else {
        return;
    };
    // The test may have seen enough.
    drop(sender.send(seen));
    match does {
        Does::Answers(bytes) => drop(reader.get_mut().write_all(bytes)),
        Does::Cuts => {}
        Does::Waits => drop(reader.read_to_end(&mut Vec::new())),
    }
}

/// Reads a request whose body has a length.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.strip_suffix("\r\n")? {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.unwrap().1.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let line = lines[0].clone();
    Some(Seen {
        line,
        headers,
        body,
    })
}
