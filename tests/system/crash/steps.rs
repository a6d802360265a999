//! The program is killed at each step that changes its files, one after the other.
//!
//! `strace` kills it when it is about to make the N-th call of a kind. N rises until a whole round goes by without it:
//! start, pushes, runs with records, pruning, an un-confirmation and a failed job that is tried again, and a stop.

use crate::power::judge::{self, SUBJECT};
use crate::power::promises::Promises;
use crate::support::http::{Connection, is_end};
use crate::support::mail::{self, ACCEPTED};
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::strace;
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The calls that are steps.
const CALLS: [&str; 8] = [
    "pwrite64",
    "sync_file_range",
    "fdatasync",
    "fsync",
    "ftruncate",
    "rename",
    "unlink",
    "mkdir",
];

/// Steps of one kind after which something is wrong with the test.
const MOST_STEPS: usize = 400;

/// Bounces after which an address is un-confirmed.
const LIMIT: usize = 4;

/// Seconds after which a record is pruned, and for how long one has to be there, whatever clocks are rounded to.
const MAX_AGE: u64 = 4;
const SURELY_THERE: Duration = Duration::from_secs(2);

/// Users whose mail bounces, one after the other.
const USERS: u64 = 12;

/// What was sent and acknowledged.
#[derive(Default)]
struct Ledger {
    next: u64,
    /// When the addresses were made that acknowledged mails came back to.
    acknowledged: BTreeMap<u64, Instant>,
}

/// How a round ended.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    Killed,
    Whole,
}

#[test]
fn nothing_is_lost_or_done_twice_whichever_step_the_program_is_killed_at() {
    if strace::is_missing("kills at each step") {
        return;
    }
    let place = place();
    let mut ledger = Ledger::default();
    let mut killed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut round = 0;
    for call in CALLS {
        for step in 1..=MOST_STEPS {
            round += 1;
            let user = round % USERS + 1;
            let outcome = round_under(&place, call, step, user, &mut ledger);
            compare(&place, &ledger, &format!("{call} {step}"));
            if outcome == Round::Whole {
                break;
            }
            assert!(step < MOST_STEPS, "{call} has no end");
            *killed.entry(call).or_default() += 1;
        }
    }
    println!(
        "killed at {killed:?}; acknowledged {}",
        ledger.acknowledged.len()
    );
    assert!(
        ["pwrite64", "fdatasync", "fsync", "rename"]
            .iter()
            .all(|call| killed.contains_key(call))
    );
    end(&place, &ledger);
}

/// A place where a job waits that cannot succeed.
fn place() -> Place {
    let users: Vec<_> = (1..=USERS)
        .map(|id| {
            json!({
                "id": id,
                "name": format!("User {id}"),
                "email": format!("user{id}@example.com"),
                "email_authenticated": "20260101000000",
            })
        })
        .collect();
    let mut settings = json!({
        "LocalDatabases": ["bouncewiki", "otherwiki"],
        "Databases": ["bouncewiki", "otherwiki"],
        "JobMaxAttempts": 1_000_000,
        "JobRetryDelay": 1,
        "JobRetryMaxDelay": 1,
        "BounceRecordLimit": LIMIT,
        "BounceRecordMaxAge": MAX_AGE,
        "Users": users,
        "LogLevel": "warn",
    });
    let place = Place::new(&settings);
    let other = place.print(&["verp", "encode", "--user", "1", "--wiki", "otherwiki"]);
    let server = Server::start(&place);
    server.take(&mail::permanent(other.trim_end(), "The other wiki"));
    assert_eq!(server.stop().code, Some(0));
    // The database of that wiki is gone when its job runs, which is tried again and again.
    settings["Databases"] = json!(["bouncewiki"]);
    place.set(&settings);
    place
}

