//! The program is killed again and again; what it has acknowledged stays, once.

mod steps;

use crate::support::chance::Chance;
use crate::support::http::{Connection, is_end};
use crate::support::mail::{self, ACCEPTED};
use crate::support::place::Place;
use crate::support::process::Process;
use crate::support::server::Server;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

/// Mail servers that deliver at the same time.
const CONNECTIONS: u64 = 32;

/// Kills, unless the environment variable `BOUNCEHANDLERD_KILLS` says otherwise.
const KILLS: u64 = 200;

/// One mail in so many is a large one.
const ONE_LARGE_IN: u64 = 150;

/// Bytes that a large mail returns.
const LARGE: usize = 200_000;

/// What was sent, and what was acknowledged. A bounce is known by its number, which its Subject ends with.
#[derive(Debug, Default)]
struct Ledger {
    next: AtomicU64,
    acknowledged: BTreeSet<u64>,
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    /// A server that takes bounces.
    Server,
    /// A server that takes bounces and runs jobs.
    BusyServer,
    /// A server that may not listen yet, several times in a row, so that what opening repairs is cut off, too.
    StartingServer,
    /// A server under load that was told to stop.
    StoppingServer,
    /// `runjobs` on a directory that no server holds.
    RunJobs,
}

impl Victim {
    fn by(chance: &mut Chance) -> Self {
        match chance.below(10) {
            0 => Self::Server,
            1..=4 => Self::BusyServer,
            5 | 6 => Self::StoppingServer,
            7 | 8 => Self::StartingServer,
            _ => Self::RunJobs,
        }
    }
}

#[test]
fn what_was_acknowledged_is_recorded_exactly_once_however_often_the_program_is_killed() {
    let mut chance = Chance::seeded();
    let kills = std::env::var("BOUNCEHANDLERD_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let place = Place::new(&json!({
        // A job that three kills hit would be given up, as in MediaWiki; here each one has to be recorded.
        "JobMaxAttempts": 1_000_000,
        "BounceRecordLimit": 1_000_000_000,
        "BounceHandlerUnconfirmUsers": false,
        "LogLevel": "warn",
    }));
    let address = place.address_of(3);
    let mut ledger = Ledger::default();
    let mut victims = BTreeMap::new();
    // There has to be a data directory before a command can use it.
    Server::start(&place).kill();
    for _ in 0..kills {
        let victim = Victim::by(&mut chance);
        *victims.entry(format!("{victim:?}")).or_insert(0) += 1;
        match victim {
            Victim::Server | Victim::BusyServer | Victim::StoppingServer => {
                kill_under_load(&place, &address, &mut chance, victim, &mut ledger);
            }
            Victim::StartingServer => {
                for _ in 0..=chance.below(3) {
                    kill_soon(&place, &["serve", "--listen", "127.0.0.1:0"], &mut chance);
                }
            }
            Victim::RunJobs => kill_soon(&place, &["runjobs"], &mut chance),
        }
    }
    println!(
        "killed {victims:?}; sent {}, acknowledged {}",
        ledger.next.load(Ordering::SeqCst),
        ledger.acknowledged.len()
    );
    settle_and_compare(&place, &ledger);
}

/// Starts a server, which must succeed whatever happened to the last one, and kills it while it works.
fn kill_under_load(
    place: &Place,
    to: &str,
    chance: &mut Chance,
    victim: Victim,
    ledger: &mut Ledger,
) {
    let server = Server::start(place);
    let address = server.address();
    let ended = AtomicBool::new(false);
    let (next, ended) = (&ledger.next, &ended);
    let moment = Duration::from_micros(chance.below(300_000));
    let time_to_stop = Duration::from_micros(chance.below(60_000));
    let acknowledged: Vec<u64> = thread::scope(|scope| {
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let mut chance = chance.fork();
                scope.spawn(move || deliver_until_cut_off(address, to, &mut chance, next))
            })
            .collect();
        if victim != Victim::Server {
            scope.spawn(move || run_jobs_until_cut_off(address, ended));
        }
        sleep(moment);
        if victim == Victim::StoppingServer {
            server.process().terminate();
            sleep(time_to_stop);
        }
        server.kill();
        ended.store(true, Ordering::SeqCst);
        let lists = senders.into_iter().map(|sender| sender.join().unwrap());
        lists.flatten().collect()
    });
    ledger.acknowledged.extend(acknowledged);
}

/// Starts a process and kills it a little later, however far it has come.
fn kill_soon(place: &Place, arguments: &[&str], chance: &mut Chance) {
    let mut process = Process::spawn(&mut place.command(arguments));
    sleep(Duration::from_micros(chance.below(80_000)));
    if let Some(status) = process.status() {
        assert!(status.success(), "{arguments:?}: {}", process.err());
    }
    process.kill();
}

/// Delivers bounces over one connection until it breaks; returns the numbers of those that were acknowledged.
fn deliver_until_cut_off(
    address: SocketAddr,
    to: &str,
    chance: &mut Chance,
    next: &AtomicU64,
) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    let mut connection = match Connection::open(address) {
        Ok(connection) => connection,
        Err(error) => {
            assert!(is_end(&error), "{error}");
            return acknowledged;
        }
    };
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let subject = format!("Undelivered {number}");
        let mail = if chance.once_in(ONE_LARGE_IN) {
            mail::large(to, &subject, LARGE)
        } else {
            mail::permanent(to, &subject)
        };
        match connection.exchange(&mail::request(&mail)) {
            Ok(answer) => assert_eq!((answer.status, answer.text()), (200, ACCEPTED.to_owned())),
            Err(error) => {
                assert!(is_end(&error), "{error}");
                return acknowledged;
            }
        }
        acknowledged.push(number);
    }
}

/// Runs jobs over and over until the connection breaks.
fn run_jobs_until_cut_off(address: SocketAddr, ended: &AtomicBool) {
    while !ended.load(Ordering::SeqCst) {
        let run = Connection::open(address).and_then(|mut connection| {
            connection.exchange(b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n")
        });
        match run {
            Ok(answer) => assert_eq!(answer.status, 200, "{}", answer.text()),
            Err(error) => assert!(is_end(&error), "{error}"),
        }
        sleep(Duration::from_millis(1));
    }
}

/// Runs what is left, and compares what was recorded with what was sent and acknowledged.
fn settle_and_compare(place: &Place, ledger: &Ledger) {
    let server = Server::start(place);
    let ran = server.ask("POST", "/admin/runJobs", "");
    assert_eq!(ran.status, 200);
    let bad: Vec<_> = ran
        .body
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            !(line.is_empty() || line.ends_with(b" STARTING") || line.ends_with(b" good"))
        })
        .map(String::from_utf8_lossy)
        .take(3)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(place.print(&["showjobs", "--group"]), "");
    let reasons = place.reasons();
    server.assert_well();
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.reasons(), reasons, "the same without a server");

    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    for reason in &reasons {
        let number = reason.strip_prefix("Undelivered ").unwrap();
        *times.entry(number.parse().unwrap()).or_default() += 1;
    }
    let sent = ledger.next.load(Ordering::SeqCst);
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    let lost: Vec<_> = ledger
        .acknowledged
        .iter()
        .filter(|number| !times.contains_key(number))
        .collect();
    assert!(twice.is_empty(), "recorded more than once: {twice:?}");
    assert!(lost.is_empty(), "acknowledged and not recorded: {lost:?}");
    assert!(times.keys().all(|number| *number < sent), "never sent");
    assert!(!ledger.acknowledged.is_empty(), "nothing was acknowledged");
}
