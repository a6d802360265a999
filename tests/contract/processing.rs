//! The recorded bounce jobs: a mail, the state before, the state after.

mod replay;

use crate::support::queue::{KIND, records};
use crate::support::{NOW, block_on, log_lines, recordings, wiki};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bouncehandlerd::bounce::report::ReadLimits;
use bouncehandlerd::clock::Clock;
use bouncehandlerd::effects::UserId;
use bouncehandlerd::job::NewJob;
use bouncehandlerd::metrics::Metrics;
use bouncehandlerd::php_serialize::{PhpValue, write_params};
use bouncehandlerd::runner::kinds::KindRegistry;
use bouncehandlerd::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy, CountBounceOnce};
use bouncehandlerd::runner::{RunLimits, RunOutput, Runner};
use bouncehandlerd::stop;
use bouncehandlerd::store::User;
use bouncehandlerd::verp::{VerpKeys, encode};
use replay::{Replay, text, users};
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Where this program does better than the original, and what it does there (docs/COMPATIBILITY.md).
enum Better {
    /// A bounce without a Subject is recorded with an empty reason; the original's job dies of a database error.
    NoSubject,
    /// All admins get the mail; the original's job dies when there are two.
    SeveralAdmins,
}

fn better(case: &Value) -> Option<Better> {
    let failed = text(&case["expected"], "job_status") == "failed";
    let output = text(&case["expected"], "runjobs_stdout_template");
    match output {
        _ if !failed => None,
        output if output.contains("br_reason") => Some(Better::NoSubject),
        output if output.contains("headers cannot contain the \"To\" header") => {
            Some(Better::SeveralAdmins)
        }
        output => panic!(
            "{}: a failure that nobody has thought about: {output}",
            case["id"]
        ),
    }
}

async fn check_records(replay: &Replay, case: &Value, better: Option<&Better>) {
    let id = &case["id"];
    let (old, new): (Vec<_>, Vec<_>) = records(&replay.store)
        .await
        .into_iter()
        .partition(|stored| stored.record.reason == b"old");
    let expected = &case["expected"];
    assert_eq!(
        old.len() as u64,
        expected["old_records_left"].as_u64().unwrap(),
        "{id}: old records"
    );
    if matches!(better, Some(Better::NoSubject)) {
        let [only] = new.as_slice() else {
            panic!("{id}: {new:?}")
        };
        assert!(only.record.reason.is_empty(), "{id}");
        return;
    }
    let wanted = expected["records"].as_array().unwrap();
    assert_eq!(new.len(), wanted.len(), "{id}: {new:?}");
    for (stored, wanted) in new.iter().zip(wanted) {
        assert_eq!(stored.record.email, text(wanted, "email"), "{id}");
        let reason = match wanted["reason_b64"].as_str() {
            Some(encoded) => STANDARD.decode(encoded).unwrap(),
            None => text(wanted, "reason").as_bytes().to_vec(),
        };
        assert_eq!(stored.record.reason, reason, "{id}: reason");
        let time = match case["verp"]["time_relative_to_now"].as_i64() {
            Some(relative) => NOW.plus(relative).to_mw(),
            None => text(wanted, "timestamp").to_owned(),
        };
        assert_eq!(stored.record.timestamp.to_mw(), time, "{id}: timestamp");
    }
}

async fn check_users(replay: &Replay, case: &Value) {
    let changes = case["expected"]["user_changes"].as_object().unwrap();
    for before in users(case) {
        let after = replay
            .store
            .user(&wiki(), before.id)
            .await
            .unwrap()
            .unwrap();
        let expected = match changes.get(&before.name) {
            None => before.clone(),
            Some(change) => {
                assert!(
                    change["user_email_authenticated"][1].is_null(),
                    "{}: a change not thought of",
                    case["id"]
                );
                User {
                    email_authenticated: None,
                    touched: Some(NOW),
                    ..before.clone()
                }
            }
        };
        assert_eq!(after, expected, "{}", case["id"]);
    }
}

fn check_log(replay: &Replay, case: &Value, lines: &[String]) {
    let expected = case["expected"]["log"].as_array().unwrap();
    assert_eq!(lines.len(), expected.len(), "{}: {lines:?}", case["id"]);
    for (line, expected) in lines.iter().zip(expected) {
        let expected = expected.as_str().unwrap();
        match &replay.address {
            // The recorded line has the recorded address: everything around the addresses has to be the same.
            Some(_) => assert_eq!(
                without_address(line),
                without_address(expected),
                "{}",
                case["id"]
            ),
            None => assert_eq!(line, expected, "{}", case["id"]),
        }
    }
}

