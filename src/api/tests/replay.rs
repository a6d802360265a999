//! The recorded cases of a real wiki, sent to the API.

use super::compare::{compare_answer, differ, shape};
use super::normalise::normalise;
use super::profile::Profile;
use super::recordings::{conformance, recorded_cases};
use crate::api::{ApiRequest, ApiResponse, Method};
use crate::ip::{ClientSource, TrustedProxies, resolve_client};
use base64::Engine as _;
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn the_recorded_cases_are_answered_as_recorded() {
    let conformance = conformance();
    let cases = recorded_cases();
    if cases.is_empty() {
        println!(
            "skipped: recorded cases of the API: no recordings at {}",
            conformance.display()
        );
        return;
    }
    let mut failures = Vec::new();
    let mut profiles = BTreeMap::new();
    for case in &cases {
        let profile = case["profile"].as_str().unwrap().to_owned();
        let profile = profiles
            .entry(profile)
            .or_insert_with_key(|name| Profile::read(&conformance, name));
        let differences = differences(case, profile);
        if !differences.is_empty() {
            let (id, why) = (&case["id"], &case["why"]);
            failures.push(format!("{id} {why}: {}", differences.join("; ")));
        }
    }
    let attempted = cases.len();
    println!("{attempted} recorded cases");
    assert!(
        failures.is_empty(),
        "{} of {attempted} cases differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The request of a case, or of what has to come before.
struct Request {
    method: Method,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    source: String,
}

impl Request {
    fn of(request: &Value) -> Self {
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
        }
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        let header = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.trim_ascii())
    }

    /// As it comes from the socket, with the cookies of the jar.
    fn api_request<'r>(
        &'r self,
        proxies: &TrustedProxies,
        cookies: Option<&'r str>,
    ) -> ApiRequest<'r> {
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
            client_source: ClientSource::Peer,
            promise_non_write: self.header("Promise-Non-Write-API-Action"),
            if_none_match: self.header("If-None-Match"),
            treat_as_untrusted: self.header("Treat-as-Untrusted").is_some(),
            cookie: self.header("Cookie").or(cookies.map(str::as_bytes)),
            origin: self.header("Origin"),
            access_control_request_method: self.header("Access-Control-Request-Method"),
            access_control_request_headers: self.header("Access-Control-Request-Headers"),
            accept_language: self.header("Accept-Language"),
            is_https: self.header("X-Forwarded-Proto") == Some(b"https"),
        }
    }
}

/// A client that sends what has to come before a case, and then the case.
#[derive(Default)]
struct Client {
    jar: BTreeMap<String, String>,
    captured: Vec<(String, String)>,
}

impl Client {
    /// Sends a request and keeps the cookies of the answer.
    fn send(&mut self, request: &Value, profile: &Profile) -> (ApiResponse, Vec<String>) {
        let request = Request::of(&self.filled(request));
        let cookies: Vec<_> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = (!cookies.is_empty()).then(|| cookies.join("; "));
        let request = request.api_request(&profile.proxies, cookies.as_deref());
        let (response, log) = profile.wiki.answer(&request);
        for (_, cookie) in response
            .headers
            .iter()
            .filter(|(name, _)| *name == "Set-Cookie")
        {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("; Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        (response, log)
    }

    /// The request with what was captured in the place of its variables.
    fn filled(&self, request: &Value) -> Value {
        if self.captured.is_empty() {
            return request.clone();
        }
        let mut text = request.to_string();
        for (name, value) in &self.captured {
            let encoded: String = form_urlencoded(value);
            text = text.replace(&format!("{{{{{name}|url}}}}"), &encoded);
            let quoted = Value::from(value.as_str()).to_string();
            text = text.replace(&format!("{{{{{name}}}}}"), quoted.trim_matches('"'));
        }
        serde_json::from_str(&text).unwrap()
    }

    fn prepare(&mut self, case: &Value, profile: &Profile) {
        for step in case["setup"].as_array().into_iter().flatten() {
            let (response, _) = self.send(&step["request"], profile);
            for (name, path) in step["capture"].as_object().into_iter().flatten() {
                let tree: Value = serde_json::from_slice(&response.body).unwrap();
                let steps = path.as_array().unwrap();
                let value = steps
                    .iter()
                    .fold(&tree, |tree, step| &tree[step.as_str().unwrap()]);
                self.captured
                    .push((name.clone(), value.as_str().unwrap_or_default().to_owned()));
            }
        }
        profile.wiki.new_jobs();
    }
}

fn form_urlencoded(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).unwrap()[1..].to_owned()
}

/// The differences between the answer to a case and what was recorded.
pub fn differences(case: &Value, profile: &Profile) -> Vec<String> {
    let mut client = Client::default();
    client.prepare(case, profile);
    let (response, log) = client.send(&case["request"], profile);
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
        let shapes = jobs.iter().map(shape).collect();
        differ("job params", &shapes, expected, &mut differences);
    }
    differences
}

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
