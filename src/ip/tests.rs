//! The rules against the fixtures, against the recordings where they are at hand, and against arbitrary texts.

use super::address::{canonicalize, hex, is_public, is_valid, sanitize};
use super::*;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

fn json_lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn fixture(name: &str) -> Vec<Value> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    json_lines(&repository.join("fixtures/ip").join(name))
}

/// The directory of the recordings; says on standard output that `what` was skipped if it is missing.
fn recordings(what: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let conformance = shared.join("conformance");
    if conformance.is_dir() {
        return Some(conformance);
    }
    println!("skipped: {what}: no recordings at {}", shared.display());
    None
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

fn check_forms(rows: &[Value]) {
    for row in rows {
        let ip = row["ip"].as_str().unwrap();
        let expected_hex = row["hex"].as_str().map(str::to_owned);
        let expected_canonical = row["canonicalize"].as_str().map(str::to_owned);
        let expected_long = row["sanitize"].as_str().map(str::to_owned);
        assert_eq!(is_valid(ip), row["valid"], "valid {ip:?}");
        assert_eq!(canonicalize(ip), expected_canonical, "canonicalize {ip:?}");
        assert_eq!(sanitize(ip), expected_long, "sanitize {ip:?}");
        assert_eq!(hex(ip), expected_hex, "hex {ip:?}");
        assert_eq!(is_public(ip), row["public"], "public {ip:?}");
    }
}

#[test]
fn the_forms_of_an_address_are_those_of_the_fixture() {
    check_forms(&fixture("forms.jsonl"));
}

#[test]
fn the_forms_of_an_address_are_those_recorded() {
    let Some(conformance) = recordings("forms of addresses") else {
        return;
    };
    let rows = json_lines(&conformance.join("ip_forms.jsonl"));
    assert!(!rows.is_empty());
    check_forms(&rows);
}

#[test]
fn membership_is_that_of_the_fixture() {
    for row in fixture("ranges.jsonl") {
        let range = IpRange::parse(row["range"].as_str().unwrap());
        for ip in strings(&row["in"]) {
            assert!(range.contains(&ip), "{ip:?} in {range:?}");
        }
        for ip in strings(&row["out"]) {
            assert!(!range.contains(&ip), "{ip:?} not in {range:?}");
        }
    }
}

#[test]
fn membership_is_that_recorded() {
    let Some(conformance) = recordings("addresses in ranges") else {
        return;
    };
    let rows = json_lines(&conformance.join("ip_ranges.jsonl"));
    assert!(!rows.is_empty());
    for row in rows {
        let ip = row["ip"].as_str().unwrap();
        let range = IpRange::parse(row["range"].as_str().unwrap());
        assert_eq!(range.contains(ip), row["in_range"], "{ip:?} in {range:?}");
    }
}

fn trusted(cdn_servers: &[String], no_purge: &[String], use_private_ips: bool) -> TrustedProxies {
    TrustedProxies {
        cdn_servers: cdn_servers
            .iter()
            .filter_map(|entry| address::parse(entry))
            .collect(),
        cdn_servers_no_purge: IpRangeList::parse(no_purge),
        use_private_ips,
    }
}

fn resolve(
    peer: &str,
    lines: &[String],
    proxies: &TrustedProxies,
) -> Result<ResolvedClient, UnresolvableClient> {
    let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    resolve_client(peer.parse().unwrap(), &lines, proxies)
}

#[test]
fn the_client_behind_proxies_is_that_of_the_fixture_with_and_without_private_addresses() {
    for use_private_ips in [false, true] {
        let proxies = trusted(
            &["127.0.0.1".to_owned()],
            &["10.20.0.0/16".to_owned()],
            use_private_ips,
        );
        for row in fixture("forwarded.jsonl") {
            let peer = row["peer"].as_str().unwrap();
            let seen = match resolve(peer, &strings(&row["x_forwarded_for"]), &proxies) {
                Ok(client) => {
                    let proxy = match client.source {
                        ClientSource::Peer => None,
                        ClientSource::ForwardedFor(proxy)
                        | ClientSource::ClientIpHeader { proxy, .. } => {
                            Some(proxy.text().to_owned())
                        }
                    };
                    (Some(client.address.text().to_owned()), None, proxy)
                }
                Err(error) => (None, Some(error.entry), Some(error.proxy.text().to_owned())),
            };
            let expected = ["client", "unresolvable", "proxy"]
                .map(|key| row.get(key).and_then(Value::as_str).map(str::to_owned));
            assert_eq!(<[_; 3]>::from(seen), expected, "{row}");
        }
    }
}

/// What a recorded case says about the client; `None` if something else decided it before.
#[derive(Debug, PartialEq)]
enum Recorded {
    Allowed,
    Denied(String),
    Unresolvable,
    UserName(String),
}

fn recorded_outcome(case: &Value) -> Option<Recorded> {
    let response = &case["response"];
    if response["headers"]["MediaWiki-API-Error"] == "internal_api_error_MWException" {
        return Some(Recorded::Unresolvable);
    }
    if let Some(line) = case["log"].get(0).and_then(Value::as_str) {
        let ip = line.strip_prefix("POST received from restricted IP ")?;
        return Some(Recorded::Denied(ip.to_owned()));
    }
    let body: Value = serde_json::from_str(response["body"].as_str()?).ok()?;
    if body.get("bouncehandler").is_some() {
        return Some(Recorded::Allowed);
    }
    let name = body["query"]["userinfo"]["name"].as_str()?;
    Some(Recorded::UserName(name.to_owned()))
}

fn our_outcome(case: &Value, profile: &Value, expected: &Recorded) -> Recorded {
    let proxies = trusted(
        &strings(&profile["CdnServers"]),
        &strings(&profile["CdnServersNoPurge"]),
        profile["UsePrivateIPs"] == true,
    );
    let request = &case["request"];
    let lines: Vec<String> = request["headers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|header| header[0] == "X-Forwarded-For")
        .map(|header| header[1].as_str().unwrap().to_owned())
        .collect();
    let peer = request["source"].as_str().unwrap_or("127.0.0.1");
    let Ok(client) = resolve(peer, &lines, &proxies) else {
        return Recorded::Unresolvable;
    };
    if matches!(expected, Recorded::UserName(_)) {
        return Recorded::UserName(client.address.user_name());
    }
    let mut allowed = strings(&profile["BounceHandlerInternalIPs"]);
    allowed.extend(["127.0.0.1", "::1"].map(str::to_owned));
    if IpRangeList::parse(&allowed).contains(&client.address) {
        Recorded::Allowed
    } else {
        Recorded::Denied(client.address.text().to_owned())
    }
}

#[test]
fn clients_are_allowed_denied_or_unresolvable_as_recorded() {
    let Some(conformance) = recordings("clients behind proxies") else {
        return;
    };
    let mut decided = 0;
    for case in json_lines(&conformance.join("cases/ip.jsonl")) {
        let Some(expected) = recorded_outcome(&case) else {
            continue;
        };
        let name = case["profile"].as_str().unwrap();
        let profile = conformance.join("profiles").join(format!("{name}.json"));
        let profile: Value = serde_json::from_slice(&fs::read(profile).unwrap()).unwrap();
        let ours = our_outcome(&case, &profile, &expected);
        assert_eq!(ours, expected, "{}", case["id"]);
        decided += 1;
    }
    assert!(decided > 0, "no case was decided by the client address");
}

/// Texts near addresses and ranges: the characters of both, in any order.
fn address_like() -> impl Strategy<Value = String> {
    "[0-9a-fA-FxX.:/%+\\-, \t\n]{0,48}"
}

fn ipv4() -> impl Strategy<Value = Ipv4Addr> {
    any::<u32>().prop_map(Ipv4Addr::from)
}

fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    any::<u128>().prop_map(Ipv6Addr::from)
}

fn check_agreement(range: &str, ip: &str) -> Result<(), TestCaseError> {
    let parsed = IpRange::parse(range);
    prop_assert_eq!(parsed.text(), range);
    if !is_valid(ip) {
        prop_assert_eq!(parsed.contains(ip), parsed.contains(""));
    }
    if let Some(client) = ClientAddress::parse(ip) {
        prop_assert!(is_valid(client.text()));
        prop_assert_eq!(
            parsed.contains_client(&client),
            parsed.contains(client.text())
        );
    }
    if is_valid(ip) {
        let long = sanitize(ip).unwrap();
        prop_assert!(hex(ip).is_some());
        prop_assert_eq!(hex(&long), hex(ip));
        prop_assert_eq!(sanitize(&long), Some(long));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_taken(range in any::<String>(), ip in any::<String>()) {
        check_agreement(&range, &ip)?;
    }

    #[test]
    fn any_text_in_the_characters_of_addresses_is_taken(range in address_like(), ip in address_like()) {
        check_agreement(&range, &ip)?;
    }

    #[test]
    fn any_header_is_taken(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..4)) {
        let proxies = trusted(&["127.0.0.1".to_owned()], &["10.0.0.0/8".to_owned()], false);
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        let local = resolve_client(IpAddr::V4(Ipv4Addr::LOCALHOST), &lines, &proxies);
        if let Ok(client) = local {
            prop_assert!(is_valid(client.address.text()));
        }
        let stranger = IpAddr::from([203, 0, 113, 9]);
        let client = resolve_client(stranger, &lines, &proxies).unwrap();
        prop_assert_eq!(client.source, ClientSource::Peer);
        prop_assert_eq!(client.address.address(), stranger);
    }

    #[test]
    fn an_ipv4_address_is_alone_in_its_own_network(one in ipv4(), other in ipv4()) {
        let range = IpRange::parse(&format!("{one}/32"));
        prop_assert!(range.contains(&one.to_string()));
        prop_assert_eq!(range.contains(&other.to_string()), one == other);
    }

    #[test]
    fn an_ipv6_address_is_alone_in_its_own_network(one in ipv6(), other in ipv6()) {
        let [one_text, other_text] = [one, other].map(hexadecimal);
        let range = IpRange::parse(&format!("{one_text}/128"));
        prop_assert!(range.contains(&one_text));
        prop_assert_eq!(range.contains(&other_text), one == other);
    }

    #[test]
    fn an_ipv4_network_holds_what_shares_its_leading_bits(network in any::<u32>(), bits in 0..=32_u32, flipped in 0..32_u32) {
        let range = IpRange::parse(&format!("{}/{bits}", Ipv4Addr::from(network)));
        let neighbour = network ^ (1 << flipped);
        let host_bits = 32_u32.saturating_sub(bits);
        prop_assert_eq!(range.contains(&Ipv4Addr::from(neighbour).to_string()), flipped < host_bits);
    }

    #[test]
    fn an_ipv6_network_holds_what_shares_its_leading_bits(network in any::<u128>(), bits in 0..=128_u32, flipped in 0..128_u32) {
        let range = IpRange::parse(&format!("{}/{bits}", hexadecimal(network.into())));
        let neighbour = network ^ (1 << flipped);
        let host_bits = 128_u32.saturating_sub(bits);
        prop_assert_eq!(range.contains(&hexadecimal(neighbour.into())), flipped < host_bits);
    }

    #[test]
    fn an_ipv4_network_agrees_with_a_comparison_bit_by_bit(network in any::<u32>(), bits in 0..=32_usize, ip in any::<u32>()) {
        let range = IpRange::parse(&format!("{}/{bits}", Ipv4Addr::from(network)));
        let [network_bits, ip_bits] = [network, ip].map(|number| format!("{number:032b}"));
        prop_assert_eq!(range.contains(&Ipv4Addr::from(ip).to_string()), network_bits[..bits] == ip_bits[..bits]);
    }

    #[test]
    fn a_range_holds_what_lies_between_its_ends(ends in any::<[u32; 2]>(), ip in any::<u32>()) {
        let [first, last] = ends.map(Ipv4Addr::from);
        let range = IpRange::parse(&format!("{first} - {last}"));
        let between = ends[0] <= ip && ip <= ends[1];
        prop_assert_eq!(range.contains(&Ipv4Addr::from(ip).to_string()), between);
        prop_assert_eq!(range.is_unusable(), ends[0] > ends[1]);
    }
}

/// Eight hexadecimal groups: `Ipv6Addr` itself writes some addresses with an embedded IPv4 address.
fn hexadecimal(address: Ipv6Addr) -> String {
    address
        .segments()
        .map(|group| format!("{group:x}"))
        .join(":")
}
