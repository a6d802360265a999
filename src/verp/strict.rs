//! Return paths in all the forms in which mail servers give them back.
//!
//! [`verify`](super::verify) takes what the `BounceHandler` extension takes: an address that is exactly the value of `To`.
//! [`find`] takes the same address in angle brackets, among others, rewritten by forwarders, or damaged in ways that can be
//! undone. What is accepted is decided by the keyed hash alone; all else only says where to look for it.

mod form;
mod known;
mod mailboxes;
mod rewriting;
mod spacing;

pub use self::form::{AddressForm, Place, Rewriting, Spaces};
pub use self::known::KnownReturnPaths;

use self::mailboxes::{mailboxes, words};
use self::rewriting::unwrap;
use self::spacing::{is_shaped_like_a_hash, readings};
use super::address::Comparison;
use super::{VerpAddress, VerpKeys, VerpParts, VerpRejection};
use std::borrow::Cow;

/// The most hashes that are calculated for one mail.
///
/// A genuine mail needs one to three. Who fills a header with addresses that look right gets no more work done for it, and
/// his mail is refused unless one of the first is right.
pub const MOST_PROOFS: u32 = 64;

/// The most rewritings around an address that are taken off: forwarders of forwarders have one SRS between them.
const MOST_REWRITINGS: usize = 4;

/// A proved address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrictVerp {
    /// What it says, as it was made.
    pub parts: VerpParts,
    /// In what form it came back.
    pub form: AddressForm,
    /// The address as it stood in the mail, without names and comments; any bytes.
    pub address: Vec<u8>,
    /// In which of the values it stood, counted from 0.
    pub field: usize,
}

/// The first address in `values`, which are unfolded values of header fields, that proves itself at `now` (seconds since the
/// epoch).
///
/// The error is the rejection that says most: too old before a wrong hash before no address of ours; `None` where there are no
/// values, or only empty ones.
///
/// How much a hash proves: 12 bytes are 96 bits. Where the letters of an address are all of one case, a mail server may have
/// folded it, and the hash is compared without regard to case. Of the 64 signs of base64, 52 are letters, so a guess is right at one
/// place with a probability of 2/64 for a letter and 1/64 for another sign: who guesses letters only has to match 16 times 5 bits,
/// 80 bits in all. An address with letters of both cases has to match all 96.
pub fn find(
    values: impl IntoIterator<Item = impl AsRef<[u8]>>,
    now: i64,
    keys: &VerpKeys,
    known: &KnownReturnPaths,
) -> Result<StrictVerp, Option<VerpRejection>> {
    let mut search = Search {
        now,
        keys,
        known,
        proofs_left: MOST_PROOFS,
        rejection: None,
    };
    for (field, value) in values.into_iter().enumerate() {
        let value = value.as_ref();
        if value.is_empty() {
            continue;
        }
        if let Some(found) = search.value(value) {
            let Found {
                parts,
                form,
                address,
            } = found;
            return Ok(StrictVerp {
                parts,
                form,
                address: address.into_owned(),
                field,
            });
        }
        if search.proofs_left == 0 {
            break;
        }
    }
    Err(search.rejection)
}

/// A proved address in a value.
struct Found<'a> {
    parts: VerpParts,
    form: AddressForm,
    address: Cow<'a, [u8]>,
}

/// What was tried so far.
struct Search<'k> {
    now: i64,
    keys: &'k VerpKeys,
    known: &'k KnownReturnPaths,
    proofs_left: u32,
    rejection: Option<VerpRejection>,
}

