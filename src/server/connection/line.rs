//! What a connection is at: written by its socket and by the handlers of its requests, read by those who need room.

use crate::clock::Clock;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::task::AtomicWaker;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The head of a request is to come; for the first one since the connection was opened.
    Head,
    /// Nothing has come of the next request.
    Idle,
    /// The body of a request is to come.
    Body,
    /// A request is being dealt with.
    Busy,
    /// The last answer is given, and what still comes is not looked at.
    Leaving,
}

const PHASES: [Phase; 5] = [
    Phase::Head,
    Phase::Idle,
    Phase::Body,
    Phase::Busy,
    Phase::Leaving,
];

/// The bits of [`Line::state`] that say the phase; above them are the milliseconds of [`Clock::elapsed`] since when.
const PHASE_BITS: u32 = 3;

/// The state of one connection.
#[derive(Debug)]
pub(in crate::server) struct Line {
    state: AtomicU64,
    given_up: AtomicBool,
    socket: AtomicWaker,
    clock: Clock,
}

impl Line {
    /// Of a connection that has just been opened.
    pub(super) fn new(clock: Clock) -> Self {
        let line = Self {
            state: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
            socket: AtomicWaker::new(),
            clock,
        };
        line.enter(Phase::Head);
        line
    }

    /// The present moment, to be compared with that of [`Line::phase`].
    pub(super) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// The phase begins now.
    pub(super) fn enter(&self, phase: Phase) {
        let milliseconds = u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX);
        let state = (milliseconds << PHASE_BITS) | phase as u64;
        self.state.store(state, Ordering::Relaxed);
    }

    /// The phase, and since when.
    pub(super) fn phase(&self) -> (Phase, Duration) {
        let state = self.state.load(Ordering::Relaxed);
        let since = Duration::from_millis(state >> PHASE_BITS);
        let phase = usize::try_from(state & ((1 << PHASE_BITS) - 1)).ok();
        let phase = phase.and_then(|phase| PHASES.get(phase));
        (phase.copied().unwrap_or(Phase::Busy), since)
    }

    /// Whom to wake when the connection is given up.
    pub(super) fn register(&self, socket: &Waker) {
        self.socket.register(socket);
    }

    /// Ends the connection for the sake of others.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
        self.socket.wake();
    }

    /// Whether the connection is given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }
}

/// A request that is being dealt with. While a handler or the body of its answer has this, no time runs against the client.
#[derive(Debug)]
pub(in crate::server) struct Turn {
    line: Option<Arc<Line>>,
    /// Whether there is a body that nobody has read.
    unread: bool,
}

impl Turn {
    fn of(http: &HttpRequest) -> Self {
        let line = http.conn_data::<Arc<Line>>().cloned();
        if let Some(line) = &line {
            line.enter(Phase::Busy);
        }
        let headers = http.headers();
        let length = headers.get(header::CONTENT_LENGTH);
        let unread = length.is_some_and(|length| length.as_bytes() != b"0")
            || headers.contains_key(header::TRANSFER_ENCODING);
        Self { line, unread }
    }

    /// Whether the request has a body that nobody has read.
    pub(in crate::server) fn has_unread_body(&self) -> bool {
        self.unread
    }

    /// The body is waited for.
    pub(in crate::server) fn expect_body(&self) {
        self.enter(Phase::Body);
    }

    /// The body is there.
    pub(in crate::server) fn has_body(&mut self) {
        self.unread = false;
        self.enter(Phase::Busy);
    }

    /// Whether the connection was given up for others.
    pub(in crate::server) fn is_given_up(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.is_given_up())
    }

    fn enter(&self, phase: Phase) {
        if let Some(line) = &self.line {
            line.enter(phase);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.enter(if self.unread {
            Phase::Leaving
        } else {
            Phase::Idle
        });
    }
}

impl FromRequest for Turn {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(http)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_line_says_its_phase_and_since_when() {
        let clock = Clock::fixed(Timestamp(100));
        let line = Line::new(clock.clone());
        assert_eq!(line.phase(), (Phase::Head, Duration::from_secs(100)));
        clock.advance(7);
        for phase in PHASES {
            line.enter(phase);
            assert_eq!(line.phase(), (phase, Duration::from_secs(107)));
        }
    }
}
