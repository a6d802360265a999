//! A socket whose client must not keep the server waiting.

use super::crowd::Place;
use super::line::{Line, Phase};
use super::{FAREWELL, LastWords, last_words};
use crate::server::Limits;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The most bytes that are read from a client that was told to go.
const FAREWELL_BYTES: usize = 256 << 10;

/// A socket, watched. One timer serves all limits: it is set anew only when something is due before it rings.
#[derive(Debug)]
pub(in crate::server) struct Watched<S> {
    stream: S,
    place: Place,
    limits: Arc<Limits>,
    alarm: Pin<Box<Sleep>>,
    /// When the alarm rings.
    alarm_at: Duration,
    /// What has come of the head of the next request.
    head_bytes: usize,
    /// Whether those who read the head have seen all of `head_bytes`.
    head_seen: bool,
    /// Since when the client has taken none of its answer.
    stalled_since: Option<Duration>,
    going: Going,
}

/// Whether the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    On,
    /// The last words were said; so many bytes came since.
    Farewell(usize),
    /// Nothing more is read.
    Ended,
}

/// What has become of a client that kept the server waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Closed,
    Told(LastWords),
    Broken,
}

impl<S> Watched<S> {
    /// Watches a socket that has just been opened.
    pub(in crate::server) fn new(stream: S, place: Place, limits: Arc<Limits>) -> Self {
        Self {
            stream,
            place,
            limits,
            alarm: Box::pin(sleep(Duration::MAX)),
            alarm_at: Duration::MAX,
            head_bytes: 0,
            head_seen: false,
            stalled_since: None,
            going: Going::On,
        }
    }

    /// Where handlers say what they are at.
    pub(in crate::server) fn line(&self) -> &Arc<Line> {
        self.place.line()
    }

    /// Until when the client is waited for as things are.
    fn deadlines(&self) -> [Option<Duration>; 2] {
        let (phase, since) = self.line().phase();
        let waited_for = match phase {
            Phase::Head => self.limits.head_time,
            Phase::Idle => self.limits.keep_alive,
            Phase::Leaving => Some(FAREWELL),
            Phase::Body | Phase::Busy => None,
        };
        // A run's lines are read at leisure, and while there are more to come its turn goes on.
        let stalled = self.stalled_since.filter(|_| phase != Phase::Busy);
        [
            waited_for.map(|time| since.saturating_add(time)),
            stalled
                .zip(self.limits.answer_time)
                .map(|(since, time)| since.saturating_add(time)),
        ]
    }

    /// What has to become of the client now, if its time is over.
    fn fate(&self) -> Option<Fate> {
        let (phase, _) = self.line().phase();
        if self.line().is_given_up() && phase != Phase::Busy {
            let unfinished = phase == Phase::Head && self.head_bytes > 0;
            return Some(if unfinished {
                Fate::Told(LastWords::Crowded)
            } else {
                Fate::Closed
            });
        }
        let now = self.line().now();
        let over = |deadline: Option<Duration>| deadline.is_some_and(|deadline| now >= deadline);
        let [waited_for, taken] = self.deadlines();
        if over(taken) {
            return Some(Fate::Broken);
        }
        over(waited_for).then(|| {
            if phase == Phase::Head && self.head_bytes > 0 {
                Fate::Told(LastWords::HeadTooSlow)
            } else {
                Fate::Closed
            }
        })
    }

    /// Sees to it that the task is woken when something is due.
    fn set_alarm(&mut self, cx: &mut Context<'_>) {
        self.line().register(cx.waker());
        let [waited_for, taken] = self.deadlines();
        let Some(deadline) = waited_for.into_iter().chain(taken).min() else {
            return;
        };
        if deadline < self.alarm_at {
            self.set_alarm_at(deadline);
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            self.set_alarm_at(deadline);
        }
    }

    fn set_alarm_at(&mut self, deadline: Duration) {
        // A deadline that has just passed is met a moment later, by whoever the alarm wakes.
        let left = deadline.saturating_sub(self.line().now());
        self.alarm.set(sleep(left.max(Duration::from_millis(1))));
        self.alarm_at = deadline;
    }

    /// Takes note of bytes that came.
    fn count(&mut self, bytes: usize) {
        match self.line().phase().0 {
            Phase::Head => self.head_bytes = self.head_bytes.saturating_add(bytes),
            Phase::Idle => {
                self.line().enter(Phase::Head);
                self.head_bytes = bytes;
            }
            Phase::Body | Phase::Busy | Phase::Leaving => return,
        }
        self.head_seen = false;
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    /// Ends the connection, with last words where nothing else is under way to the client.
    fn end(&mut self, fate: Fate, cx: &mut Context<'_>) -> io::Result<()> {
        self.going = Going::Ended;
        match fate {
            Fate::Broken => return Err(ErrorKind::TimedOut.into()),
            Fate::Told(words) if self.stalled_since.is_none() => {
                let stream = Pin::new(&mut self.stream);
                // The client may have gone already; there is nobody to be told then.
                let told = stream.poll_write(cx, last_words(words)).is_ready();
                let closed = Pin::new(&mut self.stream).poll_shutdown(cx).is_ready();
                if told && closed && words != LastWords::Crowded {
                    self.line().enter(Phase::Leaving);
                    self.going = Going::Farewell(0);
                }
            }
            Fate::Closed | Fate::Told(_) => {}
        }
        Ok(())
    }

    /// Reads what a client still sends that was told to go; ready when it has hung up, or has had its time.
    fn hear_out(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 4096];
        while let Going::Farewell(heard) = self.going {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending if self.fate().is_none() => {
                    self.set_alarm(cx);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && heard < FAREWELL_BYTES => {
                    self.going = Going::Farewell(heard.saturating_add(buffer.filled().len()));
                }
                Poll::Pending | Poll::Ready(_) => self.going = Going::Ended,
            }
        }
        Poll::Ready(())
    }

    /// Reads from the socket; of a head no more than it may be long, until somebody has seen whether it is whole.
    fn read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let head_left = match self.line().phase().0 {
            Phase::Head => self.limits.head_bytes.saturating_sub(self.head_bytes),
            Phase::Idle => self.limits.head_bytes,
            Phase::Body | Phase::Busy | Phase::Leaving => usize::MAX,
        };
        if head_left == 0 {
            if self.head_seen {
                self.end(Fate::Told(LastWords::HeadTooLong), cx)?;
                return self.hear_out(cx).map(Ok);
            }
            self.head_seen = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        if head_left < buffer.remaining() {
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(head_left));
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
            let came = part.filled().len();
            buffer.advance(came);
        } else {
            ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        }
        self.count(buffer.filled().len().saturating_sub(before));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.going == Going::On
            && let Some(fate) = this.fate()
        {
            this.end(fate, cx)?;
        }
        if this.going != Going::On {
            return this.hear_out(cx).map(Ok);
        }
        let polled = this.read(cx, buffer);
        if polled.is_pending() {
            this.set_alarm(cx);
        }
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if polled.is_ready() {
            this.stalled_since = None;
            // An answer, or some more of one: of a head that was none, or of a request that is dealt with.
            if matches!(this.line().phase().0, Phase::Head | Phase::Idle) {
                this.line().enter(Phase::Idle);
            }
            // Nobody reads again before something comes.
            this.set_alarm(cx);
            return polled;
        }
        let now = this.line().now();
        this.stalled_since.get_or_insert(now);
        if this.fate() == Some(Fate::Broken) {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        this.set_alarm(cx);
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
