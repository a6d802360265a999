//! What kind of mail it is, where no machine-readable report says so.

use super::addresses::Role;
use super::diagnosis::Diagnosis;
use super::diagnosis::Marks;
use super::free_text::{self, Extent, Notice, conclude};
use super::header::Header;
use super::parts::{Media, Parts};
use super::passages::Passages;
use super::phrases::{Dead, Meaning, Strength, any_of};
use super::{groups, header_evidence, part_evidence, plain, summarize};
use crate::bounce::report::{
    BounceKind, BounceReport, Evidence, Finding, ReadLimits, Recipient, Stated,
};
use aho_corasick::AhoCorasick;
use memchr::memmem;
use std::sync::LazyLock;

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
    let reporter = header.is_from_reporter();
    let extent = if reporter {
        Extent::Report
    } else {
        Extent::Unquoted
    };
    let notice = free_text::gather(&parts.leaves, limits, extent);
    let limit = notice.limit;
    let report = reporter
        .then(|| fields_in_text(parts, limits))
        .flatten()
        .or_else(|| failure(header, parts, &notice, limits))
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
fn fields_in_text(parts: &Parts<'_>, limits: &ReadLimits) -> Option<BounceReport> {
    let (leaf, body, line) = parts
        .leaves
        .iter()
        .filter(|leaf| matches!(leaf.media, Media::Plain | Media::Html))
        .find_map(|leaf| find_field(leaf.body).map(|(body, line)| (leaf, body, line)))?;
    let line = leaf.line.saturating_add(line);
    let groups = groups::read(body, leaf.number, false, line, limits);
    summarize(groups.recipients, groups.nameless, groups.limit)
}

/// The text from the paragraph that holds a line with `Final-Recipient`, and its line within `body`.
fn find_field(body: &[u8]) -> Option<(&[u8], u32)> {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        any_of(&[
            "Final-Recipient:",
            "Final-recipient:",
            "final-recipient:",
            "FINAL-RECIPIENT:",
        ])
    });
    let at = FINDER
        .as_ref()?
        .find_iter(body)
        .map(|found| found.start())
        .find(|at| {
            let before = body.get(..*at).unwrap_or_default().last();
            before.is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
        })?;
    let before = body.get(..at)?;
    let start = ["\n\n", "\r\n\r\n", "\r\r"]
        .iter()
        .filter_map(|blank| {
            memmem::rfind(before, blank.as_bytes()).map(|at| at.saturating_add(blank.len()))
        })
        .max()
        .unwrap_or(at);
    let (skipped, rest) = body.split_at_checked(start)?;
    Some((rest, super::fields::line_ends(skipped)))
}

/// A failure or a delay that a text tells of.
fn failure(
    header: &Header<'_>,
    parts: &Parts<'_>,
    notice: &Notice<'_>,
    limits: &ReadLimits,
) -> Option<BounceReport> {
    let own = header.recipient();
    let own = own.as_deref().map(str::as_bytes);
    if !header.is_from_reporter() {
        return is_reported(header, notice, own)
            .then(|| {
                summarize(
                    notice.findings(own, is_late(header, notice), limits),
                    None,
                    None,
                )
            })
            .flatten();
    }
    if header.subject_marks.has(Meaning::Summary)
        || !(tells(&header.subject_marks)
            || tells(&notice.marks)
            || header.failed_recipients.is_some())
    {
        return None;
    }
    let late = is_late(header, notice);
    let recipients = notice.findings(own, late, limits);
    if !recipients.is_empty() {
        return summarize(recipients, None, None);
    }
    if let Some(report) = enclosed(parts, limits) {
        return Some(report);
    }
    let recipients = elsewhere(header, notice, late, limits);
    if recipients.is_empty() {
        let whole = free_text::gather(&parts.leaves, limits, Extent::Whole);
        return summarize(whole.findings(own, late, limits), None, None);
    }
    summarize(recipients, None, None)
}

/// Whether words or codes speak of a delivery that did not work.
fn tells(marks: &Marks) -> bool {
    !marks.codes.is_empty()
        || marks.phrases.iter().any(|hit| match hit.meaning {
            Meaning::Failed | Meaning::Late | Meaning::GaveUp => true,
            Meaning::Why(why) => why.strength == Strength::Exact,
            _ => false,
        })
}

