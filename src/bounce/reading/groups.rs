//! The fields of delivery reports (RFC 3464 sections 2.2 and 2.3, RFC 6533 section 4), one group for each recipient.

use super::diagnosis::{Diagnosis, Marks};
use super::fields::{Field, Fields, lines_before};
use super::phrases::Meaning;
use super::text::{Text, numbered_lines};
use crate::bounce::report::{
    BounceKind, EnhancedStatus, Evidence, Finding, PartNumber, ReadLimit, ReadLimits, Recipient,
    Stated,
};

/// What a report's machine-readable part says.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) recipients: Vec<Recipient>,
    /// A finding of a group that names nobody.
    pub(super) nameless: Option<Finding>,
    pub(super) limit: Option<ReadLimit>,
}

/// `Action` (RFC 3464 section 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

/// The fields of one group that matter.
#[derive(Debug, Default)]
struct Group<'a> {
    original: Option<Field<'a>>,
    finals: Option<Field<'a>>,
    actual: Option<Field<'a>>,
    action: Option<Field<'a>>,
    status: Option<Field<'a>>,
    diagnostics: Vec<Field<'a>>,
}

/// Reads a `message/delivery-status` body that begins at `line`.
pub(super) fn read(
    body: &[u8],
    part: PartNumber,
    decoded: bool,
    line: u32,
    limits: &ReadLimits,
) -> Groups {
    let mut groups = Groups::default();
    let mut rest = body;
    let mut line = line;
    let mut text = Text::new(part, decoded);
    let mut marks = Marks::default();
    let mut open = Group::default();
    while !rest.is_empty() {
        let mut group = Group::default();
        let mut fields = Fields::new(rest);
        for field in fields.by_ref() {
            group.note(Field {
                line: field.line.saturating_add(line),
                ..field
            });
        }
        line = line.saturating_add(fields.lines());
        if fields.body().len() == rest.len() {
            break;
        }
        rest = fields.body();
        if group.is_empty() {
            continue;
        }
        if open.goes_on_with(&group) {
            open.absorb(group);
            continue;
        }
        let done = std::mem::replace(&mut open, group);
        if groups.recipients.len() >= limits.max_recipients {
            groups.limit = Some(ReadLimit::Recipients);
            break;
        }
        done.conclude(&mut groups, &mut text, &mut marks, limits);
    }
    if groups.recipients.len() >= limits.max_recipients {
        groups.limit = Some(ReadLimit::Recipients);
    } else {
        open.conclude(&mut groups, &mut text, &mut marks, limits);
    }
    groups.limit = groups.limit.or(text.limit());
    groups
}

impl<'a> Group<'a> {
    fn note(&mut self, field: Field<'a>) {
        let place = match field.name.first().map(u8::to_ascii_lowercase) {
            Some(b'o') if field.is("Original-Recipient") => &mut self.original,
            Some(b'f') if field.is("Final-Recipient") => &mut self.finals,
            Some(b'x') if field.is("X-Actual-Recipient") => &mut self.actual,
            Some(b'a') if field.is("Action") => &mut self.action,
            Some(b's') if field.is("Status") => &mut self.status,
            Some(b'd') if field.is("Diagnostic-Code") => {
                self.diagnostics.push(field);
                return;
            }
            Some(b'x') if is_further_diagnostic(field.name) => {
                self.diagnostics.push(field);
                return;
            }
            _ => return,
        };
        if place.is_none() {
            *place = Some(field);
        }
    }

    fn is_empty(&self) -> bool {
        self.finals.is_none()
            && self.original.is_none()
            && self.action.is_none()
            && self.status.is_none()
            && self.diagnostics.is_empty()
    }

    /// Whether `next` is the rest of this group, cut off by a blank line that does not belong there.
    fn goes_on_with(&self, next: &Self) -> bool {
        let names = |group: &Self| group.finals.is_some() || group.original.is_some();
        names(self) && !names(next) && (self.status.is_none() || next.status.is_none())
    }

    fn absorb(&mut self, rest: Self) {
        self.action = self.action.or(rest.action);
        self.status = self.status.or(rest.status);
        self.actual = self.actual.or(rest.actual);
        self.diagnostics.extend(rest.diagnostics);
    }

