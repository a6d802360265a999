//! Entries of an address list: a single address, a network (`10.0.0.0/8`) or a range (`10.0.0.1 - 10.0.0.9`).

use super::address::{self, ClientAddress};
use ipnetwork::IpNetwork;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use thiserror::Error;

/// One entry of an address list, as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpRange {
    text: String,
    span: Result<RangeInclusive<IpAddr>, RangeFault>,
}

/// Why an entry lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RangeFault {
    /// The text has none of the three forms.
    #[error(
        "it is no IP address; write an address without spaces around it, a network (10.0.0.0/8) or a range \
         (10.0.0.1 - 10.0.0.9)"
    )]
    NoAddress,
    /// What stands before the slash is no address.
    #[error(
        "{0:?} before the slash is no address; write it without spaces, leading zeros or an embedded IPv4 \
         address"
    )]
    NoNetwork(String),
    /// What stands behind the slash is no mask length.
    #[error(
        "{mask:?} behind the slash is no mask length; write a number of bits from 0 to {longest}"
    )]
    NoMask {
        /// The text behind the slash.
        mask: String,
        /// Bits in an address of this family.
        longest: u8,
    },
    /// One end of a range is missing or is no address, or there are more than two.
    #[error("a range needs exactly two addresses with a hyphen between them")]
    NoEnds,
    /// One end is IPv4, the other IPv6.
    #[error("the range begins and ends in different address families")]
    MixedFamilies,
    /// The range ends before it begins.
    #[error("the range ends before it begins; swap its ends")]
    Reversed,
    /// IPv6 spelling of an IPv4 address: clients are known by the latter.
    #[error("such a client is known by its IPv4 address; write {0}")]
    EmbeddedIpv4(String),
}

impl IpRange {
    /// Reads an entry. What cannot be read is kept: it holds nothing but texts that are no addresses either.
    pub fn parse(text: &str) -> Self {
        let span = match text.split_once('/') {
            Some((network, mask)) => network_span(network, mask),
            None if text.contains('-') => explicit_span(text),
            None => address::parse(text)
                .map(|single| single..=single)
                .ok_or(RangeFault::NoAddress),
        };
        Self {
            text: text.to_owned(),
            span,
        }
    }

    /// The entry as it was configured.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the plain address `ip` is in here. A text that is no address is in every entry that cannot be read.
    pub fn contains(&self, ip: &str) -> bool {
        match (&self.span, address::parse(ip)) {
            (Ok(span), Some(address)) => span.contains(&address),
            (Err(_), None) => true,
            (Ok(_), None) | (Err(_), Some(_)) => false,
        }
    }

    /// Whether the client is in here.
    pub fn contains_client(&self, client: &ClientAddress) -> bool {
        self.contains_address(client.address())
    }

    /// Whether no client can be in here; [`IpRange::fault`] says why.
    pub fn is_unusable(&self) -> bool {
        self.fault().is_some()
    }

    /// Why no client can be in here; `None` if one can.
    pub fn fault(&self) -> Option<RangeFault> {
        let single = address::trim(&self.text);
        let embedded = ClientAddress::parse(single)
            .filter(|client| client.address().is_ipv4() && single.contains(':'));
        match (embedded, &self.span) {
            (Some(client), _) => Some(RangeFault::EmbeddedIpv4(client.text().to_owned())),
            (None, Err(fault)) => Some(fault.clone()),
            (None, Ok(_)) => None,
        }
    }

    fn contains_address(&self, address: IpAddr) -> bool {
        self.span.as_ref().is_ok_and(|span| span.contains(&address))
    }
}

/// A list of configured entries, such as `BounceHandlerInternalIPs`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpRangeList(Vec<IpRange>);

impl IpRangeList {
    /// Reads the entries in their order.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Self {
        Self(
            entries
                .iter()
                .map(|entry| IpRange::parse(entry.as_ref()))
                .collect(),
        )
    }

    /// Whether the client is in any entry.
    pub fn contains(&self, client: &ClientAddress) -> bool {
        self.0.iter().any(|range| range.contains_client(client))
    }

    /// The entries as they were given.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(IpRange::text)
    }

    /// The entries that let nobody in, each with the reason.
    pub fn faults(&self) -> impl Iterator<Item = (&str, RangeFault)> {
        self.0
            .iter()
            .filter_map(|range| range.fault().map(|fault| (range.text(), fault)))
    }
}

/// `network/mask`. Host bits may be set in the network; they do not count.
fn network_span(network: &str, mask: &str) -> Result<RangeInclusive<IpAddr>, RangeFault> {
    let (address, longest, bits) = if let Some(v6) = address::parse_ipv6(network) {
        let mask = mask.strip_suffix('\n').unwrap_or(mask);
        (IpAddr::V6(v6), 128, address::parse_mask(mask, 128))
    } else {
        let v4: Ipv4Addr = network
            .parse()
            .map_err(|_not_dotted| RangeFault::NoNetwork(network.to_owned()))?;
        (IpAddr::V4(v4), 32, numeric_mask(mask))
    };
    bits.and_then(|bits| IpNetwork::new(address, bits).ok())
        .map(|net| net.network()..=net.broadcast())
        .ok_or_else(|| RangeFault::NoMask {
            mask: mask.to_owned(),
            longest,
        })
}

