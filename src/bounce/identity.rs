//! What tells that two posted mails are the same mail: posted again by a mail server that missed the answer, or by a
//! second one that took it, too.

use sha2::{Digest as _, Sha256};

/// Fields that mail servers add on the way or that say where a mail was delivered to (RFC 5321 section 4.4).
const TRACE: [&[u8]; 8] = [
    b"received",
    b"return-path",
    b"delivered-to",
    b"x-original-to",
    b"envelope-to",
    b"delivery-date",
    b"x-envelope-from",
    b"x-envelope-to",
];

/// 256 bits that are the same for the same mail, whatever way it came: those of its Message-ID (RFC 5322 section 3.6.4), or,
/// without one, of all of it apart from trace fields and the form of line ends.
pub fn of(mail: &[u8]) -> [u8; 32] {
    let mut content = Sha256::new();
    let mut in_header = true;
    let mut left_out = false;
    let mut empty_lines = 0_u32;
    for line in mail.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if in_header {
            in_header = !line.is_empty();
            let continues = line
                .first()
                .is_some_and(|first| matches!(first, b' ' | b'\t'));
            if !continues {
                let name = field_name(line);
                if let Some(id) = name.and_then(|name| message_id(name, line)) {
                    return Sha256::new_with_prefix(b"id ")
                        .chain_update(id)
                        .finalize()
                        .into();
                }
                left_out = name.is_some_and(|name| is_any(name, &TRACE));
            }
            if left_out {
                continue;
            }
        }
        if line.is_empty() {
            // Those at the end come and go.
            empty_lines = empty_lines.saturating_add(1);
            continue;
        }
        for _ in 0..empty_lines {
            content.update(b"\n");
        }
        empty_lines = 0;
        content.update(line);
        content.update(b"\n");
    }
    content.finalize().into()
}

fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    line.get(..colon).map(<[u8]>::trim_ascii_end)
}

fn message_id<'a>(name: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    let colon = memchr::memchr(b':', line)?;
    let value = line.get(colon.saturating_add(1)..)?.trim_ascii();
    (name.eq_ignore_ascii_case(b"message-id") && !value.is_empty()).then_some(value)
}

fn is_any(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|other| name.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] =
        b"Return-Path: <>\nReceived: from a\n\tby b; Thu\nTo: x@y\nSubject: s\n\nbody\n\nend\n";

    #[test]
    fn a_mail_that_came_another_way_is_the_same() {
        let other = b"Delivered-To: z\r\nReceived: from a\r\n by c\r\nReceived: by d\r\nTo: x@y\r\nSubject: s\r\n\r\nbody\r\n\r\nend\r\n\r\n";
        assert_eq!(of(MAIL), of(other));
    }

    #[test]
    fn a_mail_with_other_content_is_another() {
        for other in [
            b"To: x@y\nSubject: t\n\nbody\n\nend\n".as_slice(),
            b"To: x@y\nSubject: s\n\nbody\nend\n",
            b"To: x@y\nSubject: s\n\nbody\n\nend\nReceived: from a\n",
            b"To: x@z\nSubject: s\n\nbody\n\nend\n",
        ] {
            assert_ne!(of(MAIL), of(other), "{}", other.escape_ascii());
        }
    }

    #[test]
    fn the_message_id_of_the_mail_itself_decides_if_it_has_one() {
        let first = b"To: x\nmessage-ID:  <1@a> \n\none\n";
        assert_eq!(
            of(first),
            of(b"Received: by b\r\nMessage-Id: <1@a>\r\n\r\ntwo\r\n")
        );
        assert_ne!(of(first), of(b"To: x\nMessage-ID: <2@a>\n\none\n"));
        let quoted = |id: &str| format!("To: x\n\nMessage-ID: <{id}>\n").into_bytes();
        assert_ne!(of(&quoted("1@a")), of(&quoted("2@a")));
        assert_ne!(of(first), of(&quoted("1@a")));
    }
}
