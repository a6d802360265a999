//! Answers and jobs beside what was recorded; `conformance/README.md` has the rules.

use super::normalise::normalise;
use super::support::NOW;
use crate::api::ApiResponse;
use crate::job::Job;
use crate::php_serialize::{self, PhpKey, PhpValue};
use serde_json::Value;
use std::collections::BTreeMap;

/// Status, headers and body.
pub fn compare_answer(case: &Value, response: &ApiResponse, differences: &mut Vec<String>) {
    let expected = &case["response"];
    differ(
        "status",
        &Value::from(response.status),
        &expected["status"],
        differences,
    );
    let compared = compared_headers(response);
    let expected_headers: BTreeMap<_, _> =
        expected["headers"].as_object().unwrap().iter().collect();
    differ(
        "headers",
        &serde_json::to_value(compared).unwrap(),
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
                if wanted["absent"] == true {
                    let absent = Value::from(found.is_some());
                    differ(
                        &wanted["path"].to_string(),
                        &absent,
                        &Value::from(false),
                        differences,
                    );
                    continue;
                }
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

/// The headers as the recordings have them: of cookies only the names.
fn compared_headers(response: &ApiResponse) -> BTreeMap<&'static str, Value> {
    let mut headers = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in &response.headers {
        if *name == "Set-Cookie" {
            cookies.push(value.split('=').next().unwrap().to_owned());
        } else {
            let shown = match *name {
                "Expires" | "Last-Modified" if !value.starts_with("Thu, 01 Jan 1970") => {
                    "{{HTTPDATE}}".to_owned()
                }
                _ => normalise(value),
            };
            let twice = headers.insert(*name, Value::from(shown));
            assert_eq!(twice, None, "a header twice: {:?}", response.headers);
        }
    }
    if !cookies.is_empty() {
        cookies.sort();
        headers.insert("Set-Cookie", Value::from(cookies));
    }
    headers
}

fn step<'v>(tree: &'v Value, step: &Value) -> Option<&'v Value> {
    match step {
        Value::String(name) => tree.get(name),
        Value::Object(wanted) => tree.as_array()?.iter().find(|element| {
            wanted
                .iter()
                .all(|(name, value)| element.get(name) == Some(value))
        }),
        step => tree.get(usize::try_from(step.as_u64()?).ok()?),
    }
}

pub fn differ(what: &str, found: &Value, expected: &Value, differences: &mut Vec<String>) {
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
pub fn shape(job: &Job) -> Value {
    let Ok(PhpValue::Array(array)) = php_serialize::read(&job.params) else {
        panic!("the params of a job are an array");
    };
    let params = array.iter().map(|(key, value)| {
        let PhpKey::Str(name) = key else {
            panic!("a numeric key")
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let value = match value {
            PhpValue::Str(text) if name == "title" => Value::from(String::from_utf8_lossy(text)),
            PhpValue::Str(text) => Value::from(text.len()),
            PhpValue::Int(number) => Value::from(*number),
            other => panic!("unexpected {other:?}"),
        };
        (name, value)
    });
    let params: serde_json::Map<_, _> = params.collect();
    assert_eq!(job.pushed, NOW);
    serde_json::json!({"wiki": job.wiki.as_str(), "params": params})
}