    fn conclude(
        &self,
        groups: &mut Groups,
        text: &mut Text,
        marks: &mut Marks,
        limits: &ReadLimits,
    ) {
        let at = |field: &Field<'_>, rule| Evidence {
            part: text.part,
            line: field.line,
            decoded: text.decoded,
            rule,
        };
        let address = self.address().map(|(address, field, rule)| Stated {
            value: address,
            evidence: at(field, rule),
        });
        let action = self.action.as_ref().and_then(|field| {
            let evidence = at(field, "Action");
            action(field.value).map(|value| Stated { value, evidence })
        });
        let status = self.status.as_ref().and_then(|field| {
            let evidence = at(field, "Status");
            status(field.value).map(|value| Stated { value, evidence })
        });
        let first = self
            .finals
            .or(self.original)
            .or(self.action)
            .or(self.status);
        let Some(otherwise) = first.map(|field| at(&field, "per-recipient fields")) else {
            return;
        };
        text.clear();
        let odd_status = self
            .status
            .filter(|field| self::status(field.value).is_none());
        for field in self.diagnostics.iter().chain(&odd_status) {
            let (_, explanation) = split_type(field.value);
            let first = lines_before(field.value, explanation).saturating_add(field.line);
            for (line, number, blank) in numbered_lines(explanation, first) {
                if text.bytes.len() < limits.max_text_bytes {
                    text.push(line, number, blank, limits);
                } else {
                    text.cut_short();
                }
            }
        }
        marks.search(text);
        let all = 0..text.bytes.len();
        let diagnosis = Diagnosis::of(
            text,
            marks,
            std::slice::from_ref(&all),
            status.map(|status| status.value),
        );
        let finding = finding(action, status, &diagnosis, marks, otherwise);
        match address {
            Some(address) => groups.recipients.push(Recipient { address, finding }),
            None => groups.nameless = groups.nameless.or(Some(finding)),
        }
    }

    /// The address as the sender wrote it (section 2.3.1), or else as the server knows it (section 2.3.2).
    fn address(&self) -> Option<(String, &Field<'a>, &'static str)> {
        let of =
            |field: &'_ Option<Field<'a>>| field.as_ref().and_then(|field| address(field.value));
        if let (Some(address), Some(field)) = (of(&self.original), &self.original) {
            return Some((address, field, "Original-Recipient"));
        }
        if let (Some(address), Some(field)) = (of(&self.finals), &self.finals) {
            return Some((address, field, "Final-Recipient"));
        }
        if let (Some(address), Some(field)) = (of(&self.actual), &self.actual) {
            return Some((address, field, "X-Actual-Recipient"));
        }
        None
    }
}

/// Fields of some programs with the answer of the other server.
fn is_further_diagnostic(name: &[u8]) -> bool {
    [
        "X-Supplementary-Info",
        "X400-Supplementary-Info",
        "X-Notes",
        "X-SMTP-Diagnostic",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn finding(
    action: Option<Stated<Action>>,
    status: Option<Stated<EnhancedStatus>>,
    diagnosis: &Diagnosis,
    marks: &Marks,
    otherwise: Evidence,
) -> Finding {
    // The diagnostic is more telling than the status that was made from it.
    let better = diagnosis.status.filter(|said| {
        status.is_none_or(|status| {
            !said.value.is_bare()
                && (said.value.class == status.value.class || status.value.is_bare())
        })
    });
    let diagnosis = Diagnosis {
        status: better.or(status).or(diagnosis.status),
        ..*diagnosis
    };
    let class = status.map(|status| Stated {
        value: status.value.class,
        evidence: status.evidence,
    });
    let kind = |value, evidence| Finding {
        kind: Stated { value, evidence },
        hard: false,
        status: diagnosis.status,
        smtp_code: diagnosis.code,
        reason: diagnosis.reason().map(|(reason, _)| reason),
    };
    let plain = |value, evidence| Finding {
        reason: None,
        ..kind(value, evidence)
    };
    match action {
        Some(action) => match action.value {
            Action::Failed => {
                diagnosis.failure(class.filter(|class| class.value != 2), action.evidence)
            }
            Action::Delayed => kind(BounceKind::Delayed, action.evidence),
            Action::Delivered => plain(BounceKind::Delivered, action.evidence),
            Action::Relayed => plain(BounceKind::Relayed, action.evidence),
            Action::Expanded => plain(BounceKind::Expanded, action.evidence),
        },
        None => match class {
            Some(class) if class.value == 2 => plain(BounceKind::Delivered, class.evidence),
            None if marks.has(Meaning::Late) => kind(BounceKind::Delayed, otherwise),
            class => diagnosis.failure(class, otherwise),
        },
    }
}

fn action(value: &[u8]) -> Option<Action> {
    let word = value
        .split(|byte| !byte.is_ascii_alphabetic())
        .find(|word| !word.is_empty())?;
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    Some(if is("failed") || is("failure") || is("error") {
        Action::Failed
    } else if is("delayed") || is("delay") {
        Action::Delayed
    } else if is("delivered") || is("deliverable") {
        Action::Delivered
    } else if is("relayed") {
        Action::Relayed
    } else if is("expanded") {
        Action::Expanded
    } else {
        return None;
    })
}

/// The status at the beginning of the field, or behind other words.
fn status(value: &[u8]) -> Option<EnhancedStatus> {
    let mut rest = value;
    loop {
        if let Some((status, _)) = EnhancedStatus::split(rest) {
            return Some(status);
        }
        let blank = rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b'(' | b'#' | b'\t'))?;
        rest = rest.get(blank.saturating_add(1)..)?;
    }
}