fn without_address(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        if word.starts_with("wiki-wikijobs-") || word.ends_with('.') {
            "..."
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn check_mail(replay: &Replay, case: &Value) {
    let expected = &case["expected"]["notify_mail"];
    let mail = fs::read(replay.directory.path().join("mail")).ok();
    let (Some(mail), false) = (&mail, expected.is_null()) else {
        let sent = mail.is_some();
        let wanted = !expected.is_null() || matches!(better(case), Some(Better::SeveralAdmins));
        assert_eq!(sent, wanted, "{}: mail", case["id"]);
        return;
    };
    let normalised = String::from_utf8_lossy(mail)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let (headers, body) = normalised.split_once("\n\n").unwrap();
    let recorded = STANDARD.decode(text(expected, "body_b64")).unwrap();
    let recorded = String::from_utf8_lossy(&recorded)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    assert_eq!(body, recorded, "{}: body", case["id"]);
    for wanted in expected["headers"].as_array().unwrap() {
        let (name, value) = wanted.as_str().unwrap().split_once(": ").unwrap();
        if ["To", "Subject", "From", "Reply-To"].contains(&name) {
            let line = format!("{name}: {}", value.replace('"', ""));
            assert!(
                headers.lines().any(|header| header == line),
                "{}: {line} in {headers}",
                case["id"]
            );
        }
    }
    let arguments = fs::read_to_string(replay.directory.path().join("argv")).unwrap();
    let sender = expected["argv"][1].as_str().unwrap();
    assert!(
        arguments.contains(&format!("-f {sender}")),
        "{}: {arguments}",
        case["id"]
    );
}

/// Compares lines with a template whose placeholders stand for times, numbers and identifiers.
fn check_lines(case: &Value, lines: &str) {
    let template = text(&case["expected"], "runjobs_stdout_template")
        .replace("{REQID}", "0123456789abcdef01234567");
    let bounce_lines: Vec<&str> = lines
        .lines()
        .filter(|line| !line.contains(" UnrecognizedBounceNotice "))
        .collect();
    let expected: Vec<&str> = template.lines().collect();
    assert_eq!(
        bounce_lines.len(),
        expected.len(),
        "{}: {lines}",
        case["id"]
    );
    for (line, template) in bounce_lines.iter().zip(expected) {
        let mut rest = *line;
        for (place, part) in template
            .split(['{', '}'])
            .enumerate()
            .filter(|(place, part)| place % 2 == 0 && !part.is_empty())
        {
            let at = rest
                .find(part)
                .unwrap_or_else(|| panic!("{}: {part:?} (part {place}) in {line:?}", case["id"]));
            rest = &rest[at + part.len()..];
        }
        assert!(
            rest.is_empty(),
            "{}: {rest:?} follows in {line:?}",
            case["id"]
        );
    }
}

#[test]
fn every_recorded_bounce_is_processed_as_the_original_does_or_better() {
    let Some(cases) = recordings::lines("jobs/golden/processing.jsonl") else {
        return;
    };
    assert!(cases.len() > 30);
    for case in cases {
        let replay = Replay::new(case.clone());
        let better = better(&case);
        block_on(async {
            replay.seed().await;
            log_lines::catch();
            let (report, lines) = replay.run().await;
            let logged = log_lines::caught();
            assert_eq!(report.failed, 0, "{}: {lines}", case["id"]);
            check_records(&replay, &case, better.as_ref()).await;
            check_users(&replay, &case).await;
            check_mail(&replay, &case);
            if better.is_none() {
                check_log(&replay, &case, &logged);
                if replay.address.is_none() && case["mail_parts"].is_null() {
                    check_lines(&case, &lines);
                }
            }
        });
        replay.store.clone().close();
    }
}

#[test]
fn a_bounce_of_bobs_is_recorded_and_the_tenth_unconfirms_him() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = crate::support::open(directory.path(), &clock);
    let keys = VerpKeys::new("md5", b"MediawikiVERP", 259_200).unwrap();
    let handler = BounceHandler {
        store: store.clone(),
        clock: clock.clone(),
        keys: Arc::new(Ok(keys.clone())),
        strict_return_paths: None,
        policy: BouncePolicy {
            unconfirm_users: true,
            record_limit: 10,
            record_period: 604_800,
            record_max_age: 0,
            count_once: CountBounceOnce::Off,
            accept_time: 259_200,
            strict: None,
            brake: None,
        },
        forward_unrecognized: false,
        limits: ReadLimits::default(),
        metrics: Metrics::default(),
    };
    let kinds = KindRegistry::new(vec![handler.kind()]);
    let runner = Runner::new(store.clone(), kinds, clock.clone());
    let address = encode("wiki", "wikijobs", 3, NOW.unix(), "wiki.example.org", &keys);
    let mail = format!("To: {address}\nSubject: Gone\nX-Failed-Recipients: bob@example.com\n\nx\n");
    block_on(async {
        log_lines::catch();
        for count in 1..=10 {
            let params = write_params([("email", PhpValue::Str(mail.as_bytes()))]);
            store
                .push(NewJob {
                    kind: KIND,
                    wiki: wiki(),
                    params,
                    unique: None,
                })
                .await
                .unwrap();
            let (out, _chunks) = mpsc::channel(100);
            let (_stopper, stop) = stop::channel();
            runner
                .run(&RunLimits::default(), RunOutput::Quiet, &out, &stop)
                .await
                .unwrap();
            let bob = store.user(&wiki(), UserId(3)).await.unwrap().unwrap();
            assert_eq!(
                bob.email_authenticated.is_none(),
                count == 10,
                "after {count} bounces"
            );
        }
        assert_eq!(
            log_lines::caught(),
            ["Un-subscribed Bob <bob@example.com> for exceeding bounce limit 10"]
        );
        assert_eq!(records(&store).await.len(), 10);
    });
}
