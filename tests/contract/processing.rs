//! The recorded bounce jobs: a mail, the state before, the state after.

use crate::support::queue::{KIND, records, store_bounce};
use crate::support::{NOW, block_on, log_lines, options, recordings, user, wiki};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bouncehandlerd::clock::{Clock, Timestamp};
use bouncehandlerd::effects::{Bounce, BounceRecord, UserId};
use bouncehandlerd::job::{BOUNCE_HANDLER_TITLE, NewJob};
use bouncehandlerd::mailer::Mailer;
use bouncehandlerd::php_serialize::{PhpValue, write_params};
use bouncehandlerd::runner::kinds::KindRegistry;
use bouncehandlerd::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy};
use bouncehandlerd::runner::kinds::unrecognized_notice::UnrecognizedNotice;
use bouncehandlerd::runner::log_line::LogFormat;
use bouncehandlerd::runner::{RunLimits, RunOutput, RunReport, Runner};
use bouncehandlerd::stop;
use bouncehandlerd::store::{Store, User};
use bouncehandlerd::verp::{VerpKeys, encode};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// When an existing record is not given relative to the present.
const EARLIER: i64 = 86_400;

struct Replay {
    case: Value,
    directory: TempDir,
    clock: Clock,
    store: Store,
    /// The VERP address that the recorded one is replaced by, if its time counts from now.
    address: Option<String>,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn users(case: &Value) -> Vec<User> {
    let rows = case["users"].as_array().unwrap().iter();
    rows.map(|row| {
        let mut user = user(
            row["user_id"].as_u64().unwrap(),
            text(row, "user_name"),
            text(row, "user_email"),
        );
        user.email_authenticated = row["user_email_authenticated"]
            .as_str()
            .and_then(Timestamp::from_mw);
        user
    })
    .collect()
}

impl Replay {
    fn new(case: Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let store = Store::open(options(
            &directory.path().join("data"),
            &clock,
            users(&case),
        ))
        .unwrap();
        let address = case["verp"]["user_id"].as_u64().map(|user| {
            let time = NOW.unix() + case["verp"]["time_relative_to_now"].as_i64().unwrap();
            let settings = &case["settings"];
            let domain = text(settings, "wgVERPdomainPart");
            encode(
                text(settings, "wgVERPprefix"),
                "wikijobs",
                user,
                time,
                domain,
                &keys(settings),
            )
        });
        Self {
            case,
            directory,
            clock,
            store,
            address,
        }
    }

    fn mail(&self) -> Vec<u8> {
        if let Some(mail) = self.case["mail_b64"].as_str() {
            return STANDARD.decode(mail).unwrap();
        }
        if let Some(template) = self.case["mail_template_b64"].as_str() {
            let template = String::from_utf8(STANDARD.decode(template).unwrap()).unwrap();
            return template
                .replace("{VERP_ADDRESS}", self.address.as_ref().unwrap())
                .into_bytes();
        }
        let mut mail = Vec::new();
        for part in self.case["mail_parts"].as_array().unwrap() {
            match (
                part.as_str(),
                part["repeat"].as_array(),
                part["base64"].as_str(),
            ) {
                (Some(text), _, _) => mail.extend_from_slice(text.as_bytes()),
                (_, Some(repeat), _) => {
                    let times = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                    mail.extend_from_slice(repeat[0].as_str().unwrap().repeat(times).as_bytes());
                }
                (_, _, Some(encoded)) => mail.extend(STANDARD.decode(encoded).unwrap()),
                _ => panic!("{}: unknown part {part}", self.case["id"]),
            }
        }
        mail
    }

    /// Puts in the records that were there before.
    async fn seed(&self) {
        for row in self.case["existing_records"].as_array().unwrap() {
            let time = match (row["rel"].as_i64(), row["timestamp"].as_str()) {
                (Some(relative), _) => NOW.plus(relative),
                (None, Some(digits)) => Timestamp::from_mw(digits).unwrap(),
                (None, None) => NOW.minus(EARLIER),
            };
            let record = BounceRecord {
                email: text(row, "email").to_owned(),
                timestamp: time,
                reason: text(row, "reason").as_bytes().to_vec(),
            };
            let bounce = crate::support::queue::bounce(time);
            store_bounce(&self.store, Bounce { record, ..bounce }).await;
        }
    }

