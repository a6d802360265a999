use super::*;
use crate::clock::{Clock, Timestamp};
use crate::server::connection::Crowd;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::future::poll_fn;

/// The other side of a socket, in a test's hands.
#[derive(Debug, Default)]
struct Peer {
    sends: VecDeque<Vec<u8>>,
    received: Vec<u8>,
    takes_nothing: bool,
    ended: bool,
}

impl AsyncRead for Peer {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(mut sent) = this.sends.pop_front() else {
            return Poll::Pending;
        };
        let rest = sent.split_off(sent.len().min(buffer.remaining()));
        buffer.put_slice(&sent);
        if !rest.is_empty() {
            this.sends.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peer {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.takes_nothing {
            return Poll::Pending;
        }
        this.received.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().ended = true;
        Poll::Ready(Ok(()))
    }
}

/// A watched socket: 10 seconds for a head of 100 bytes, 20 for an answer, 30 between requests.
fn watched() -> (Watched<Peer>, Clock) {
    let clock = Clock::fixed(Timestamp(1000));
    let limits = Limits {
        connections: 1,
        head_bytes: 100,
        head_time: Some(Duration::from_secs(10)),
        body_bytes: 0,
        body_time: None,
        body_rate: 0,
        answer_time: Some(Duration::from_secs(20)),
        keep_alive: Some(Duration::from_secs(30)),
        memory: 0,
    };
    let crowd = Arc::new(Crowd::new(1, clock.clone()));
    let place = crowd.place().unwrap();
    (
        Watched::new(Peer::default(), place, Arc::new(limits)),
        clock,
    )
}

impl Watched<Peer> {
    /// What is read now; `None` if that would have to wait.
    fn read_now(&mut self) -> Option<Vec<u8>> {
        let mut space = [0; 1000];
        let mut buffer = ReadBuf::new(&mut space);
        let read = poll_fn(|cx| Pin::new(&mut *self).poll_read(cx, &mut buffer)).now_or_never();
        read?.unwrap();
        Some(buffer.filled().to_vec())
    }

    fn write_now(&mut self, bytes: &[u8]) -> Option<io::Result<usize>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_write(cx, bytes)).now_or_never()
    }

    fn sends(&mut self, bytes: &[u8]) {
        self.stream.sends.push_back(bytes.to_vec());
    }

    fn told(&self) -> String {
        let text = String::from_utf8(self.stream.received.clone()).unwrap();
        text.lines().next().unwrap_or_default().to_owned()
    }
}

const NOTHING_MORE: Option<Vec<u8>> = Some(Vec::new());

#[tokio::test]
async fn the_first_head_has_its_time_from_the_opening_on() {
    let (mut socket, clock) = watched();
    clock.advance(6);
    socket.sends(b"GET / HT");
    assert_eq!(socket.read_now().unwrap(), b"GET / HT");
    clock.advance(3);
    assert_eq!(socket.read_now(), None);
    clock.advance(1);
    // What comes while it is hung up on is not looked at.
    socket.sends(b"TP/1.1\r\n");
    assert_eq!(socket.read_now(), None);
    assert_eq!(socket.told(), "HTTP/1.1 408 Request Timeout");
    assert!(socket.stream.ended);
    clock.advance(2);
    assert_eq!(socket.read_now(), NOTHING_MORE);
}

#[tokio::test]
async fn a_connection_over_which_nothing_came_is_closed_without_a_word() {
    let (mut socket, clock) = watched();
    assert_eq!(socket.read_now(), None);
    clock.advance(10);
    assert_eq!(socket.read_now(), NOTHING_MORE);
    assert_eq!(socket.told(), "");
}

#[tokio::test]
async fn a_later_head_has_its_time_from_its_first_byte_on() {
    let (mut socket, clock) = watched();
    socket.line().enter(Phase::Idle);
    clock.advance(29);
    assert_eq!(socket.read_now(), None);
    socket.sends(b"G");
    assert_eq!(socket.read_now().unwrap(), b"G");
    clock.advance(9);
    socket.sends(b"E");
    assert_eq!(socket.read_now().unwrap(), b"E");
    clock.advance(1);
    assert_eq!(socket.read_now(), None);
    assert_eq!(socket.told(), "HTTP/1.1 408 Request Timeout");
}

#[tokio::test]
async fn a_connection_is_kept_for_its_time_and_an_answer_renews_it() {
    let (mut socket, clock) = watched();
    socket.line().enter(Phase::Idle);
    clock.advance(29);
    assert_eq!(socket.write_now(b"answer").unwrap().unwrap(), 6);
    clock.advance(29);
    assert_eq!(socket.read_now(), None);
    clock.advance(1);
    assert_eq!(socket.read_now(), NOTHING_MORE);
    assert_eq!(socket.stream.received, b"answer");
}

