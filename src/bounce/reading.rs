//! The reading of a mail: structure, then standard fields, then codes in their surroundings, then phrases.

mod addresses;
mod codes;
mod diagnosis;
mod fields;
mod free_text;
mod groups;
mod header;
mod kinds;
mod landmarks;
mod parts;
mod passages;
mod phrases;
mod reasons;
mod text;

#[cfg(test)]
mod tests;

use super::report::{
    BounceKind, BounceReport, Evidence, Finding, PartNumber, ReadLimit, ReadLimits, Recipient,
    Stated,
};
use parts::{Media, Part, Parts};

/// Reads what `mail` says about deliveries.
///
/// Linear in the length of the mail. Nothing beyond `limits` is read; the report names the first limit that was met.
pub fn read(mail: &[u8], limits: &ReadLimits) -> BounceReport {
    let header = header::read(mail, limits);
    let parts = parts::cut(&header.mime, header.body, header.body_line, limits);
    let report = kinds::complaint_or_receipt(&header, &parts)
        .or_else(|| delivery_report(&parts, limits))
        .unwrap_or_else(|| kinds::from_text(&header, &parts, limits));
    let mut report = complete(report, &parts, limits);
    let mut limit = header.subject.limit().or(parts.limit).or(report.limit);
    if report.recipients.len() > limits.max_recipients {
        report.recipients.truncate(limits.max_recipients);
        limit = limit.or(Some(ReadLimit::Recipients));
    }
    BounceReport { limit, ..report }
}

/// The report by its machine-readable parts, if there are any that say something.
fn delivery_report(parts: &Parts<'_>, limits: &ReadLimits) -> Option<BounceReport> {
    let mut found = groups::Groups::default();
    for leaf in &parts.leaves {
        if leaf.media != Media::DeliveryStatus {
            continue;
        }
        let (content, decoded) = text::decode(leaf);
        let line = if decoded { 1 } else { leaf.line };
        let groups = groups::read(&content, leaf.number, decoded, line, limits);
        found.recipients.extend(groups.recipients);
        found.nameless = found.nameless.or(groups.nameless);
        found.limit = found.limit.or(groups.limit);
    }
    summarize(found.recipients, found.nameless, found.limit)
}

/// The worst of all, and those whom it is about: each address once, with the worst that is said of it.
fn summarize(
    recipients: Vec<Recipient>,
    nameless: Option<Finding>,
    limit: Option<ReadLimit>,
) -> Option<BounceReport> {
    let worst = recipients
        .iter()
        .map(|recipient| recipient.finding)
        .chain(nameless)
        .min_by_key(|finding| badness(finding.kind.value))?;
    let kind = worst.kind.value;
    let concerned = |finding: &Finding| match kind {
        BounceKind::Permanent | BounceKind::Temporary => finding.kind.value.is_failure(),
        _ => finding.kind.value == kind,
    };
    if let [one] = recipients.as_slice()
        && nameless.is_none()
    {
        return Some(BounceReport {
            overall: one.finding,
            recipients,
            limit,
        });
    }
    let mut named: Vec<Recipient> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for recipient in recipients
        .into_iter()
        .filter(|recipient| concerned(&recipient.finding))
    {
        let place = *seen
            .entry(recipient.address.value.clone())
            .or_insert(named.len());
        match named.get_mut(place) {
            Some(known) => {
                if badness(recipient.finding.kind.value) < badness(known.finding.kind.value) {
                    known.finding = recipient.finding;
                }
            }
            None => named.push(recipient),
        }
    }
    let hard = worst.hard || named.iter().any(|recipient| recipient.finding.hard);
    Some(BounceReport {
        overall: Finding { hard, ..worst },
        recipients: named,
        limit,
    })
}

/// The order of kinds, worst first.
const fn badness(kind: BounceKind) -> u8 {
    match kind {
        BounceKind::Permanent => 0,
        BounceKind::Temporary => 1,
        BounceKind::Delayed => 2,
        BounceKind::Unknown => 3,
        BounceKind::Feedback => 4,
        BounceKind::Challenge => 5,
        BounceKind::Vacation => 6,
        BounceKind::Expanded => 7,
        BounceKind::Relayed => 8,
        BounceKind::Delivered => 9,
        BounceKind::NotABounce => 10,
    }
}

/// Fills in from the text for people what the fields of a report leave open.
fn complete(report: BounceReport, parts: &Parts<'_>, limits: &ReadLimits) -> BounceReport {
    let wants = |finding: &Finding| {
        matches!(
            finding.kind.value,
            BounceKind::Permanent | BounceKind::Temporary | BounceKind::Delayed
        ) && finding.kind.evidence.rule != "text"
            && (finding.reason.is_none() || finding.smtp_code.is_none())
    };
    let from_fields = parts
        .leaves
        .iter()
        .any(|leaf| leaf.media == Media::DeliveryStatus)
        || report
            .recipients
            .first()
            .is_some_and(|recipient| recipient.address.evidence.rule.ends_with("-Recipient"));
    let nameless = report.recipients.is_empty() && report.overall.kind.value.is_failure();
    if !from_fields
        || !(nameless
            || wants(&report.overall)
            || report
                .recipients
                .iter()
                .any(|recipient| wants(&recipient.finding)))
    {
        return report;
    }
    let notice = free_text::gather(&parts.leaves, limits, free_text::Extent::Report);
    kinds::completed(report, &notice)
}

/// A report without a finding on a delivery.
fn plain(kind: BounceKind, evidence: Evidence) -> BounceReport {
    BounceReport {
        overall: Finding {
            kind: Stated {
                value: kind,
                evidence,
            },
            hard: false,
            status: None,
            smtp_code: None,
            reason: None,
        },
        recipients: Vec::new(),
        limit: None,
    }
}

/// The place of a whole part.
const fn part_evidence(part: &Part<'_>, rule: &'static str) -> Evidence {
    Evidence {
        part: part.number,
        line: part.line,
        decoded: false,
        rule,
    }
}

/// The place of the mail's header.
fn header_evidence(line: u32, rule: &'static str) -> Evidence {
    Evidence {
        part: PartNumber::default(),
        line,
        decoded: false,
        rule,
    }
}
