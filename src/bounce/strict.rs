//! The judge that goes by what a mail says of one address.

use super::report::{BounceKind, BounceReport, Finding, ReadLimits, Reason, Recipient};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a mail means for the user to whom the bounced mail was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrictVerdict {
    /// What became of the delivery, or what else the mail is.
    pub kind: BounceKind,
    /// Whether the address itself is dead.
    pub hard: bool,
    /// Why it failed or is late.
    pub reason: Option<Reason>,
}

impl StrictVerdict {
    /// That of a mail which could not be read.
    pub const UNREADABLE: Self = Self {
        kind: BounceKind::Unknown,
        hard: false,
        reason: None,
    };

    /// The reason's name, or `none`.
    pub fn reason_name(self) -> &'static str {
        self.reason.map_or("none", Reason::name)
    }
}

/// Reads a mail. `None` if the reading broke off: a mistake in this program costs a verdict, never the mail.
pub fn read_guarded(mail: &[u8], limits: &ReadLimits) -> Option<BounceReport> {
    guarded(|| super::read(mail, limits))
}

fn guarded(read: impl FnOnce() -> BounceReport) -> Option<BounceReport> {
    // Reading leaves nothing behind that could be half done.
    catch_unwind(AssertUnwindSafe(read)).ok()
}

/// Judges a mail for one address, if it is known: by what the mail says of that address, else by what it says as a whole
/// (the user's mailbox may forward to the one that failed).
pub fn judge(report: Option<&BounceReport>, address: Option<&str>) -> StrictVerdict {
    let Some(report) = report else {
        return StrictVerdict::UNREADABLE;
    };
    let own = address.and_then(|address| own_recipient(report, address));
    let finding = own.map_or(&report.overall, |recipient| &recipient.finding);
    // Complaints, automatic answers and the like are about the mail as a whole.
    let finding = if is_of_delivery(report.overall.kind.value) {
        finding
    } else {
        &report.overall
    };
    verdict_of(finding)
}

/// What is said of an address; addresses are compared without case, as those of a report are in lower case.
fn own_recipient<'a>(report: &'a BounceReport, address: &str) -> Option<&'a Recipient> {
    let address = address.to_lowercase();
    let mut recipients = report.recipients.iter();
    recipients.find(|recipient| recipient.address.value.to_lowercase() == address)
}

fn is_of_delivery(kind: BounceKind) -> bool {
    match kind {
        BounceKind::Permanent
        | BounceKind::Temporary
        | BounceKind::Delayed
        | BounceKind::Delivered
        | BounceKind::Relayed
        | BounceKind::Expanded
        | BounceKind::Unknown => true,
        BounceKind::Feedback
        | BounceKind::Vacation
        | BounceKind::Challenge
        | BounceKind::NotABounce => false,
    }
}

fn verdict_of(finding: &Finding) -> StrictVerdict {
    let kind = finding.kind.value;
    StrictVerdict {
        kind,
        hard: finding.hard && kind.is_failure(),
        reason: finding.reason.map(|reason| reason.value),
    }
}

#[cfg(test)]
mod tests;
