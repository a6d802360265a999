//! The recorded cases of a real wiki, sent to the API.
//!
//! Which cases are left out follows from the request and the kind of its answer, never from the case's name.

use super::compare::{compare_answer, differ, shape};
use super::normalise::normalise;
use super::profile::Profile;
use crate::api::php_input::PhpInput;
use crate::api::{ApiRequest, Method, registry};
use crate::ip::{TrustedProxies, resolve_client};
use base64::Engine as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_recorded_cases_are_answered_as_recorded() {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let conformance = shared.join("conformance");
    if !conformance.exists() {
        println!(
            "skipped: recorded cases of the API: no recordings at {}",
            conformance.display()
        );
        return;
    }
    let mut tally = Tally::default();
    let mut profiles = BTreeMap::new();
    let mut files: Vec<_> = fs::read_dir(conformance.join("cases"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| fs::read_to_string(file).unwrap();
    for line in files.iter().map(read).collect::<String>().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let profile = case["profile"].as_str().unwrap().to_owned();
        let profile = profiles
            .entry(profile)
            .or_insert_with_key(|name| Profile::read(&conformance, name));
        tally.count(&case, Request::of(&case).outcome(&case, profile));
    }
    println!("{}", tally.report());
    assert!(
        tally.failures.is_empty(),
        "{} cases differ:\n{}",
        tally.failures.len(),
        tally.failures.join("\n")
    );
    for category in ["core", "verp", "mails", "ip", "transport"] {
        assert!(
            tally.rows[category].contains_key(AS_RECORDED),
            "no case of {category} was attempted"
        );
    }
}

/// What became of a case: left out for a reason, or compared, with the differences.
enum CaseOutcome {
    LeftOut(&'static str),
    Compared(Vec<String>),
}

/// How often each thing became of the cases of each category.
#[derive(Default)]
struct Tally {
    rows: BTreeMap<String, BTreeMap<String, usize>>,
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, case: &Value, outcome: CaseOutcome) {
        let became = match outcome {
            CaseOutcome::LeftOut(reason) => format!("left out, {reason}"),
            CaseOutcome::Compared(differences) if differences.is_empty() => AS_RECORDED.to_owned(),
            CaseOutcome::Compared(differences) => {
                let (id, why) = (&case["id"], &case["why"]);
                self.failures
                    .push(format!("{id} {why}: {}", differences.join("; ")));
                "different".to_owned()
            }
        };
        let category = case["category"].as_str().unwrap().to_owned();
        let times = self
            .rows
            .entry(category)
            .or_default()
            .entry(became)
            .or_default();
        *times = times.saturating_add(1);
    }

    fn report(&self) -> String {
        let shown = |(category, row): (&String, &BTreeMap<_, _>)| format!("{category}: {row:?}");
        self.rows.iter().map(shown).collect::<Vec<_>>().join("\n")
    }
}

const AS_RECORDED: &str = "as recorded";

/// The request of a case.
struct Request {
    method: Method,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    source: String,
    has_setup: bool,
}

impl Request {
    fn of(case: &Value) -> Self {
        let request = &case["request"];
        let target = request["path_query"].as_str().unwrap();
        let no_headers = Vec::new();
        let headers = request["headers"].as_array().unwrap_or(&no_headers).iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            method: Method::from_name(request["method"].as_str().unwrap()),
            query: target
                .split_once('?')
                .map_or("", |(_, query)| query)
                .to_owned(),
            headers: headers
                .map(|header| (text(&header[0]), text(&header[1]).into_bytes()))
                .collect(),
            body: body_of(request),
            source: request["source"].as_str().unwrap_or("127.0.0.1").to_owned(),
            has_setup: case.get("setup").is_some(),
        }
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        let header = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.trim_ascii())
    }

    fn api_request(&self, proxies: &TrustedProxies) -> ApiRequest<'_> {
        let forwarded = self
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("X-Forwarded-For"));
        let forwarded: Vec<&[u8]> = forwarded.map(|(_, value)| value.as_slice()).collect();
        let client = resolve_client(self.source.parse().unwrap(), &forwarded, proxies);
        ApiRequest {
            method: self.method,
            query: self.query.as_bytes(),
            content_type: self.header("Content-Type"),
            body: &self.body,
            client: client.map(|client| client.address),
            promise_non_write: self.header("Promise-Non-Write-API-Action"),
            if_none_match: self.header("If-None-Match"),
            treat_as_untrusted: self.header("Treat-as-Untrusted").is_some(),
        }
    }

    fn outcome(&self, case: &Value, profile: &Profile) -> CaseOutcome {
        let request = self.api_request(&profile.proxies);
        if let Some(reason) = self.reason_to_leave_out(&request, profile) {
            return CaseOutcome::LeftOut(reason);
        }
        let (response, log) = profile.wiki.answer(&request);
        let mut differences = Vec::new();
        compare_answer(case, &response, &mut differences);
        let log: Vec<_> = log.iter().map(|line| normalise(line)).collect();
        differ("log", &Value::from(log), &case["log"], &mut differences);
        let jobs = profile.wiki.new_jobs();
        differ(
            "jobs",
            &Value::from(jobs.len()),
            &case["jobs"],
            &mut differences,
        );
        if let Some(expected) = case.get("job_params") {
            differ(
                "job params",
                &jobs.iter().map(shape).collect(),
                expected,
                &mut differences,
            );
        }
        CaseOutcome::Compared(differences)
    }

    /// Why the case asks for something that is not there yet.
    fn reason_to_leave_out(
        &self,
        request: &ApiRequest<'_>,
        profile: &Profile,
    ) -> Option<&'static str> {
        let input = PhpInput::read(request, 1000);
        let scalar = |name: &str| Some(String::from_utf8_lossy(input.scalar(name)?).into_owned());
        let names_any = |names: &[&str]| names.iter().any(|name| input.value(name).is_some());
        if self.has_setup || self.header("Cookie").is_some() {
            return Some("sessions");
        }
        if names_any(&OTHER_PARAMS) {
            return Some("other params of main");
        }
        if request.client.is_err() || request.method == Method::Options {
            return None;
        }
        if !profile.is_plain {
            return Some("a mode of the wiki");
        }
        match (scalar("format"), scalar("action")) {
            (None, _) => Some("no format: an HTML page"),
            (Some(format), _) if registry::format(&format).is_none() => Some("other format"),
            (Some(_), None) => Some("no action: an HTML page"),
            (Some(_), Some(action)) => OTHER_MODULES
                .contains(&action.as_str())
                .then_some("other module"),
        }
    }
}

