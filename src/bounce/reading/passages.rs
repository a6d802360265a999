//! Which stretches of a text are about whom.

use super::addresses::AddressHit;
use super::diagnosis::Diagnosis;
use super::free_text::Notice;
use super::phrases::Meaning;
use crate::bounce::report::Evidence;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

/// A text, cut where it turns from one recipient to another.
pub(super) struct Passages<'n> {
    notice: &'n Notice<'n>,
    by_address: HashMap<&'n [u8], Vec<Range<usize>>>,
    /// What the text as a whole says: what is missing in the passages of a recipient.
    whole: OnceCell<Diagnosis>,
    gave_up: Option<Evidence>,
}

impl<'n> Passages<'n> {
    /// Cuts the text at each of `recipients`, which are in lower case.
    ///
    /// What is said of a recipient goes from where one of its addresses stands to where another recipient's does.
    pub(super) fn cut(
        notice: &'n Notice<'n>,
        recipients: impl IntoIterator<Item = &'n [u8]>,
    ) -> Self {
        let mut by_address: HashMap<&[u8], Vec<Range<usize>>> = recipients
            .into_iter()
            .map(|address| (address, Vec::new()))
            .collect();
        let mut open: Option<(&AddressHit, usize)> = None;
        let mut before: Option<&AddressHit> = None;
        for hit in &notice.addresses {
            let address = notice.bytes(hit);
            if by_address.contains_key(address)
                && open.is_none_or(|(last, _)| notice.bytes(last) != address)
            {
                let start = beginning(notice, hit, before, open.map_or(0, |(_, start)| start));
                if let Some((last, from)) = open.replace((hit, start))
                    && let Some(spans) = by_address.get_mut(notice.bytes(last))
                {
                    spans.push(from..start.max(from));
                }
            }
            before = Some(hit);
        }
        if let Some((last, from)) = open
            && let Some(spans) = by_address.get_mut(notice.bytes(last))
        {
            spans.push(from..notice.text.bytes.len());
        }
        let gave_up = notice.marks.first(Meaning::GaveUp);
        Self {
            notice,
            by_address,
            whole: OnceCell::new(),
            gave_up: gave_up.map(|hit| notice.text.evidence(hit.start as usize, hit.phrase)),
        }
    }

    /// What the text says of `address`, and where that does not say why, of all.
    pub(super) fn diagnosis(&self, address: &[u8]) -> Diagnosis {
        let Notice { text, marks, .. } = self.notice;
        let spans = self.by_address.get(address).map_or(&[][..], Vec::as_slice);
        let own = Diagnosis::of(text, marks, spans, None);
        if own.is_empty() {
            return own.or(self.whole());
        }
        Diagnosis {
            gave_up: self.gave_up,
            ..own
        }
    }

    /// What the text as a whole says.
    pub(super) fn whole(&self) -> Diagnosis {
        *self.whole.get_or_init(|| self.notice.whole())
    }
}

/// Where what is said of an address begins: with its line, and with the dialogue of which that line is the result, but not in
/// what is said of another before (`from`).
fn beginning(
    notice: &Notice<'_>,
    hit: &AddressHit,
    before: Option<&AddressHit>,
    from: usize,
) -> usize {
    let shares_line = before
        .is_some_and(|other| other.line == hit.line && notice.bytes(other) != notice.bytes(hit));
    if shares_line {
        return hit.start;
    }
    let start_of = |line: usize| {
        let line = notice.text.lines.get(line);
        line.map_or(hit.start, |line| line.start as usize)
    };
    let mut line = hit.line;
    while let Some(above) = line.checked_sub(1)
        && start_of(above) >= from
        && is_dialogue(notice.text.line(above))
    {
        line = above;
    }
    start_of(line)
}

/// Whether a line is what a client (`>>>`) or a server (`<<<`) said.
fn is_dialogue(line: &[u8]) -> bool {
    line.starts_with(b"<<<") || line.starts_with(b">>>")
}
