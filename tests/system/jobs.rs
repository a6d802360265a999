//! Jobs that run in the background, on request over HTTP, and as consequences of other jobs.

use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::{Value, json};

/// Subjects that sort as they are counted.
fn subjects(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("bounce {number:03}"))
        .collect()
}

#[test]
fn jobs_run_in_the_background_as_they_come() {
    let place = Place::new(&json!({"RunJobsInBackground": true, "BounceRecordLimit": 1000}));
    let server = Server::start(&place);
    assert!(server.process().out().contains("RunJobsInBackground"));
    let to = place.address_of(3);
    let subjects = subjects(30);
    for subject in &subjects {
        server.take(&mail::permanent(&to, subject));
    }
    wait_for("the jobs to be run", || {
        (place.reasons() == subjects).then_some(())
    });
    assert_eq!(place.print(&["showjobs", "--group"]), "");
    assert_eq!(server.stop().code, Some(0));
}

#[test]
fn a_bounce_waits_until_somebody_looks_at_a_page() {
    // jobs/golden/run_rate.json: a bounce posted to the API stays queued, a page runs a job.
    let place = Place::new(&json!({"JobRunRate": 1}));
    let server = Server::start(&place);
    let to = place.address_of(3);
    for subject in subjects(3) {
        server.take(&mail::permanent(&to, &subject));
    }
    assert_eq!(place.print(&["showjobs"]), "3\n");
    let page = server.ask("GET", "/w/index.php", "");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("/w/api.php"), "{}", page.text());
    wait_for("one job to be run", || {
        (place.print(&["showjobs"]) == "2\n").then_some(())
    });
    assert_eq!(
        server
            .ask("GET", "/w/index.php/No_such", "If-None-Match: x\r\n")
            .status,
        404
    );
    assert_eq!(place.print(&["showjobs"]), "2\n");
}

#[test]
fn what_waited_while_no_server_ran_is_run_by_the_next_one() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    server.take(&mail::permanent(&place.address_of(3), "waiting"));
    server.kill();
    place.set(&json!({"RunJobsInBackground": true}));
    let _server = Server::start(&place);
    wait_for("the job to be run", || {
        (place.reasons() == ["waiting"]).then_some(())
    });
}

#[test]
fn the_run_endpoint_streams_the_lines_of_jobs_as_they_run() {
    let place = Place::new(&json!({}));
    let sendmail = place.script(
        "sendmail",
        "cat > letter\nfor try in $(seq 3000); do [ -e go ] && break; sleep 0.02; done",
    );
    place
        .set(&json!({"UnrecognizedBounceNotify": ["admin@example.org"], "SendmailPath": sendmail}));
    let server = Server::start(&place);
    server.take(&mail::temporary(&place.address_of(3), "delayed"));
    let mut run = server.connect();
    run.send(b"POST /admin/runJobs?maxjobs=2 HTTP/1.1\r\nHost: wiki\r\n\r\n")
        .unwrap();
    let head = run.head().unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let mut lines = String::new();
    // The mail is not let go until its line is there, so the line is not held back until the end.
    while !lines.contains("UnrecognizedBounceNotice BounceHandler_Job") {
        let chunk = run.chunk().unwrap().unwrap();
        lines.push_str(&String::from_utf8(chunk).unwrap());
    }
    assert!(lines.ends_with(" STARTING\n"), "{lines}");
    std::fs::write(place.path().join("go"), "").unwrap();
    while let Some(chunk) = run.chunk().unwrap() {
        lines.push_str(&String::from_utf8(chunk).unwrap());
    }
    let ends: Vec<_> = lines
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(ends, ["STARTING", "good", "STARTING", "good"]);
}

#[test]
fn only_this_machine_or_who_has_the_token_may_run_jobs() {
    let place = Place::new(&json!({"AdminToken": "open sesame"}));
    let server = Server::start(&place);
    server.take(&mail::permanent(&place.address_of(3), "once"));
    let through_proxy = "X-Forwarded-For: 192.0.2.1\r\n";
    let foreign_page = "Origin: https://elsewhere.example\r\n";
    for headers in [
        through_proxy,
        foreign_page,
        "Forwarded: for=192.0.2.1\r\n",
        "Authorization: Bearer open\r\n",
        "X-Forwarded-For: 127.0.0.1\r\nAuthorization: Basic b3BlbiBzZXNhbWU=\r\n",
    ] {
        for (method, path) in [
            ("POST", "/admin/runJobs"),
            ("GET", "/admin/records"),
            ("GET", "/admin/users"),
        ] {
            let answer = server.ask(method, path, headers);
            assert_eq!(answer.status, 403, "{path} {headers}: {}", answer.text());
        }
    }
    assert_eq!(place.print(&["showjobs"]), "1\n");
    let token = "Authorization: Bearer open sesame\r\n";
    let answer = server.ask("POST", "/admin/runJobs", &format!("{through_proxy}{token}"));
    assert_eq!(answer.status, 200);
    assert!(answer.text().ends_with(" good\n"), "{}", answer.text());
    let answer = server.ask("POST", "/admin/runJobs?result=json", "");
    let document: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(document["reached"], "none-ready");
    for (method, path, status) in [
        ("GET", "/admin/runJobs", 404),
        ("POST", "/admin/runJobs?maxjobs=-1", 400),
        ("POST", "/admin/runJobs?maxjob=1", 400),
        ("GET", "/admin/nosuch", 404),
        ("GET", "/nosuch", 404),
    ] {
        assert_eq!(
            server.ask(method, path, token).status,
            status,
            "{method} {path}"
        );
    }
}

