//! A disk that is full, or for reading only, and then is not any more: nothing acknowledged is lost, and no restart is needed.

use crate::support::http::Answer;
use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::strace;
use crate::support::wait::wait_for;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A request for running the jobs.
const RUN: &[u8] = b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n";

/// The program, and what became of the mails that it was given.
struct Disk {
    place: Place,
    server: Server,
    to: String,
    accepted: Vec<String>,
    posted: u32,
}

impl Disk {
    /// On a file system in memory, which only it and its kin see; `None`, with a word of it, where none can be mounted.
    fn small(megabytes: u32, least: &str) -> Option<Self> {
        let place = Place::new(&json!({ "StoreMinFreeSpace": least }));
        fs::create_dir_all(place.data()).unwrap();
        let mount = format!(
            "mount -t tmpfs -o size={megabytes}m none '{}'",
            place.data().display()
        );
        let able = Command::new("unshare")
            .args(["-rm", "sh", "-c", &mount])
            .output();
        if !able.is_ok_and(|output| output.status.success()) {
            println!("skipped: file systems cannot be mounted here (unshare -rm, mount -t tmpfs)");
            return None;
        }
        let mount_first = format!("{mount} && exec \"$@\"");
        let options = ["-rm", "sh", "-c", &mount_first, "sh"];
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let mut command = place.command_by("unshare", &options, &serve);
        let server = Server::spawn(&mut command);
        Some(Self::of(place, server))
    }

    fn of(place: Place, server: Server) -> Self {
        Self {
            to: place.address_of(3),
            place,
            server,
            accepted: Vec::new(),
            posted: 0,
        }
    }

    /// The data directory as the program sees it.
    fn data(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.server.process().id());
        let data = self.place.data();
        Path::new(&root).join(data.strip_prefix("/").unwrap())
    }

    /// Posts a mail with a subject of its own and takes note if it was taken.
    fn post(&mut self, name: &str, bytes: usize) -> Answer {
        self.posted += 1;
        let subject = format!("{name} {}", self.posted);
        let mail = mail::large(&self.to, &subject, bytes);
        let request = mail::request(&mail);
        let answer = self.server.connect().exchange(&request).unwrap();
        if answer.text() == mail::ACCEPTED {
            self.accepted.push(subject);
        }
        answer
    }

    /// Posts until a mail is refused.
    fn post_until_refused(&mut self, name: &str) -> Answer {
        for _ in 0..10_000 {
            let answer = self.post(name, 20_000);
            if answer.text() != mail::ACCEPTED {
                return answer;
            }
        }
        panic!("the disk is never full");
    }

    /// Fails unless this is what a mail server keeps a mail for.
    fn assert_refused(answer: &Answer) {
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(answer.header("mediawiki-api-error"), Some("readonly"));
        assert!(answer.header("retry-after").is_some());
        let start = r#"{"error":{"code":"readonly","info":"The wiki is currently in read-only mode.","readonlyreason":""#;
        assert!(answer.text().starts_with(start), "{}", answer.text());
    }

    /// Waits until a mail is taken again.
    fn wait_until_taken(&mut self) {
        wait_for("the store to take a mail again", || {
            let answer = self.post("again", 100);
            if answer.text() != mail::ACCEPTED {
                Self::assert_refused(&answer);
            }
            (answer.text() == mail::ACCEPTED).then_some(())
        });
    }

    /// Runs all jobs and compares what was recorded with what was acknowledged.
    fn assert_nothing_is_lost(self) {
        let run = self.server.ask("POST", "/admin/runJobs", "");
        assert_eq!(run.status, 200, "{}", run.text());
        let listed = self.server.ask("GET", "/admin/records", "").text();
        let mut recorded: Vec<String> = listed
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|record| record["reason"].as_str().unwrap().to_owned())
            .collect();
        recorded.sort();
        let mut accepted = self.accepted.clone();
        accepted.sort();
        let missing: Vec<_> = accepted
            .iter()
            .filter(|reason| !recorded.contains(reason))
            .collect();
        assert!(
            missing.is_empty(),
            "acknowledged, but not there: {missing:?}"
        );
        let count = recorded.len();
        recorded.dedup();
        assert_eq!(recorded.len(), count, "a mail is recorded twice");
        // A write that failed may have reached the disk: then a refused mail is there all the same.
        let more = recorded.len() - accepted.len();
        assert!(more <= 3, "{more} mails that were refused are there");
        self.server.assert_well();
    }
}

