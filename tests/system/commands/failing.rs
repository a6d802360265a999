//! Jobs that fail or hang under the real program: exit codes, what is told in a pipe, several workers, signals.

use crate::support::mail;
use crate::support::place::Place;
use crate::support::process::Process;
use crate::support::server::Server;
use crate::support::wait::wait_for;
use serde_json::{Value, json};

/// A place where one notice to the administrators waits, which a program of this text is to send.
fn place_with_notice(sendmail: &str, settings: &Value) -> Place {
    let place = Place::new(&json!({}));
    let mut all = json!({
        "UnrecognizedBounceNotify": ["admin@example.org"],
        "SendmailPath": place.script("sendmail", sendmail),
    });
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    place.set(&all);
    let server = Server::start(&place);
    server.take(&mail::temporary(&place.address_of(3), "kept"));
    assert_eq!(server.stop().code, Some(0));
    assert!(
        place
            .print(&["runjobs", "--type", "BounceHandlerJob"])
            .ends_with(" good\n")
    );
    place
}

#[test]
fn a_failed_job_makes_a_failed_run_only_if_that_is_wanted() {
    let place = place_with_notice(
        "exit 75",
        &json!({"JobRetryDelay": 1, "JobRetryMaxDelay": 1, "JobRetryJitter": 0, "JobMaxAttempts": 1_000_000}),
    );
    for with_server in [false, true] {
        let server = with_server.then(|| Server::start(&place));
        for how in [&[][..], &["--result", "json"], &["--quiet"]] {
            let run = |more: &[&str]| {
                let arguments: Vec<&str> =
                    ["runjobs"].iter().chain(how).chain(more).copied().collect();
                place.run(&arguments)
            };
            // Due again a second after each failure.
            let failed = wait_for("the job to be due and to fail", || {
                let ended = run(&["--fail-on-error"]);
                (ended.code != Some(0)).then_some(ended)
            });
            assert_eq!(failed.code, Some(1), "{how:?}");
            // In a pipe nobody watches the progress.
            for text in [&failed.out, &failed.err] {
                assert!(!text.contains(['\u{1e}', '\r', '\u{1b}']), "{text}");
            }
            assert_eq!(failed.out.is_empty(), how == ["--quiet"]);
            assert_eq!(run(&[]).code, Some(0), "{how:?}");
        }
        server.map(Server::stop);
    }
}

#[test]
fn a_number_of_workers_that_cannot_be_is_refused_as_the_original_refuses_it() {
    let place = Place::new(&json!({}));
    for procs in ["0", "1001", "abc", "-2"] {
        let ended = place.run(&["runjobs", "--procs", procs]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{procs}");
        assert_eq!(ended.err, "Invalid argument to --procs\n", "{procs}");
    }
}

#[test]
fn each_job_is_run_by_one_of_several_workers() {
    let subjects: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
    let texts: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let place = super::place_with_jobs(&json!({}), &texts);
    let lines = place.print(&["runjobs", "--procs", "3", "--maxjobs", "5"]);
    // Each worker has the limit for itself.
    assert_eq!(lines.matches(" good\n").count(), 15, "{lines}");
    assert!(
        lines.ends_with(&"Worker exited with status 0\n".repeat(3)),
        "{lines}"
    );
    let server = Server::start(&place);
    let lines = place.print(&["runjobs", "--procs", "2"]);
    assert_eq!(lines.matches(" good\n").count(), 25, "{lines}");
    assert_eq!(server.stop().code, Some(0));
    let mut reasons = place.reasons();
    reasons.sort();
    let mut expected = subjects.clone();
    expected.sort();
    assert_eq!(reasons, expected);
}

#[test]
fn a_hanging_job_is_given_back_when_the_program_is_told_to_stop() {
    let place = place_with_notice("touch hangs; exec sleep 30", &json!({"JobStopTime": 1}));
    let hangs = place.path().join("hangs");
    let is_hanging = || hangs.exists().then_some(());
    let ready =
        "UnrecognizedBounceNotice: 1 queued; 0 claimed (0 active, 0 abandoned); 0 delayed\n";
    for signal in ["TERM", "INT"] {
        let mut run = Process::spawn(&mut place.command(&["runjobs"]));
        wait_for("the job to hang", is_hanging);
        run.signal(signal);
        assert_eq!(run.wait().code, Some(0), "{signal}");
        assert_eq!(place.print(&["showjobs", "--group"]), ready, "{signal}");
        std::fs::remove_file(&hangs).unwrap();
    }
    // The server, whose client goes on waiting.
    let server = Server::start(&place);
    let mut run = Process::spawn(&mut place.command(&["runjobs"]));
    wait_for("the job to hang", is_hanging);
    assert_eq!(server.stop().code, Some(0));
    run.wait();
    assert_eq!(place.print(&["showjobs", "--group"]), ready);
}
