//! The recorded cases of a real wiki, sent to the API.
//!
//! Which cases are left out follows from the request and the kind of its answer, never from the case's name.

use super::normalise::normalise;
use super::support::{NOW, Wiki, options};
use crate::api::php_input::PhpInput;
use crate::api::{ApiOptions, ApiRequest, ApiResponse, Method, registry};
use crate::ip::{IpRangeList, TrustedProxies, address, resolve_client};
use crate::job::{Job, WikiId};
use crate::php_serialize;
use crate::verp::VerpKeys;
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
    for line in files.iter().flat_map(|file| {
        fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    }) {
        let case: Value = serde_json::from_str(&line).unwrap();
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

/// A wiki with the settings of a profile.
struct Profile {
    wiki: Wiki,
    proxies: TrustedProxies,
    is_plain: bool,
}

impl Profile {
    fn read(conformance: &Path, name: &str) -> Self {
        let file =
            fs::read_to_string(conformance.join("profiles").join(format!("{name}.json"))).unwrap();
        let settings: Value = serde_json::from_str(&file).unwrap();
        let texts = |name: &str| -> Vec<String> {
            settings[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|text| text.as_str().unwrap().to_owned())
                .collect()
        };
        let databases = texts("Databases");
        let is_plain = settings["ReadOnly"].is_null()
            && settings.get("GroupPermissions").is_none()
            && settings.get("ForceHTTPS").is_none();
        Self {
            wiki: Wiki::with(
                profile_options(&settings, &texts),
                &databases.iter().map(String::as_str).collect::<Vec<_>>(),
            ),
            proxies: TrustedProxies {
                cdn_servers: texts("CdnServers")
                    .iter()
                    .filter_map(|proxy| address::parse(proxy))
                    .collect(),
                cdn_servers_no_purge: IpRangeList::parse(&texts("CdnServersNoPurge")),
                use_private_ips: settings["UsePrivateIPs"].as_bool().unwrap(),
            },
            is_plain,
        }
    }
}

fn profile_options(settings: &Value, texts: &dyn Fn(&str) -> Vec<String>) -> ApiOptions {
    let text = |name: &str| settings[name].as_str().unwrap();
    let on = |name: &str| settings[name].as_bool().unwrap();
    let wiki = match text("DBprefix") {
        "" => text("DBname").to_owned(),
        prefix => format!("{}-{prefix}", text("DBname")),
    };
    let defaults = ["127.0.0.1".to_owned(), "::1".to_owned()];
    let accept_time = settings["VERPAcceptTime"].as_i64().unwrap();
    ApiOptions {
        script_url: format!("{}{}/api.php", text("Server"), text("ScriptPath")),
        wiki: WikiId(wiki),
        local_databases: texts("LocalDatabases").into_iter().map(WikiId).collect(),
        internal_ips: IpRangeList::parse(
            &[&defaults, texts("BounceHandlerInternalIPs").as_slice()].concat(),
        ),
        verp_keys: VerpKeys::new(
            text("VERPalgorithm"),
            text("VERPsecret").as_bytes(),
            accept_time,
        ),
        frame_options: Some(text("ApiFrameOptions").to_owned()),
        host_name: on("ShowHostnames").then(|| "host".to_owned()),
        debug_api: on("DebugAPI"),
        show_exception_details: on("ShowExceptionDetails"),
        ..options()
    }
}

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

fn compare_answer(case: &Value, response: &ApiResponse, differences: &mut Vec<String>) {
    let expected = &case["response"];
    differ(
        "status",
        &Value::from(response.status),
        &expected["status"],
        differences,
    );
    let headers: BTreeMap<_, _> = response
        .headers
        .iter()
        .map(|(name, value)| (*name, normalise(value)))
        .collect();
    assert_eq!(
        headers.len(),
        response.headers.len(),
        "a header twice: {:?}",
        response.headers
    );
    let expected_headers: BTreeMap<_, _> =
        expected["headers"].as_object().unwrap().iter().collect();
    differ(
        "headers",
        &serde_json::to_value(headers).unwrap(),
        &serde_json::to_value(expected_headers).unwrap(),
        differences,
    );
    let body = normalise(&String::from_utf8_lossy(&response.body));
    match case["match"].as_str().unwrap() {
        "exact" => differ("body", &Value::from(body), &expected["body"], differences),
        "subset" => {
            let tree: Value = serde_json::from_str(&body).unwrap();
            for wanted in expected["subset"].as_array().unwrap() {
                let found = wanted["path"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .try_fold(&tree, step);
                differ(
                    &wanted["path"].to_string(),
                    found.unwrap_or(&Value::Null),
                    &wanted["value"],
                    differences,
                );
            }
        }
        "headers" => {}
        other => panic!("unknown match {other}"),
    }
}

fn step<'v>(tree: &'v Value, step: &Value) -> Option<&'v Value> {
    match step {
        Value::String(name) => tree.get(name),
        step => tree.get(usize::try_from(step.as_u64()?).ok()?),
    }
}

fn differ(what: &str, found: &Value, expected: &Value, differences: &mut Vec<String>) {
    if found != expected {
        let short = |value: &Value| value.to_string().chars().take(600).collect::<String>();
        differences.push(format!(
            "{what}: expected {}, got {}",
            short(expected),
            short(found)
        ));
    }
}

/// A job as the cases show it: the wiki, and the params in order with lengths in place of long texts.
fn shape(job: &Job) -> Value {
    let Ok(php_serialize::PhpValue::Array(array)) = php_serialize::read(&job.params) else {
        panic!("the params of a job are an array");
    };
    let params = array.iter().map(|(key, value)| {
        let php_serialize::PhpKey::Str(name) = key else {
            panic!("a numeric key")
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let value = match value {
            php_serialize::PhpValue::Str(text) if name == "title" => {
                Value::from(String::from_utf8_lossy(text))
            }
            php_serialize::PhpValue::Str(text) => Value::from(text.len()),
            php_serialize::PhpValue::Int(number) => Value::from(*number),
            other => panic!("unexpected {other:?}"),
        };
        (name, value)
    });
    let params: serde_json::Map<_, _> = params.collect();
    assert_eq!(job.pushed, NOW);
    serde_json::json!({"wiki": job.wiki.as_str(), "params": params})
}
