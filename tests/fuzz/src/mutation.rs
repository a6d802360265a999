//! Damage to mails: what goes wrong on the way, and what someone who means harm would write.

use crate::dictionary::{BYTES, LISTED, WORDS};
use crate::seeds::Seeds;
use fastrand::Rng;
use std::ops::Range;

/// Damage makes no mail longer than this, unless it means to.
pub const MOST_BYTES: usize = 131_072;

/// Damages `bytes` in one to eight ways.
pub fn damage(bytes: &mut Vec<u8>, random: &mut Rng, seeds: &Seeds) {
    for _ in 0..random.u8(1..=8) {
        once(bytes, random, seeds);
        bytes.truncate(MOST_BYTES);
    }
}

/// Damages only what is in `range`.
pub fn damage_within(bytes: &mut Vec<u8>, range: Range<usize>, random: &mut Rng, seeds: &Seeds) {
    let mut inner = bytes.get(range.clone()).unwrap_or_default().to_vec();
    damage(&mut inner, random, seeds);
    replace(bytes, range, &inner);
}

/// Repeats pieces of `bytes` until there are about `length` of them.
pub fn grow(bytes: &mut Vec<u8>, length: usize, random: &mut Rng) {
    while bytes.len() < length {
        let piece = span(bytes.len(), random);
        let piece = bytes.get(piece).unwrap_or_default().to_vec();
        if piece.is_empty() {
            bytes.push(random.u8(..));
            continue;
        }
        let times = random.usize(1..=length.checked_div(piece.len()).unwrap_or(0).max(1));
        let at = place(bytes.len(), random);
        replace(bytes, at..at, &piece.repeat(times.min(1_000)));
    }
    bytes.truncate(length);
}

fn once(bytes: &mut Vec<u8>, random: &mut Rng, seeds: &Seeds) {
    let at = place(bytes.len(), random);
    match random.u8(0..14) {
        0 => change_byte(
            bytes,
            at,
            |byte, random| byte ^ (1 << random.u8(0..8)),
            random,
        ),
        1 => change_byte(
            bytes,
            at,
            |_, random| choose(BYTES, random).unwrap_or(0),
            random,
        ),
        2..=4 => {
            let word = choose(WORDS, random).unwrap_or_default();
            let at = if random.bool() {
                line_start(bytes, at)
            } else {
                at
            };
            replace(bytes, at..at, word);
        }
        5 => {
            let gone = span(bytes.len(), random);
            replace(bytes, gone, &[]);
        }
        6 => repeat_piece(bytes, at, random),
        7 => {
            let other = seeds.any(random);
            bytes.truncate(at);
            bytes.extend_from_slice(other.get(place(other.len(), random)..).unwrap_or_default());
        }
        8 => {
            let other = seeds.any(random);
            let piece = other.get(span(other.len(), random)).unwrap_or_default();
            let over = if random.bool() {
                span(bytes.len(), random)
            } else {
                at..at
            };
            replace(bytes, over, piece);
        }
        9 => bytes.truncate(at),
        10 => change_line_ends(bytes, random),
        11 => wrap(bytes, random),
        12 => list(bytes, at, random),
        _ => {
            let word = choose(WORDS, random).unwrap_or_default();
            let over = span(bytes.len(), random);
            let word = word.repeat(random.usize(1..=64));
            replace(bytes, over.start..over.start, &word);
        }
    }
}

fn change_byte(bytes: &mut [u8], at: usize, to: impl Fn(u8, &mut Rng) -> u8, random: &mut Rng) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = to(*byte, random);
    }
}

fn repeat_piece(bytes: &mut Vec<u8>, at: usize, random: &mut Rng) {
    let piece = bytes
        .get(span(bytes.len(), random))
        .unwrap_or_default()
        .to_vec();
    let times = if random.u8(0..16) == 0 {
        random.usize(1..=500)
    } else {
        random.usize(1..=4)
    };
    let most = MOST_BYTES.checked_div(piece.len()).unwrap_or(0);
    replace(bytes, at..at, &piece.repeat(times.min(most)));
}

/// All lines, or those of a piece, end as another system ends them.
fn change_line_ends(bytes: &mut Vec<u8>, random: &mut Rng) {
    let range = if random.bool() {
        0..bytes.len()
    } else {
        span(bytes.len(), random)
    };
    let end: &[u8] = choose(
        &[b"\n".as_slice(), b"\r\n", b"\r", b"\r\r\n", b"\n\r"],
        random,
    )
    .unwrap_or_default();
    let mut changed = Vec::new();
    let mut rest = bytes.get(range.clone()).unwrap_or_default();
    while let Some((&byte, more)) = rest.split_first() {
        rest = more;
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' {
                    rest = rest.strip_prefix(b"\n").unwrap_or(rest);
                }
                changed.extend_from_slice(end);
            }
            _ => changed.push(byte),
        }
    }
    replace(bytes, range, &changed);
}

/// The mail becomes a part, or a mail in a mail, several times over.
fn wrap(bytes: &mut Vec<u8>, random: &mut Rng) {
    let around: &[u8] = if random.bool() {
        b"Content-Type: message/rfc822\n\n"
    } else {
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    };
    let times = if random.u8(0..16) == 0 {
        200
    } else {
        random.usize(1..=3)
    };
    replace(bytes, 0..0, &around.repeat(times));
}

/// Many recipients, each an address of its own.
fn list(bytes: &mut Vec<u8>, at: usize, random: &mut Rng) {
    let most = if random.u8(0..64) == 0 { 3_000 } else { 20 };
    let (before, after) = choose(LISTED, random).unwrap_or_default();
    let recipients: Vec<u8> = (0..random.u16(1..=most))
        .flat_map(|number| format!("{before}a{number}@example.com{after}").into_bytes())
        .collect();
    replace(bytes, at..at, &recipients);
}

fn replace(bytes: &mut Vec<u8>, range: Range<usize>, with: &[u8]) {
    if bytes.get(range.clone()).is_some() {
        bytes.splice(range, with.iter().copied());
    }
}

fn choose<T: Copy>(of: &[T], random: &mut Rng) -> Option<T> {
    random.choice(of).copied()
}

fn place(length: usize, random: &mut Rng) -> usize {
    random.usize(0..=length)
}

/// A piece: mostly short, sometimes up to the end.
fn span(length: usize, random: &mut Rng) -> Range<usize> {
    let start = place(length, random);
    let rest = length.saturating_sub(start);
    let most = if random.u8(0..8) == 0 {
        rest
    } else {
        rest.min(100)
    };
    start..start.saturating_add(random.usize(0..=most))
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1))
}