#[test]
fn a_bounce_that_is_not_recognized_is_mailed_to_the_admins_by_a_job_of_its_own() {
    let place = Place::new(&json!({}));
    let sendmail = place.script("sendmail", "echo \"$@\" >> arguments; cat >> letter");
    place.set(&json!({
        "UnrecognizedBounceNotify": ["one@example.org", "two@example.org"],
        "PasswordSender": "wiki@example.org",
        "SendmailPath": sendmail,
    }));
    let server = Server::start(&place);
    server.take(&mail::temporary(&place.address_of(3), "only delayed"));
    place.print(&["runjobs", "--maxjobs", "1"]);
    assert_eq!(place.read("letter"), "");
    assert_eq!(
        place.print(&["showjobs", "--group"]),
        "UnrecognizedBounceNotice: 1 queued; 0 claimed (0 active, 0 abandoned); 0 delayed\n"
    );
    let lines = place.print(&["runjobs"]);
    assert!(lines.ends_with(" good\n"), "{lines}");
    for recipient in ["one@example.org", "two@example.org", "-f wiki@example.org"] {
        assert!(
            place.read("arguments").contains(recipient),
            "{}",
            place.read("arguments")
        );
    }
    let letter = place.read("letter");
    for part in [
        "Subject: bouncehandler-notify_subject",
        "Subject: only delayed",
        "Status: 4.4.1",
    ] {
        assert!(letter.contains(part), "no {part:?} in {letter}");
    }
    assert_eq!(place.print(&["showjobs", "--group"]), "");
    assert!(place.records().is_empty());
}

#[test]
fn a_mail_program_that_fails_loses_nothing() {
    let place = Place::new(&json!({}));
    let sendmail = place.script(
        "sendmail",
        "cat > /dev/null; echo 'the disk is full' >&2; exit 75",
    );
    place.set(&json!({
        "UnrecognizedBounceNotify": ["admin@example.org"],
        "SendmailPath": sendmail,
        "JobRetryDelay": 3,
    }));
    let server = Server::start(&place);
    server.take(&mail::temporary(&place.address_of(3), "kept"));
    let lines = place.print(&["runjobs"]);
    let (_, failed) = lines.split_once("UnrecognizedBounceNotice ").unwrap();
    assert!(failed.contains(" error="), "{failed}");
    assert!(failed.contains("the disk is full"), "{failed}");
    let delayed =
        "UnrecognizedBounceNotice: 0 queued; 0 claimed (0 active, 0 abandoned); 1 delayed\n";
    assert_eq!(place.print(&["showjobs", "--group"]), delayed);
    assert_eq!(server.stop().code, Some(0));

    place.script("sendmail", "cat >> letter");
    wait_for("the back-off to end and the mail to leave", || {
        place.print(&["runjobs"]).ends_with(" good\n").then_some(())
    });
    assert!(place.read("letter").contains("Subject: kept"));
    assert_eq!(place.print(&["showjobs", "--group"]), "");
}

/// Whether a user's address is confirmed.
fn is_confirmed(place: &Place, name: &str) -> bool {
    let users = place.print(&["users", "--json"]);
    let mut users = users
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let user = users.find(|user| user["name"] == name).unwrap();
    user["email_authenticated"].is_string()
}

#[test]
fn an_address_that_bounces_too_often_is_unconfirmed_and_stays_so() {
    let place = Place::new(&json!({"BounceRecordLimit": 3}));
    let server = Server::start(&place);
    let (bob, alice) = (place.address_of(3), place.address_of(2));
    for subject in ["one", "two"] {
        server.take(&mail::permanent(&bob, subject));
        server.take(&mail::permanent(&alice, subject));
    }
    place.print(&["runjobs"]);
    assert!(is_confirmed(&place, "Bob") && is_confirmed(&place, "Alice"));
    server.take(&mail::permanent(&bob, "three"));
    place.print(&["runjobs"]);
    assert!(!is_confirmed(&place, "Bob") && is_confirmed(&place, "Alice"));
    server.kill();
    let _server = Server::start(&place);
    assert!(!is_confirmed(&place, "Bob") && is_confirmed(&place, "Alice"));
    assert_eq!(place.records().len(), 5);
}

#[test]
fn an_address_that_is_unconfirmed_while_no_server_runs_stays_so_when_one_starts() {
    let place = Place::new(&json!({"BounceRecordLimit": 1}));
    let server = Server::start(&place);
    server.take(&mail::permanent(&place.address_of(3), "one"));
    assert_eq!(server.stop().code, Some(0));
    place.print(&["runjobs"]);
    assert!(!is_confirmed(&place, "Bob"));
    let server = Server::start(&place);
    assert!(!is_confirmed(&place, "Bob"));
    assert_eq!(server.stop().code, Some(0));
    assert!(!is_confirmed(&place, "Bob"));
}
