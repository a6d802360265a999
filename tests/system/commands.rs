//! The commands: what they print, with a server and without one, and how they end.

mod failing;
mod invalidateemail;
mod runjobs;

use crate::support::mail;
use crate::support::place::Place;
use crate::support::process::Process;
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::{Value, json};
use std::process::Stdio;

const COMMANDS: [&str; 7] = [
    "serve", "runjobs", "showjobs", "records", "users", "submit", "verp",
];

/// A place with a queue: permanent bounces with these subjects, delivered to a server that has stopped since.
fn place_with_jobs(settings: &Value, subjects: &[&str]) -> Place {
    let place = Place::new(settings);
    let server = Server::start(&place);
    let to = place.address_of(3);
    for subject in subjects {
        server.take(&mail::permanent(&to, subject));
    }
    assert_eq!(server.stop().code, Some(0));
    place
}

/// A JSON value a line.
fn json_lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

#[test]
fn lists_are_the_same_with_a_server_and_without_one() {
    let place = place_with_jobs(&json!({"BounceRecordLimit": 2}), &["a", "b\u{e9}", "c"]);
    let server = Server::start(&place);
    place.print(&["runjobs", "--maxjobs", "2"]);
    assert_eq!(server.stop().code, Some(0));
    let lists = [
        &["showjobs"][..],
        &["showjobs", "--group"],
        &["showjobs", "--type", "BounceHandlerJob"],
        &["showjobs", "--type", "None"],
        &["showjobs", "--group", "--type", "None"],
        &["records", "--json"],
        &["records", "--json", "--user", "3"],
        &["records", "--user", "2"],
        &["users", "--json"],
    ];
    let print = || lists.map(|list| place.print(list));
    let without = print();
    let server = Server::start(&place);
    let with = print();
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(with, without);
    let [
        ready,
        group,
        of_type,
        none,
        no_group,
        records,
        of_bob,
        of_alice,
        users,
    ] = without;
    assert_eq!([ready.as_str(), &of_type, &none], ["1\n", "1\n", "0\n"]);
    assert_eq!(
        group,
        "BounceHandlerJob: 1 queued; 0 claimed (0 active, 0 abandoned); 0 delayed\n"
    );
    assert_eq!(no_group, "");
    let reasons = json_lines(&records);
    assert_eq!(reasons.len(), 2);
    assert_eq!(reasons[0]["email"], "bob@example.com");
    assert_eq!(
        (&reasons[0]["reason"], &reasons[1]["reason"]),
        (&json!("a"), &json!("b\u{e9}"))
    );
    assert_eq!(reasons[0]["timestamp"].as_str().unwrap().len(), 14);
    assert_eq!((of_bob, of_alice.as_str()), (records, ""));
    let users = json_lines(&users);
    assert_eq!(users[2]["name"], "Bob");
    assert_eq!(
        users[2]["email_authenticated"],
        Value::Null,
        "un-confirmed at the second bounce"
    );
    assert!(users[1]["email_authenticated"].is_string());
}

#[test]
fn addresses_are_made_and_read() {
    let place = Place::new(&json!({"VERPprefix": "w", "Server": "https://wiki.example.org"}));
    let address = place.address_of(3);
    assert!(address.starts_with("w-bouncewiki-3-"), "{address}");
    assert!(address.ends_with("@wiki.example.org"), "{address}");
    let decoded = place.print(&["verp", "decode", &address]);
    for part in ["wiki  bouncewiki\n", "user  3\n", "proof good\n"] {
        assert!(decoded.contains(part), "no {part:?} in {decoded}");
    }
    let other = place.print(&["verp", "encode", "--user", "7", "--wiki", "otherwiki"]);
    assert!(other.starts_with("w-otherwiki-7-"), "{other}");

    let server = Server::start(&place);
    assert_eq!(place.print(&["verp", "decode", &address]), decoded);
    assert!(place.address_of(3).starts_with("w-bouncewiki-3-"));
    drop(server);
}

