//! A run of the program of which everything is written down that concerns its files.

use super::LIMIT;
use super::judge::SUBJECT;
use super::trace::{self, Moment};
use crate::support::chance::Chance;
use crate::support::http::Connection;
use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::strace;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Mail servers that deliver at the same time.
const CONNECTIONS: u64 = 12;

/// Users whose mail bounces.
const USERS: u64 = 8;

/// Bytes that the larger mails return.
const LARGE: usize = 120_000;

/// Where a run took place, and what was written down.
pub struct Recording {
    pub place: Place,
    pub moments: Vec<Moment>,
}

/// One life of the server.
pub struct Life {
    /// Mails of a few hundred bytes, and mails that return more.
    pub small: u64,
    pub large: u64,
    /// Whether it is killed in the end, not stopped.
    pub killed: bool,
}

/// Runs the program over one directory, several times.
pub fn record(lives: &[Life], chance: &mut Chance) -> Recording {
    let place = place();
    let addresses: Vec<String> = (1..=USERS).map(|user| place.address_of(user)).collect();
    let next = AtomicU64::new(0);
    let mut moments = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let run = live(&place, life, &addresses, &next, chance, number);
        moments.extend(renumbered(run, moments.len()));
    }
    Recording { place, moments }
}

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
    Place::new(&json!({
        "JobMaxAttempts": 1_000_000,
        "BounceRecordLimit": LIMIT,
        "BounceRecordPeriod": 1_000_000_000,
        "RunJobsLogFormat": "1.43",
        "Users": users,
        "LogLevel": "warn",
    }))
}

fn live(
    place: &Place,
    life: &Life,
    addresses: &[String],
    next: &AtomicU64,
    chance: &mut Chance,
    number: usize,
) -> Vec<Moment> {
    let file = strace::trace_of(place, &number.to_string());
    let calls = format!("trace={}", trace::CALLS);
    let options = [
        "-y",
        "-xx",
        "-s16777216",
        "--seccomp-bpf",
        "-e",
        &calls,
        "-o",
        file.to_str().unwrap(),
    ];
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let server = Server::spawn(&mut strace::command(place, &options, &serve));
    let (process, address) = (server.process().id(), server.address());
    for (mails, bytes) in [(life.small, 0), (life.large, LARGE)] {
        work(address, addresses, mails, bytes, next, chance);
    }
    // Some mails stay for the next life.
    deliver(address, addresses, life.small / 10, 0, next, chance.fork());
    if life.killed {
        server.kill();
    } else {
        assert_eq!(server.stop().code, Some(0));
    }
    let text = strace::finished(&file, process);
    trace::read(&text, &place.data())
}

/// Delivers mails over several connections, and runs jobs meanwhile and afterwards.
fn work(
    address: SocketAddr,
    to: &[String],
    mails: u64,
    bytes: usize,
    next: &AtomicU64,
    chance: &mut Chance,
) {
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            let chance = chance.fork();
            let share = mails / CONNECTIONS;
            scope.spawn(move || deliver(address, to, share, bytes, next, chance));
        }
        if mails > 0 {
            scope.spawn(move || (0..6).for_each(|_| run_jobs(address)));
        }
    });
    run_jobs(address);
}

fn deliver(
    address: SocketAddr,
    to: &[String],
    mails: u64,
    bytes: usize,
    next: &AtomicU64,
    mut chance: Chance,
) {
    let mut connection = Connection::open(address).unwrap();
    for _ in 0..mails {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let user = usize::try_from(chance.below(to.len().try_into().unwrap())).unwrap();
        // The Subject stands in the returned part, too, so the mail can be told by its beginning.
        let mail = mail::large(&to[user], &format!("{SUBJECT}{number}"), bytes);
        let request = mail::marked_request(&mail, number);
        let answer = connection.exchange(&request).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains(r#""submitted":"job""#));
    }
}

fn run_jobs(address: SocketAddr) {
    let request = b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n";
    let mut connection = Connection::open(address).unwrap();
    assert_eq!(connection.exchange(request).unwrap().status, 200);
}

/// The numbers of calls of a later run, behind those of the earlier ones.
fn renumbered(moments: Vec<Moment>, behind: usize) -> Vec<Moment> {
    let renumber = |moment| match moment {
        Moment::Begin(number, call) => Moment::Begin(number + behind, call),
        Moment::End(number) => Moment::End(number + behind),
    };
    moments.into_iter().map(renumber).collect()
}
