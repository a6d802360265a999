//! A report as one JSON object a line, written without a tree of values in between.

use super::{BounceReport, Evidence, Finding, ReadLimit, Recipient, Stated};
use crate::bounce::compatible::{CompatibleReading, Verdict};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::Display;

/// Adds the line for a mail to `out`: `file`, what the report says of the mail as a whole (`kind`, `hard`, `recipients`,
/// `status`, `smtp_code`, `reason`; null where it is not known), the `evidence` for each, `per_recipient` the same for each
/// address, the `limit` that reading met, and `compatible`, what the extension reads out of the same bytes.
pub fn write_line(
    out: &mut Vec<u8>,
    file: Option<&str>,
    report: &BounceReport,
    compatible: &CompatibleReading<'_>,
) -> Result<(), serde_json::Error> {
    let overall = &report.overall;
    let line = Line {
        file,
        kind: overall.kind.value.name(),
        hard: overall.hard,
        recipients: Addresses(&report.recipients),
        status: overall.status.map(|status| Shown(status.value)),
        smtp_code: overall.smtp_code.map(|code| Shown(code.value)),
        reason: overall.reason.map(|reason| reason.value.name()),
        evidence: Places(overall),
        per_recipient: Each(&report.recipients),
        limit: report.limit.map(ReadLimit::setting),
        compatible: Compatible::from(compatible),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.push(b'\n');
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    file: Option<&'a str>,
    kind: &'static str,
    hard: bool,
    recipients: Addresses<'a>,
    status: Option<Shown<super::EnhancedStatus>>,
    smtp_code: Option<Shown<super::ReplyCode>>,
    reason: Option<&'static str>,
    evidence: Places<'a>,
    per_recipient: Each<'a>,
    limit: Option<&'static str>,
    compatible: Compatible<'a>,
}

/// What the extension reads.
#[derive(Serialize)]
struct Compatible<'a> {
    permanent: bool,
    to: Option<Cow<'a, str>>,
    status: Option<&'a str>,
    smtp_code: Option<&'a str>,
    x_failed_recipients: Option<Cow<'a, str>>,
}

impl<'a> From<&CompatibleReading<'a>> for Compatible<'a> {
    fn from(reading: &CompatibleReading<'a>) -> Self {
        Self {
            permanent: reading.verdict == Verdict::Permanent,
            to: reading.headers.to.map(String::from_utf8_lossy),
            status: reading.status,
            smtp_code: reading.smtp_code,
            x_failed_recipients: reading
                .headers
                .x_failed_recipients
                .map(String::from_utf8_lossy),
        }
    }
}

/// A value in its usual form.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Addresses<'a>(&'a [Recipient]);

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|recipient| &recipient.address.value))
    }
}

struct Each<'a>(&'a [Recipient]);

impl Serialize for Each<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut each = serializer.serialize_seq(Some(self.0.len()))?;
        for recipient in self.0 {
            each.serialize_element(&One(recipient))?;
        }
        each.end()
    }
}

struct One<'a>(&'a Recipient);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Recipient { address, finding } = self.0;
        let mut one = serializer.serialize_map(None)?;
        one.serialize_entry("address", &address.value)?;
        one.serialize_entry("kind", finding.kind.value.name())?;
        one.serialize_entry("hard", &finding.hard)?;
        one.serialize_entry("status", &finding.status.map(|status| Shown(status.value)))?;
        one.serialize_entry(
            "smtp_code",
            &finding.smtp_code.map(|code| Shown(code.value)),
        )?;
        one.serialize_entry("reason", &finding.reason.map(|reason| reason.value.name()))?;
        one.serialize_entry("found", &Place(address.evidence))?;
        one.serialize_entry("evidence", &Places(finding))?;
        one.end()
    }
}

/// The places that a finding rests on, by the names of its fields; those without a value are left out.
struct Places<'a>(&'a Finding);

impl Serialize for Places<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let finding = self.0;
        let mut places = serializer.serialize_map(None)?;
        places.serialize_entry("kind", &Place(finding.kind.evidence))?;
        let further = [
            ("status", evidence(finding.status.as_ref())),
            ("smtp_code", evidence(finding.smtp_code.as_ref())),
            ("reason", evidence(finding.reason.as_ref())),
        ];
        for (name, evidence) in further {
            if let Some(evidence) = evidence {
                places.serialize_entry(name, &Place(evidence))?;
            }
        }
        places.end()
    }
}

fn evidence<T>(stated: Option<&Stated<T>>) -> Option<Evidence> {
    stated.map(|stated| stated.evidence)
}

struct Place(Evidence);

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut place = serializer.serialize_map(None)?;
        place.serialize_entry("part", &Shown(self.0.part))?;
        place.serialize_entry("line", &self.0.line)?;
        if self.0.decoded {
            place.serialize_entry("decoded", &true)?;
        }
        place.serialize_entry("rule", self.0.rule)?;
        place.end()
    }
}
