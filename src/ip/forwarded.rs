//! The client address of a request that may have come through proxies.
//!
//! Each proxy appends the address that it was called from to `X-Forwarded-For`, so the header is read from the right
//! for as long as the address reached so far is that of a trusted proxy. What stands further left may be forged and
//! is not looked at.
//!
//! Some farms' front proxies name the client in a header of its own instead (`ClientIPHeader`). It is believed from the
//! direct peer only, and only if that is a trusted proxy; then it alone says who the client is.

use super::address::{self, ClientAddress};
use super::range::IpRangeList;
use std::fmt;
use std::net::IpAddr;
use thiserror::Error;

const X_FORWARDED_FOR: &str = "X-Forwarded-For";

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    /// The single addresses of `CdnServers`, read with [`address::parse`]; networks and ports do not count there.
    pub cdn_servers: Vec<IpAddr>,
    /// The addresses and networks of `CdnServersNoPurge`.
    pub cdn_servers_no_purge: IpRangeList,
    /// `UsePrivateIPs`. No rule reads it: a configured proxy may name a private address with or without it
    /// (recorded cases `ip/proxy-private-next2` and `ip/xff-private-class-c`), and there are no other trusted proxies.
    pub use_private_ips: bool,
}

impl TrustedProxies {
    /// Whether the header of a request from this address is believed.
    pub fn trusts(&self, hop: &ClientAddress) -> bool {
        self.cdn_servers.contains(&hop.address()) || self.cdn_servers_no_purge.contains(hop)
    }
}

/// The client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedClient {
    /// Its address.
    pub address: ClientAddress,
    /// Who says so.
    pub source: ClientSource,
}

/// Where the client address of a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSource {
    /// The other end of the connection.
    Peer,
    /// `X-Forwarded-For`; the field is the trusted proxy that wrote the entry.
    ForwardedFor(ClientAddress),
    /// The header that `ClientIPHeader` names.
    ClientIpHeader {
        /// The header's name, as configured.
        name: String,
        /// The trusted proxy that sent it.
        proxy: ClientAddress,
    },
}

impl fmt::Display for ClientSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer => out.write_str("peer address"),
            Self::ForwardedFor(proxy) => write!(out, "{X_FORWARDED_FOR} of proxy {proxy}"),
            Self::ClientIpHeader { name, proxy } => write!(out, "{name} of proxy {proxy}"),
        }
    }
}

/// A trusted proxy named something that is no address: the request has no client address.
///
/// `MediaWiki` answers such a request with status 500 and `MediaWiki-API-Error: internal_api_error_MWException`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{header} of trusted proxy {proxy} names {entry:?}, which is no IP address; make the proxy write a bare \
     address there, or take it out of CdnServers and CdnServersNoPurge"
)]
pub struct UnresolvableClient {
    /// The header's name.
    pub header: String,
    /// The entry, trimmed; bytes that are not UTF-8 are replaced.
    pub entry: String,
    /// The proxy that wrote it.
    pub proxy: ClientAddress,
}

/// What the headers of a request say of its client, each header's lines with the first line first.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientHeaders<'r> {
    /// Name and lines of the header that `ClientIPHeader` names; `None` if it names none or the request has none.
    pub client_ip: Option<(&'r str, &'r [&'r [u8]])>,
    /// The lines of `X-Forwarded-For`.
    pub x_forwarded_for: &'r [&'r [u8]],
}

/// Finds the client of a request from the address of its peer and its headers.
///
/// The header of `ClientIPHeader` comes first: from a trusted peer its single address is the client, and `X-Forwarded-For`
/// is not looked at; anything else in it, several lines included, is an error. From another peer it says nothing.
pub fn find_client(
    peer: IpAddr,
    headers: ClientHeaders<'_>,
    proxies: &TrustedProxies,
) -> Result<ResolvedClient, UnresolvableClient> {
    if let Some((name, lines)) = headers.client_ip {
        let proxy = ClientAddress::from_peer(peer);
        if proxies.trusts(&proxy) {
            let entry = lines.join(&b", "[..]);
            return client_named_by(name, proxy, &entry, |proxy| ClientSource::ClientIpHeader {
                name: name.to_owned(),
                proxy,
            });
        }
    }
    resolve_client(peer, headers.x_forwarded_for, proxies)
}

