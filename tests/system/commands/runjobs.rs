//! `runjobs`: its lines, its document, its limits.

use super::place_with_jobs;
use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::{Value, json};

/// What changes from run to run in a job's line: the time in front of it, and the milliseconds.
fn without_times(lines: &str) -> Vec<String> {
    let lines = lines.lines().map(|line| {
        let (date, rest) = line.split_at(20);
        assert!(date.starts_with("20") && date.ends_with(' '), "{line}");
        let words = rest.split(' ').map(|word| match word.strip_prefix("t=") {
            Some(milliseconds) => {
                milliseconds.parse::<u64>().unwrap();
                "t="
            }
            None => word,
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

#[test]
fn jobs_are_told_the_same_with_a_server_and_without_one() {
    for format in ["2014", "1.43"] {
        let subjects = ["a", "b", "c", "d", "e", "f"];
        let place = place_with_jobs(&json!({"RunJobsLogFormat": format}), &subjects);
        let arguments = ["runjobs", "--maxjobs", "2"];
        let json = ["runjobs", "--maxjobs", "1", "--result", "json"];
        let without = (place.print(&arguments), place.print(&json));
        let server = Server::start(&place);
        let with = (place.print(&arguments), place.print(&json));
        let (without_server, with_server) = (without_times(&without.0), without_times(&with.0));
        assert_eq!((without_server.len(), with_server.len()), (4, 4));
        let beginning = if format == "2014" {
            // In the later format a job's number and times are in its lines, so they differ from job to job.
            assert_eq!(with_server, without_server);
            "BounceHandlerJob BounceHandler_Job email=string("
        } else {
            "BounceHandlerJob BounceHandler_Job "
        };
        for (line, end) in with_server.iter().zip(["STARTING", "good"].iter().cycle()) {
            assert!(line.starts_with(beginning) && line.ends_with(end), "{line}");
        }
        let document = |text: &str| {
            let mut document: Value = serde_json::from_str(text).unwrap();
            document["elapsed"].take().as_u64().unwrap();
            document["jobs"][0]["time"].take().as_u64().unwrap();
            document
        };
        let expected = json!({
            "jobs": [{"type": "BounceHandlerJob", "status": "ok", "error": null, "time": null}],
            "reached": "job-limit", "backoffs": [], "elapsed": null,
        });
        assert_eq!(document(&without.1), expected);
        assert_eq!(document(&with.1), expected);
        assert_eq!(server.stop().code, Some(0));
        assert_eq!(place.reasons(), subjects);
    }
}

#[test]
fn a_run_can_be_limited_to_a_type_and_be_quiet() {
    let place = place_with_jobs(&json!({}), &["a", "b"]);
    for with_server in [false, true] {
        let server = with_server.then(|| Server::start(&place));
        assert_eq!(
            place.print(&["runjobs", "--type", "UnrecognizedBounceNotice"]),
            ""
        );
        let none = place.print(&["runjobs", "--type", "nosuch", "--result", "json"]);
        let none: Value = serde_json::from_str(&none).unwrap();
        assert_eq!(none, json!({"jobs": [], "reached": "none-possible"}));
        let left = if with_server { "1\n" } else { "2\n" };
        assert_eq!(place.print(&["showjobs"]), left);
        assert_eq!(
            place.print(&[
                "runjobs",
                "--quiet",
                "--maxjobs",
                "1",
                "--type",
                "BounceHandlerJob"
            ]),
            ""
        );
        drop(server.map(Server::stop));
    }
    assert_eq!(place.reasons(), ["a", "b"]);
    assert_eq!(
        place.print(&["runjobs", "--log-format", "1.43"]),
        "Job queue is empty.\n"
    );
    assert_eq!(place.print(&["runjobs", "--log-format", "2014"]), "");
}

#[test]
fn a_run_ends_after_the_job_that_used_up_its_time() {
    let place = Place::new(&json!({}));
    let sendmail = place.script("sendmail", "cat > letter; sleep 0.2");
    place
        .set(&json!({"UnrecognizedBounceNotify": ["admin@example.org"], "SendmailPath": sendmail}));
    let server = Server::start(&place);
    let to = place.address_of(3);
    for subject in ["a", "b", "c"] {
        server.take(&mail::temporary(&to, subject));
    }
    place.print(&["runjobs", "--type", "BounceHandlerJob"]);
    let limited = ["runjobs", "--maxtime", "0.1", "--result", "json"];
    let with: Value = serde_json::from_str(&place.print(&limited)).unwrap();
    assert_eq!(server.stop().code, Some(0));
    let without: Value = serde_json::from_str(&place.print(&limited)).unwrap();
    for run in [with, without] {
        assert_eq!(run["reached"], "time-limit", "{run}");
        assert_eq!(run["jobs"].as_array().unwrap().len(), 1, "{run}");
    }
    assert_eq!(place.print(&["showjobs"]), "1\n");
}
