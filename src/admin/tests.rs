use super::*;
use crate::clock::{Clock, Timestamp};
use crate::job::WikiId;
use crate::job::retry::AttemptRules;
use crate::runner::kinds::KindRegistry;
use crate::runner::log_line::LogFormat;
use crate::stop;
use crate::store::{Store, StoreOptions};
use std::net::{Ipv4Addr, Ipv6Addr};

const LOOPBACK: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
const ELSEWHERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));

/// Whether a caller gets in where `token` is the admin token.
fn gets_in(token: Option<&str>, caller: Caller<'_>) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        directory: directory.path().to_path_buf(),
        cache_bytes: 1 << 20,
        rules: AttemptRules::default(),
        min_free_bytes: 0,
        if_endless: |_| std::process::abort(),
        wikis: Vec::new(),
        users: None,
        clock: Clock::fixed(Timestamp(0)),
    };
    let store = Store::open(options).unwrap();
    let runner = Runner::new(store, KindRegistry::default(), Clock::fixed(Timestamp(0)));
    let (_stopper, stop) = stop::channel();
    let admin = Admin {
        runner,
        wiki: WikiId("w".to_owned()),
        log_format: LogFormat::Mw2014,
        token: token.map(str::to_owned),
        signed_runs: Arc::default(),
        stop,
        alive: std::sync::mpsc::channel().0,
    };
    let allowed = admin.authorize(&caller).is_ok();
    admin.runner.store.close();
    allowed
}

#[test]
fn this_machine_gets_in_and_no_other() {
    assert!(gets_in(
        None,
        Caller {
            peer: LOOPBACK,
            ..Caller::default()
        }
    ));
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    for peer in [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V6(mapped)] {
        assert!(gets_in(
            None,
            Caller {
                peer: Some(peer),
                ..Caller::default()
            }
        ));
    }
    assert!(!gets_in(
        None,
        Caller {
            peer: ELSEWHERE,
            ..Caller::default()
        }
    ));
    assert!(!gets_in(None, Caller::default()));
}

#[test]
fn the_token_opens_from_anywhere_and_a_wrong_one_from_nowhere() {
    let with = |bearer, peer| Caller {
        peer,
        bearer: Some(bearer),
        ..Caller::default()
    };
    assert!(gets_in(Some("secret"), with("secret", ELSEWHERE)));
    assert!(gets_in(
        Some("secret"),
        Caller {
            forwarded: true,
            ..with("secret", LOOPBACK)
        }
    ));
    assert!(!gets_in(Some("secret"), with("Secret", LOOPBACK)));
    assert!(!gets_in(None, with("", LOOPBACK)));
}

#[test]
fn what_came_through_a_proxy_or_from_a_foreign_page_is_not_from_this_machine() {
    assert!(!gets_in(
        None,
        Caller {
            peer: LOOPBACK,
            forwarded: true,
            ..Caller::default()
        }
    ));
    let page = |origin| Caller {
        peer: LOOPBACK,
        origin: Some(origin),
        host: Some("127.0.0.1:8080"),
        ..Caller::default()
    };
    assert!(!gets_in(None, page("https://evil.example")));
    assert!(!gets_in(None, page("null")));
    assert!(gets_in(None, page("http://127.0.0.1:8080")));
}
