//! How each program is asked to keep a body, and how it says that it has.

use crate::answer;
use crate::bounce::ACCEPTED;
use anyhow::Result;

/// How much of a wrong answer is kept to be shown, bytes.
const SHOWN: usize = 300;

/// The protocol of a program's answers. A connection has one request under way, so an answer ends where the bytes end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// HTTP/1.1, with the answer of a bounce handler.
    Http,
    /// Redis' protocol (RESP2): the new length of a list, or the id of a new entry of a stream.
    Redis,
    /// beanstalkd's protocol: the id of a new job.
    Beanstalkd,
}

impl Dialect {
    /// Judges what has come: `None` while it is not complete, else whether the body was taken, or what came instead.
    pub fn judge(self, received: &[u8]) -> Result<Option<Result<(), String>>> {
        if self == Self::Http {
            let answer = answer::parse(received)?;
            return Ok(answer.map(|answer| check_http(&answer)));
        }
        let Some(line) = received.strip_suffix(b"\r\n") else {
            return Ok(None);
        };
        // The id of an entry comes as its length, a line of its own, and the id.
        if self == Self::Redis && line.starts_with(b"$") && !line.contains(&b'\n') {
            return Ok(None);
        }
        Ok(Some(if self.accepts(line) {
            Ok(())
        } else {
            Err(shown(line))
        }))
    }

    fn accepts(self, line: &[u8]) -> bool {
        match self {
            Self::Http => false,
            Self::Redis => line.starts_with(b":") || line.starts_with(b"$"),
            Self::Beanstalkd => line.starts_with(b"INSERTED "),
        }
    }
}

/// Compares an answer with the expected one; otherwise says what came.
fn check_http(answer: &answer::Answer<'_>) -> Result<(), String> {
    if answer.status == 200 && answer.body == ACCEPTED.as_bytes() {
        return Ok(());
    }
    Err(format!("status {}, {}", answer.status, shown(answer.body)))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes)).into_owned()
}

/// The request that has Redis put a body at the head of a list (`LPUSH`) or the end of a stream (`XADD`).
pub fn redis_request(command: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", command.len().saturating_add(1)).into_bytes();
    for argument in command.iter().map(|word| word.as_bytes()).chain([body]) {
        request.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
        request.extend_from_slice(argument);
        request.extend_from_slice(b"\r\n");
    }
    request
}

/// The request that has beanstalkd put a body into its default tube: priority 0, no delay, a minute to run.
pub fn beanstalkd_request(body: &[u8]) -> Vec<u8> {
    let head = format!("put 0 0 60 {}\r\n", body.len());
    [head.as_bytes(), body, b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redis_takes_a_body_with_a_number_or_an_id() {
        let judge = |bytes: &[u8]| Dialect::Redis.judge(bytes).unwrap();
        assert_eq!(judge(b":12"), None);
        assert_eq!(judge(b":12\r\n"), Some(Ok(())));
        assert_eq!(judge(b"$15\r\n"), None);
        assert_eq!(judge(b"$15\r\n1783954956000-0"), None);
        assert_eq!(judge(b"$15\r\n1783954956000-0\r\n"), Some(Ok(())));
        assert_eq!(judge(b"-MISCONF x\r\n"), Some(Err("-MISCONF x".to_owned())));
    }

    #[test]
    fn beanstalkd_takes_a_body_with_an_id_and_says_why_it_does_not() {
        let judge = |bytes: &[u8]| Dialect::Beanstalkd.judge(bytes).unwrap();
        assert_eq!(judge(b"INSERTED 7"), None);
        assert_eq!(judge(b"INSERTED 7\r\n"), Some(Ok(())));
        assert_eq!(
            judge(b"OUT_OF_MEMORY\r\n"),
            Some(Err("OUT_OF_MEMORY".to_owned()))
        );
        // Buried means that it is kept, but not for those who ask for jobs.
        assert_eq!(judge(b"BURIED 7\r\n"), Some(Err("BURIED 7".to_owned())));
    }

    #[test]
    fn requests_are_as_the_protocols_say() {
        assert_eq!(
            redis_request(&["LPUSH", "q"], b"ab"),
            b"*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$2\r\nab\r\n"
        );
        assert_eq!(beanstalkd_request(b"ab"), b"put 0 0 60 2\r\nab\r\n");
    }
}
