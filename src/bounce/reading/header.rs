//! The header of the mail itself: who sends it, and what it calls itself.

use super::diagnosis::Marks;
use super::fields::{Field, Fields, split_line};
use super::free_text::address_of;
use super::parts::PartHeader;
use super::phrases::any_of;
use super::text::{Text, numbered_lines};
use crate::bounce::report::{PartNumber, ReadLimits};
use aho_corasick::AhoCorasick;
use mail_parser::MessageParser;
use std::sync::LazyLock;

/// What matters of it.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    pub(super) mime: PartHeader<'a>,
    pub(super) from: &'a [u8],
    pub(super) to: &'a [u8],
    pub(super) failed_recipients: Option<(&'a [u8], u32)>,
    pub(super) null_return_path: bool,
    /// Whether a list sent it (RFC 2369, RFC 2919).
    pub(super) is_list: bool,
    /// `Auto-Submitted: auto-replied` (RFC 3834 section 5), or a field of older programs that says the same.
    pub(super) auto_replied: bool,
    /// The subject, decoded, and what its words say.
    pub(super) subject: Text,
    pub(super) subject_marks: Marks,
    pub(super) body: &'a [u8],
    /// The line that the body begins with.
    pub(super) body_line: u32,
}

/// Names and local parts of programs that report on deliveries.
const SURE: &[&str] = &[
    "mailer-daemon",
    "mailer_daemon",
    "mailerdaemon",
    "maildaemon",
    "mail-daemon",
    "mdaemon@",
    "postmaster@",
    "mail delivery s",
    "delivery subsystem",
    "symantec_antivirus",
];

/// Such that others may have, too.
const PROBABLE: &[&str] = &[
    "mail deliver",
    "postmaster",
    "delivery system",
    "mail system",
    "mailsystem",
    "mail administrator",
    "mailadmin",
    "system administrator",
    "systemadministrator",
    "microsoft exchange",
    "smtp gateway",
    "smtp_gateway",
    "administrator@",
    "lsmtp",
    "listserv@",
    "returned mail",
    "bounce",
    "non-delivery",
    "mail router",
    "mail gateway",
    "e-mail system",
    "email delivery",
    "message delivery",
    "internet mail",
    "imss@",
    "imsva@",
    "interscan",
    "maildelivery",
    "daemon@",
    "root@",
    "errors@",
    "mmdf",
    "mail transport",
    "system attendant",
    "antispam@",
    "mta@",
    "smtp@",
    "virus",
    "firewall",
    "mail server",
    "mailserver",
    "mail-server",
    "spam",
    "noreply-delivery",
    "delivery-status",
    "delivery status",
];

/// Reads the header of `mail`.
pub(super) fn read<'a>(mail: &'a [u8], limits: &ReadLimits) -> Header<'a> {
    let mut header = Header::default();
    // A mailbox file's line, and a byte order mark, are no header.
    let block = mail.strip_prefix("\u{feff}".as_bytes()).unwrap_or(mail);
    let (skipped, block) = without_blank_lines(block);
    let mut fields = Fields::new(block);
    let mut subject: Option<(&[u8], u32)> = None;
    for field in fields.by_ref() {
        let line = field.line.saturating_add(skipped).saturating_add(1);
        if field.is("Subject") {
            subject = Some((field.value, line));
        } else {
            header.note(&field, line);
        }
    }
    header.body = fields.body();
    header.body_line = fields.lines().saturating_add(skipped).saturating_add(1);
    if let Some((value, line)) = subject {
        header.subject = Text::new(PartNumber::default(), false);
        read_subject(&mut header.subject, value, line, limits);
        header.subject_marks.search(&header.subject);
    }
    header
}