#[test]
fn with_too_little_room_mails_are_refused_until_there_is_room_again() {
    let Some(mut disk) = Disk::small(24, "6 MiB") else {
        return;
    };
    let filler = disk.data().join("filler");
    disk.post("first", 100);
    fs::write(&filler, vec![1; 12 << 20]).unwrap();
    let refused = disk.post_until_refused("much");
    Disk::assert_refused(&refused);
    let log = disk.server.process().err();
    assert!(log.contains("StoreMinFreeSpace"), "{log}");
    fs::remove_file(&filler).unwrap();
    disk.wait_until_taken();
    disk.assert_nothing_is_lost();
}

#[test]
fn a_store_whose_writes_fail_for_want_of_room_works_again_without_a_restart() {
    let Some(mut disk) = Disk::small(24, "0") else {
        return;
    };
    let filler = disk.data().join("filler");
    fs::write(&filler, vec![1; 18 << 20]).unwrap();
    for round in 0..3 {
        let refused = disk.post_until_refused(&format!("round {round}"));
        Disk::assert_refused(&refused);
        // As long as there is no room, it is refused, however often it is tried.
        for _ in 0..5 {
            Disk::assert_refused(&disk.post("vain", 20_000));
        }
        // A run may get somewhere or break off; what it does not settle is not done.
        drop(disk.server.connect().try_exchange(RUN));
        let room = (18 - 4 * (round + 1)) << 20;
        fs::write(&filler, vec![1; room]).unwrap();
        disk.wait_until_taken();
    }
    fs::remove_file(&filler).unwrap();
    disk.assert_nothing_is_lost();
}

#[test]
fn a_disk_that_turns_read_only_refuses_mails_until_it_can_be_written_again() {
    if strace::is_missing("a read-only disk") {
        return;
    }
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    let mut disk = Disk::of(place, server);
    disk.post("before", 100);
    for round in 0..2 {
        let id = disk.server.process().id();
        let calls = "pwrite64,ftruncate,fallocate,fsync,fdatasync,unlink";
        let mut tracer = strace::failing(id, calls, "EROFS");
        for _ in 0..5 {
            Disk::assert_refused(&disk.post("vain", 20_000));
        }
        tracer.terminate();
        tracer.wait();
        disk.wait_until_taken();
        disk.post(&format!("after {round}"), 20_000);
    }
    disk.assert_nothing_is_lost();
}

#[test]
fn on_a_disk_that_is_read_only_from_the_start_the_program_says_so_and_ends() {
    let place = Place::new(&json!({}));
    fs::create_dir_all(place.data()).unwrap();
    let data = place.data().display().to_string();
    let mount = format!("mount -t tmpfs -o ro none '{data}'");
    let able = Command::new("unshare")
        .args(["-rm", "sh", "-c", &mount])
        .output();
    if !able.is_ok_and(|output| output.status.success()) {
        println!("skipped: file systems cannot be mounted here (unshare -rm, mount -t tmpfs)");
        return;
    }
    let mount_first = format!("{mount} && exec \"$@\"");
    let options = ["-rm", "sh", "-c", &mount_first, "sh"];
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let ended = Server::spawn_or_die(&mut place.command_by("unshare", &options, &serve));
    let ended = ended.unwrap_err();
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let told = format!("the data directory {data} cannot be written (Read-only file system");
    assert!(ended.err.contains(&told), "{}", ended.err);
}
