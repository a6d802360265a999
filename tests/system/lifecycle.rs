//! Starting and stopping, and what the program says when it cannot start.

use crate::support::mail;
use crate::support::place::Place;
use crate::support::process::{Ended, Process};
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::{Value, json};
use std::fs;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Starts a server that must not start, and returns what it says.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let ended = Process::spawn(&mut place.command(arguments)).wait();
    assert_failed(&ended);
    ended.err
}

fn assert_failed(ended: &Ended) {
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

/// Fails unless the text has all the parts.
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn without_any_settings_the_server_says_where_it_is_what_is_in_it_and_how_to_try_it() {
    let place = Place::new(&json!({}));
    let server = Server::spawn(&mut place.bare_command(&SERVE));
    let greeting = server.process().out();
    let url = format!("http://{}", server.address());
    assert_says(
        &greeting,
        &[
            &format!("listens on {url}\n"),
            "BounceWiki (bouncewiki)",
            &format!("{url}/w/api.php"),
            "3 Bob (bob@example.com, confirmed)",
            "bouncehandlerd-data",
            &format!("curl -X POST {url}/admin/runJobs"),
            "curl --data-urlencode email@MAIL",
            "verp encode --user ID",
        ],
    );
    assert_says(&server.process().err(), &["WARN", "VERPsecret"]);
    let file = place.read("bouncehandlerd-data/server.json");
    let file: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(file["url"], json!(url));

    let run = |arguments: &[&str]| {
        let ended = Process::spawn(&mut place.bare_command(arguments)).wait();
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        ended.out
    };
    let to = run(&["verp", "encode", "--user", "3"]);
    server.take(&mail::permanent(
        to.trim_end(),
        "As it comes out of the box",
    ));
    let lines = run(&["runjobs"]);
    let mut lines = lines.lines();
    assert!(lines.next().unwrap().ends_with(" STARTING"));
    assert!(lines.next().unwrap().ends_with(" good"));
    assert_eq!(lines.next(), None);
    assert_says(
        &run(&["records", "--json"]),
        &["As it comes out of the box"],
    );
    assert_eq!(server.stop().code, Some(0));
}

#[test]
fn a_server_that_is_told_to_stop_keeps_everything_and_the_next_one_has_it() {
    let place = Place::new(&json!({}));
    let to = place.address_of(3);
    let server = Server::start(&place);
    for subject in ["one", "two", "three"] {
        server.take(&mail::permanent(&to, subject));
    }
    let ran = server.ask("POST", "/admin/runJobs?maxjobs=1", "");
    assert_eq!(ran.status, 200);
    let ended = server.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_says(&ended.err, &["SIGTERM", "stopped"]);
    let file: Value = serde_json::from_str(&place.read("data/server.json")).unwrap();
    assert_eq!(file["url"], Value::Null);

    let server = Server::start(&place);
    assert_eq!(place.print(&["showjobs"]), "2\n");
    place.print(&["runjobs"]);
    assert_eq!(place.reasons(), ["one", "three", "two"]);
    assert_eq!(server.stop().code, Some(0));
}

/// A place whose sendmail program says that it has begun, and ends once it is let go.
fn place_with_a_slow_mail() -> Place {
    let place = Place::new(&json!({}));
    let sendmail = place.script(
        "sendmail",
        "cat > letter\ntouch begun\nfor try in $(seq 3000); do [ -e go ] && break; sleep 0.02; done\necho sent >> sent",
    );
    place.set(&json!({
        "UnrecognizedBounceNotify": ["admin@example.org"],
        "SendmailPath": sendmail,
    }));
    place
}

#[test]
fn a_job_that_runs_when_the_server_is_told_to_stop_is_finished_and_not_stranded() {
    let place = place_with_a_slow_mail();
    let server = Server::start(&place);
    let to = place.address_of(3);
    server.take(&mail::temporary(&to, "delayed"));
    let mut run = server.connect();
    run.send(b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n")
        .unwrap();
    wait_for("the mail to begin", || {
        place.path().join("begun").exists().then_some(())
    });
    server.process().terminate();
    wait_for("the server to hear of it", || {
        server.process().err().contains("SIGTERM").then_some(())
    });
    fs::write(place.path().join("go"), "").unwrap();
    let lines = run.answer().unwrap().text();
    assert!(lines.ends_with(" good\n"), "{lines}");
    drop(run);
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.print(&["showjobs", "--group"]), "");
    assert_eq!(place.read("sent"), "sent\n");
}

#[test]
fn a_job_whose_reader_has_gone_is_finished_before_the_server_stops() {
    let place = place_with_a_slow_mail();
    let server = Server::start(&place);
    let to = place.address_of(3);
    server.take(&mail::temporary(&to, "delayed"));
    let mut run = server.connect();
    run.send(b"POST /admin/runJobs HTTP/1.1\r\nHost: wiki\r\n\r\n")
        .unwrap();
    wait_for("the mail to begin", || {
        place.path().join("begun").exists().then_some(())
    });
    drop(run);
    server.process().terminate();
    wait_for("the server to hear of it", || {
        server.process().err().contains("SIGTERM").then_some(())
    });
    fs::write(place.path().join("go"), "").unwrap();
    assert_eq!(server.stop().code, Some(0));
    place.print(&["runjobs"]);
    assert_eq!(place.read("sent"), "sent\n", "the mail went out once");
    assert_eq!(place.print(&["showjobs", "--group"]), "");
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_and_told_who_has_it() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    let said = refused(&place, &SERVE);
    let (data, pid) = (place.data(), server.process().id().to_string());
    assert_says(
        &said,
        &[data.to_str().unwrap(), &format!("pid {pid}"), "--data-dir"],
    );
    server.assert_well();
}

#[test]
fn a_data_directory_that_cannot_be_one_is_named() {
    let place = Place::new(&json!({}));
    fs::write(place.data(), "a file").unwrap();
    let said = refused(&place, &SERVE);
    assert_says(
        &said,
        &[
            place.data().to_str().unwrap(),
            "cannot be written",
            "--data-dir",
        ],
    );
    assert_eq!(fs::read(place.data()).unwrap(), b"a file");
}

#[test]
fn a_damaged_store_is_refused_with_advice_and_left_alone() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    server.take(&mail::permanent(&place.address_of(3), "before"));
    assert_eq!(server.stop().code, Some(0));
    let torn = place.data().join("store/snap.0000000000001000");
    fs::write(&torn, b"torn").unwrap();
    let database = fs::read(place.data().join("store/db")).unwrap();
    for arguments in [&SERVE[..], &["records", "--json"], &["runjobs"]] {
        let said = refused(&place, arguments);
        assert_says(
            &said,
            &[place.data().to_str().unwrap(), "damaged", "docs/STORAGE.md"],
        );
    }
    assert!(
        fs::read(place.data().join("store/db")).unwrap() == database,
        "changed"
    );
    assert_eq!(fs::read(&torn).unwrap(), b"torn");

    fs::remove_file(torn).unwrap();
    place.print(&["runjobs"]);
    assert_eq!(place.reasons(), ["before"]);
}