fn round_under(place: &Place, call: &str, step: usize, user: u64, ledger: &mut Ledger) -> Round {
    // Not with --seccomp-bpf: with it strace counts the calls of a thread wrongly.
    let inject = format!("--inject={call}:signal=SIGKILL:when={step}");
    let trace = format!("trace={call}");
    let options = ["-e", &trace, &inject, "-o", "/dev/null"];
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let server = match Server::spawn_or_die(&mut strace::command(place, &options, &serve)) {
        Ok(server) => server,
        Err(ended) => {
            assert_eq!(ended.code, None, "{call} {step}: {}", ended.err);
            return Round::Killed;
        }
    };
    let ended = match work(place, server.address(), user, ledger) {
        Ok(()) => server.stop(),
        Err(error) => {
            assert!(is_end(&error), "{call} {step}: {error}");
            server.wait()
        }
    };
    match ended.code {
        None => Round::Killed,
        code => {
            assert_eq!(code, Some(0), "{call} {step}: {}", ended.err);
            Round::Whole
        }
    }
}

fn work(place: &Place, address: SocketAddr, user: u64, ledger: &mut Ledger) -> io::Result<()> {
    let (to, made) = (place.address_of(user), Instant::now());
    let mut connection = Connection::open(address)?;
    for bytes in [0, 30_000, 0] {
        let number = ledger.next;
        ledger.next += 1;
        deliver(&mut connection, &to, &format!("{SUBJECT}{number}"), bytes)?;
        ledger.acknowledged.insert(number, made);
    }
    run_jobs(&mut connection)?;
    let number = ledger.next;
    ledger.next += 1;
    deliver(&mut connection, &to, &format!("{SUBJECT}{number}"), 0)?;
    ledger.acknowledged.insert(number, made);
    run_jobs(&mut connection)
}

fn deliver(connection: &mut Connection, to: &str, subject: &str, bytes: usize) -> io::Result<()> {
    let mail = mail::large(to, subject, bytes);
    let answer = connection.exchange(&mail::request(&mail))?;
    assert_eq!((answer.status, answer.text()), (200, ACCEPTED.to_owned()));
    Ok(())
}

fn run_jobs(connection: &mut Connection) -> io::Result<()> {
    let answer = connection.exchange(b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n")?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Ok(())
}

/// Opens the store, which must succeed, and compares what is in it with what was acknowledged.
fn compare(place: &Place, ledger: &Ledger, when: &str) {
    if !place.data().exists() {
        assert!(ledger.acknowledged.is_empty());
        return;
    }
    let holding = judge::read(&place.data()).unwrap_or_else(|error| panic!("{when}: {error}"));
    let there = ledger.acknowledged.iter();
    let there = there.filter(|(_, made)| made.elapsed() < SURELY_THERE);
    let promises = Promises {
        mails: there.map(|(number, _)| *number).collect(),
        ..Promises::default()
    };
    assert_eq!(holding.others, 1, "{when}: the job that cannot succeed");
    let faults = holding.missing_or_twice(&promises);
    assert!(faults.is_empty(), "{when}: {faults:#?}");
    let mails = holding.queued.values().chain(holding.recorded.values());
    assert!(
        mails.max().is_none_or(|mail| *mail < ledger.next),
        "{when}: never sent"
    );
    for (email, bounces) in &holding.bounces {
        // Records may have been pruned since, so the reverse need not be.
        assert!(
            *bounces < LIMIT || holding.unconfirmed.contains(email),
            "{when}: {email}"
        );
    }
}

/// Runs what is left: only the job that cannot succeed stays.
fn end(place: &Place, ledger: &Ledger) {
    let server = Server::start(place);
    assert_eq!(server.ask("POST", "/admin/runJobs", "").status, 200);
    server.assert_well();
    assert_eq!(server.stop().code, Some(0));
    let holding = judge::read(&place.data()).unwrap();
    assert_eq!((holding.queued.len(), holding.others), (0, 1));
    assert!(!holding.unconfirmed.is_empty());
    assert!(
        holding.recorded.len() < ledger.acknowledged.len(),
        "none was pruned"
    );
}
