//! A wiki for tests: settings, a store of its own, and an ear at the log.

use crate::account::Accounts;
use crate::api::param_spec::ParamSpec;
use crate::api::params::{GivenParams, ParamReader, ValueLimit};
use crate::api::php_input::PhpInput;
use crate::api::registry::CATALOGUE;
use crate::api::{
    Api, ApiOptions, ApiRequest, ApiResponse, CrossSiteDomains, Method, RestrictedIpResponse,
    SessionOptions, Site,
};
use crate::clock::{Clock, TimeZone, Timestamp};
use crate::effects::UserId;
use crate::ip::{ClientAddress, ClientSource, IpRangeList};
use crate::job::retry::AttemptRules;
use crate::job::{Job, JobType, WikiId};
use crate::store::{Store, StoreOptions, User};
use crate::verp::VerpKeys;
use std::cell::RefCell;
use std::sync::Once;
use tempfile::TempDir;

/// 2026-11-23T21:33:23Z, the day of the recordings.
pub const NOW: Timestamp = Timestamp(1_795_469_603);

/// A valid return-path address of user 3 of `testwiki` under the default secret (recorded case `verp/bob`).
pub const BOB: &str = "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp@wiki.example.org";

/// An API over a store in a directory that goes away with it.
pub struct Wiki {
    pub api: Api,
    store: Store,
    runtime: tokio::runtime::Runtime,
    _directory: TempDir,
}

impl Wiki {
    /// The wiki of the recordings' profile `default`: `otherwiki` exists too, and both have the users 3 and 4.
    pub fn new() -> Self {
        Self::with(options(), &["testwiki", "otherwiki"])
    }

    pub fn with(options: ApiOptions, databases: &[&str]) -> Self {
        Self::with_users(options, databases, [3, 4, 5, 6].map(user).to_vec())
    }

    pub fn with_users(options: ApiOptions, databases: &[&str], users: Vec<User>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let store = Store::open(StoreOptions {
            directory: directory.path().to_path_buf(),
            cache_bytes: 1 << 20,
            rules: AttemptRules::default(),
            min_free_bytes: 0,
            if_endless: |_| std::process::abort(),
            wikis: databases
                .iter()
                .map(|name| WikiId((*name).to_owned()))
                .collect(),
            users: Some(users),
            clock: clock.clone(),
        })
        .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self {
            api: Api::new(options, store.clone(), clock),
            store,
            runtime,
            _directory: directory,
        }
    }

    /// The answer to a request, and what the `BounceHandler` channel got meanwhile.
    pub fn answer(&self, request: &ApiRequest<'_>) -> (ApiResponse, Vec<String>) {
        listen();
        LINES.with_borrow_mut(Vec::clear);
        let response = self.runtime.block_on(self.api.handle(request));
        (response, LINES.with_borrow_mut(std::mem::take))
    }

    /// The body of the answer to a form with this body from 127.0.0.1.
    pub fn post(&self, form: &str) -> String {
        let request = ApiRequest {
            body: form.as_bytes(),
            ..request()
        };
        body(&self.answer(&request).0)
    }

    /// The bounce jobs that were queued since the last call.
    pub fn new_jobs(&self) -> Vec<Job> {
        let types = [JobType::known("BounceHandlerJob")];
        let claimed = self
            .runtime
            .block_on(self.store.claim(&types.map(|kind| (kind, 100))))
            .unwrap();
        claimed.into_iter().map(|claimed| claimed.job).collect()
    }
}

fn user(id: u64) -> User {
    let email = format!("user{id}@example.com");
    User {
        id: UserId(id),
        name: format!("User {id}"),
        email,
        email_authenticated: None,
        touched: None,
    }
}

/// The wiki of the recordings' profile `default`.
pub fn site() -> Site {
    Site {
        name: "TestWiki".to_owned(),
        server: "http://127.0.0.1:18043".to_owned(),
        script_path: "/w".to_owned(),
        article_path: "/w/index.php/$1".to_owned(),
        language: "en".to_owned(),
        time_zone: TimeZone::named("UTC").unwrap(),
        database_type: "mysql".to_owned(),
        job_types: vec![JobType::BOUNCE_HANDLER],
    }
}

/// The settings of the recordings' profile `default`.
pub fn options() -> ApiOptions {
    ApiOptions {
        site: site(),
        script_url: "http://127.0.0.1:18043/w/api.php".to_owned(),
        wiki: WikiId("testwiki".to_owned()),
        local_databases: Vec::new(),
        internal_ips: IpRangeList::parse(&["127.0.0.1", "::1"]),
        restricted_ip_response: RestrictedIpResponse::Error,
        verp_keys: VerpKeys::new("md5", b"MediawikiVERP", 3_153_600_000),
        strict_return_paths: None,
        max_input_vars: 1000,
        frame_options: Some("DENY"),
        host_name: None,
        debug_api: false,
        show_exception_details: false,
        read_only: None,
        force_https: false,
        vary_on_forwarded_proto: false,
        cross_site_domains: CrossSiteDomains::default(),
        bounce_handler_http_errors: false,
        accounts: Accounts::default(),
        sessions: SessionOptions {
            cookie_prefix: "testwiki".to_owned(),
            lifetime: 3600,
            most: 1000,
            attempt_limits: Vec::new(),
        },
    }
}

/// A form without a body, posted from 127.0.0.1.
pub fn request() -> ApiRequest<'static> {
    ApiRequest {
        method: Method::Post,
        query: b"",
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: b"",
        client: Ok(ClientAddress::parse("127.0.0.1").unwrap()),
        client_source: ClientSource::Peer,
        promise_non_write: None,
        if_none_match: None,
        treat_as_untrusted: false,
        cookie: None,
        origin: None,
        access_control_request_method: None,
        access_control_request_headers: None,
        accept_language: None,
        is_https: false,
    }
}

/// A `GET` with this query string from 127.0.0.1.
pub fn get(query: &str) -> ApiRequest<'_> {
    ApiRequest {
        method: Method::Get,
        query: query.as_bytes(),
        content_type: None,
        ..request()
    }
}

/// The params of a table, as a stranger gives them.
pub fn given<'i>(
    module: &'static str,
    specs: &[ParamSpec],
    input: &'i PhpInput<'_>,
) -> GivenParams<'i> {
    let reader = ParamReader {
        input,
        catalogue: &CATALOGUE,
        limit: ValueLimit::Low,
    };
    reader.read(module, specs)
}

pub fn body(response: &ApiResponse) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

pub fn header<'r>(response: &'r ApiResponse, name: &str) -> Option<&'r str> {
    let header = response.headers.iter().find(|(known, _)| *known == name);
    header.map(|(_, value)| &**value)
}

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the lines of the `BounceHandler` channel for the thread that wrote them.
struct Ear;

impl log::Log for Ear {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == crate::log::BOUNCE_HANDLER
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            assert_eq!(record.key_values().count(), 1, "the line names its wiki");
            LINES.with_borrow_mut(|lines| lines.push(record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Ear).expect("no other test starts a logger");
        log::set_max_level(log::LevelFilter::Info);
    });
}
