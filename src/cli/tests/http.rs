//! What MediaWiki answered over HTTP and did with its jobs, held against a server with the test job types.

use super::kinds::{self, Surroundings};
use super::recorded;
use crate::admin::{AcceptedSignatures, Admin, SignedRuns};
use crate::cli::build;
use crate::clock::{Clock, Timestamp};
use crate::job::retry::AttemptRules;
use crate::job::{JobType, NewJob, WikiId};
use crate::php_serialize::{PhpValue, write_params};
use crate::runner::background::Background;
use crate::runner::log_line::LogFormat;
use crate::runner::{RunPolicy, Runner};
use crate::server::{self, Server};
use crate::settings::Settings;
use crate::stop;
use crate::store::{Store, StoreOptions, User};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Before all signatures of the recordings expire.
const NOW: Timestamp = Timestamp(1_795_470_000);

/// A server of its own for one case. It ends with the test program.
struct Place {
    store: Store,
    address: SocketAddr,
    runtime: tokio::runtime::Runtime,
    _directory: TempDir,
}

/// How a server differs from others.
#[derive(Default)]
struct Setup {
    key: Option<Vec<u8>>,
    once: bool,
    read_only: Option<String>,
    rate: f64,
    users: Option<Vec<User>>,
}

/// Status line, headers in small letters, body.
struct Answer {
    status: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Place {
    fn start(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let mut settings = Settings::default();
        settings.wiki.read_only.clone_from(&setup.read_only);
        let wiki = WikiId(settings.wiki.wiki_id());
        let store = Store::open(StoreOptions {
            directory: directory.path().to_path_buf(),
            cache_bytes: 1 << 20,
            rules: AttemptRules::default(),
            min_free_bytes: 0,
            wikis: vec![wiki.clone()],
            users: Some(setup.users.unwrap_or_default()),
            clock: clock.clone(),
        })
        .unwrap();
        let of = Surroundings {
            store: store.clone(),
            clock: clock.clone(),
            wiki: wiki.clone(),
            memory: Arc::new(AtomicU64::new(0)),
        };
        let policy = RunPolicy {
            read_only: setup.read_only.clone(),
            ..RunPolicy::default()
        };
        let runner = Runner {
            policy: Arc::new(policy),
            ..Runner::new(store.clone(), kinds::all(&of), clock)
        };
        let (stopper, stop) = stop::channel();
        let background = Background::new(setup.rate, false);
        let accepted = AcceptedSignatures::new(setup.once.then_some(1000));
        let signed = SignedRuns::new(setup.key, setup.read_only.is_some(), accepted);
        let server = Server {
            api: Arc::new(build::api(&settings, store.clone(), "http://wiki").unwrap()),
            admin: Arc::new(Admin {
                runner: runner.clone(),
                wiki,
                log_format: LogFormat::Mw143,
                token: None,
                signed_runs: Arc::new(signed),
                stop: stop.clone(),
                alive: std::sync::mpsc::channel().0,
            }),
            proxies: Arc::new(build::proxies(&settings)),
            client_ip_header: None,
            limits: Arc::new(build::limits(&settings)),
            background: background.clone(),
        };
        let listener = server::listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let told = stop.clone();
        thread::spawn(move || background.run(&runner, LogFormat::Mw143, &told));
        thread::spawn(move || server::run(server, listener, 1, stopper, stop).unwrap());
        Self {
            store,
            address,
            runtime: tokio::runtime::Runtime::new().unwrap(),
            _directory: directory,
        }
    }

    fn push(&self, kind: &str) {
        let params = write_params([
            ("sleep", PhpValue::Float(0.6)),
            ("namespace", PhpValue::Int(0)),
            ("title", PhpValue::Str(b"X")),
        ]);
        let job = NewJob {
            kind: JobType::parse(kind).unwrap(),
            wiki: WikiId(Settings::default().wiki.wiki_id()),
            params,
            unique: None,
        };
        self.runtime.block_on(self.store.push(job)).unwrap();
    }

    fn jobs(&self) -> u64 {
        let counts = self.runtime.block_on(self.store.counts()).unwrap();
        let all = counts.values();
        all.map(|of| {
            [of.ready, of.claimed, of.delayed, of.abandoned]
                .iter()
                .sum::<u64>()
        })
        .sum()
    }

    fn wait_for_jobs(&self, left: u64) -> Result<(), String> {
        let begin = Instant::now();
        while self.jobs() != left {
            if begin.elapsed() > Duration::from_secs(20) {
                return Err(format!("{} jobs are left, not {left}", self.jobs()));
            }
            thread::yield_now();
        }
        Ok(())
    }

    fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: wiki\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().replace("HTTP/1.1 ", "");
        let headers: BTreeMap<String, String> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let is_chunked = headers
            .get("transfer-encoding")
            .is_some_and(|way| way == "chunked");
        let body = if is_chunked {
            unchunked(body)
        } else {
            body.to_owned()
        };
        Answer {
            status,
            headers,
            body,
        }
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let (chunk, after) = rest.split_at(usize::from_str_radix(length, 16).unwrap());
        whole.push_str(chunk);
        body = after.strip_prefix("\r\n").unwrap_or("");
    }
    whole
}

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

