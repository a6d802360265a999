//! What a stretch of text says about one delivery: codes and phrases, weighed against each other.

use super::codes::{self, CodeHit};
use super::phrases::{self, Dead, Meaning, PhraseHit, Strength, Why};
use super::reasons::{self, Certainty};
use super::text::Text;
use crate::bounce::report::{
    BounceKind, EnhancedStatus, Evidence, Finding, Reason, ReplyCode, Stated,
};
use std::ops::Range;

/// Codes and phrases of a text, each in their order.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) phrases: Vec<PhraseHit>,
    pub(super) codes: Vec<CodeHit>,
}

impl Marks {
    pub(super) fn search(&mut self, text: &Text) {
        phrases::find(&text.bytes, &mut self.phrases);
        codes::find(text, &mut self.codes);
    }

    /// The first phrase of this kind.
    pub(super) fn first(&self, meaning: Meaning) -> Option<&PhraseHit> {
        self.phrases.iter().find(|hit| hit.meaning == meaning)
    }

    pub(super) fn has(&self, meaning: Meaning) -> bool {
        self.first(meaning).is_some()
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Diagnosis {
    pub(super) status: Option<Stated<EnhancedStatus>>,
    pub(super) code: Option<Stated<ReplyCode>>,
    pub(super) why: Option<Stated<Why>>,
    pub(super) gave_up: Option<Evidence>,
    /// Words that say that the time was up, whatever else was the matter.
    pub(super) expired: Option<Evidence>,
    /// Words that say that the answer was to the sender's address or to the connection: it says nothing of the recipient.
    pub(super) of_sender: Option<Evidence>,
}

impl Diagnosis {
    /// Reads the stretches of `text`; `stated` is the status of the report's fields, where there are any.
    pub(super) fn of(
        text: &Text,
        marks: &Marks,
        spans: &[Range<usize>],
        stated: Option<EnhancedStatus>,
    ) -> Self {
        let mut diagnosis = Self::default();
        let permanent = spans
            .iter()
            .flat_map(|span| within(&marks.codes, span, |hit| hit.start))
            .any(|hit| hit.class() == Some(5));
        for span in spans {
            for hit in within(&marks.codes, span, |hit| hit.start) {
                if !permanent || hit.class() == Some(5) {
                    diagnosis.add_code(text, hit);
                }
            }
            for hit in within(&marks.phrases, span, |hit| hit.start) {
                let status = diagnosis.status.map(|status| status.value).or(stated);
                let expected = status
                    .and_then(reasons::of_status)
                    .map(|(reason, _)| reason);
                diagnosis.add_phrase(text, hit, expected);
            }
        }
        diagnosis
    }

    fn add_code(&mut self, text: &Text, hit: &CodeHit) {
        let at = |rule| text.evidence(hit.start as usize, rule);
        if let Some(code) = hit.code
            && self.code.is_none()
        {
            self.code = Some(Stated {
                value: code,
                evidence: at("reply code"),
            });
        }
        if let Some(status) = hit.status
            && self
                .status
                .is_none_or(|known| known.value.is_bare() && !status.is_bare())
        {
            self.status = Some(Stated {
                value: status,
                evidence: at("enhanced status code"),
            });
        }
    }

    fn add_phrase(&mut self, text: &Text, hit: &PhraseHit, expected: Option<Reason>) {
        let evidence = || text.evidence(hit.start as usize, hit.phrase);
        match hit.meaning {
            Meaning::Why(why) => {
                if why.reason == Reason::Expired && why.strength == Strength::Exact {
                    self.expired.get_or_insert(evidence());
                }
                if self
                    .why
                    .is_none_or(|known| weight(why, expected) > weight(known.value, expected))
                {
                    self.why = Some(Stated {
                        value: why,
                        evidence: evidence(),
                    });
                }
            }
            Meaning::OfSender => {
                self.of_sender.get_or_insert(evidence());
            }
            Meaning::GaveUp if self.gave_up.is_none() => self.gave_up = Some(evidence()),
            _ => {}
        }
    }

    /// Whether there is neither a code nor a reason.
    pub(super) fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.code.is_none()
            && self
                .why
                .is_none_or(|why| why.value.strength == Strength::Vague)
    }

    /// What is missing here and known there.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            status: self.status.or(other.status),
            code: self.code.or(other.code),
            why: match (self.why, other.why) {
                (Some(own), Some(other)) if other.value.strength > own.value.strength => {
                    Some(other)
                }
                (own, other) => own.or(other),
            },
            gave_up: self.gave_up.or(other.gave_up),
            expired: self.expired.or(other.expired),
            of_sender: self.of_sender.or(other.of_sender),
        }
    }

    /// The class that the codes say: 5 or 4.
    pub(super) fn class(&self) -> Option<Stated<u8>> {
        let status = self.status.map(|status| Stated {
            value: status.value.class,
            evidence: status.evidence,
        });
        let code = self.code.map(|code| Stated {
            value: code.value.class(),
            evidence: code.evidence,
        });
        match (status, code) {
            (Some(status), Some(code)) => Some(if code.value == 5 && status.value != 5 {
                code
            } else {
                status
            }),
            (status, code) => status.or(code),
        }
    }

    /// The reason, and whether the address is dead by it.
    ///
    /// Exact words count most, then a status that says something of its own, usual words, any status, the reply code, vague
    /// words.
    pub(super) fn reason(&self) -> Option<(Stated<Reason>, Dead)> {
        let (reason, dead) = self
            .worded(Strength::Decisive)
            .or_else(|| self.by_status(Certainty::Decisive))
            .or_else(|| self.worded(Strength::Exact))
            .or_else(|| self.by_status(Certainty::Specific))
            .or_else(|| self.worded(Strength::Usual))
            .or_else(|| self.by_status(Certainty::General))
            .or_else(|| self.by_code())
            .or_else(|| self.worded(Strength::Vague))?;
        let of_recipient = matches!(reason.value, Reason::MailboxUnknown | Reason::HostUnknown);
        match self.of_sender {
            Some(evidence) if of_recipient => {
                let value = Reason::Policy;
                Some((Stated { value, evidence }, Dead::No))
            }
            _ => Some((reason, dead)),
        }
    }

    fn worded(&self, strength: Strength) -> Option<(Stated<Reason>, Dead)> {
        let why = self.why.filter(|why| why.value.strength == strength)?;
        let reason = Stated {
            value: why.value.reason,
            evidence: why.evidence,
        };
        Some((reason, why.value.dead))
    }

    fn by_status(&self, certainty: Certainty) -> Option<(Stated<Reason>, Dead)> {
        let status = self.status?;
        if reasons::certainty(status.value) != certainty {
            return None;
        }
        let (value, dead) = reasons::of_status(status.value)?;
        let evidence = status.evidence;
        Some((Stated { value, evidence }, dead))
    }

    fn by_code(&self) -> Option<(Stated<Reason>, Dead)> {
        let code = self.code?;
        let value = reasons::of_code(code.value)?;
        let evidence = code.evidence;
        Some((Stated { value, evidence }, Dead::No))
    }

    /// The finding for a delivery that failed; `class` is what the report itself says, where it does.
    pub(super) fn failure(&self, class: Option<Stated<u8>>, otherwise: Evidence) -> Finding {
        let reason = self.reason();
        let said = class.or(self.class());
        let kind = match said {
            Some(class) => Stated {
                value: if class.value == 4 {
                    BounceKind::Temporary
                } else {
                    BounceKind::Permanent
                },
                evidence: class.evidence,
            },
            None => self.kind_by_words(otherwise),
        };
        let hard = kind.value == BounceKind::Permanent
            && reason.is_some_and(|(reason, dead)| {
                dead == Dead::Yes
                    && matches!(reason.value, Reason::MailboxUnknown | Reason::HostUnknown)
            });
        Finding {
            kind,
            hard,
            status: self.status,
            smtp_code: self.code,
            reason: reason.map(|(reason, _)| reason),
        }
    }

    /// Without any code: transient is what was given up after trying.
    fn kind_by_words(&self, otherwise: Evidence) -> Stated<BounceKind> {
        let why = self.why.filter(|why| {
            why.value.class == Some(4) || matches!(why.value.reason, Reason::Expired)
        });
        let transient = self.gave_up.filter(|_| {
            self.why
                .is_none_or(|why| matches!(why.value.reason, Reason::Expired | Reason::System))
        });
        match why.map(|why| why.evidence).or(self.expired).or(transient) {
            Some(evidence) => Stated {
                value: BounceKind::Temporary,
                evidence,
            },
            None => Stated {
                value: BounceKind::Permanent,
                evidence: otherwise,
            },
        }
    }
}

/// What words count: of two the one that the status agrees with; those that are said of a server or of time give way to
/// those that are said of the address or the mail.
fn weight(why: Why, expected: Option<Reason>) -> (Strength, bool, bool) {
    (
        why.strength,
        expected == Some(why.reason),
        !matches!(why.reason, Reason::Expired | Reason::System),
    )
}

/// The hits of a span; they are in order.
fn within<'h, T>(hits: &'h [T], span: &Range<usize>, start: impl Fn(&T) -> u32) -> &'h [T] {
    let first = hits.partition_point(|hit| (start(hit) as usize) < span.start);
    let last = hits.partition_point(|hit| (start(hit) as usize) < span.end);
    hits.get(first..last).unwrap_or_default()
}