#[test]
fn an_address_that_is_not_proved_is_refused_with_the_reason() {
    let place = Place::new(&json!({}));
    let address = place.address_of(3);
    let forged = address.replacen("-3-", "-2-", 1);
    for (address, reason) in [
        (
            forged.as_str(),
            "the hash in the VERP address does not match",
        ),
        ("bob@example.com", "is not accepted"),
        ("", "is not accepted"),
    ] {
        let ended = place.run(&["verp", "decode", address]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{address}");
        assert!(ended.err.contains(reason), "{address}: {}", ended.err);
    }
    place.set(&json!({"VERPAcceptTime": -1}));
    let ended = place.run(&["verp", "decode", &address]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let subjects: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let place = place_with_jobs(&json!({}), &subjects);
    let succeeds_unread = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let status = wait_for("the end of a command", || child.try_wait().unwrap());
        assert!(status.success(), "{arguments:?}: {status}");
    };
    for with_server in [false, true] {
        let server = with_server.then(|| Server::start(&place));
        for arguments in [
            &["records", "--json"][..],
            &["users", "--json"],
            &["showjobs"],
            &["verp", "encode", "--user", "3"],
            &["runjobs", "--maxjobs", "3"],
        ] {
            succeeds_unread(arguments);
        }
        drop(server.map(Server::stop));
    }
    place.print(&["runjobs"]);
    let mut expected: Vec<_> = subjects.iter().copied().map(str::to_owned).collect();
    expected.sort();
    assert_eq!(place.reasons(), expected, "each job was run once");
}

#[test]
fn the_help_lists_every_command_and_each_has_its_own() {
    let place = Place::new(&json!({}));
    let run = |arguments: &[&str]| Process::spawn(&mut place.bare_command(arguments)).wait();
    let help = run(&["--help"]);
    assert_eq!(help.code, Some(0));
    for command in COMMANDS {
        assert!(
            help.out.contains(&format!("\n  {command} ")),
            "{command} in {}",
            help.out
        );
        let own = run(&[command, "--help"]);
        assert_eq!(own.code, Some(0), "{}", own.err);
        assert!(own.out.contains("--config <FILE>"), "{}", own.out);
        assert!(own.out.contains("--data-dir <DIR>"), "{}", own.out);
    }
    let version = run(&["--version"]);
    assert_eq!(
        version.out,
        concat!("bouncehandlerd ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn exit_codes_tell_a_wrong_command_line_from_a_failure() {
    let place = Place::new(&json!({}));
    for wrong in [
        &["nosuch"][..],
        &["records", "--user", "Bob"],
        &["verp", "encode"],
    ] {
        let ended = place.run(wrong);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(ended.err.contains("error:"), "{wrong:?}: {}", ended.err);
    }
    // The scripts of MediaWiki end with 1.
    for wrong in [
        &["runjobs", "--memory-limit", "few"][..],
        &["runjobs", "--log-format", "2015"],
        &["runjobs", "--exclude-type", "x"],
        &["showjobs", "--nosuch"],
        &["managejobs", "--type", "x"],
        &["invalidateemail"],
    ] {
        let ended = place.run(wrong);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{wrong:?}");
        assert!(ended.err.contains("error:"), "{wrong:?}: {}", ended.err);
    }
    let bare = Process::spawn(&mut place.bare_command(&[])).wait();
    assert_eq!(bare.code, Some(2));
    for command in ["runjobs", "showjobs", "records", "users"] {
        let ended = place.run(&[command]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{command}");
        let directory = place.data();
        for part in [
            "there is no data directory",
            directory.to_str().unwrap(),
            "--data-dir",
        ] {
            assert!(
                ended.err.contains(part),
                "{command}: no {part:?} in {}",
                ended.err
            );
        }
        assert!(!directory.exists(), "{command} has made the directory");
    }
}
