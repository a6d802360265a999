//! A server with the test job types, to ask over HTTP what MediaWiki was asked.

use super::kinds::{self, Surroundings};
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
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Before all signatures of the recordings expire.
pub const NOW: Timestamp = Timestamp(1_795_470_000);

/// A server of its own for one case. It ends with the test program.
pub struct Place {
    pub store: Store,
    address: SocketAddr,
    pub runtime: tokio::runtime::Runtime,
    _directory: TempDir,
}

/// How a server differs from others.
#[derive(Default)]
pub struct Setup {
    pub key: Option<Vec<u8>>,
    pub once: bool,
    pub read_only: Option<String>,
    pub rate: f64,
    pub users: Option<Vec<User>>,
}

/// Status line, headers in small letters, body.
pub struct Answer {
    pub status: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Place {
    pub fn start(setup: Setup) -> Self {
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
            if_endless: |_| std::process::abort(),
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
        let runner = Runner {
            policy: Arc::new(RunPolicy {
                read_only: setup.read_only.clone(),
                ..RunPolicy::default()
            }),
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

    pub fn push(&self, kind: &str) {
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

    pub fn jobs(&self) -> u64 {
        let counts = self.runtime.block_on(self.store.counts()).unwrap();
        let all = counts.values();
        all.map(|of| {
            [of.ready, of.claimed, of.delayed, of.abandoned]
                .iter()
                .sum::<u64>()
        })
        .sum()
    }

    pub fn wait_for_jobs(&self, left: u64) -> Result<(), String> {
        let begin = Instant::now();
        while self.jobs() != left {
            if begin.elapsed() > Duration::from_secs(20) {
                return Err(format!("{} jobs are left, not {left}", self.jobs()));
            }
            thread::yield_now();
        }
        Ok(())
    }

    pub fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
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