#[tokio::test]
async fn a_head_that_is_too_long_is_told_so_when_it_is_seen_not_to_be_whole() {
    let (mut socket, clock) = watched();
    socket.sends(&[b'a'; 250]);
    assert_eq!(socket.read_now().unwrap(), [b'a'; 100]);
    assert_eq!(socket.read_now(), None);
    assert_eq!(socket.told(), "");
    assert_eq!(socket.read_now(), None);
    assert_eq!(
        socket.told(),
        "HTTP/1.1 431 Request Header Fields Too Large"
    );
    clock.advance(2);
    assert_eq!(socket.read_now(), NOTHING_MORE);
}

#[tokio::test]
async fn a_head_that_was_whole_may_be_followed_by_any_amount() {
    let (mut socket, _) = watched();
    socket.sends(&[b'a'; 250]);
    assert_eq!(socket.read_now().unwrap(), [b'a'; 100]);
    assert_eq!(socket.read_now(), None);
    socket.line().enter(Phase::Body);
    assert_eq!(socket.read_now().unwrap(), [b'a'; 150]);
    assert_eq!(socket.told(), "");
}

#[tokio::test]
async fn no_time_runs_while_a_request_is_dealt_with() {
    let (mut socket, clock) = watched();
    for phase in [Phase::Busy, Phase::Body] {
        socket.line().enter(phase);
        clock.advance(1_000_000);
        assert_eq!(socket.read_now(), None, "{phase:?}");
    }
    assert_eq!(socket.told(), "");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    let (mut socket, clock) = watched();
    socket.line().enter(Phase::Idle);
    socket.stream.takes_nothing = true;
    assert!(socket.write_now(b"answer").is_none());
    clock.advance(19);
    assert!(socket.write_now(b"answer").is_none());
    // Some of it is taken: the time begins anew.
    socket.stream.takes_nothing = false;
    assert!(socket.write_now(b"answer").is_some());
    socket.stream.takes_nothing = true;
    assert!(socket.write_now(b"answer").is_none());
    clock.advance(19);
    assert!(socket.write_now(b"answer").is_none());
    clock.advance(1);
    let cut = socket.write_now(b"answer").unwrap().unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::TimedOut);
}

#[tokio::test]
async fn the_lines_of_a_run_may_be_read_at_leisure() {
    let (mut socket, clock) = watched();
    socket.line().enter(Phase::Busy);
    socket.stream.takes_nothing = true;
    assert!(socket.write_now(b"line").is_none());
    clock.advance(1_000_000);
    assert!(socket.write_now(b"line").is_none());
}

#[tokio::test]
async fn who_is_given_up_is_told_so_only_within_a_head() {
    let (mut socket, _) = watched();
    socket.line().enter(Phase::Idle);
    socket.line().give_up();
    assert_eq!(socket.read_now(), NOTHING_MORE);
    assert_eq!(socket.told(), "");
    let (mut socket, _) = watched();
    socket.sends(b"GET");
    assert!(socket.read_now().is_some());
    socket.line().give_up();
    assert_eq!(socket.read_now(), NOTHING_MORE);
    assert_eq!(socket.told(), "HTTP/1.1 503 Service Unavailable");
    let (mut socket, _) = watched();
    socket.line().enter(Phase::Busy);
    socket.line().give_up();
    assert_eq!(socket.read_now(), None);
}

#[tokio::test]
async fn last_words_are_not_mixed_into_an_answer_that_is_under_way() {
    let (mut socket, clock) = watched();
    socket.line().enter(Phase::Idle);
    socket.stream.takes_nothing = true;
    assert!(socket.write_now(b"answer").is_none());
    socket.stream.takes_nothing = false;
    socket.sends(b"GET");
    assert!(socket.read_now().is_some());
    clock.advance(10);
    assert_eq!(socket.read_now(), NOTHING_MORE);
    assert_eq!(socket.told(), "");
}

#[tokio::test]
async fn the_alarm_rings_without_anybody_asking() {
    let (mut socket, clock) = watched();
    let limits = Limits {
        head_time: Some(Duration::from_millis(5)),
        ..(*socket.limits).clone()
    };
    socket.limits = Arc::new(limits);
    let mut space = [0; 10];
    let mut buffer = ReadBuf::new(&mut space);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        if polls > 1 {
            clock.advance(1);
        }
        Pin::new(&mut socket).poll_read(cx, &mut buffer)
    })
    .await
    .unwrap();
    assert_eq!((polls, buffer.filled().len()), (2, 0));
}
