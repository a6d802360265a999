//! Where the text for people ends and the returned message begins.

use super::phrases::any_of;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Header fields that begin a returned message; a report does not print them of itself. The first two also do so where they
/// are indented.
const FIELDS: &[&str] = &[
    "received:",
    "return-path:",
    "message-id:",
    "mime-version:",
    "dkim-signature:",
    "domainkey-signature:",
    "x-mailer:",
    "content-type:",
    "delivered-to:",
    "x-received:",
    "received-spf:",
    "x-originating-ip:",
    "authentication-results:",
    "arc-seal:",
    "x-spam-",
];

/// Words in a line of dashes or in a line alone that announce the returned message.
const WORDS: &[&str] = &[
    "copy of the message",
    "copy of your message",
    "copy of message",
    "original message",
    "returned message",
    "returned mail",
    "unsent message",
    "header of the original",
    "message header",
    "headers of the",
    "message headers",
    "message text follows",
    "message follows",
    "below this line",
    "mensaje original",
    "mensagem original",
    "message d'origine",
    "message original",
    "undelivered message",
    "message body",
    "message contents",
    "original mail",
    "original-nachricht",
    "ursprüngliche nachricht",
    "originalnachricht",
    "messaggio originale",
    "oorspronkelijk bericht",
    "исходное сообщение",
    "元のメッセージ",
    "原始邮件",
    "copy of the original",
    "copy of the header",
    "part of the message",
    "first lines of",
    "text of your message",
    "text of the message",
    "rejected message",
    "kopie der",
    "copie du message",
    "copia del mensaje",
    "enclosed is",
    "returned content",
    "original text",
    "bounced message",
];

/// Whether a line, in lower case and without leading blanks, begins the returned message.
pub(super) fn ends_text(line: &[u8], indent: u16) -> bool {
    match line.first() {
        Some(b'-' | b'=' | b'*' | b'|' | b'_' | b'+' | b'#' | b'~') => {
            let mark = line.first().copied();
            let run = line
                .iter()
                .take_while(|byte| Some(**byte) == mark || matches!(byte, b'|' | b' '))
                .count();
            run >= 2 && has_words(line)
        }
        Some(b'r' | b'm' | b'd' | b'x' | b'c' | b'a')
            if FIELDS
                .iter()
                .take(if indent == 0 { FIELDS.len() } else { 2 })
                .any(|field| line.starts_with(field.as_bytes())) =>
        {
            true
        }
        // A line that is nothing but the announcement: `Original message headers:`, `Message headers follow.`
        Some(_) => {
            line.len() < 80 && matches!(line.last(), Some(b':' | b'.')) && starts_with_words(line)
        }
        None => false,
    }
}

fn has_words(line: &[u8]) -> bool {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| any_of(WORDS));
    line.len() < 160 && FINDER.as_ref().is_some_and(|finder| finder.is_match(line))
}

/// Lines that announce the message begin with these.
const BEGINNINGS: &[&str] = &[
    "original message",
    "message header",
    "a copy of the original message",
    "a copy of the message",
    "a copy of your message",
    "the header of the original",
    "included is a copy",
    "the original message follows",
    "the original message",
    "your original message",
    "original-nachricht",
    "message headers follow",
    "the text of the message",
    "the first lines of",
    "headers of the original",
    "the headers of",
    "your message follows",
    "here is a copy",
    "below is a copy",
    "returned message",
];

fn starts_with_words(line: &[u8]) -> bool {
    BEGINNINGS
        .iter()
        .any(|words| line.starts_with(words.as_bytes()))
        && (memchr::memmem::find(line, b"follow").is_some()
            || line.ends_with(b"headers:")
            || line.ends_with(b"header:")
            || line.ends_with(b"message:")
            || line.ends_with(b"line:")
            || memchr::memmem::find(line, b"copy of").is_some())
}