/// The report within a report: a gateway sends on what another mail program wrote.
fn enclosed(parts: &Parts<'_>, limits: &ReadLimits) -> Option<BounceReport> {
    let message = parts
        .leaves
        .iter()
        .find(|leaf| leaf.media == Media::Message)?;
    let header = super::header::read(message.body, limits);
    let line = message
        .line
        .saturating_add(header.body_line)
        .saturating_sub(1);
    let inner = super::parts::cut(&header.mime, header.body, line, limits);
    super::delivery_report(&inner, limits)
}

/// Whether one that is no mail program reports: words of failure, and close to them the recipient.
fn is_reported(header: &Header<'_>, notice: &Notice<'_>, own: Option<&[u8]>) -> bool {
    let subject_fails = header.subject_marks.phrases.iter().any(|hit| {
        matches!(
            hit.meaning,
            Meaning::Failed | Meaning::Late | Meaning::Why(_)
        )
    });
    if header.is_list
        || header.auto_replied
        || header.subject_marks.has(Meaning::Away)
        || header.subject_marks.has(Meaning::Summary)
        || header.is_forwarded()
        || (header.is_answer() && !subject_fails)
    {
        return false;
    }
    let Some(first) = notice.recipients(own).first().copied() else {
        return false;
    };
    let announced = first.role == Role::Announced;
    if first.role == Role::Mentioned || !(announced || subject_fails) {
        return false;
    }
    notice.marks.phrases.iter().any(|hit| {
        let distance = (hit.start as usize).abs_diff(first.start);
        matches!(hit.meaning, Meaning::Failed | Meaning::Late)
            && distance < 400
            && (!announced || (hit.start as usize) < first.start)
    })
}

fn is_late(header: &Header<'_>, notice: &Notice<'_>) -> bool {
    if header.subject_marks.has(Meaning::Late) {
        return true;
    }
    let permanent = notice.marks.codes.iter().any(|hit| hit.class() == Some(5));
    notice.is_late() && !permanent && header.failed_recipients.is_none()
}

/// Recipients that the text does not name: `X-Failed-Recipients` names them, or the returned message.
fn elsewhere(
    header: &Header<'_>,
    notice: &Notice<'_>,
    late: bool,
    limits: &ReadLimits,
) -> Vec<Recipient> {
    let whole = notice.whole();
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
            .take(limits.max_recipients.saturating_add(1))
            .filter_map(free_text::address_of)
            .map(|address| named(address, header_evidence(line, "X-Failed-Recipients")))
            .collect();
    }
    let evidence = notice
        .text
        .evidence(notice.text.bytes.len(), "To of the returned message");
    notice
        .returned_to()
        .map(|address| named(address, evidence))
        .into_iter()
        .collect()
}

/// Automatic answers (RFC 3834), challenges and complaints.
fn automatic(header: &Header<'_>, notice: &Notice<'_>) -> Option<BounceReport> {
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
    let proofs = [&header.subject_marks, &notice.marks]
        .into_iter()
        .flat_map(|marks| &marks.phrases)
        .filter(|hit| hit.meaning == Meaning::Prove)
        .count();
    let undelivered = in_text(Meaning::Failed).is_some() || in_text(Meaning::Late).is_some();
    if let Some(evidence) = in_subject(Meaning::Prove).or_else(|| in_text(Meaning::Prove))
        && (header.auto_replied || undelivered || proofs > 1)
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
pub(super) fn completed(mut report: BounceReport, notice: &Notice<'_>) -> BounceReport {
    let hits = notice.recipients(None);
    if report.recipients.is_empty() {
        // The report's fields name nobody that can be written to.
        report.recipients = hits
            .iter()
            .filter(|hit| hit.role != Role::Mentioned)
            .map(|hit| notice.named(hit, report.overall))
            .collect();
    }
    let addresses: Vec<String> = report
        .recipients
        .iter()
        .map(|recipient| recipient.address.value.clone())
        .collect();
    let passages = Passages::cut(
        notice,
        addresses
            .iter()
            .map(String::as_bytes)
            .chain(hits.iter().map(|hit| notice.bytes(hit))),
    );
    for recipient in &mut report.recipients {
        let diagnosis = passages.diagnosis(recipient.address.value.as_bytes());
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
        fill(&mut report.overall, &passages.whole());
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
