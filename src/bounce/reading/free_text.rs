//! Reports for people: whom they name, and what they say of each.

use super::addresses::{self, AddressHit, Role};
use super::diagnosis::{Diagnosis, Marks};
use super::fields::{Fields, split_line};
use super::landmarks;
use super::parts::{Media, Part};
use super::passages::Passages;
use super::phrases::Meaning;
use super::text::{self, Text, numbered_lines};
use crate::bounce::report::{
    BounceKind, Evidence, Finding, ReadLimit, ReadLimits, Reason, Recipient, Stated,
};
use std::borrow::Cow;
use std::collections::HashSet;

/// How far a text is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Extent {
    /// To the returned message.
    #[default]
    Report,
    /// The same, without lines that quote another mail.
    Unquoted,
    /// To the end: the report may stand behind what looks like a returned message.
    Whole,
}

/// The text of a mail for people, searched.
#[derive(Debug, Default)]
pub(super) struct Notice<'m> {
    pub(super) text: Text,
    pub(super) marks: Marks,
    pub(super) addresses: Vec<AddressHit>,
    /// The returned message.
    returned: Option<Cow<'m, [u8]>>,
    pub(super) limit: Option<ReadLimit>,
    extent: Extent,
}

/// Gathers the text of the leaves up to the returned message.
pub(super) fn gather<'m>(leaves: &[Part<'m>], limits: &ReadLimits, extent: Extent) -> Notice<'m> {
    let mut notice = Notice {
        extent,
        ..Notice::default()
    };
    let plain = leaves
        .iter()
        .take_while(|leaf| leaf.media != Media::Message)
        .any(|leaf| leaf.media == Media::Plain && !leaf.body.trim_ascii().is_empty());
    for leaf in leaves {
        let wanted = match leaf.media {
            Media::Plain => true,
            Media::Html => !plain,
            Media::Message => break,
            _ => false,
        };
        if wanted && notice.add(leaf, limits) {
            break;
        }
    }
    notice.returned = notice.returned.take().or_else(|| {
        let message = leaves.iter().find(|leaf| leaf.media == Media::Message)?;
        Some(Cow::Borrowed(message.body))
    });
    notice.marks.search(&notice.text);
    addresses::find(&notice.text, &mut notice.addresses);
    notice.limit = notice.text.limit();
    notice
}

impl<'m> Notice<'m> {
    /// Adds the text of one part; whether the returned message was reached.
    fn add(&mut self, leaf: &Part<'m>, limits: &ReadLimits) -> bool {
        let cut = leaf
            .body
            .get(..limits.max_text_bytes.saturating_mul(2))
            .unwrap_or(leaf.body);
        let (content, decoded) = text::decode(&Part { body: cut, ..*leaf });
        if self.text.lines.is_empty() {
            self.text.part = leaf.number;
            self.text.decoded = decoded;
        }
        let first = if decoded { 1 } else { leaf.line };
        self.text.reserve(content.len().min(limits.max_text_bytes));
        for (line, number, blank) in numbered_lines(&content, first) {
            if self.text.bytes.len() >= limits.max_text_bytes {
                self.text.cut_short();
                return true;
            }
            if self.extent == Extent::Unquoted && line.starts_with(b">") {
                continue;
            }
            let before = self.text.bytes.len();
            self.text
                .push(line, number, blank || self.starts_part(leaf), limits);
            let pushed = self.text.lines.len().saturating_sub(1);
            let indent = self.text.lines.last().map_or(0, |line| line.indent);
            if self.extent != Extent::Whole && landmarks::ends_text(self.text.line(pushed), indent)
            {
                // Of what follows only the recipient is of use.
                self.text.lines.truncate(pushed);
                self.text.bytes.truncate(before);
                let announced = matches!(line.first(), Some(b'-' | b' ' | b'|' | b'*'));
                let from = if announced {
                    end_of_line(&content, line)
                } else {
                    offset(&content, line)
                };
                self.returned = match &content {
                    Cow::Borrowed(content) => content.get(from..).map(Cow::Borrowed),
                    Cow::Owned(content) => content.get(from..).map(|rest| rest.to_vec().into()),
                };
                return true;
            }
        }
        false
    }

    fn starts_part(&self, leaf: &Part<'_>) -> bool {
        !self.text.lines.is_empty() && self.text.part != leaf.number
    }

    /// What the header fields of the returned message name as recipient.
    pub(super) fn returned_to(&self) -> Option<String> {
        recipient_field(self.returned.as_deref()?)
    }

