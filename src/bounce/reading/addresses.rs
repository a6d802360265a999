//! Mail addresses in a text, and what the words around them make of them.

use super::text::Text;
use memchr::memchr;

/// An address in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct AddressHit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The index of its line.
    pub(super) line: usize,
    pub(super) role: Role,
}

/// What an address is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// At the beginning of a line: a recipient that is reported on.
    Announced,
    /// After words that lead to a recipient: `could not be delivered to`.
    Introduced,
    /// In an answer of a server or a command of a client: `550 <...>`, `RCPT TO:<...>`.
    Answered,
    /// Anywhere else in a sentence.
    Mentioned,
    /// A sender, or somebody to ask.
    Other,
}

/// Words that lead to a recipient.
const INTRODUCTIONS: &[&str] = &[
    "recipient",
    "recipients",
    "recipient(s)",
    "address",
    "addresses",
    "address(es)",
    "mailbox",
    "user",
    "userid",
    "account",
    "delivered to",
    "deliver to",
    "deliver it to",
    "deliver your message to",
    "deliver message to",
    "delivery to",
    "delivering to",
    "delivering your mail to",
    "message to",
    "mail to",
    "email to",
    "e-mail to",
    "messages to",
    "sent to",
    "send to",
    "addressed to",
    "failed",
    "failed for",
    "failure",
    "error-for",
    "errors",
    "attempts",
    "reach",
    "did not reach",
    "is full",
    "full",
    "failed permanently",
    "for",
    "rejected",
    "mail for",
    "delivery for",
    "recipient was",
    "forward to",
    "forwarded to",
    "not delivered",
    "undeliverable",
    "unknown",
    "utente",
    "usuario",
    "utilisateur",
    "benutzer",
    "destinatario",
    "destinatarios",
    "destinataire",
    "destinataires",
    "destinatário",
    "destinatários",
    "destinatari",
    "empfänger",
    "adressat",
    "adresse",
    "dirección",
    "indirizzo",
    "endereço",
    "ontvanger",
    "ontvangers",
    "odbiorca",
    "odbiorcy",
    "adres",
    "adresu",
    "получатель",
    "получателю",
    "получателя",
    "адресат",
    "адресу",
    "адреса",
    "адрес",
    "宛先",
    "アドレス",
    "收件人",
    "地址",
    "받는 사람",
    "받는사람",
    "수신자",
    "받는사람",
    "수신자",
    "mottagare",
    "modtager",
    "příjemce",
    "alıcı",
    "a",
    "à",
    "an",
    "para",
    "per",
    "aan",
    "do",
];

/// Words that lead to somebody else.
const OTHERS: &[&str] = &[
    "from",
    "mail from",
    "sender",
    "contact",
    "contacting",
    "write to",
    "writing to",
    "reply to",
    "reply-to",
    "by",
    "envelope-from",
    "return-path",
    "behalf of",
    "via",
    "support",
    "help",
    "administrator",
    "webmaster",
    "postmaster",
    "email us at",
    "us at",
    "report to",
    "forward this",
    "message-id",
    "in-reply-to",
    "references",
    "wenden sie sich an",
    "contacter",
    "contacte",
    "contattare",
    "sender address",
    "envelope sender",
    "ask",
    "questions to",
    "mailto",
    "sent by",
    "at",
    "cc",
    "bcc",
    "reported to",
    "id",
];

/// All addresses of `text`, in their order.
pub(super) fn find(text: &Text, hits: &mut Vec<AddressHit>) {
    hits.clear();
    let bytes = text.bytes.as_slice();
    let mut from = 0_usize;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(b'@', rest)) {
        let at = from.saturating_add(found);
        let Some((start, end)) = around(bytes, from, at) else {
            from = at.saturating_add(1);
            continue;
        };
        from = end;
        let line = text.line_index(start);
        hits.push(AddressHit {
            start,
            end,
            line,
            role: role(text, start, line),
        });
    }
}

/// The first address in a value of a header field, as it is written.
pub(super) fn first(value: &[u8]) -> Option<&[u8]> {
    memchr::memchr_iter(b'@', value).find_map(|at| {
        let (start, end) = around(value, 0, at)?;
        value.get(start..end)
    })
}

/// How long the quoted string is that ends after these bytes, with both quotes.
fn quoted_length(quoted: &[u8]) -> Option<usize> {
    let backwards = quoted.iter().rev().take(64);
    let inner = backwards.copied().position(|byte| byte == b'"')?;
    Some(inner.saturating_add(2))
}

/// How long the dot-atom is at the end of these bytes. Marks that are put around addresses are no part of it.
fn atoms_length(before: &[u8]) -> Option<usize> {
    let backwards = before.iter().rev().take(256);
    let local = backwards.take_while(|byte| is_atom(**byte)).count();
    let text = before.get(before.len().saturating_sub(local)..)?;
    let text = after_path(after_wide_mark(text));
    let is_mark = |byte: &u8| matches!(byte, b'\'' | b'.' | b'*' | b'-' | b'/' | b'`' | b'=');
    let marks = text.iter().take_while(|byte| is_mark(byte)).count();
    Some(text.len().saturating_sub(marks))
}

