//! Connections: how many there may be, and for how long each may keep the server waiting.
//!
//! The library below limits the time of the first head of a connection only, and knows no other bound on a slow client.
//! So each socket is [`Watched`], and the handlers tell it through its [`Line`] what they are at.

mod crowd;
mod line;
mod turned_away;
mod watched;

pub(super) use self::crowd::Crowd;
pub(super) use self::line::Turn;
pub(super) use self::turned_away::turn_away;
pub(super) use self::watched::Watched;

/// How long a client is listened to that was told to go: closing on unread bytes may destroy the answer under way.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// A whole answer of the server's own, after which the connection ends.
const fn last_words(reason: LastWords) -> &'static [u8] {
    match reason {
        LastWords::HeadTooSlow => {
            b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n\
              content-length: 41\r\nconnection: close\r\n\r\nThe head of the request came too slowly.\n"
        }
        LastWords::HeadTooLong => {
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n\
              content-length: 37\r\nconnection: close\r\n\r\nThe head of the request is too long.\n"
        }
        LastWords::Crowded => {
            b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 5\r\n\
              content-length: 55\r\nconnection: close\r\n\r\nThere are too many connections. Try again in a moment.\n"
        }
    }
}

/// Why the server ends a connection before there is a request to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastWords {
    /// `RequestHeadTime` is over.
    HeadTooSlow,
    /// The head exceeds `MaxRequestHeadSize`.
    HeadTooLong,
    /// There are more than `MaxConnections`.
    Crowded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_as_long_as_they_say() {
        for reason in [
            LastWords::HeadTooSlow,
            LastWords::HeadTooLong,
            LastWords::Crowded,
        ] {
            let text = str::from_utf8(last_words(reason)).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = format!("content-length: {}", body.len());
            assert!(head.lines().any(|line| line == length), "{text}");
        }
    }
}