    /// The best of the addresses that the text reports on, each once.
    pub(super) fn recipients(&self, own: Option<&[u8]>) -> Vec<AddressHit> {
        let roles = [Role::Announced, Role::Introduced, Role::Answered];
        let role = roles
            .into_iter()
            .find(|role| self.of_role(*role, own).next().is_some());
        let (role, own) = match role {
            Some(role) => (role, own),
            // A mail to oneself comes back to oneself.
            None if self.of_role(Role::Announced, None).next().is_some() => (Role::Announced, None),
            None => (Role::Mentioned, own),
        };
        let mut seen = HashSet::new();
        // What is deeper than the first is the text of a server, wrapped.
        let deepest = self
            .of_role(role, own)
            .next()
            .map_or(u16::MAX, |hit| self.indent(&hit));
        self.of_role(role, own)
            .filter(|hit| role != Role::Announced || self.indent(hit) <= deepest)
            .filter(|hit| seen.insert(self.bytes(hit)))
            .collect()
    }

    /// The addresses of one role, the mail's own recipient left out.
    fn of_role(&self, role: Role, own: Option<&[u8]>) -> impl Iterator<Item = AddressHit> {
        self.addresses.iter().copied().filter(move |hit| {
            hit.role == role && own.is_none_or(|own| !self.bytes(hit).eq_ignore_ascii_case(own))
        })
    }

    fn indent(&self, hit: &AddressHit) -> u16 {
        self.text.lines.get(hit.line).map_or(0, |line| line.indent)
    }

    pub(super) fn bytes(&self, hit: &AddressHit) -> &[u8] {
        self.text.bytes.get(hit.start..hit.end).unwrap_or_default()
    }

    pub(super) fn address(&self, hit: &AddressHit) -> String {
        String::from_utf8_lossy(self.bytes(hit)).to_lowercase()
    }

    /// What the text as a whole says.
    pub(super) fn whole(&self) -> Diagnosis {
        let all = 0..self.text.bytes.len();
        Diagnosis::of(&self.text, &self.marks, &[all], None)
    }

    /// A recipient that the text names, with a finding that is known.
    pub(super) fn named(&self, hit: &AddressHit, finding: Finding) -> Recipient {
        Recipient {
            address: Stated {
                value: self.address(hit),
                evidence: self.text.evidence(hit.start, rule_of(hit.role)),
            },
            finding,
        }
    }

    /// Whether words or codes say that a delivery is late rather than failed.
    pub(super) fn is_late(&self) -> bool {
        self.marks.has(Meaning::Late) && !self.marks.has(Meaning::GaveUp)
    }

    /// The findings for those whom the text names.
    pub(super) fn findings(
        &self,
        own: Option<&[u8]>,
        late: bool,
        limits: &ReadLimits,
    ) -> Vec<Recipient> {
        let hits = self.recipients(own);
        let passages = Passages::cut(self, hits.iter().map(|hit| self.bytes(hit)));
        let mut recipients = Vec::new();
        for hit in hits.iter().take(limits.max_recipients.saturating_add(1)) {
            let evidence = self.text.evidence(hit.start, rule_of(hit.role));
            let diagnosis = passages.diagnosis(self.bytes(hit));
            recipients.push(Recipient {
                address: Stated {
                    value: self.address(hit),
                    evidence,
                },
                finding: conclude(&diagnosis, late, evidence),
            });
        }
        recipients
    }
}

/// The finding of a text.
pub(super) fn conclude(diagnosis: &Diagnosis, late: bool, evidence: Evidence) -> Finding {
    let finding = diagnosis.failure(None, evidence);
    if late {
        Finding {
            reason: finding.reason.or(Some(Stated {
                value: Reason::Expired,
                evidence,
            })),
            kind: Stated {
                value: BounceKind::Delayed,
                evidence,
            },
            hard: false,
            ..finding
        }
    } else {
        finding
    }
}

const fn rule_of(role: Role) -> &'static str {
    match role {
        Role::Announced => "address at the beginning of a line",
        Role::Introduced => "address behind words for a recipient",
        Role::Answered => "address in an answer or a command",
        Role::Mentioned | Role::Other => "address in the text",
    }
}

/// Where `line` begins in `text`, which holds it.
fn offset(text: &[u8], line: &[u8]) -> usize {
    (line.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Where the line after `line` begins in `text`.
fn end_of_line(text: &[u8], line: &[u8]) -> usize {
    let end = offset(text, line).saturating_add(line.len());
    let (_, rest) = split_line(text.get(end..).unwrap_or_default());
    text.len().saturating_sub(rest.len())
}

/// The address in the To field of a message that begins here, blank lines before it left out.
fn recipient_field(message: &[u8]) -> Option<String> {
    let mut message = message;
    for _ in 0..5 {
        let (line, rest) = split_line(message);
        if line.trim_ascii().is_empty() || !line.contains(&b':') {
            message = rest;
        } else {
            break;
        }
    }
    let field = Fields::new(message)
        .take(200)
        .find(|field| field.is("To"))?;
    address_of(field.value)
}

/// The first address in a value, in lower case.
pub(super) fn address_of(value: &[u8]) -> Option<String> {
    let address = addresses::first(value)?;
    Some(String::from_utf8_lossy(address).to_lowercase())
}
