//! The recorded answers and log lines of a wiki, as far as they follow from the address alone.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// 2026-11-23T21:33:23Z, the day of the recordings.
const NOW: i64 = 1_795_469_603;

/// Recordings of this name; says so and returns `None` where there are none.
fn recorded(what: &str, file: &str) -> Option<(PathBuf, Vec<Value>)> {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = shared.join(file);
    if !path.exists() {
        println!("skipped: {what}: no recordings at {}", path.display());
        return None;
    }
    let lines = fs::read_to_string(&path).unwrap();
    Some((
        shared,
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    ))
}

/// `application/x-www-form-urlencoded`: the value of `email`.
fn form_email(body: &str) -> Option<Vec<u8>> {
    let value = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("email="))?;
    let mut bytes = value.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    Some(decoded)
}

/// The last `To: ` line before the first blank line; empty if there is none.
fn to_of(mail: &[u8]) -> Vec<u8> {
    let lines = String::from_utf8_lossy(mail)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let headers = lines.split('\n').take_while(|line| !line.trim().is_empty());
    headers
        .filter_map(|line| line.strip_prefix("To: "))
        .last()
        .unwrap_or_default()
        .as_bytes()
        .to_vec()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap()
}

fn log_of(expectation: &Value) -> Vec<&str> {
    expectation["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect()
}

fn profile_keys(shared: &Path, profile: &str) -> Result<VerpKeys, AlgorithmError> {
    let path = shared
        .join("conformance/profiles")
        .join(format!("{profile}.json"));
    let profile: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let accept_time = profile["VERPAcceptTime"].as_i64().unwrap();
    VerpKeys::new(
        text(&profile, "VERPalgorithm"),
        text(&profile, "VERPsecret").as_bytes(),
        accept_time,
    )
}

#[test]
fn the_api_answers_and_logs_as_recorded() {
    let Some((shared, cases)) = recorded("VERP cases of the API", "conformance/cases/verp.jsonl")
    else {
        return;
    };
    let mut checked = 0;
    for case in &cases {
        let Some(mail) = case["request"]["body"].as_str().and_then(form_email) else {
            continue;
        };
        let (to, answer, log) = (to_of(&mail), text(&case["response"], "body"), log_of(case));
        let id = text(case, "id");
        checked += 1;
        let refused = answer.contains(r#"submitted":"failure"#);
        if to.is_empty() {
            assert!(
                refused && log.is_empty(),
                "{id}: an empty To is refused without a log line"
            );
            continue;
        }
        let keys = match profile_keys(&shared, text(case, "profile")) {
            Ok(keys) => keys,
            Err(error) => {
                assert!(
                    matches!(error, AlgorithmError::NotForHmac { .. }),
                    "{id}: {error}"
                );
                let line = VerpAddress::parse(&to)
                    .err()
                    .and_then(|rejection| rejection.log_line());
                assert_eq!(line.as_deref(), log.first().copied(), "{id}");
                assert_eq!(answer.contains("ValueError"), line.is_none(), "{id}");
                continue;
            }
        };
        match verify(&to, NOW, &keys) {
            Err(rejection) => {
                assert!(refused, "{id}: {rejection}, but recorded {answer}");
                assert_eq!([rejection.log_line().unwrap()], log[..], "{id}");
            }
            Ok(parts) => accepted_as_recorded(id, &parts, case, refused, &log),
        }
    }
    assert!(checked > 90, "{checked} cases checked");
}

/// A proved address queues a job or fails for reasons of its wiki; an unknown user is logged.
fn accepted_as_recorded(id: &str, parts: &VerpParts, case: &Value, refused: bool, log: &[&str]) {
    assert!(!refused, "{id}: accepted {parts:?}");
    let wiki = String::from_utf8(parts.wiki.clone()).unwrap();
    for job in case["job_params"].as_array().into_iter().flatten() {
        assert_eq!(wiki, text(job, "wiki"), "{id}");
    }
    for line in log {
        let expected = format!(
            "Error fetching email_id of user_id {} from Database {wiki}.",
            parts.user
        );
        assert_eq!(*line, expected, "{id}");
    }
}

#[test]
fn the_job_reads_user_and_time_and_logs_as_recorded() {
    let Some((_, cases)) = recorded("VERP in jobs", "jobs/golden/processing.jsonl") else {
        return;
    };
    let (mut proved, mut refused) = (0, 0);
    for case in cases.iter().filter(|case| case["mail_b64"].is_string()) {
        let (id, expected) = (text(case, "id"), &case["expected"]);
        let to = to_of(&STANDARD.decode(text(case, "mail_b64")).unwrap());
        let logged = |start: &str| {
            log_of(expected)
                .into_iter()
                .find(|line| line.starts_with(start))
        };
        let settings = &case["settings"];
        let (algorithm, secret) = (
            text(settings, "wgVERPalgorithm"),
            text(settings, "wgVERPsecret"),
        );
        let accept_time = settings["wgVERPAcceptTime"].as_i64().unwrap();
        let keys = VerpKeys::new(algorithm, secret.as_bytes(), accept_time).unwrap();
        if logged("Error: Failed to extract").is_some()
            && logged("Error fetching").is_none()
            && !to.is_empty()
        {
            let line = verify(&to, NOW, &keys).unwrap_err().log_line().unwrap();
            assert_eq!(log_of(expected).first(), Some(&line.as_str()), "{id}");
            refused += 1;
        } else if !expected["records"].as_array().unwrap().is_empty()
            || logged("Error fetching").is_some()
        {
            let parts =
                verify(&to, NOW, &keys).unwrap_or_else(|rejection| panic!("{id}: {rejection}"));
            // 2026-06-01T00:00:00Z, the time of all records in cases with a fixed address.
            assert_eq!(parts.time.as_i64(), Some(1_780_272_000), "{id}");
            let unknown = format!(
                "Error fetching email_id of user_id {} from Database wikijobs.",
                parts.user
            );
            assert_eq!(
                logged("Error fetching").unwrap_or(&unknown),
                unknown,
                "{id}"
            );
            assert!(
                logged("Error fetching").is_some()
                    || [3, 4].map(Some).contains(&parts.user.as_u64()),
                "{id}"
            );
            proved += 1;
        }
    }
    assert!(
        proved >= 25 && refused >= 6,
        "{proved} proved, {refused} refused"
    );
}

#[test]
fn addresses_of_the_recorded_moment_are_proved_or_too_old() {
    let Some((_, cases)) = recorded("VERP times in jobs", "jobs/golden/processing.jsonl") else {
        return;
    };
    let relative: Vec<_> = cases
        .iter()
        .filter(|case| case["verp"].is_object())
        .collect();
    assert!(!relative.is_empty());
    for case in relative {
        let (settings, verp) = (&case["settings"], &case["verp"]);
        let (algorithm, secret) = (
            text(settings, "wgVERPalgorithm"),
            text(settings, "wgVERPsecret"),
        );
        let accept_time = settings["wgVERPAcceptTime"].as_i64().unwrap();
        let keys = VerpKeys::new(algorithm, secret.as_bytes(), accept_time).unwrap();
        let time = NOW + verp["time_relative_to_now"].as_i64().unwrap();
        let address = encode(
            "wiki",
            "wikijobs",
            verp["user_id"].as_u64().unwrap(),
            time,
            "wiki.example.org",
            &keys,
        );
        let refused = log_of(&case["expected"])
            .iter()
            .any(|line| line.starts_with("Error: Hash validation"));
        let expired = matches!(
            verify(address.as_bytes(), NOW, &keys),
            Err(VerpRejection::Expired { .. })
        );
        assert_eq!(expired, refused, "{}", text(case, "id"));
    }
}
