//! The load generator: one thread that keeps one request under way on each of its connections.
//!
//! It shares the processor with the server, so it does little per request: one write, one read, one short parse.

use crate::dialect::Dialect;
use crate::measure::Histogram;
use anyhow::{Context, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest answer that is read, bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// How long nothing may come before the server counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// When to send no more.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After this many requests.
    Sent(u64),
}

/// What to send, where, and over how many connections.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// The server.
    pub address: SocketAddr,
    /// A whole request.
    pub request: &'a [u8],
    /// The protocol of the answers.
    pub dialect: Dialect,
    /// How many connections, each with one request under way.
    pub connections: usize,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Figures {
    /// Requests answered otherwise.
    pub wrong: u64,
    /// The first such answer.
    pub first_wrong: Option<String>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// From request to answer, of those answered as they should be.
    pub latencies: Histogram,
}

impl Figures {
    /// Requests answered as they should be.
    pub fn accepted(&self) -> u64 {
        self.latencies.count()
    }
}

impl Load<'_> {
    /// Sends requests until `until` and waits for all answers.
    pub fn run(&self, until: Until, stop: &AtomicBool) -> Result<Figures> {
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(self.connections);
        let mut connections = self.connect(&poll)?;
        let mut turn = Turn::new(until);
        for connection in &mut connections {
            turn.go_on(connection, self.request, turn.started)?;
        }
        while turn.under_way > 0 {
            match poll.poll(&mut events, Some(Duration::from_millis(100))) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                polled => polled?,
            }
            ensure!(!stop.load(Ordering::Relaxed), "interrupted");
            ensure!(
                turn.last_answer.elapsed() < PATIENCE,
                "the server has not answered for {PATIENCE:?}"
            );
            for event in &events {
                let Some(connection) = connections.get_mut(event.token().0) else {
                    continue;
                };
                if let Some(accepted) = connection.receive(self.dialect)? {
                    turn.take_note(accepted, connection);
                    turn.go_on(connection, self.request, turn.last_answer)?;
                }
            }
        }
        turn.figures.elapsed = turn.last_answer.duration_since(turn.started);
        Ok(turn.figures)
    }

    fn connect(&self, poll: &Poll) -> Result<Vec<Connection>> {
        let connect = |token| -> io::Result<Connection> {
            let stream = std::net::TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry()
                .register(&mut stream, Token(token), Interest::READABLE)?;
            Ok(Connection {
                stream,
                sent: Instant::now(),
                received: vec![0; LONGEST_ANSWER],
                filled: 0,
            })
        };
        let connections: io::Result<Vec<_>> = (0..self.connections).map(connect).collect();
        connections.with_context(|| format!("{} cannot be connected to", self.address))
    }
}

/// One use of [`Load::run`].
struct Turn {
    until: Until,
    started: Instant,
    last_answer: Instant,
    sent: u64,
    /// Requests without an answer yet.
    under_way: usize,
    figures: Figures,
}

impl Turn {
    fn new(until: Until) -> Self {
        let now = Instant::now();
        Self {
            until,
            started: now,
            last_answer: now,
            sent: 0,
            under_way: 0,
            figures: Figures::default(),
        }
    }

    /// Sends the next request on a connection that has none under way, unless it is time to end.
    fn go_on(&mut self, connection: &mut Connection, request: &[u8], now: Instant) -> Result<()> {
        let ended = match self.until {
            Until::Elapsed(time) => now.duration_since(self.started) >= time,
            Until::Sent(most) => self.sent >= most,
        };
        if !ended {
            connection.send(request, now)?;
            self.sent = self.sent.saturating_add(1);
            self.under_way = self.under_way.saturating_add(1);
        }
        Ok(())
    }

    /// Counts the answer that `connection` has received: `Ok` if it is the expected one.
    fn take_note(&mut self, answer: Result<(), String>, connection: &Connection) {
        self.last_answer = Instant::now();
        self.under_way = self.under_way.saturating_sub(1);
        match answer {
            Ok(()) => {
                self.figures
                    .latencies
                    .add(self.last_answer.duration_since(connection.sent));
            }
            Err(shown) => {
                self.figures.wrong = self.figures.wrong.saturating_add(1);
                self.figures.first_wrong.get_or_insert(shown);
            }
        }
    }
}

struct Connection {
    stream: TcpStream,
    sent: Instant,
    received: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// The socket's buffer is empty when a request is due, and larger than any request.
    fn send(&mut self, request: &[u8], now: Instant) -> Result<()> {
        self.sent = now;
        self.filled = 0;
        let written = self
            .stream
            .write(request)
            .context("a request cannot be sent")?;
        ensure!(
            written == request.len(),
            "only {written} of {} bytes of a request could be sent",
            request.len()
        );
        Ok(())
    }

    /// Reads what has come; `None` while the answer is not complete, else whether it is the expected one.
    fn receive(&mut self, dialect: Dialect) -> Result<Option<Result<(), String>>> {
        loop {
            let room = self.received.get_mut(self.filled..).unwrap_or_default();
            ensure!(
                !room.is_empty(),
                "an answer is longer than {LONGEST_ANSWER} bytes"
            );
            match self.stream.read(room) {
                Ok(0) => bail!("the server closed a connection within a request"),
                Ok(got) => self.filled = self.filled.saturating_add(got),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("an answer cannot be read"),
            }
            let received = self.received.get(..self.filled).unwrap_or_default();
            if let Some(accepted) = dialect.judge(received)? {
                return Ok(Some(accepted));
            }
        }
    }
}

#[cfg(test)]
mod tests;