/// Finds the client of a request from the address of its peer and its `X-Forwarded-For` lines, first line first.
///
/// Several lines count as one with commas between them. A line from an untrusted peer changes nothing, whatever it
/// says; an empty line from a trusted one names an empty entry, which is an error.
pub fn resolve_client(
    peer: IpAddr,
    x_forwarded_for: &[&[u8]],
    proxies: &TrustedProxies,
) -> Result<ResolvedClient, UnresolvableClient> {
    let entries_from_the_right = x_forwarded_for
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(|byte| *byte == b','));
    let mut client = ResolvedClient {
        address: ClientAddress::from_peer(peer),
        source: ClientSource::Peer,
    };
    for entry in entries_from_the_right {
        // Proxies that do not know their client say "unknown"; then the proxy itself is the client.
        if !proxies.trusts(&client.address)
            || address::trim(&String::from_utf8_lossy(entry)) == "unknown"
        {
            break;
        }
        client = client_named_by(
            X_FORWARDED_FOR,
            client.address,
            entry,
            ClientSource::ForwardedFor,
        )?;
    }
    Ok(client)
}

fn client_named_by(
    header: &str,
    proxy: ClientAddress,
    entry: &[u8],
    source: impl FnOnce(ClientAddress) -> ClientSource,
) -> Result<ResolvedClient, UnresolvableClient> {
    let entry = String::from_utf8_lossy(entry);
    let entry = address::trim(&entry);
    match ClientAddress::parse(entry) {
        Some(address) => Ok(ResolvedClient {
            address,
            source: source(proxy),
        }),
        None => Err(UnresolvableClient {
            header: header.to_owned(),
            entry: entry.to_owned(),
            proxy,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> TrustedProxies {
        TrustedProxies {
            cdn_servers: vec![IpAddr::from([127, 0, 0, 1])],
            ..TrustedProxies::default()
        }
    }

    #[test]
    fn the_source_of_an_address_is_told() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let direct = resolve_client(local, &[], &proxies()).unwrap();
        assert_eq!(direct.source.to_string(), "peer address");
        let forwarded = resolve_client(local, &[b"203.0.113.9"], &proxies()).unwrap();
        assert_eq!(
            forwarded.source.to_string(),
            "X-Forwarded-For of proxy 127.0.0.1"
        );
    }

    #[test]
    fn an_entry_that_is_no_address_is_told_on_one_line() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let error = resolve_client(local, &[b"x\ny\xff"], &proxies()).unwrap_err();
        assert_eq!(error.entry, "x\ny\u{fffd}");
        let message = error.to_string();
        assert!(
            message.contains("127.0.0.1 names \"x\\ny\u{fffd}\""),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1);
    }

    /// What a request from `peer` with a header `X-Client-IP` and an `X-Forwarded-For` of 203.0.113.9 has for its client.
    fn named(peer: [u8; 4], lines: &[&[u8]]) -> Result<(String, String), String> {
        let headers = ClientHeaders {
            client_ip: Some(("X-Client-IP", lines)),
            x_forwarded_for: &[b"203.0.113.9"],
        };
        match find_client(IpAddr::from(peer), headers, &proxies()) {
            Ok(client) => Ok((client.address.to_string(), client.source.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }

    const PROXY: [u8; 4] = [127, 0, 0, 1];

    #[test]
    fn a_trusted_peer_names_the_client_in_the_header_of_its_own() {
        let source = "X-Client-IP of proxy 127.0.0.1".to_owned();
        assert_eq!(
            named(PROXY, &[b" 198.51.100.7 "]),
            Ok(("198.51.100.7".to_owned(), source.clone()))
        );
        // The client that is named may be a trusted proxy itself: this header has no further hops.
        assert_eq!(
            named(PROXY, &[b"127.0.0.1"]),
            Ok(("127.0.0.1".to_owned(), source))
        );
    }

    #[test]
    fn a_peer_that_is_not_trusted_names_nobody_in_either_header() {
        let own = ("192.0.2.1".to_owned(), "peer address".to_owned());
        for lines in [&[&b"198.51.100.7"[..]][..], &[b"nonsense"], &[b""], &[]] {
            assert_eq!(named([192, 0, 2, 1], lines), Ok(own.clone()));
        }
    }

    #[test]
    fn anything_but_one_address_in_the_header_of_a_trusted_peer_is_an_error() {
        let lines: [&[&[u8]]; 6] = [
            &[b""],
            &[],
            &[b"unknown"],
            &[b"198.51.100.7, 198.51.100.8"],
            &[b"198.51.100.7", b"198.51.100.7"],
            &[b"198.51.100.0/24"],
        ];
        for lines in lines {
            let error = named(PROXY, lines).unwrap_err();
            assert!(
                error.starts_with("X-Client-IP of trusted proxy 127.0.0.1 names "),
                "{error}"
            );
        }
    }

    #[test]
    fn without_the_header_the_forwarding_one_counts() {
        let headers = ClientHeaders {
            client_ip: None,
            x_forwarded_for: &[b"203.0.113.9"],
        };
        let client = find_client(IpAddr::from(PROXY), headers, &proxies()).unwrap();
        assert_eq!(client.address.to_string(), "203.0.113.9");
    }
}