/// The address around the `@` at `at`, not beginning before `from`: a dot-atom or a quoted string, and a domain.
fn around(bytes: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
    let before = bytes.get(from..at)?;
    let length = match before.split_last() {
        Some((b'"', quoted)) => quoted_length(quoted)?,
        _ => atoms_length(before)?,
    };
    if length == 0 {
        return None;
    }
    let after = bytes.get(at.saturating_add(1)..)?;
    let mut domain = after
        .iter()
        .take(256)
        .take_while(|byte| is_domain(**byte))
        .count();
    if let [b'[', rest @ ..] = after {
        domain = rest
            .iter()
            .take(64)
            .position(|byte| *byte == b']')?
            .saturating_add(2);
    }
    let text = after.get(..domain)?;
    let trailing = text
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'.' | b'-' | b'_'))
        .count();
    let domain = domain.saturating_sub(trailing);
    if domain == 0 {
        return None;
    }
    Some((
        at.saturating_sub(length),
        at.saturating_add(1).saturating_add(domain),
    ))
}

/// What follows the last slash of a path: `/home/user/.forward/bob@example.com`.
fn after_path(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'/') => text.rsplit(|byte| *byte == b'/').next().unwrap_or(text),
        _ => text,
    }
}

/// What follows the last full-width mark: in Chinese and Japanese texts it stands without a space before an address.
fn after_wide_mark(text: &[u8]) -> &[u8] {
    if text.is_ascii() {
        return text;
    }
    let marks = [
        "\u{ff1a}", "\u{ff0c}", "\u{ff1c}", "\u{ff08}", "\u{300c}", "\u{3000}", "\u{3001}",
        "\u{3002}", "\u{3010}", "\u{300a}",
    ];
    let end = marks
        .iter()
        .filter_map(|mark| {
            memchr::memmem::rfind(text, mark.as_bytes()).map(|at| at.saturating_add(mark.len()))
        })
        .max();
    end.and_then(|end| text.get(end..)).unwrap_or(text)
}

/// Characters of a dot-atom (RFC 5322 section 3.2.3), those beyond ASCII included (RFC 6532).
const fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
                | b'.'
        )
}

const fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'-' | b'_')
}

fn role(text: &Text, start: usize, line: usize) -> Role {
    let line_start = text.lines.get(line).map_or(0, |line| line.start as usize);
    let before = text.bytes.get(line_start..start).unwrap_or_default();
    let context = context(text, start);
    let words = without_type(end_of_words(context));
    let lead = |list: &[&str]| {
        list.iter()
            .any(|word| ends_with_word(words, word.as_bytes()))
    };
    if before.iter().all(|byte| is_mark(*byte)) {
        // A line that goes on with a sentence: `please contact` / `<postmaster@...>`.
        let contact = [
            "contact",
            "from",
            "mail from",
            "write to",
            "sender",
            "by",
            "from:",
        ];
        let goes_on = !text.lines.get(line).is_some_and(|line| line.after_blank);
        return if goes_on
            && contact
                .iter()
                .any(|word| ends_with_word(words, word.as_bytes()))
        {
            Role::Other
        } else {
            Role::Announced
        };
    }
    if ends_with_word(words, b"generated from") || ends_with_word(words, b"expanded from") {
        return Role::Introduced;
    }
    if ends_with_word(words, b"rcpt to") || ends_with_word(words, b"rcpt") {
        return Role::Answered;
    }
    if lead(OTHERS) {
        return Role::Other;
    }
    if lead(INTRODUCTIONS) || ends_with_word(words, b"to") {
        return Role::Introduced;
    }
    if words.last().is_some_and(u8::is_ascii_digit) {
        return Role::Answered;
    }
    Role::Mentioned
}

/// Marks between the beginning of a line and an address that it announces.
const fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'<'
            | b'"'
            | b'\''
            | b'>'
            | b'*'
            | b'-'
            | b'['
            | b'('
            | b'|'
            | b'#'
            | b'.'
            | b'='
            | b':'
    ) || byte.is_ascii_digit()
}

/// What stands before `start` in the same paragraph, at most 48 bytes.
fn context(text: &Text, start: usize) -> &[u8] {
    let before = text
        .bytes
        .get(start.saturating_sub(48)..start)
        .unwrap_or_default();
    let paragraph = before.iter().rposition(|byte| *byte == b'\n');
    before
        .get(paragraph.map_or(0, |at| at.saturating_add(1))..)
        .unwrap_or_default()
}

/// `context` without the punctuation at its end.
fn end_of_words(context: &[u8]) -> &[u8] {
    let marks = context
        .iter()
        .rev()
        .take_while(|byte| {
            matches!(
                byte,
                b' ' | b'<' | b'"' | b'\'' | b':' | b'(' | b'[' | b'>' | b'=' | b'`' | b',' | b';'
            )
        })
        .count();
    context
        .get(..context.len().saturating_sub(marks))
        .unwrap_or_default()
}

/// `words` without the type of an address: `recipient: [smtp:`, `rfc822;`.
fn without_type(words: &[u8]) -> &[u8] {
    let kind = ["smtp", "rfc822"]
        .iter()
        .find_map(|kind| words.strip_suffix(kind.as_bytes()))
        .filter(|before| matches!(before.last(), Some(b'[' | b' ' | b':' | b'(' | b'<')));
    kind.map_or(words, end_of_words)
}

/// Whether `text` ends with `word`, and no letter stands before it.
fn ends_with_word(text: &[u8], word: &[u8]) -> bool {
    text.strip_suffix(word).is_some_and(|before| {
        !before
            .last()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}
