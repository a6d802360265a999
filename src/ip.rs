//! IP addresses as `MediaWiki` 1.43 understands them: how they are spelled, which configured range they are in,
//! and which one is the client of a request behind proxies.
//!
//! * [`address`] has the grammar of single addresses and their forms.
//! * [`range`](mod@range) has the entries of a list of allowed or trusted addresses.
//! * [`forwarded`] finds the client address of a request.
//!
//! Addresses are compared as `Option<IpAddr>`: IPv4 sorts before IPv6, and `None` stands for a text that is no address.
//! Nothing here reads or writes; the rules are those of the recordings in `conformance/` (`ip_forms.jsonl`,
//! `ip_ranges.jsonl`, `cases/ip.jsonl`).

pub mod address;
pub mod forwarded;
pub mod range;
#[cfg(test)]
mod tests;

pub use self::address::ClientAddress;
pub use self::forwarded::{
    ClientHeaders, ClientSource, ResolvedClient, TrustedProxies, UnresolvableClient, find_client,
    resolve_client,
};
pub use self::range::{IpRange, IpRangeList, RangeFault};
