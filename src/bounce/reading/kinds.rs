//! What kind of mail it is, where no machine-readable report says so.

use super::diagnosis::Diagnosis;
use super::free_text::{self, Notice, conclude};
use super::header::Header;
use super::parts::{Media, Parts};
use super::phrases::{Dead, Meaning};
use super::{groups, header_evidence, part_evidence, plain, summarize};
use crate::bounce::report::{
    BounceKind, BounceReport, Evidence, Finding, ReadLimits, Recipient, Stated,
};
use memchr::memmem;

/// Complaints (RFC 5965) and receipts (RFC 8098), by their parts or their report type.
pub(super) fn complaint_or_receipt(header: &Header<'_>, parts: &Parts<'_>) -> Option<BounceReport> {
    let part = |media| parts.leaves.iter().find(|leaf| leaf.media == media);
    if let Some(part) = part(Media::Feedback) {
        return Some(plain(
            BounceKind::Feedback,
            part_evidence(part, "message/feedback-report"),
        ));
    }
    let report_type = |name: &str| {
        parts
            .report_type
            .is_some_and(|kind| kind.eq_ignore_ascii_case(name.as_bytes()))
    };
    if report_type("feedback-report") {
        return Some(plain(
            BounceKind::Feedback,
            header_evidence(1, "report-type"),
        ));
    }
    if let Some(hit) = header.subject_marks.first(Meaning::Complained)
        && !header.is_answer()
    {
        let evidence = header.subject.evidence(hit.start as usize, hit.phrase);
        return Some(plain(BounceKind::Feedback, evidence));
    }
    if part(Media::DeliveryStatus).is_some() {
        return None;
    }
    if let Some(part) = part(Media::Disposition) {
        return Some(plain(
            BounceKind::NotABounce,
            part_evidence(part, "message/disposition-notification"),
        ));
    }
    report_type("disposition-notification")
        .then(|| plain(BounceKind::NotABounce, header_evidence(1, "report-type")))
}

/// The report by the text for people.
pub(super) fn from_text(
    header: &Header<'_>,
    parts: &Parts<'_>,
    limits: &ReadLimits,
) -> BounceReport {
    let notice = free_text::gather(&parts.leaves, limits);
    let limit = notice.limit;
    let report = fields_in_text(parts, &notice, limits)
        .or_else(|| failure(header, &notice, limits))
        .or_else(|| automatic(header, &notice))
        .unwrap_or_else(|| {
            plain(
                BounceKind::NotABounce,
                header_evidence(1, "nothing speaks of a delivery"),
            )
        });
    BounceReport {
        limit: report.limit.or(limit),
        ..report
    }
}

/// Fields of a report that stand in a text, where the structure of the mail is broken.
fn fields_in_text(parts: &Parts<'_>, notice: &Notice, limits: &ReadLimits) -> Option<BounceReport> {
    let starts_line = |at: usize| {
        notice
            .text
            .lines
            .iter()
            .any(|line| line.start as usize == at)
    };
    let at =
        memmem::find_iter(&notice.text.bytes, b"final-recipient:").find(|at| starts_line(*at))?;
    let _ = at;
    let leaf = parts.leaves.iter().find(|leaf| {
        matches!(leaf.media, Media::Plain | Media::Html) && find_field(leaf.body).is_some()
    })?;
    let (body, line) = find_field(leaf.body)?;
    let groups = groups::read(
        body,
        leaf.number,
        false,
        leaf.line.saturating_add(line),
        limits,
    );
    summarize(groups.recipients, groups.nameless, groups.limit)
}

/// The text from the paragraph that holds `Final-Recipient`, and its line within `body`.
fn find_field(body: &[u8]) -> Option<(&[u8], u32)> {
    let mut from = 0_usize;
    loop {
        let found = body
            .get(from..)?
            .windows(16)
            .position(|window| window.eq_ignore_ascii_case(b"final-recipient:"))?;
        let at = from.saturating_add(found);
        let before = body.get(..at)?;
        if before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"\r") {
            let start = ["\n\n", "\r\n\r\n", "\r\r"]
                .iter()
                .filter_map(|blank| {
                    memmem::rfind(before, blank.as_bytes()).map(|at| at.saturating_add(blank.len()))
                })
                .max()
                .unwrap_or(at);
            let (skipped, rest) = body.split_at_checked(start)?;
            return Some((rest, super::parts::line_ends(skipped)));
        }
        from = at.saturating_add(1);
    }
}

/// A failure or a delay that a text tells of.
fn failure(header: &Header<'_>, notice: &Notice, limits: &ReadLimits) -> Option<BounceReport> {
    let reporter = header.is_from_reporter();
    if header.is_answer() && !reporter {
        return None;
    }
    let subject_says =
        header.subject_marks.has(Meaning::Failed) || header.subject_marks.has(Meaning::Late);
    let text_says = notice.marks.has(Meaning::Failed)
        || notice.marks.has(Meaning::Late)
        || notice.marks.has(Meaning::GaveUp);
    let told = if reporter {
        subject_says || text_says || !notice.marks.codes.is_empty()
    } else {
        text_says
    };
    if !told && header.failed_recipients.is_none() {
        return None;
    }
    if !reporter && (header.auto_replied || header.subject_marks.has(Meaning::Away)) {
        return None;
    }
    let own = header.recipient();
    let own = own.as_deref().map(str::as_bytes);
    let late = is_late(header, notice);
    let mut recipients = notice.findings(own, late, limits);
    if recipients.is_empty() && reporter {
        recipients = elsewhere(header, notice, late, limits);
    }
    if !reporter && !is_reported(notice, own) {
        return None;
    }
    summarize(recipients, None, None)
}

