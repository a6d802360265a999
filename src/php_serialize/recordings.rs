//! Params of jobs as a wiki stored them.

use super::*;
use crate::job::JobType;
use crate::job::signature::JobSignature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// The rows of `file` among the recordings; says so if there are none.
fn recorded(file: &str) -> Vec<serde_json::Value> {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = shared.join("jobs/golden").join(file);
    if !path.exists() {
        println!(
            "skipped: recorded job params: no recordings at {}",
            path.display()
        );
        return Vec::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn recorded_params_are_written_back_to_the_byte_and_have_their_sha1() {
    let pushed = recorded("job_rows.jsonl")
        .into_iter()
        .map(|case| case["row"].clone());
    for row in pushed
        .chain(recorded("job_lines.jsonl"))
        .filter(serde_json::Value::is_object)
    {
        let stored = bytes(&row["job_params_b64"]);
        let Ok(value @ PhpValue::Array(_)) = read(&stored) else {
            panic!("{row}")
        };
        assert_eq!(write(&value), stored, "{row}");
        let PhpValue::Array(params) = value else {
            unreachable!()
        };
        let kind = JobType::parse(row["job_cmd"].as_str().unwrap()).unwrap();
        assert_eq!(
            JobSignature::of(&kind, &params).to_string(),
            row["job_sha1"],
            "{row}"
        );
    }
}
