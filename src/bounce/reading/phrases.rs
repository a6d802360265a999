//! What phrases mean, and where they stand in a text. One automaton finds them all in one pass.

mod failures;
mod others;

use crate::bounce::report::Reason;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// What a phrase says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Why a delivery failed.
    Why(Why),
    /// That one failed.
    Failed,
    /// That one is late, and still tried.
    Late,
    /// That it was given up after trying.
    GaveUp,
    /// That it was successful.
    Delivered,
    /// That it was handed to a server that reports no successes.
    Relayed,
    /// That it went on to several.
    Expanded,
    /// That the recipient is away, or that a program answers.
    Away,
    /// That the sender must prove something.
    Prove,
    /// That the recipient complains.
    Complained,
    /// That an answer was to the sender's address or to the connection.
    OfSender,
    /// Nothing: words of a form letter that others of this table are part of.
    Nothing,
    /// That many events are summed up: no report on a delivery.
    Summary,
}

/// A reason, and how sure the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) reason: Reason,
    pub(super) dead: Dead,
    pub(super) strength: Strength,
    pub(super) class: Option<u8>,
}

/// Whether the words say that the address itself is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    Yes,
    No,
}

/// How much the words weigh against others, and against codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Said of many things: only where no code says more.
    Vague,
    /// Said by servers of this.
    Usual,
    /// Said of this alone.
    Exact,
    /// Said of this whatever else is said: by the program that could not store a mail itself.
    Decisive,
}

/// Phrases of one meaning.
pub(super) struct Group {
    pub(super) meaning: Meaning,
    /// A phrase in lower case, and a mail that has it: of `fixtures/mails`, or, where it begins with `bounces/`, of the
    /// labelled mails that are kept beside the project. Empty where servers are known to write it and no mail is at hand.
    pub(super) phrases: &'static [(&'static str, &'static str)],
}

/// A phrase in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct PhraseHit {
    pub(super) start: u32,
    pub(super) meaning: Meaning,
    pub(super) phrase: &'static str,
}

/// The automaton and, by pattern, what it finds.
pub(super) struct Phrases {
    automaton: AhoCorasick,
    rows: Vec<(Meaning, &'static str)>,
}

static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::of(rows()));

/// All phrases with their meanings.
pub(super) fn rows() -> impl Iterator<Item = (Meaning, &'static str)> {
    groups().flat_map(|group| {
        let phrases = group.phrases.iter();
        phrases.map(|(phrase, _mail)| (group.meaning, *phrase))
    })
}

/// An automaton that only tells whether one of `words` is there.
pub(super) fn any_of(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()
}

/// All groups.
pub(super) fn groups() -> impl Iterator<Item = &'static Group> {
    failures::GROUPS.iter().chain(others::GROUPS)
}

/// The phrases in `text`, which is in lower case, in their order.
pub(super) fn find(text: &[u8], hits: &mut Vec<PhraseHit>) {
    hits.clear();
    #[cfg(test)]
    if super::tests::find_fewer(text, hits) {
        return;
    }
    if let Some(phrases) = PHRASES.as_ref() {
        phrases.find(text, hits);
    }
}

impl Phrases {
    pub(super) fn of(rows: impl Iterator<Item = (Meaning, &'static str)>) -> Option<Self> {
        let rows: Vec<_> = rows.collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(rows.iter().map(|(_, phrase)| phrase))
            .ok()?;
        Some(Self { automaton, rows })
    }

    pub(super) fn find(&self, text: &[u8], hits: &mut Vec<PhraseHit>) {
        for found in self.automaton.find_iter(text) {
            let Some((meaning, phrase)) = self.rows.get(found.pattern().as_usize()) else {
                continue;
            };
            if begins_word(text, found.start())
                && (!is_in_link(text, found.start(), found.end())
                    || is_known_by_links(*meaning, phrase))
            {
                hits.push(PhraseHit {
                    start: u32::try_from(found.start()).unwrap_or(u32::MAX),
                    meaning: *meaning,
                    phrase,
                });
            }
        }
    }
}

/// Whether no word goes on before a phrase: `ptr record` is not in `mptr record`.
fn begins_word(text: &[u8], start: usize) -> bool {
    let alphanumeric = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    !(alphanumeric(Some(start)) && alphanumeric(start.checked_sub(1)))
}

/// Whether a phrase is part of an address or of a link: `user.unknown@example.com`.
fn is_in_link(text: &[u8], start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let head = before
        .iter()
        .rev()
        .take(TOKEN)
        .take_while(|byte| is_token(**byte))
        .count();
    let tail = after
        .iter()
        .take(TOKEN)
        .take_while(|byte| is_token(**byte))
        .count();
    let head = before
        .get(before.len().saturating_sub(head)..)
        .unwrap_or_default();
    let tail = after.get(..tail).unwrap_or_default();
    tail.contains(&b'@') || head.contains(&b'@') || head.windows(3).any(|window| window == b"://")
}

/// Names of block lists, which answers link to.
const BLOCK_LISTS: &[&str] = &[
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "sorbs",
    "senderscore",
    "dnsbl",
    "uceprotect",
];

/// Whether what links say counts: of providers of challenges, and of block lists.
fn is_known_by_links(meaning: Meaning, phrase: &str) -> bool {
    meaning == Meaning::Prove || BLOCK_LISTS.iter().any(|name| phrase.contains(name))
}

/// How far an address or a link is followed, bytes.
const TOKEN: usize = 120;

/// Characters of addresses and links.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'-'
                | b'_'
                | b'+'
                | b'='
                | b'@'
                | b'/'
                | b':'
                | b'#'
                | b'?'
                | b'&'
                | b'%'
                | b'~'
        )
}