/// The mask length of an IPv4 network: any number that PHP reads from a text (`08`, `+8`, ` 8`, `8 `, `1e1`) from 0 to 32.
///
/// A fraction counts as a whole bit more, so that a list of allowed addresses never holds more than was written.
fn numeric_mask(text: &str) -> Option<u8> {
    let number = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    // Rust reads the same numbers as PHP; `inf` and `nan` besides, which are not up to 32 either.
    let value: f64 = number.parse().ok()?;
    if value < 0.0 {
        return None;
    }
    (0..=32).find(|bits| f64::from(*bits) >= value)
}

/// `first - last`, with white space anywhere around the addresses.
fn explicit_span(text: &str) -> Result<RangeInclusive<IpAddr>, RangeFault> {
    let ends = text
        .split_once('-')
        .map(|(first, last)| (address::trim(first), address::trim(last)))
        .and_then(|(first, last)| Some((address::parse(first)?, address::parse(last)?)));
    let (first, last) = ends.ok_or(RangeFault::NoEnds)?;
    if first.is_ipv4() != last.is_ipv4() {
        return Err(RangeFault::MixedFamilies);
    }
    if last < first {
        return Err(RangeFault::Reversed);
    }
    Ok(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_lets_nobody_in_says_why() {
        let table = [
            ("garbage", RangeFault::NoAddress),
            (" 127.0.4.1 ", RangeFault::NoAddress),
            ("10.0.0/8", RangeFault::NoNetwork("10.0.0".to_owned())),
            (
                "10.0.0.0/33",
                RangeFault::NoMask {
                    mask: "33".to_owned(),
                    longest: 32,
                },
            ),
            (
                "2001:db8::/129",
                RangeFault::NoMask {
                    mask: "129".to_owned(),
                    longest: 128,
                },
            ),
            ("10.0.0.1-", RangeFault::NoEnds),
            ("10.0.0.1-10.0.0.2-10.0.0.3", RangeFault::NoEnds),
            ("10.0.0.1-2001:db8::1", RangeFault::MixedFamilies),
            ("10.0.0.2-10.0.0.1", RangeFault::Reversed),
            (
                "::ffff:127.0.7.1",
                RangeFault::EmbeddedIpv4("127.0.7.1".to_owned()),
            ),
            (
                "::ffff:7f00:701",
                RangeFault::EmbeddedIpv4("127.0.7.1".to_owned()),
            ),
        ];
        for (text, fault) in table {
            assert_eq!(IpRange::parse(text).fault(), Some(fault), "{text:?}");
        }
    }

    #[test]
    fn an_entry_that_lets_somebody_in_has_no_fault() {
        for text in [
            "127.0.0.1",
            "::1",
            "0:0:0:0:0:0:0:1",
            "127.000.006.001",
            "10.1.2.3/08",
            "::/0",
            "::ffff:0:0/96",
            "10.0.0.1 - 10.0.0.1",
        ] {
            assert_eq!(IpRange::parse(text).fault(), None, "{text:?}");
        }
    }

    #[test]
    fn a_list_names_the_entries_that_let_nobody_in() {
        let list = IpRangeList::parse(&["127.0.0.1", "garbage", "10.0.0.2-10.0.0.1"]);
        let faults: Vec<_> = list.faults().collect();
        assert_eq!(
            faults,
            [
                ("garbage", RangeFault::NoAddress),
                ("10.0.0.2-10.0.0.1", RangeFault::Reversed)
            ]
        );
    }

    #[test]
    fn a_mask_with_a_fraction_holds_no_more_than_was_written() {
        let range = IpRange::parse("10.0.0.0/8.5");
        assert!(range.contains("10.127.255.255"));
        assert!(!range.contains("10.128.0.0"));
    }

    #[test]
    fn a_mask_is_any_number_that_php_reads() {
        // PHP 8.2: is_numeric($mask) && $mask >= 0 && $mask <= 32.
        for mask in [
            "8", "08", " 8", "8 ", "+8", "8.", "1.e1", "1E+1", "8\n", "\u{b}8", "8\u{c}", ".5",
            "-0",
        ] {
            assert!(numeric_mask(mask).is_some(), "{mask:?}");
        }
        for mask in [
            "", ".", "1e", "e1", "-1", "--8", "+ 8", "0x8", "8\0", "inf", "nan", "1e999", "8 8",
            "\u{ff18}", "8_0", "33", "32.5",
        ] {
            assert_eq!(numeric_mask(mask), None, "{mask:?}");
        }
    }
}
