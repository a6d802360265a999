//! The client address of a request that may have come through proxies.
//!
//! Each proxy appends the address that it was called from to `X-Forwarded-For`, so the header is read from the right
//! for as long as the address reached so far is that of a trusted proxy. What stands further left may be forged and
//! is not looked at.

use super::address::{self, ClientAddress};
use super::range::IpRangeList;
use std::fmt;
use std::net::IpAddr;
use thiserror::Error;

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
}

impl fmt::Display for ClientSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer => out.write_str("peer address"),
            Self::ForwardedFor(proxy) => write!(out, "X-Forwarded-For of proxy {proxy}"),
        }
    }
}

/// A trusted proxy named something that is no address: the request has no client address.
///
/// `MediaWiki` answers such a request with status 500 and `MediaWiki-API-Error: internal_api_error_MWException`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "X-Forwarded-For of trusted proxy {proxy} names {entry:?}, which is no IP address; make the proxy write a bare \
     address there, or take it out of CdnServers and CdnServersNoPurge"
)]
pub struct UnresolvableClient {
    /// The entry, trimmed; bytes that are not UTF-8 are replaced.
    pub entry: String,
    /// The proxy that wrote it.
    pub proxy: ClientAddress,
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
        client = client_named_by(client.address, entry)?;
    }
    Ok(client)
}

fn client_named_by(
    proxy: ClientAddress,
    entry: &[u8],
) -> Result<ResolvedClient, UnresolvableClient> {
    let entry = String::from_utf8_lossy(entry);
    let entry = address::trim(&entry);
    match ClientAddress::parse(entry) {
        Some(address) => Ok(ResolvedClient {
            address,
            source: ClientSource::ForwardedFor(proxy),
        }),
        None => Err(UnresolvableClient {
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
}
