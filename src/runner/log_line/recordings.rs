//! Lines as runners printed them, and as those of 2014 did by their source.

use super::*;
use crate::php_serialize;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::path::PathBuf;

/// The recordings in this file of the shared set, or nothing if there is no shared set.
fn recorded(file: &str) -> Vec<Value> {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join("jobs/golden")
        .join(file);
    if !path.exists() {
        println!(
            "skipped: recorded job lines: no recordings at {}",
            path.display()
        );
        return Vec::new();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_recorded_line_of_1_43_is_reproduced() {
    for case in recorded("job_lines.jsonl") {
        let params = STANDARD
            .decode(case["job_params_b64"].as_str().unwrap())
            .unwrap();
        let Ok(PhpValue::Array(params)) = php_serialize::read(&params) else {
            panic!("{}", case["id"])
        };
        let facts = JobFacts {
            kind: case["job_cmd"].as_str().unwrap(),
            params: &params,
            namespace: case["job_namespace"].as_i64().unwrap(),
            title: case["job_title"].as_str().unwrap().as_bytes(),
            stored: Some((
                case["job_id"].as_u64().unwrap(),
                case["job_timestamp"].as_str(),
            )),
            request_id: "0123456789abcdef01234567",
            site_name: "TestWiki",
        };
        let mut text = Vec::new();
        job_text(LogFormat::Mw143, &facts, &mut text);
        let expected = match (case["line"].as_str(), case["line_b64"].as_str()) {
            (Some(line), _) => line.as_bytes().to_vec(),
            (None, Some(line)) => STANDARD.decode(line).unwrap(),
            (None, None) => panic!("{}", case["id"]),
        };
        assert_eq!(
            String::from_utf8_lossy(&text),
            String::from_utf8_lossy(&expected),
            "{}",
            case["id"]
        );
        assert_eq!(text, expected, "{}", case["id"]);
    }
}

/// A JSON value as PHP would serialize it.
fn serialized(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => b"N;".to_vec(),
        Value::Bool(on) => format!("b:{};", u8::from(*on)).into_bytes(),
        Value::Number(number) => format!("i:{number};").into_bytes(),
        Value::String(text) => format!("s:{}:\"{text}\";", text.len()).into_bytes(),
        Value::Array(list) => {
            let mut bytes = format!("a:{}:{{", list.len()).into_bytes();
            for (place, value) in list.iter().enumerate() {
                bytes.extend_from_slice(format!("i:{place};").as_bytes());
                bytes.extend_from_slice(&serialized(value));
            }
            bytes.push(b'}');
            bytes
        }
        Value::Object(_) => panic!("the recordings have no such params"),
    }
}

#[test]
fn every_line_of_2014_is_reproduced() {
    // 2014-07-13T15:02:38Z, the time in the recordings.
    let time = Timestamp(1_405_263_758);
    for case in recorded("job_lines_2014.jsonl") {
        let pairs = case["params"].as_array().unwrap();
        let mut bytes = format!("a:{}:{{", pairs.len()).into_bytes();
        for pair in pairs {
            bytes.extend_from_slice(&serialized(&pair[0]));
            bytes.extend_from_slice(&serialized(&pair[1]));
        }
        bytes.push(b'}');
        let Ok(PhpValue::Array(params)) = php_serialize::read(&bytes) else {
            panic!("{}", case["id"])
        };
        let facts = JobFacts {
            kind: "BounceHandlerJob",
            params: &params,
            namespace: 0,
            title: b"BounceHandler_Job",
            stored: None,
            request_id: "",
            site_name: "",
        };
        let lines = JobLines::from_facts(LogFormat::Mw2014, &facts);
        let (mut starting, mut good, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        lines.starting(time, &mut starting);
        lines.good(time, 100, &mut good);
        lines.failed(time, 100, "MWException: message", &mut failed);
        for (name, line) in [("starting", starting), ("good", good), ("failed", failed)] {
            assert_eq!(
                String::from_utf8(line).unwrap(),
                case[name].as_str().unwrap(),
                "{} {name}",
                case["id"]
            );
        }
    }
}
