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
    match std::fs::read_to_string(&path) {
        Ok(text) => text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        Err(_) => {
            println!(
                "skipped: recorded job lines: no recordings at {}",
                path.display()
            );
            Vec::new()
        }
    }
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
                case["job_timestamp"].as_str().unwrap(),
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
        let lines = JobLines::from_facts(LogFormat::Mw2014, &facts(&params));
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

fn facts<'a>(params: &'a PhpArray<'a>) -> JobFacts<'a> {
    JobFacts {
        kind: "BounceHandlerJob",
        params,
        namespace: 0,
        title: b"BounceHandler_Job",
        stored: Some((7, "20261123212357")),
        request_id: "0123456789abcdef01234567",
        site_name: "Test Wiki",
    }
}

fn text(format: LogFormat, facts: &JobFacts<'_>) -> String {
    let mut text = Vec::new();
    job_text(format, facts, &mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn a_bounce_job_is_shown_in_both_formats() {
    let mail = "To: a\n\tb  c";
    let params = PhpArray::from_pairs([
        ("email", PhpValue::Str(mail.as_bytes())),
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(b"BounceHandler_Job")),
        ("requestId", PhpValue::Str(b"93c629a7ead9502a832a802e")),
    ]);
    // jobs/SPEC.md sections 1.1 and 11.
    assert_eq!(
        text(LogFormat::Mw2014, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=To: a\n\tb  c"
    );
    assert_eq!(
        text(LogFormat::Mw143, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=To: a b c namespace=0 title=BounceHandler_Job \
         requestId=93c629a7ead9502a832a802e (id=7,timestamp=20261123212357)"
    );
}

#[test]
fn what_a_row_of_2014_lacks_is_added_from_its_columns() {
    let params = PhpArray::from_pairs([("email", PhpValue::Str(b"x"))]);
    assert_eq!(
        text(LogFormat::Mw143, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=x namespace=0 title=BounceHandler_Job \
         requestId=0123456789abcdef01234567 (id=7,timestamp=20261123212357)"
    );
}

#[test]
fn titles_have_the_canonical_name_of_their_namespace() {
    let params = PhpArray::default();
    let shown = |namespace, title| {
        let facts = JobFacts {
            namespace,
            title,
            ..facts(&params)
        };
        text(LogFormat::Mw2014, &facts)
            .split_once(' ')
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(shown(3, b"Bob Smith"), "User_talk:Bob_Smith");
    assert_eq!(shown(4, b"Foo"), "Test_Wiki:Foo");
    assert_eq!(shown(-1, b""), "Special:");
}

#[test]
fn characters_are_counted_by_their_first_bytes() {
    // jobs/SPEC.md section 1.1: 1025 times F0 9F are 513 characters.
    assert_eq!(param_text::characters(&b"\xf0\x9f".repeat(1025)), 513);
    assert_eq!(param_text::characters(b"\xff\xc1\xf5a"), 4);
}
