//! What codes alone say about the reason (RFC 3463 sections 3.2 to 3.8, RFC 5248 registry, RFC 5321 section 4.2.3).

use super::phrases::Dead;
use crate::bounce::report::{EnhancedStatus, Reason, ReplyCode};

/// Subject and detail of a status, what it means, and whether the address is dead by it.
const STATUSES: &[(u16, u16, Reason, Dead)] = &[
    (1, 0, Reason::MailboxUnknown, Dead::Yes),
    (1, 1, Reason::MailboxUnknown, Dead::Yes),
    (1, 2, Reason::HostUnknown, Dead::Yes),
    (1, 3, Reason::MailboxUnknown, Dead::Yes),
    (1, 4, Reason::MailboxUnknown, Dead::Yes),
    (1, 5, Reason::MailboxUnknown, Dead::No),
    (1, 6, Reason::MailboxUnknown, Dead::Yes),
    (1, 7, Reason::Policy, Dead::No),
    (1, 8, Reason::Policy, Dead::No),
    (1, 9, Reason::System, Dead::No),
    // RFC 7505: the domain takes no mail. Exchange Online says it of unknown recipients.
    (1, 10, Reason::MailboxUnknown, Dead::Yes),
    (2, 0, Reason::MailboxUnknown, Dead::No),
    (2, 1, Reason::MailboxUnknown, Dead::No),
    (2, 2, Reason::MailboxFull, Dead::No),
    (2, 3, Reason::TooLarge, Dead::No),
    (2, 4, Reason::System, Dead::No),
    (3, 0, Reason::System, Dead::No),
    (3, 1, Reason::System, Dead::No),
    (3, 2, Reason::HostUnknown, Dead::No),
    (3, 3, Reason::System, Dead::No),
    (3, 4, Reason::TooLarge, Dead::No),
    (3, 5, Reason::System, Dead::No),
    (4, 0, Reason::System, Dead::No),
    (4, 1, Reason::Expired, Dead::No),
    (4, 2, Reason::System, Dead::No),
    (4, 3, Reason::System, Dead::No),
    (4, 4, Reason::HostUnknown, Dead::Yes),
    (4, 5, Reason::System, Dead::No),
    (4, 6, Reason::System, Dead::No),
    (4, 7, Reason::Expired, Dead::No),
    (4, 310, Reason::HostUnknown, Dead::Yes),
    (4, 316, Reason::Expired, Dead::No),
    (5, 2, Reason::System, Dead::No),
    (5, 3, Reason::Policy, Dead::No),
    (5, 4, Reason::System, Dead::No),
    (6, 0, Reason::Content, Dead::No),
    (7, 7, Reason::Content, Dead::No),
    (7, 8, Reason::Auth, Dead::No),
    (7, 9, Reason::Policy, Dead::No),
    (7, 13, Reason::MailboxUnknown, Dead::No),
    (7, 17, Reason::MailboxUnknown, Dead::No),
    (7, 20, Reason::Auth, Dead::No),
    (7, 21, Reason::Auth, Dead::No),
    (7, 22, Reason::Auth, Dead::No),
    (7, 23, Reason::Auth, Dead::No),
    (7, 24, Reason::Auth, Dead::No),
    (7, 25, Reason::Blocked, Dead::No),
    (7, 26, Reason::Auth, Dead::No),
    (7, 27, Reason::Policy, Dead::No),
    (7, 28, Reason::RateLimited, Dead::No),
    (7, 57, Reason::Auth, Dead::No),
    (7, 60, Reason::Auth, Dead::No),
    (7, 64, Reason::RelayDenied, Dead::No),
    (7, 501, Reason::Blocked, Dead::No),
    (7, 502, Reason::Blocked, Dead::No),
    (7, 503, Reason::Blocked, Dead::No),
    (7, 504, Reason::Policy, Dead::No),
    (7, 505, Reason::Policy, Dead::No),
    (7, 508, Reason::RateLimited, Dead::No),
    (7, 509, Reason::Auth, Dead::No),
    (7, 511, Reason::Blocked, Dead::No),
    (7, 515, Reason::Auth, Dead::No),
];

/// Where no detail says more: a whole subject.
const SUBJECTS: &[(u16, Reason)] = &[(6, Reason::Content), (7, Reason::Policy)];

/// How much a status says against words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// More than words: it is about the sender's address, whatever is said of it.
    Decisive,
    /// Something of its own.
    Specific,
    /// Only what it is about: many servers answer so to anything.
    General,
}

/// How much `status` says.
pub(super) const fn certainty(status: EnhancedStatus) -> Certainty {
    match (status.subject, status.detail) {
        (1, 7 | 8) => Certainty::Decisive,
        (_, 0) | (7, 1) => Certainty::General,
        _ => Certainty::Specific,
    }
}

/// What the status says, if it says anything.
pub(super) fn of_status(status: EnhancedStatus) -> Option<(Reason, Dead)> {
    let EnhancedStatus {
        subject, detail, ..
    } = status;
    // Exchange Online: 5.7.606 to 5.7.649 are banned addresses.
    if subject == 7 && (606..650).contains(&detail) {
        return Some((Reason::Blocked, Dead::No));
    }
    let row = STATUSES
        .iter()
        .find(|(row_subject, row_detail, ..)| (*row_subject, *row_detail) == (subject, detail));
    row.map(|(_, _, reason, dead)| (*reason, *dead))
        .or_else(|| {
            let (_, reason) = SUBJECTS.iter().find(|(row, _)| *row == subject)?;
            Some((*reason, Dead::No))
        })
}

/// What a reply code alone says. 550 and 554 are said of everything.
const CODES: &[(u16, Reason)] = &[
    (421, Reason::System),
    (500, Reason::System),
    (501, Reason::System),
    (502, Reason::System),
    (503, Reason::System),
    (504, Reason::System),
    (422, Reason::MailboxFull),
    (431, Reason::System),
    (432, Reason::System),
    (441, Reason::Expired),
    (442, Reason::System),
    (446, Reason::System),
    (447, Reason::Expired),
    (451, Reason::System),
    (452, Reason::System),
    (454, Reason::Auth),
    (511, Reason::MailboxUnknown),
    (512, Reason::HostUnknown),
    (521, Reason::HostUnknown),
    (523, Reason::TooLarge),
    (525, Reason::MailboxUnknown),
    (530, Reason::Auth),
    (534, Reason::Auth),
    (535, Reason::Auth),
    (541, Reason::Blocked),
    (550, Reason::MailboxUnknown),
    (551, Reason::MailboxUnknown),
    (552, Reason::MailboxFull),
    (553, Reason::MailboxUnknown),
    (554, Reason::Policy),
    (556, Reason::HostUnknown),
    (571, Reason::Blocked),
];

/// What the reply code says, if it says anything.
pub(super) fn of_code(code: ReplyCode) -> Option<Reason> {
    let row = CODES.iter().find(|(row, _)| *row == code.number());
    row.map(|(_, reason)| *reason)
}