    fn runner(&self) -> Runner {
        let settings = &self.case["settings"];
        let recipients: Vec<String> = match &settings["wgUnrecognizedBounceNotify"] {
            Value::Array(list) => list
                .iter()
                .map(|to| to.as_str().unwrap().to_owned())
                .collect(),
            _ => Vec::new(),
        };
        let handler = BounceHandler {
            store: self.store.clone(),
            clock: self.clock.clone(),
            keys: Arc::new(Ok(keys(settings))),
            policy: BouncePolicy {
                unconfirm_users: settings["wgBounceHandlerUnconfirmUsers"].as_bool().unwrap(),
                record_limit: settings["wgBounceRecordLimit"].as_u64().unwrap(),
                record_period: settings["wgBounceRecordPeriod"].as_i64().unwrap(),
                record_max_age: settings["wgBounceRecordMaxAge"].as_i64().unwrap(),
            },
            forward_unrecognized: !recipients.is_empty(),
        };
        let notice = UnrecognizedNotice {
            mailer: Mailer::sendmail(sendmail(self.directory.path()).to_str().unwrap()),
            site_name: text(settings, "wgSitename").to_owned(),
            sender: text(settings, "wgPasswordSender").to_owned(),
            recipients,
        };
        Runner {
            store: self.store.clone(),
            kinds: Arc::new(KindRegistry::of_bounces(handler, notice)),
            clock: self.clock.clone(),
            claim_ttl: 3600,
            site_name: text(settings, "wgSitename").into(),
        }
    }

    async fn run(&self) -> (RunReport, String) {
        let mail = self.mail();
        let params = write_params([
            ("email", PhpValue::Str(&mail)),
            ("namespace", PhpValue::Int(0)),
            ("title", PhpValue::Str(BOUNCE_HANDLER_TITLE.as_bytes())),
            ("requestId", PhpValue::Str(b"0123456789abcdef01234567")),
        ]);
        self.store
            .push(NewJob {
                kind: KIND,
                wiki: wiki(),
                params,
            })
            .await
            .unwrap();
        let (out, mut chunks) = mpsc::channel::<Vec<u8>>(1000);
        let (_stopper, stop) = stop::channel();
        let output = RunOutput::Lines(LogFormat::Mw143);
        let report = self
            .runner()
            .run(&RunLimits::default(), output, &out, &stop)
            .await
            .unwrap();
        drop(out);
        let mut lines = Vec::new();
        while let Some(chunk) = chunks.recv().await {
            lines.extend(chunk);
        }
        (report, shown(&lines))
    }
}

/// Bytes as the recordings show them: what is no UTF-8 as `\\xNN`.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

fn keys(settings: &Value) -> VerpKeys {
    let accept = settings["wgVERPAcceptTime"].as_i64().unwrap();
    VerpKeys::new(
        text(settings, "wgVERPalgorithm"),
        text(settings, "wgVERPsecret").as_bytes(),
        accept,
    )
    .unwrap()
}

/// A sendmail that puts its arguments and the mail into files beside it.
fn sendmail(directory: &Path) -> std::path::PathBuf {
    let program = directory.join("sendmail");
    let script = format!(
        "#!/bin/sh\necho \"$@\" > {0}/argv\ncat > {0}/mail\n",
        directory.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

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
        policy: BouncePolicy {
            unconfirm_users: true,
            record_limit: 10,
            record_period: 604_800,
            record_max_age: 0,
        },
        forward_unrecognized: false,
    };
    let runner = Runner {
        store: store.clone(),
        kinds: Arc::new(KindRegistry::new(vec![handler.kind()])),
        clock: clock.clone(),
        claim_ttl: 3600,
        site_name: "Test".into(),
    };
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
