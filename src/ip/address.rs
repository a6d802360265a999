//! The grammar of single addresses, and the forms that `MediaWiki` gives them.
//!
//! A plain address is four decimal octets of one to three digits (leading zeros allowed), or an IPv6 address of
//! RFC 4291 section 2.2, forms 1 and 2. Form 3 (`::1.2.3.4`) and zones (RFC 4007 section 11) are understood by
//! [`canonicalize`] only.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address of a client: the text that the wiki shows and logs, and the number that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAddress {
    text: String,
    address: IpAddr,
}

impl ClientAddress {
    /// Reads a spelling that a proxy sent; `None` if it names no address.
    ///
    /// Every spelling of the IPv6 loopback address is `::1`, although [`canonicalize`] alone would take
    /// `0:0:0:0:0:0:0:1` for an embedded IPv4 address (recorded case `ip/xff-v6-loopback-long`).
    pub fn parse(text: &str) -> Option<Self> {
        let loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
        let text = if parse(without_zone(text)) == Some(loopback) {
            loopback.to_string()
        } else {
            canonicalize(text)?
        };
        let address = parse(&text)?;
        Some(Self { text, address })
    }

    /// The address at the other end of a connection. An IPv4-mapped one is the IPv4 address.
    pub fn from_peer(peer: IpAddr) -> Self {
        let text = peer.to_string();
        let read = match peer {
            // Its text is canonical as it is.
            IpAddr::V4(_) => None,
            IpAddr::V6(_) => Self::parse(&text),
        };
        read.unwrap_or(Self {
            text,
            address: peer,
        })
    }

    /// The canonical text, as in the log: leading zeros and letter case are those of the sender.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number behind the text.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The name of the anonymous user at this address: the form of [`sanitize`].
    pub fn user_name(&self) -> String {
        long_form(self.address)
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Reads a plain address. One line feed at the end is not seen.
pub fn parse(text: &str) -> Option<IpAddr> {
    let text = without_line_end(text);
    parse_ipv4(text)
        .map(IpAddr::V4)
        .or_else(|| parse_ipv6(text).map(IpAddr::V6))
}

/// Whether the text is a plain address.
pub fn is_valid(text: &str) -> bool {
    parse(text).is_some()
}

/// The address that the wiki works with; `None` if the text names none.
///
/// A zone is dropped, an IPv4 address embedded in IPv6 is taken out, and anything else that is valid stays as written.
pub fn canonicalize(text: &str) -> Option<String> {
    let text = without_zone(text);
    embedded_ipv4(text).or_else(|| is_valid(text).then(|| text.to_owned()))
}

/// The long form with capital letters, as in the names of anonymous users; `None` if nothing but white space is there.
///
/// An address with a mask length keeps that; a text that is no address is only trimmed.
pub fn sanitize(text: &str) -> Option<String> {
    let text = trim(text);
    if text.is_empty() {
        return None;
    }
    Some(match parse_with_mask(text) {
        Some((address, Some(mask))) => format!("{}/{mask}", long_form(address)),
        Some((address, None)) => long_form(address),
        None => text.to_owned(),
    })
}

/// The hexadecimal form, as in the wiki's tables: 8 digits, or `v6-` and 32 digits; `None` if there is none.
///
/// A mask length makes an IPv4 text no address. Behind an IPv6 address it counts as part of the last group.
pub fn hex(text: &str) -> Option<String> {
    match parse_with_mask(text)? {
        (IpAddr::V4(address), None) => Some(format!("{:08X}", u32::from(address))),
        (IpAddr::V4(_), Some(_)) => None,
        (IpAddr::V6(address), None) => Some(format!("v6-{:032X}", u128::from(address))),
        (IpAddr::V6(address), Some(mask)) => {
            let number = u128::from(address);
            let last_group = format!("{:X}/{mask}", number & 0xFFFF);
            Some(format!("v6-{:028X}{last_group:0>4}", number >> 16))
        }
    }
}

/// Whether the text is not a private, loopback or link-local address.
///
/// A text that is no address is public, and so is an IPv4 address with leading zeros.
pub fn is_public(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V4(v4)) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local()),
        Ok(IpAddr::V6(v6)) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
        Err(_) => true,
    }
}

/// Removes the white space around a text that PHP's `trim` removes.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\0', '\u{b}'])
}

/// Reads an IPv6 address of RFC 4291 section 2.2 without an embedded IPv4 address.
pub(super) fn parse_ipv6(text: &str) -> Option<Ipv6Addr> {
    if text.contains('.') {
        return None;
    }
    text.parse().ok()
}

/// Reads a mask length of at most `longest` bits: decimal digits without leading zeros.
pub(super) fn parse_mask(text: &str, longest: u8) -> Option<u8> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|bits| *bits <= longest)
}

fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = text.split('.').map(parse_octet);
    let address = Ipv4Addr::new(
        octets.next()??,
        octets.next()??,
        octets.next()??,
        octets.next()??,
    );
    octets.next().is_none().then_some(address)
}

fn parse_octet(text: &str) -> Option<u8> {
    if text.len() > 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Reads a plain address, or one with a mask length behind a slash.
fn parse_with_mask(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let text = without_line_end(text);
    let Some((address, mask)) = text.split_once('/') else {
        return parse(text).map(|address| (address, None));
    };
    let address = parse(address)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    parse_mask(mask, longest).map(|bits| (address, Some(bits)))
}

/// The IPv4 address in an IPv4-compatible or IPv4-mapped one (RFC 4291 section 2.5.5).
///
/// Written in hexadecimal, both of its groups must be there: `::0:1` is 0.0.0.1, `::1` is the loopback address.
fn embedded_ipv4(text: &str) -> Option<String> {
    let (prefix, last) = text.rsplit_once(':')?;
    if parse_ipv4(last).is_some() {
        let prefix_only = parse_ipv6(&format!("{prefix}:0:0"))?;
        return trailing_ipv4(prefix_only).map(|_| last.to_owned());
    }
    if last.is_empty() || prefix.is_empty() || prefix.ends_with(':') {
        return None;
    }
    trailing_ipv4(parse_ipv6(text)?).map(|address| address.to_string())
}

fn trailing_ipv4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0, 0, 0, 0, 0, 0 | 0xFFFF, _, _] = address.segments() else {
        return None;
    };
    let [.., a, b, c, d] = address.octets();
    Some(Ipv4Addr::new(a, b, c, d))
}

fn long_form(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6.segments().map(|group| format!("{group:X}")).join(":"),
    }
}

fn without_line_end(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

fn without_zone(text: &str) -> &str {
    text.split_once('%').map_or(text, |(address, _)| address)
}
