//! Local parts with white space in them, read as what they may have been.

use super::form::Spaces;
use crate::verp::VerpAddress;

/// How long the hash of an address is: 12 bytes in base64.
const HASH_LENGTH: usize = 16;

/// Whether it could be a hash at all; for anything else no hash is calculated.
pub(super) fn is_shaped_like_a_hash(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() == HASH_LENGTH && text.iter().all(fits)
}

/// What the local part was if its white space were plus signs, or had come in; two readings at most, none without white space.
///
/// The length of the hash tells which of both happened there. In the other parts plus signs are rare (a prefix may have one), so
/// there both are tried.
pub(super) fn readings(address: &VerpAddress<'_>) -> Vec<(Spaces, Vec<u8>)> {
    let signed = address.signed();
    let in_hash = respaced(address.hash).find(|(_, hash)| is_shaped_like_a_hash(hash));
    let Some((in_hash, hash)) = in_hash else {
        return Vec::new();
    };
    let whole = |signed: &[u8]| [signed, &hash].join(&b'-');
    match (has_space(&signed), has_space(address.hash)) {
        (false, false) => Vec::new(),
        (false, true) => vec![(in_hash, whole(&signed))],
        (true, hash_has) => respaced(&signed)
            .map(|(spaces, signed)| (if hash_has { in_hash } else { spaces }, whole(&signed)))
            .collect(),
    }
}

/// The text with its white space read in both ways.
fn respaced(text: &[u8]) -> impl Iterator<Item = (Spaces, Vec<u8>)> {
    let readings = [
        (Spaces::WerePluses, with_plus(text)),
        (Spaces::CameIn, without_spaces(text)),
    ];
    readings.into_iter()
}

fn has_space(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_whitespace)
}

fn with_plus(text: &[u8]) -> Vec<u8> {
    let plus = |byte: &u8| {
        if byte.is_ascii_whitespace() {
            b'+'
        } else {
            *byte
        }
    };
    text.iter().map(plus).collect()
}

fn without_spaces(text: &[u8]) -> Vec<u8> {
    let kept = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    kept.copied().collect()
}
