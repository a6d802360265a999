//! The program as a server.

use super::http::{Answer, Connection};
use super::mail::{self, ACCEPTED};
use super::place::Place;
use super::process::{Ended, Process};
use super::wait::wait_for;
use std::net::SocketAddr;
use std::process::Command;

/// A server that runs. It is killed when this goes.
#[derive(Debug)]
pub struct Server {
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// Starts it at a place and waits until it has said where it listens.
    pub fn start(place: &Place) -> Self {
        Self::spawn(&mut place.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Starts it by a command and waits until it has said where it listens.
    pub fn spawn(command: &mut Command) -> Self {
        Self::spawn_or_die(command)
            .unwrap_or_else(|ended| panic!("the server ended with {:?}: {}", ended.code, ended.err))
    }

    /// The same for one that may end before it listens.
    pub fn spawn_or_die(command: &mut Command) -> Result<Self, Ended> {
        let mut process = Process::spawn(command);
        let address = wait_for("the server to say where it listens", || {
            // Whether it has ended first: what it printed is complete then.
            let ended = process.status().is_some();
            let greeting = process.out();
            let whole = greeting.contains("verp encode --user ID\n");
            match (whole, ended) {
                (true, _) => Some(Some(address_in(&greeting))),
                (false, true) => Some(None),
                (false, false) => None,
            }
        });
        match address {
            Some(address) => Ok(Self { process, address }),
            None => Err(process.wait()),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// A new connection to it.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// Sends one request without a body on a connection of its own.
    pub fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: wiki\r\n{headers}\r\n");
        self.connect().exchange(request.as_bytes()).unwrap()
    }

    /// Delivers a bounce that has to be taken.
    pub fn take(&self, mail: &[u8]) {
        let answer = self.connect().exchange(&mail::request(mail)).unwrap();
        assert_eq!(answer.text(), ACCEPTED);
        assert_eq!(answer.status, 200);
    }

    /// Fails unless it is alive and has not met a fault of its own.
    pub fn assert_well(&self) {
        for path in ["/healthz", "/readyz"] {
            let answer = self.ask("GET", path, "");
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
        let complaints = self.process.err();
        assert!(!complaints.contains("panicked"), "{complaints}");
    }

    /// Tells it to stop and waits until it has.
    pub fn stop(mut self) -> Ended {
        self.process.terminate();
        self.process.wait()
    }

    /// Waits until it has ended by itself, or by somebody else's hand.
    pub fn wait(mut self) -> Ended {
        self.process.wait()
    }

    /// Kills it.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

fn address_in(greeting: &str) -> SocketAddr {
    let (_, url) = greeting.split_once("listens on http://").unwrap();
    url.lines().next().unwrap().parse().unwrap()
}