#[test]
fn a_port_in_use_is_named() {
    let (one, other) = (Place::new(&json!({})), Place::new(&json!({})));
    let server = Server::start(&one);
    let address = server.address().to_string();
    let said = refused(&other, &["serve", "--listen", &address]);
    assert_says(
        &said,
        &[&format!("cannot listen on {address}"), "--listen", "in use"],
    );
}

#[test]
fn the_secret_that_everybody_knows_is_refused_beyond_this_machine() {
    let place = Place::new(&json!({"VERPsecret": "MediawikiVERP"}));
    let said = refused(&place, &["serve", "--listen", "0.0.0.0:0"]);
    assert_says(&said, &["VERPsecret", "$wgVERPsecret", "loopback"]);
    assert!(
        !place.data().exists(),
        "nothing is made by a server that does not start"
    );
}

#[test]
fn a_secret_of_ones_own_is_nothing_to_warn_of() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    let ended = server.stop();
    assert!(!ended.err.contains("WARN"), "{}", ended.err);
    assert!(!ended.err.contains("VERPsecret"), "{}", ended.err);
}

#[test]
fn an_algorithm_that_there_is_not_is_refused_with_the_nearest_one() {
    let place = Place::new(&json!({"VERPalgorithm": "sha265"}));
    assert_says(
        &refused(&place, &SERVE),
        &["VERPalgorithm", "sha265", "sha256"],
    );
    place.set(&json!({"VERPalgorithm": "nosuch"}));
    assert_says(&refused(&place, &SERVE), &["VERPalgorithm", "nosuch"]);
}

#[test]
fn a_setting_that_there_is_not_is_refused_with_the_nearest_one() {
    let place = Place::new(&json!({"BounceRecordLimits": 3}));
    let config = place.config();
    assert_says(
        &refused(&place, &SERVE),
        &[
            config.to_str().unwrap(),
            "`BounceRecordLimits`",
            "did you mean `BounceRecordLimit`?",
        ],
    );
    place.set(&json!({}));
    let mut command = place.command(&SERVE);
    command.env("BOUNCEHANDLERD_VERP_SECRETS", "x");
    let ended = Process::spawn(&mut command).wait();
    assert_failed(&ended);
    assert_says(&ended.err, &["BOUNCEHANDLERD_VERP_SECRETS", "did you mean"]);
}

#[test]
fn a_value_that_does_not_fit_is_refused_and_its_place_named() {
    let place = Place::new(&json!({"BounceRecordLimit": "many"}));
    let config = place.config();
    assert_says(
        &refused(&place, &SERVE),
        &[config.to_str().unwrap(), "BounceRecordLimit"],
    );
    place.set(&json!({}));
    let said = refused(
        &place,
        &[&SERVE[..], &["--set", "JobRunRate=fast"]].concat(),
    );
    assert_says(&said, &["command line", "JobRunRate"]);
    let toml = place.path().join("settings.toml");
    fs::write(&toml, "Sitename = \"W\"\n\nBounceRecordLimit = \"many\"\n").unwrap();
    let mut command = place.bare_command(&SERVE);
    command.arg("--config").arg(&toml);
    let ended = Process::spawn(&mut command).wait();
    assert_failed(&ended);
    assert_says(
        &ended.err,
        &[toml.to_str().unwrap(), "line 3", "BounceRecordLimit"],
    );
}
