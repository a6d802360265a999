//! A recorded case: its state before, and the run of its job.

use crate::support::queue::{KIND, store_bounce};
use crate::support::{NOW, options, user, wiki};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bouncehandlerd::bounce::report::ReadLimits;
use bouncehandlerd::clock::{Clock, Timestamp};
use bouncehandlerd::decision::Weight;
use bouncehandlerd::effects::{Bounce, BounceRecord};
use bouncehandlerd::job::{BOUNCE_HANDLER_TITLE, NewJob};
use bouncehandlerd::mailer::Mailer;
use bouncehandlerd::metrics::Metrics;
use bouncehandlerd::php_serialize::{PhpValue, write_params};
use bouncehandlerd::runner::kinds::KindRegistry;
use bouncehandlerd::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy, CountBounceOnce};
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

/// One recorded case on a store of its own.
pub struct Replay {
    case: Value,
    pub directory: TempDir,
    clock: Clock,
    pub store: Store,
    /// The VERP address that the recorded one is replaced by, if its time counts from now.
    pub address: Option<String>,
}

/// A text of a JSON object, empty if it has none.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The users before the job.
pub fn users(case: &Value) -> Vec<User> {
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
    /// The state before the job.
    pub fn new(case: Value) -> Self {
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
    pub async fn seed(&self) {
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
                weight: Weight::WHOLE,
                complaint: false,
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
            strict_return_paths: None,
            policy: BouncePolicy {
                unconfirm_users: settings["wgBounceHandlerUnconfirmUsers"].as_bool().unwrap(),
                record_limit: settings["wgBounceRecordLimit"].as_u64().unwrap(),
                record_period: settings["wgBounceRecordPeriod"].as_i64().unwrap(),
                record_max_age: settings["wgBounceRecordMaxAge"].as_i64().unwrap(),
                count_once: CountBounceOnce::Off,
                accept_time: settings["wgVERPAcceptTime"].as_i64().unwrap(),
                strict: None,
                brake: None,
            },
            forward_unrecognized: !recipients.is_empty(),
            limits: ReadLimits::default(),
            metrics: Metrics::default(),
        };
        let notice = UnrecognizedNotice {
            mailer: Mailer::sendmail(sendmail(self.directory.path()).to_str().unwrap()),
            site_name: text(settings, "wgSitename").to_owned(),
            sender: text(settings, "wgPasswordSender").to_owned(),
            recipients,
        };
        let kinds = KindRegistry::of_bounces(handler, notice);
        Runner {
            site_name: text(settings, "wgSitename").into(),
            ..Runner::new(self.store.clone(), kinds, self.clock.clone())
        }
    }

    /// Runs the job; what was done and the lines that were printed.
    pub async fn run(&self) -> (RunReport, String) {
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
                unique: None,
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
