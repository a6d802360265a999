//! What a mail says about the delivery of another one, as plain values, each with the place in the mail that says it.

mod code;
mod json;

pub use self::code::{EnhancedStatus, ReplyCode};
pub use self::json::write_line;

/// What a mail says: one finding for the mail as a whole, and one for each address that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceReport {
    /// The worst of the findings; that of the mail as a whole where it names nobody.
    pub overall: Finding,
    /// Whom the mail is about, in the order in which it names them, each once. Empty unless deliveries are reported.
    pub recipients: Vec<Recipient>,
    /// The first limit of reading that the mail met: what lies beyond it was not read.
    pub limit: Option<ReadLimit>,
}

/// One address, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address as the sender wrote it where the mail says so (RFC 3464 section 2.3.1), in lower case.
    pub address: Stated<String>,
    /// What is said of it.
    pub finding: Finding,
}

/// What is said of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What became of it.
    pub kind: Stated<BounceKind>,
    /// Whether the address itself is dead: no such mailbox, no such domain, moved. Only failures can be.
    pub hard: bool,
    /// Enhanced status code (RFC 3463).
    pub status: Option<Stated<EnhancedStatus>>,
    /// Reply code of the SMTP server that refused (RFC 5321 section 4.2).
    pub smtp_code: Option<Stated<ReplyCode>>,
    /// Why it failed or is late.
    pub reason: Option<Stated<Reason>>,
}

/// A value, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// The place.
    pub evidence: Evidence,
}

/// The place in a mail that a value was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The part of the mail.
    pub part: PartNumber,
    /// The line, from 1: of the mail as it came, or, where `decoded`, of the part's text after base64 or quoted-printable.
    pub line: u32,
    /// Whether `line` counts lines of decoded text.
    pub decoded: bool,
    /// The rule: a field's name, or a row of a table.
    pub rule: &'static str,
}

/// The number of a part as RFC 3501 section 6.4.5 counts them: `2.1` is the first part within the second. The header of the
/// mail, and a mail without parts, is `0`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartNumber {
    path: [u16; PartNumber::MAX_DEPTH],
    depth: u8,
}

impl PartNumber {
    /// The deepest part that has a number.
    pub const MAX_DEPTH: usize = 8;

    /// The part `number` (from 1) within this one; `None` below [`Self::MAX_DEPTH`].
    #[must_use]
    pub fn child(mut self, number: u16) -> Option<Self> {
        *self.path.get_mut(usize::from(self.depth))? = number;
        self.depth = self.depth.saturating_add(1);
        Some(self)
    }
}

impl std::fmt::Display for PartNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = self.path.iter().take(usize::from(self.depth));
        for (index, number) in numbers.enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        if self.depth == 0 {
            f.write_str("0")?;
        }
        Ok(())
    }
}

/// What became of a delivery, or what else a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BounceKind {
    /// Failed, class 5: trying again would not help.
    Permanent,
    /// Failed, class 4: given up, although it might have worked another time.
    Temporary,
    /// A warning: the message is still being tried.
    Delayed,
    /// A success report.
    Delivered,
    /// A success report of a server that handed the message to one that reports no successes.
    Relayed,
    /// A success report of a list or alias that sent it on to several.
    Expanded,
    /// A complaint of the recipient (RFC 5965 and relatives).
    Feedback,
    /// An automatic reply (RFC 3834).
    Vacation,
    /// A request to prove that the sender is a person.
    Challenge,
    /// Any other mail, receipts (RFC 8098) included.
    NotABounce,
    /// Says that something is wrong with a delivery, but not what.
    Unknown,
}

impl BounceKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Permanent,
        Self::Temporary,
        Self::Delayed,
        Self::Delivered,
        Self::Relayed,
        Self::Expanded,
        Self::Feedback,
        Self::Vacation,
        Self::Challenge,
        Self::NotABounce,
        Self::Unknown,
    ];

    /// The name in JSON, log lines and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Temporary => "temporary",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
            Self::Feedback => "feedback",
            Self::Vacation => "vacation",
            Self::Challenge => "challenge",
            Self::NotABounce => "not-a-bounce",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a delivery failed.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Permanent | Self::Temporary)
    }
}

/// Why a delivery failed or is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No such mailbox; also moved and disabled ones.
    MailboxUnknown,
    /// The mailbox is full.
    MailboxFull,
    /// No such domain, or one that takes no mail.
    HostUnknown,
    /// The sender is refused: spam, reputation, block lists, no reverse DNS.
    Blocked,
    /// A rule of the receiving side.
    Policy,
    /// The message is too large.
    TooLarge,
    /// The server does not take mail for this domain.
    RelayDenied,
    /// Tried until the time was up.
    Expired,
    /// What is in the message: viruses, forbidden files, malformed mail.
    Content,
    /// SPF, DKIM, DMARC, or a login that is missing.
    Auth,
    /// Too many messages at once.
    RateLimited,
    /// A fault of a server, the network, or routing.
    System,
    /// Another reason.
    Other,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 13] = [
        Self::MailboxUnknown,
        Self::MailboxFull,
        Self::HostUnknown,
        Self::Blocked,
        Self::Policy,
        Self::TooLarge,
        Self::RelayDenied,
        Self::Expired,
        Self::Content,
        Self::Auth,
        Self::RateLimited,
        Self::System,
        Self::Other,
    ];

    /// The name in JSON, settings, log lines and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MailboxUnknown => "mailbox-unknown",
            Self::MailboxFull => "mailbox-full",
            Self::HostUnknown => "host-unknown",
            Self::Blocked => "blocked",
            Self::Policy => "policy",
            Self::TooLarge => "too-large",
            Self::RelayDenied => "relay-denied",
            Self::Expired => "expired",
            Self::Content => "content",
            Self::Auth => "auth",
            Self::RateLimited => "rate-limited",
            Self::System => "system",
            Self::Other => "other",
        }
    }
}

/// How much of a mail is read; each is a setting of the same name with `Mail` before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// `MailMaxDepth`: how deep parts are followed into parts, at most [`PartNumber::MAX_DEPTH`].
    pub max_depth: usize,
    /// `MailMaxParts`: how many parts are looked at.
    pub max_parts: usize,
    /// `MailMaxLineBytes`: how much of a line is searched for codes and phrases, bytes.
    pub max_line_bytes: usize,
    /// `MailMaxTextBytes`: how much of the text for people is searched, and how much of what is said of one recipient, bytes.
    pub max_text_bytes: usize,
    /// `MailMaxRecipients`: how many recipients are told apart.
    pub max_recipients: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            max_depth: PartNumber::MAX_DEPTH,
            max_parts: 100,
            max_line_bytes: 4_096,
            max_text_bytes: 65_536,
            max_recipients: 1_000,
        }
    }
}

/// A limit of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadLimit {
    /// [`ReadLimits::max_depth`].
    Depth,
    /// [`ReadLimits::max_parts`].
    Parts,
    /// [`ReadLimits::max_line_bytes`].
    LineBytes,
    /// [`ReadLimits::max_text_bytes`].
    TextBytes,
    /// [`ReadLimits::max_recipients`].
    Recipients,
}

impl ReadLimit {
    /// The setting that is met.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Depth => "MailMaxDepth",
            Self::Parts => "MailMaxParts",
            Self::LineBytes => "MailMaxLineBytes",
            Self::TextBytes => "MailMaxTextBytes",
            Self::Recipients => "MailMaxRecipients",
        }
    }
}