/// Type and value of `type; value` (section 2.1.2).
fn split_type(value: &[u8]) -> (&[u8], &[u8]) {
    match value.iter().take(24).position(|byte| *byte == b';') {
        Some(at) => {
            let (kind, rest) = value.split_at_checked(at).unwrap_or((&[], value));
            (
                kind.trim_ascii(),
                rest.get(1..).unwrap_or_default().trim_ascii(),
            )
        }
        None => (&[], value),
    }
}

/// The longest address: a local part of 64 bytes, `@`, and a domain of 255 (RFC 5321 section 4.5.3.1).
const MOST_ADDRESS_BYTES: usize = 320;

/// The address in a recipient field: its type and marks left out, in lower case.
fn address(value: &[u8]) -> Option<String> {
    let (kind, rest) = split_type(value);
    let at = rest.iter().position(|byte| *byte == b'@')?;
    let is_edge = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'<' | b'>' | b'"' | b',' | b';' | b'(' | b')' | b'\'')
    };
    let quoted = rest.get(..at).is_some_and(|local| local.ends_with(b"\""));
    let start = if quoted {
        rest.get(..at.saturating_sub(1))?
            .iter()
            .rposition(|byte| *byte == b'"')
            .unwrap_or(0)
    } else {
        rest.get(..at)?
            .iter()
            .rposition(is_edge)
            .map_or(0, |edge| edge.saturating_add(1))
    };
    let end = rest
        .get(at..)?
        .iter()
        .position(is_edge)
        .map_or(rest.len(), |edge| at.saturating_add(edge));
    // Encoded, a character may be eight; whatever is longer is not worth its memory.
    let token = rest
        .get(start..end)
        .filter(|token| token.len() <= MOST_ADDRESS_BYTES.saturating_mul(8))?;
    let token = if kind.eq_ignore_ascii_case(b"utf-8") || kind.eq_ignore_ascii_case(b"rfc822") {
        decode_xtext(token)
    } else {
        token.to_vec()
    };
    let address = String::from_utf8_lossy(&token).to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let fits = address.len() <= MOST_ADDRESS_BYTES;
    (!local.is_empty() && !domain.is_empty() && fits).then_some(address)
}

/// `+3D` (RFC 3461 section 4) and `\x{3D}` (RFC 6533 section 3) as the characters that they stand for. A `+` before two
/// hexadecimal digits that make a letter or digit is one of an address: nobody encodes those.
fn decode_xtext(token: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(token.len());
    let mut rest = token;
    while let [byte, after @ ..] = rest {
        let decoded = match rest {
            [b'+', high, low, tail @ ..] => hex(&[*high, *low])
                .and_then(char::from_u32)
                .filter(|character| matches!(character, '+' | '='))
                .map(|character| (character, tail)),
            [b'\\', b'x', b'{', tail @ ..] => tail
                .iter()
                .take(7)
                .position(|byte| *byte == b'}')
                .and_then(|end| {
                    let character = hex(tail.get(..end)?).and_then(char::from_u32)?;
                    Some((character, tail.get(end.saturating_add(1)..)?))
                }),
            _ => None,
        };
        if let Some((character, tail)) = decoded {
            plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = tail;
        } else {
            plain.push(*byte);
            rest = after;
        }
    }
    plain
}

/// The value of upper-case hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty()
        || !digits
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    {
        return None;
    }
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}