#[test]
fn recorded_pages_run_as_many_jobs_as_recorded() {
    let recorded = recorded_object("run_rate.json");
    for case in recorded["page_views"].as_array().into_iter().flatten() {
        let rate = case["settings"]["wgJobRunRate"].as_f64().unwrap();
        let place = Place::start(Setup {
            rate,
            ..Setup::default()
        });
        let before = case["jobs_before"].as_u64().unwrap();
        (0..before).for_each(|_| place.push("testOk"));
        // The first request; a second one is the wiki's own to itself, which does not come here.
        let line = case["web_requests"][0].as_str().unwrap();
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let is_conditional = case["request"]
            .as_str()
            .unwrap()
            .contains("If-Modified-Since");
        let header = if is_conditional {
            "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        } else {
            ""
        };
        let answer = place.ask(method, target, header, "");
        let has_answer = !target.contains("load.php");
        assert!(
            !has_answer || answer.status == "200 OK",
            "{line}: {}",
            answer.status
        );
        let after = case["jobs_after"].as_u64().unwrap();
        place
            .wait_for_jobs(after)
            .unwrap_or_else(|error| panic!("{line} at {rate}: {error}"));
        if after == before && rate >= 1.0 {
            // Nothing is under way: a page runs its own jobs and no more.
            place.ask("GET", "/w/index.php?title=Main_Page", "", "");
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small"
            )]
            let runs = rate as u64;
            place.wait_for_jobs(before - runs).unwrap();
        }
    }
}

fn recorded_object(file: &str) -> Value {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join("jobs/golden")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| {
        println!("skipped: no recordings {file}");
        "{}".to_owned()
    });
    serde_json::from_str(&text).unwrap()
}

fn user(id: u64, name: &str, email: &str, authenticated: Option<&str>) -> User {
    User {
        id: crate::effects::UserId(id),
        name: name.to_owned(),
        email: email.to_owned(),
        email_authenticated: authenticated.and_then(Timestamp::from_mw),
        touched: None,
    }
}

#[test]
fn recorded_lists_of_users_are_invalidated_as_recorded() {
    let confirmed = Some("20260101000000");
    for case in recorded("invalidate_email.json") {
        if case["exit"] != 0 {
            continue;
        }
        let place = Place::start(Setup {
            users: Some(vec![
                user(3, "Bob", "bob@example.com", confirmed),
                user(4, "Carol", "carol@example.net", confirmed),
                user(5, "Dave", "", None),
            ]),
            ..Setup::default()
        });
        let is_dry = case["argv"]
            .as_array()
            .unwrap()
            .iter()
            .any(|word| word == "--dry-run");
        let query = if is_dry { "?dry-run=1" } else { "" };
        let list = case["userlist"].as_str().unwrap();
        let answer = place.ask("POST", &format!("/admin/invalidateEmail{query}"), "", list);
        assert_eq!(
            answer.body,
            case["stdout"].as_str().unwrap(),
            "{}",
            case["id"]
        );
        let wiki = WikiId(Settings::default().wiki.wiki_id());
        for user in place.runtime.block_on(place.store.users(&wiki)).unwrap() {
            let after = user
                .email_authenticated
                .map_or("NULL".to_owned(), Timestamp::to_mw);
            assert_eq!(
                case["authenticated_after"][&user.name], after,
                "{}",
                case["id"]
            );
        }
    }
}
