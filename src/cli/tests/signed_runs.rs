//! Signed run requests, as MediaWiki answered them.

use super::place::{Place, Setup};
use super::recorded;
use serde_json::Value;

/// The document without what takes its own time.
fn timeless(body: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    for job in document["jobs"].as_array_mut().into_iter().flatten() {
        job["time"] = Value::from(0);
    }
    if document.get("elapsed").is_some() {
        document["elapsed"] = Value::from(0);
    }
    document.to_string()
}

fn form(params: &Value) -> String {
    let pairs: Vec<(&String, &str)> = params
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name, value.as_str().unwrap()))
        .collect();
    serde_urlencoded::to_string(pairs).unwrap()
}

/// Pushes the jobs that the recorded answer tells of, and as many more as there were.
fn push_jobs(place: &Place, case: &Value) {
    let told: Value = serde_json::from_str(case["body"].as_str().unwrap()).unwrap_or(Value::Null);
    let told = told["jobs"].as_array().cloned().unwrap_or_default();
    let mut kinds: Vec<&str> = told
        .iter()
        .map(|job| job["type"].as_str().unwrap())
        .collect();
    let only_some = case["params_sent"].get("type").is_some();
    let more = kinds
        .last()
        .filter(|_| !only_some)
        .copied()
        .unwrap_or("testOk");
    let before = usize::try_from(case["jobs_before"].as_u64().unwrap()).unwrap();
    kinds.resize(before, more);
    for kind in kinds {
        place.push(kind);
    }
}

fn replay_signed(place: &Place, case: &Value) -> Result<(), String> {
    let text = |name: &str| case[name].as_str();
    let params = form(&case["params_sent"]);
    let method = text("method").unwrap();
    let answer = if text("params_in") == Some("body") {
        let header = "Content-Type: application/x-www-form-urlencoded\r\n";
        place.ask(method, "/w/index.php", header, &params)
    } else {
        place.ask(method, &format!("/w/index.php?{params}"), "", "")
    };
    let header = |name: &str| answer.headers.get(name).map(String::as_str);
    let status = format!("{} {}", case["status"], text("reason").unwrap());
    let found = (
        answer.status.as_str(),
        header("content-type"),
        header("cache-control"),
        timeless(&answer.body),
    );
    let expected = (
        status.as_str(),
        text("content_type"),
        text("cache_control"),
        timeless(text("body").unwrap()),
    );
    if found != expected {
        return Err(format!("{found:?}, not {expected:?}"));
    }
    if let Some(length) = text("content_length")
        && header("content-length") != Some(length)
    {
        return Err(format!("length {:?}", header("content-length")));
    }
    place.wait_for_jobs(case["jobs_after"].as_u64().unwrap())
}

fn setup(case: &Value, once: bool) -> Setup {
    Setup {
        key: case["secret_key"]
            .as_str()
            .map(|key| key.as_bytes().to_vec()),
        once,
        read_only: case["settings"]["wgReadOnly"].as_str().map(str::to_owned),
        ..Setup::default()
    }
}

#[test]
fn recorded_signed_requests_are_answered_as_recorded() {
    let mut failures = Vec::new();
    for case in recorded("special_runjobs.json") {
        let place = Place::start(setup(&case, false));
        push_jobs(&place, &case);
        if let Err(failure) = replay_signed(&place, &case) {
            failures.push(format!("{}: {failure}", case["id"]));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_recorded_signature_is_accepted_once() {
    for case in recorded("special_runjobs.json") {
        if !matches!(case["status"].as_u64(), Some(200 | 202)) {
            continue;
        }
        let place = Place::start(setup(&case, true));
        push_jobs(&place, &case);
        replay_signed(&place, &case).unwrap();
        let again = place.ask(
            "POST",
            &format!("/index.php?{}", form(&case["params_sent"])),
            "",
            "",
        );
        assert_eq!(again.status, "400 Bad Request", "{}", case["id"]);
        assert!(
            again
                .body
                .contains("<p>Invalid or stale signature provided.</p>")
        );
        assert_eq!(place.jobs(), case["jobs_after"].as_u64().unwrap());
    }
}

#[test]
fn a_read_only_wiki_runs_nothing() {
    // jobs/SPEC.md section 7.
    let place = Place::start(Setup {
        read_only: Some("moving".to_owned()),
        rate: 1.0,
        ..Setup::default()
    });
    place.push("testOk");
    let answer = place.ask("POST", "/w/index.php?title=special:run%6Aobs/x", "", "");
    assert_eq!(answer.status, "423 Locked");
    assert!(
        answer
            .body
            .contains("<h1>Locked</h1><p>Wiki is in read-only mode.</p>")
    );
    assert_eq!(place.ask("GET", "/w/index.php", "", "").status, "200 OK");
    assert_eq!(place.jobs(), 1);
}