/// Whether one that is no mail program reports: words of failure, and then the recipient.
fn is_reported(notice: &Notice, own: Option<&[u8]>) -> bool {
    let Some(first) = notice.recipients(own).first().copied() else {
        return false;
    };
    notice.marks.phrases.iter().any(|hit| {
        let start = hit.start as usize;
        matches!(hit.meaning, Meaning::Failed | Meaning::Late)
            && start < first.start
            && first.start.saturating_sub(start) < 400
    })
}

fn is_late(header: &Header<'_>, notice: &Notice) -> bool {
    if header.subject_marks.has(Meaning::Late) {
        return true;
    }
    let permanent = notice.marks.codes.iter().any(|hit| hit.class() == Some(5));
    notice.is_late() && !permanent && header.failed_recipients.is_none()
}

/// Recipients that the text does not name: `X-Failed-Recipients` names them, or the returned message.
fn elsewhere(
    header: &Header<'_>,
    notice: &Notice,
    late: bool,
    limits: &ReadLimits,
) -> Vec<Recipient> {
    let whole = Diagnosis::of(&notice.text, &notice.marks, &[0..notice.text.bytes.len()]);
    let named = |address: String, evidence: Evidence| Recipient {
        address: Stated {
            value: address,
            evidence,
        },
        finding: conclude(&whole, late, evidence),
    };
    if let Some((value, line)) = header.failed_recipients {
        return value
            .split(|byte| *byte == b',')
            .take(limits.max_recipients)
            .filter_map(free_text::address_of)
            .map(|address| named(address, header_evidence(line, "X-Failed-Recipients")))
            .collect();
    }
    let evidence = notice
        .text
        .evidence(notice.text.bytes.len(), "To of the returned message");
    notice
        .returned_to
        .clone()
        .map(|address| named(address, evidence))
        .into_iter()
        .collect()
}

/// Automatic answers (RFC 3834), challenges and complaints.
fn automatic(header: &Header<'_>, notice: &Notice) -> Option<BounceReport> {
    let in_text = |meaning| {
        notice
            .marks
            .first(meaning)
            .map(|hit| notice.text.evidence(hit.start as usize, hit.phrase))
    };
    let in_subject = |meaning| {
        header
            .subject_marks
            .first(meaning)
            .map(|hit| header.subject.evidence(hit.start as usize, hit.phrase))
    };
    if let Some(evidence) = in_text(Meaning::Complained).filter(|_| !header.is_answer()) {
        return Some(plain(BounceKind::Feedback, evidence));
    }
    let proves = in_subject(Meaning::Prove).or_else(|| in_text(Meaning::Prove));
    if let Some(evidence) = proves
        && (header.auto_replied
            || (in_text(Meaning::Failed).is_some() || in_text(Meaning::Late).is_some()))
    {
        return Some(plain(BounceKind::Challenge, evidence));
    }
    if header.auto_replied {
        return Some(plain(
            BounceKind::Vacation,
            header_evidence(1, "Auto-Submitted"),
        ));
    }
    if let Some(evidence) = in_subject(Meaning::Away) {
        return Some(plain(BounceKind::Vacation, evidence));
    }
    if header.is_from_reporter()
        && let Some(evidence) = in_text(Meaning::Delivered)
    {
        return Some(plain(BounceKind::Delivered, evidence));
    }
    None
}

/// Codes and reasons of the text, where the fields of a report do not say them.
pub(super) fn completed(mut report: BounceReport, notice: &Notice) -> BounceReport {
    let hits = notice.recipients(None);
    for recipient in &mut report.recipients {
        let diagnosis = notice.diagnosis(recipient.address.value.as_bytes(), &hits);
        fill(&mut recipient.finding, &diagnosis);
    }
    let first = report
        .recipients
        .iter()
        .find(|recipient| recipient.finding.kind.value == report.overall.kind.value)
        .map(|recipient| recipient.finding);
    if let Some(first) = first {
        let hard = report
            .recipients
            .iter()
            .any(|recipient| recipient.finding.hard);
        report.overall = Finding { hard, ..first };
    } else {
        let whole = Diagnosis::of(&notice.text, &notice.marks, &[0..notice.text.bytes.len()]);
        fill(&mut report.overall, &whole);
    }
    report
}

fn fill(finding: &mut Finding, diagnosis: &Diagnosis) {
    let same_class = |class: u8| match finding.kind.value {
        BounceKind::Permanent => class == 5,
        BounceKind::Temporary | BounceKind::Delayed => class == 4,
        _ => false,
    };
    if finding.smtp_code.is_none() {
        finding.smtp_code = diagnosis.code.filter(|code| same_class(code.value.class()));
    }
    let bare = finding.status.is_none_or(|status| status.value.is_bare());
    if bare
        && let Some(status) = diagnosis
            .status
            .filter(|status| same_class(status.value.class))
    {
        finding.status = Some(status);
    }
    if finding.reason.is_none()
        && let Some((reason, dead)) = diagnosis.reason()
    {
        finding.reason = Some(reason);
        finding.hard = finding.kind.value == BounceKind::Permanent && dead == Dead::Yes;
    }
}