impl<'a> Header<'a> {
    fn note(&mut self, field: &Field<'a>, line: u32) {
        // Most fields are none of these: their first letter tells.
        match field.name.first().map(u8::to_ascii_lowercase) {
            Some(b'f') if field.is("From") => self.from = field.value,
            Some(b't') if field.is("To") => self.to = field.value,
            Some(b'c') => self.mime.note(field),
            Some(b'l') => self.is_list |= field.is("List-Id") || field.is("List-Unsubscribe"),
            Some(b'r') if field.is("Return-Path") => {
                self.null_return_path |= field.value.trim_ascii() == b"<>";
            }
            Some(b'x') if field.is("X-Failed-Recipients") => {
                self.failed_recipients = Some((field.value, line));
            }
            Some(b'x') => {
                self.auto_replied |= AUTOMATIC_ANSWER.iter().any(|name| field.is(name));
            }
            Some(b'a') if field.is("Auto-Submitted") => {
                self.auto_replied |= begins(field.value, "auto-replied");
            }
            Some(b'p') if field.is("Precedence") => {
                self.auto_replied |=
                    begins(field.value, "auto_reply") || begins(field.value, "auto-reply");
            }
            _ => {}
        }
    }
}

/// Fields that programs wrote before RFC 3834, and still do.
const AUTOMATIC_ANSWER: [&str; 4] = [
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Autoresponder",
];

/// How many blank lines a mail begins with, and what follows them.
fn without_blank_lines(mail: &[u8]) -> (u32, &[u8]) {
    let mut rest = mail;
    let mut skipped = 0_u32;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if !line.trim_ascii().is_empty() {
            break;
        }
        skipped = skipped.saturating_add(1);
        rest = after;
    }
    (skipped, rest)
}

fn begins(value: &[u8], word: &str) -> bool {
    value
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// The subject with its encoded words (RFC 2047) decoded. Folded or not, it is one line (RFC 5322 section 2.2.3).
fn read_subject(text: &mut Text, value: &[u8], line: u32, limits: &ReadLimits) {
    let value = value.get(..limits.max_line_bytes).map_or(value, |cut| {
        text.line_cut_short();
        cut
    });
    let decoded = memchr::memmem::find(value, b"=?").and_then(|_| decode_words(value));
    let value = decoded.as_ref().map_or(value, |decoded| decoded.as_bytes());
    for (content, number, _) in numbered_lines(value, line) {
        text.push(content, number, false, limits);
    }
}

fn decode_words(value: &[u8]) -> Option<String> {
    let field = [b"Subject: ", value, b"\n\n"].concat();
    std::panic::catch_unwind(|| {
        let message = MessageParser::new()
            .with_mime_headers()
            .header_text(mail_parser::HeaderName::Subject)
            .parse(&field)?;
        message.subject().map(str::to_owned)
    })
    .ok()
    .flatten()
}

impl Header<'_> {
    /// Whether a mail program writes, and not a person: by the name or the address of its sender, or by an empty return path.
    pub(super) fn is_from_reporter(&self) -> bool {
        static ALL: LazyLock<Option<AhoCorasick>> =
            LazyLock::new(|| any_of(&[SURE, PROBABLE].concat()));
        static ONLY_SURE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| any_of(SURE));
        if self.null_return_path || self.failed_recipients.is_some() {
            return true;
        }
        let lower = self.from.to_ascii_lowercase();
        // Of a list's mail the sender may have any name.
        let names = if self.is_list { &ONLY_SURE } else { &ALL };
        lower.trim_ascii() == b"<>" || names.as_ref().is_some_and(|names| names.is_match(&lower))
    }

    /// Whether the subject says that a person sends on what came.
    pub(super) fn is_forwarded(&self) -> bool {
        ["fw:", "fwd:", "wg:", "rv:", "tr:", "i:", "转发"]
            .iter()
            .any(|prefix| self.subject.bytes.starts_with(prefix.as_bytes()))
    }

    /// Whether the subject says that a person answers or sends on.
    pub(super) fn is_answer(&self) -> bool {
        let subject = self.subject.bytes.as_slice();
        [
            "re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "antw:", "rv:", "tr:", "回复", "答复",
            "转发",
        ]
        .iter()
        .any(|prefix| subject.starts_with(prefix.as_bytes()))
    }

    /// The address that the mail was sent to.
    pub(super) fn recipient(&self) -> Option<String> {
        address_of(self.to)
    }
}