/// Params of the main module that the original has and this one does not.
const OTHER_PARAMS: [&str; 8] = [
    "assert",
    "assertuser",
    "curtimestamp",
    "maxage",
    "maxlag",
    "origin",
    "responselanginfo",
    "smaxage",
];

/// Modules that the original has and this one does not.
const OTHER_MODULES: [&str; 9] = [
    "checktoken",
    "clientlogin",
    "edit",
    "emailuser",
    "help",
    "login",
    "logout",
    "paraminfo",
    "query",
];

fn body_of(request: &Value) -> Vec<u8> {
    let decoded = |text: &Value| {
        base64::engine::general_purpose::STANDARD
            .decode(text.as_str().unwrap())
            .unwrap()
    };
    if let Some(parts) = request["body_parts"].as_array() {
        return parts
            .iter()
            .flat_map(|part| match part {
                Value::String(text) => text.clone().into_bytes(),
                part if part.get("base64").is_some() => decoded(&part["base64"]),
                part => {
                    let times = usize::try_from(part["repeat"][1].as_u64().unwrap()).unwrap();
                    part["repeat"][0]
                        .as_str()
                        .unwrap()
                        .repeat(times)
                        .into_bytes()
                }
            })
            .collect();
    }
    match (request.get("body_base64"), request["body"].as_str()) {
        (Some(encoded), _) => decoded(encoded),
        (None, text) => text.unwrap_or_default().as_bytes().to_vec(),
    }
}
