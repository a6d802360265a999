//! When the power goes, and what is on the disk then.

use super::disk::{Disk, Fate};
use super::trace::{Call, Moment};
use crate::support::chance::Chance;

/// What becomes of the changes that are not durable yet, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    AllDropped,
    AllKept,
    AllButOne,
    OnlyOne,
    OnlyTheLast,
    OnlyLengths,
    /// As if the disk wrote in order: the first ones, and a part of the next.
    InOrder,
    /// As if it wrote backwards.
    Backwards,
    AnySubset,
    AnyTears,
}

impl Pattern {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AllDropped,
        Self::AnyTears,
        Self::OnlyTheLast,
        Self::AllButOne,
        Self::AnySubset,
        Self::OnlyLengths,
        Self::InOrder,
        Self::OnlyOne,
        Self::Backwards,
        Self::AllKept,
    ];

    /// A fate for each of `count` changes.
    fn fates(self, count: usize, chance: &mut Chance) -> Vec<Fate> {
        let chosen = below(chance, count.max(1));
        (0..count)
            .map(|number| {
                let kept = match self {
                    Self::AllKept => true,
                    Self::AllDropped => false,
                    Self::AllButOne => number != chosen,
                    Self::OnlyOne => number == chosen,
                    Self::OnlyTheLast => number + 1 == count,
                    Self::OnlyLengths => return Fate::LengthOnly,
                    Self::InOrder | Self::Backwards if number == chosen => return tear(chance),
                    Self::InOrder => number < chosen,
                    Self::Backwards => number > chosen,
                    Self::AnySubset => chance.once_in(2),
                    Self::AnyTears => return any(chance),
                };
                if kept { Fate::Kept } else { Fate::Dropped }
            })
            .collect()
    }
}

/// The fates of all pending changes of a disk: of its names, and of the contents of each of its files.
///
/// Names and files go their own ways: the one may be there without the other.
pub fn fates(pattern: Pattern, disk: &Disk, chance: &mut Chance) -> (Vec<bool>, Vec<Vec<Fate>>) {
    let (names, files) = disk.pending();
    let names = own(pattern, chance).fates(names, chance).into_iter();
    let names = names.map(|fate| fate != Fate::Dropped).collect();
    let files = files.into_iter();
    let files = files.map(|count| own(pattern, chance).fates(count, chance));
    (names, files.collect())
}

/// The pattern, or half of the time any other.
fn own(pattern: Pattern, chance: &mut Chance) -> Pattern {
    if chance.once_in(2) {
        return pattern;
    }
    Pattern::ALL[below(chance, Pattern::ALL.len())]
}

fn any(chance: &mut Chance) -> Fate {
    match chance.below(5) {
        0 => Fate::Dropped,
        1 => Fate::Kept,
        2 => Fate::LengthOnly,
        _ => tear(chance),
    }
}

fn tear(chance: &mut Chance) -> Fate {
    if chance.once_in(2) {
        Fate::Part(chance.below(1000))
    } else {
        Fate::Sectors(chance.below(u64::MAX))
    }
}

fn below(chance: &mut Chance, count: usize) -> usize {
    usize::try_from(chance.below(count.try_into().unwrap())).unwrap()
}

/// Before which moments the power goes, `count` of them in their order: half of them anywhere, half where most is at
/// stake, which is before the end of a sync and behind the beginning of an answer.
pub fn cuts(moments: &[Moment], count: usize, chance: &mut Chance) -> Vec<usize> {
    let mut syncs = std::collections::HashSet::new();
    let mut stakes = Vec::new();
    for (at, moment) in moments.iter().enumerate() {
        match moment {
            Moment::Begin(number, Call::Sync(_)) => drop(syncs.insert(*number)),
            Moment::Begin(_, Call::Say { .. }) => stakes.push(at + 1),
            Moment::End(number) if syncs.contains(number) => stakes.push(at),
            Moment::Begin(..) | Moment::End(_) => {}
        }
    }
    let mut cuts: Vec<usize> = (0..count)
        .map(|number| {
            if number % 2 == 0 {
                stakes[below(chance, stakes.len())]
            } else {
                below(chance, moments.len() + 1)
            }
        })
        .collect();
    cuts.sort_unstable();
    cuts
}
