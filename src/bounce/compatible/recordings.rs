//! What the extension was seen to read and decide: labelled bounces, bounces of real mail servers, processed jobs, API answers.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a recording; says so and returns `None` where there is none.
fn recorded(what: &str, file: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = shared.join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {what}: no recordings at {}", path.display());
    None
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn json_lines_of(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn without_cr_before_lf(mail: &[u8]) -> Vec<u8> {
    let mut left = Vec::new();
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(text) => left.extend([text, b"\n"].concat()),
            None => left.extend_from_slice(line),
        }
    }
    left
}

/// Compares one reading with the answer of the peer `bouncehandler`; says what differs.
fn difference(mail: &[u8], peer: &Value) -> Option<String> {
    let reading = judge(mail);
    let recipients: Vec<String> = reading
        .headers
        .x_failed_recipients
        .map(|value| String::from_utf8_lossy(value).to_lowercase())
        .into_iter()
        .flat_map(|value| {
            value
                .split(',')
                .map(|one| one.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let recorded: Vec<&str> = peer["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    // The peers file knows no empty code.
    let smtp_code = reading.smtp_code.filter(|code| !code.is_empty());
    let leading = reading
        .status
        .or(smtp_code)
        .and_then(|code| code.chars().next());
    let kind = match (reading.verdict, leading) {
        (Verdict::Permanent, _) => "permanent",
        (Verdict::NotPermanent, Some('4')) => "temporary",
        (Verdict::NotPermanent, _) => "unknown",
    };
    let same = reading.status == peer["status"].as_str()
        && smtp_code == peer["smtp_code"].as_str()
        && recipients == recorded
        && kind == peer["kind"]
        && (reading.verdict == Verdict::Permanent) == peer["hard"].as_bool().unwrap();
    (!same).then(|| format!("{reading:?} {recipients:?} {kind}, recorded {peer}"))
}

#[test]
fn the_labelled_bounces_are_read_as_the_extension_reads_them() {
    let Some(path) = recorded("readings of the labelled bounces", "bounces/peers.json") else {
        return;
    };
    let peers = json_of(&path);
    let mails = path.with_file_name("mails");
    let results = peers["results"].as_object().unwrap();
    let wrong: Vec<String> = results
        .iter()
        .filter_map(|(name, answers)| {
            let mail = fs::read(mails.join(name)).unwrap();
            let said = difference(&mail, &answers["bouncehandler"])?;
            Some(format!("{name}: {said}"))
        })
        .collect();
    assert!(!results.is_empty());
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        results.len()
    );
}

#[test]
fn bounces_of_mail_servers_are_read_as_the_extension_reads_them() {
    let Some(path) = recorded(
        "readings of the bounces of mail servers",
        "mta-bounces/expected.json",
    ) else {
        return;
    };
    let expected = json_of(&path);
    let files = expected["files"].as_object().unwrap();
    assert!(!files.is_empty());
    for (name, expected) in files {
        let crlf = fs::read(path.with_file_name(name)).unwrap();
        for mail in [without_cr_before_lf(&crlf), crlf] {
            let reading = judge(&mail);
            let reads = &expected["extension_reads"];
            let headers = reading.headers;
            for (field, value) in [
                ("to", headers.to),
                ("subject", headers.subject),
                ("date", headers.date),
                ("x-failed-recipients", headers.x_failed_recipients),
                ("status", reading.status.map(str::as_bytes)),
                ("smtp-code", reading.smtp_code.map(str::as_bytes)),
            ] {
                assert_eq!(
                    value,
                    reads[field].as_str().map(str::as_bytes),
                    "{name}: {field}"
                );
            }
            assert_eq!(
                reading.verdict == Verdict::Permanent,
                expected["counts_as_permanent"].as_bool().unwrap(),
                "{name}"
            );
        }
    }
}

/// The mail of a processing case; `None` where the extension does not look at it.
fn processed_mail(case: &Value) -> Option<Vec<u8>> {
    let encoded = case["mail_b64"]
        .as_str()
        .or(case["mail_template_b64"].as_str())?;
    let mail = STANDARD.decode(encoded).unwrap();
    (!mail.is_empty() && mail != b"0").then_some(mail)
}

#[test]
fn processed_jobs_show_the_same_verdicts() {
    let Some(path) = recorded("verdicts of processed jobs", "jobs/golden/processing.jsonl") else {
        return;
    };
    let mut checked = 0;
    for case in json_lines_of(&path) {
        let Some(mail) = processed_mail(&case) else {
            continue;
        };
        let reading = judge(&mail);
        let expected = &case["expected"];
        let log: Vec<&str> = expected["log"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        // Only of a permanent bounce the user is looked for; what is found then is not this room's.
        let permanent = log
            .iter()
            .any(|line| line.contains("Failed to extract user details"))
            || !log
                .iter()
                .any(|line| line.starts_with("Received temporary bounce"));
        assert_eq!(
            reading.verdict == Verdict::Permanent,
            permanent,
            "{}",
            case["id"]
        );
        for record in expected["records"].as_array().unwrap() {
            if let Some(reason) = record["reason"].as_str() {
                let subject = String::from_utf8_lossy(reading.headers.subject.unwrap());
                assert!(subject.starts_with(reason), "{}: {subject}", case["id"]);
            }
        }
        checked += 1;
    }
    assert!(checked > 0);
}

/// The mail in a form body, decoded as text; `None` for any other request.
fn posted_mail(case: &Value) -> Option<String> {
    let body = case["request"]["body"].as_str()?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(body).ok()?;
    let (_, mail) = pairs.into_iter().rfind(|(name, _)| name == "email")?;
    (!mail.is_empty()).then_some(mail)
}

#[test]
fn the_api_finds_a_recipient_in_the_same_mails() {
    let mut checked = 0;
    for file in ["verp", "mails"] {
        let Some(path) = recorded(
            "recipients of posted mails",
            &format!("conformance/cases/{file}.jsonl"),
        ) else {
            return;
        };
        for case in json_lines_of(&path) {
            let (Some(mail), Some(log)) = (posted_mail(&case), case["log"].as_array()) else {
                continue;
            };
            let to = header_scan::scan(mail.as_bytes()).to.unwrap_or_default();
            let answer = case["response"]["body"].as_str().unwrap_or_default();
            // A failure without a log line: the extension found no To, or an empty one.
            if answer.contains(r#""submitted":"failure""#) {
                assert_eq!(to.is_empty(), log.is_empty(), "{}", case["id"]);
                checked += 1;
            } else if answer.contains(r#""submitted":"job""#) {
                assert!(!to.is_empty(), "{}", case["id"]);
                checked += 1;
            }
            for line in log.iter().filter_map(Value::as_str) {
                if let Some(said) = line.strip_prefix("Error: The received address: ") {
                    let said = said
                        .strip_suffix(" does not match the VERP pattern.")
                        .unwrap();
                    assert_eq!(to, said.as_bytes(), "{}", case["id"]);
                }
            }
        }
    }
    assert!(checked > 0);
}
