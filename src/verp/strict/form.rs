//! In what form an address came back.

use std::fmt;

/// Where an address stood, and what had been done to it since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressForm {
    /// Where in the value of the field it stood.
    pub place: Place,
    /// What a mail server had made of it.
    pub rewriting: Option<Rewriting>,
    /// What had become of its white space and plus signs.
    pub spaces: Spaces,
    /// Whether its letters had been brought to one case.
    pub is_case_folded: bool,
}

/// Where in the value of a field an address stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the value, as `BounceHandler` demands.
    Alone,
    /// A mailbox as RFC 5322 writes it: in angle brackets, with a name or comments, quoted, behind a route, in a group, one of several.
    Mailbox,
    /// Somewhere in a value that does not follow RFC 5322, or in a name or a comment.
    Text,
}

/// What a mail server makes of a sender address, so that its own checks or those of the next one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewriting {
    /// `SRS0=HASH=TT=domain=local@forwarder`: the Sender Rewriting Scheme, at the first forwarder.
    Srs0,
    /// `SRS1=HASH=forwarder==HASH=TT=domain=local@second`: the same at further forwarders.
    Srs1,
    /// `prvs=TAG=local@domain`: Bounce Address Tag Validation, with its older forms `prvs=local=TAG` and `prvs=local/TAG`.
    Prvs,
    /// `btv1==TAG==local@domain`: the tags of Barracuda.
    Btv1,
    /// `local=domain@relay`: the domain moved to the left, as lists do.
    DomainWithEquals,
    /// `local%domain@relay`: the same, as gateways did (RFC 1123 section 5.2.16).
    DomainWithPercent,
    /// `domain!local@relay`: the same, as UUCP wrote it.
    DomainWithBang,
    /// `%2B` and `%2F`, or `=2B` and `=2F`, in place of `+` and `/`.
    Encoded,
}

/// What has become of white space and plus signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spaces {
    /// Nothing.
    Kept,
    /// Plus signs had become spaces, as when a mail is posted in a form without being encoded.
    WerePluses,
    /// White space had come in, as when a line is folded in the middle of an address.
    CameIn,
}

impl AddressForm {
    /// Whether the address came back as it was made, so that `BounceHandler` would accept it, too.
    pub fn is_as_made(&self) -> bool {
        self.place == Place::Alone
            && self.rewriting.is_none()
            && self.spaces == Spaces::Kept
            && !self.is_case_folded
    }

    /// How many bits of the hash an address of this form has to match, at least (see [`find`](super::find)).
    pub fn proof_bits(&self) -> u32 {
        if self.is_case_folded { 80 } else { 96 }
    }
}

impl Rewriting {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Srs0 => "SRS0",
            Self::Srs1 => "SRS1",
            Self::Prvs => "BATV (prvs)",
            Self::Btv1 => "BATV (btv1)",
            Self::DomainWithEquals => "local=domain",
            Self::DomainWithPercent => "local%domain",
            Self::DomainWithBang => "domain!local",
            Self::Encoded => "percent-encoded",
        }
    }
}

/// For people: `as made`, or what differs, as in `mailbox, SRS0, lower or upper case`.
impl fmt::Display for AddressForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::Alone => None,
            Place::Mailbox => Some("mailbox"),
            Place::Text => Some("in text"),
        };
        let spaces = match self.spaces {
            Spaces::Kept => None,
            Spaces::WerePluses => Some("space for +"),
            Spaces::CameIn => Some("white space in it"),
        };
        let case = self.is_case_folded.then_some("letters of one case");
        let rewriting = self.rewriting.map(Rewriting::name);
        let differences = [place, rewriting, spaces, case];
        let mut differences = differences.into_iter().flatten();
        formatter.write_str(differences.next().unwrap_or("as made"))?;
        differences.try_for_each(|difference| write!(formatter, ", {difference}"))
    }
}