impl Search<'_> {
    fn value<'v>(&mut self, value: &'v [u8]) -> Option<Found<'v>> {
        let whole = VerpAddress::parse(value).map_err(|rejection| self.note(rejection));
        if let Some(parts) = whole.ok().and_then(|whole| self.exact(&whole)) {
            let form = AddressForm {
                place: Place::Alone,
                rewriting: None,
                spaces: Spaces::Kept,
                is_case_folded: false,
            };
            let address = Cow::Borrowed(value.trim_ascii());
            return Some(Found {
                parts,
                form,
                address,
            });
        }
        let alone = value.trim_ascii();
        let mailboxes = mailboxes(value).map(|mailbox| {
            let is_alone = mailbox == alone;
            let place = if is_alone {
                Place::Alone
            } else {
                Place::Mailbox
            };
            (place, Cow::Owned(mailbox))
        });
        let words = words(value).map(|word| (Place::Text, Cow::Borrowed(word)));
        mailboxes
            .chain(words)
            .find_map(|(place, address)| self.address(place, address))
    }

    /// One address, with whatever was put around its local part.
    fn address<'v>(&mut self, place: Place, address: Cow<'v, [u8]>) -> Option<Found<'v>> {
        let local = address.split(|byte| *byte == b'@').next()?;
        let mut local = Cow::Borrowed(local);
        let mut outermost = None;
        for _ in 0..=MOST_REWRITINGS {
            if let Some((parts, spaces, is_case_folded)) = self.local_part(&local) {
                let form = AddressForm {
                    place,
                    rewriting: outermost,
                    spaces,
                    is_case_folded,
                };
                return Some(Found {
                    parts,
                    form,
                    address,
                });
            }
            let (rewriting, inner) = unwrap(&local)?;
            outermost = outermost.or(Some(rewriting));
            local = Cow::Owned(inner.into_owned());
        }
        None
    }

    /// A local part as it stands, or as it was before its spaces and letters changed.
    fn local_part(&mut self, local: &[u8]) -> Option<(VerpParts, Spaces, bool)> {
        let address = VerpAddress::of_local_part(local)?;
        if let Some((parts, is_case_folded)) = self.any_case(&address) {
            return Some((parts, Spaces::Kept, is_case_folded));
        }
        readings(&address).into_iter().find_map(|(spaces, local)| {
            let address = VerpAddress::of_local_part(&local)?;
            let (parts, is_case_folded) = self.any_case(&address)?;
            Some((parts, spaces, is_case_folded))
        })
    }

    fn any_case(&mut self, address: &VerpAddress<'_>) -> Option<(VerpParts, bool)> {
        if let Some(parts) = self.exact(address) {
            return Some((parts, false));
        }
        let parts = self.case_folded(address)?;
        Some((parts, true))
    }

    fn exact(&mut self, address: &VerpAddress<'_>) -> Option<VerpParts> {
        self.prove(address, Comparison::Exact)
    }

    /// An address that was brought to one case: the numbers were in lower case, prefix and wiki are known.
    fn case_folded(&mut self, address: &VerpAddress<'_>) -> Option<VerpParts> {
        if !has_letters_of_one_case(address) || !is_shaped_like_a_hash(address.hash) {
            return None;
        }
        let known = self.known;
        let prefix = known.prefix(address.prefix);
        let (user, time) = (
            address.user.to_ascii_lowercase(),
            address.time.to_ascii_lowercase(),
        );
        known.wikis(address.wiki).iter().find_map(|wiki| {
            let restored = VerpAddress {
                prefix: &prefix,
                wiki,
                user: &user,
                time: &time,
                hash: address.hash,
            };
            self.prove(&restored, Comparison::AnyCase)
        })
    }

    /// The only place where an address is believed.
    fn prove(&mut self, address: &VerpAddress<'_>, comparison: Comparison) -> Option<VerpParts> {
        if !is_shaped_like_a_hash(address.hash) {
            self.note(address.mismatch());
            return None;
        }
        self.proofs_left = self.proofs_left.checked_sub(1)?;
        let proved = address.prove(comparison, self.now, self.keys);
        proved.map_err(|rejection| self.note(rejection)).ok()
    }

    /// Keeps the rejection that says most, of equal ones the first.
    fn note(&mut self, rejection: VerpRejection) {
        if self
            .rejection
            .as_ref()
            .is_none_or(|kept| weight(kept) < weight(&rejection))
        {
            self.rejection = Some(rejection);
        }
    }
}

/// How much a rejection says: nothing of ours, something like it, ours but for its age or its numbers.
fn weight(rejection: &VerpRejection) -> u8 {
    match rejection {
        VerpRejection::NoAtSign { .. } => 0,
        VerpRejection::Malformed { .. } => 1,
        VerpRejection::HashMismatch { hash, .. } if !is_shaped_like_a_hash(hash.as_bytes()) => 2,
        VerpRejection::HashMismatch { .. } => 3,
        VerpRejection::NumberTooLarge(_) => 4,
        VerpRejection::Expired { .. } => 5,
    }
}

/// Whether the five parts of the address may have been folded to lower or upper case.
fn has_letters_of_one_case(address: &VerpAddress<'_>) -> bool {
    let VerpAddress {
        prefix,
        wiki,
        user,
        time,
        hash,
    } = address;
    let parts = [prefix, wiki, user, time, hash];
    let any = |is: fn(&u8) -> bool| parts.iter().any(|part| part.iter().any(is));
    !(any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase))
}

#[cfg(test)]
mod tests;
