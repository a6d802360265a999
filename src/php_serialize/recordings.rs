//! Params of jobs as a wiki stored them.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
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

/// Base 36, padded to 31 digits.
fn base36(number: &[u8]) -> String {
    let mut digits = Vec::new();
    let mut number = number.to_vec();
    while digits.len() < 31 {
        let mut remainder = 0;
        for byte in &mut number {
            let dividend = u32::from_be_bytes([0, 0, remainder, *byte]);
            *byte = u8::try_from(dividend / 36).unwrap();
            remainder = u8::try_from(dividend % 36).unwrap();
        }
        digits.push(char::from_digit(remainder.into(), 36).unwrap());
    }
    digits.into_iter().rev().collect()
}

/// `job_sha1` (jobs/SPEC.md section 5).
fn job_sha1(kind: &str, params: &PhpArray<'_>) -> String {
    let left_out = [
        "rootJobSignature",
        "rootJobTimestamp",
        "jobReleaseTimestamp",
        "requestId",
    ];
    let name = |key: &PhpKey<'_>| match key {
        PhpKey::Int(number) => number.to_string().into_bytes(),
        PhpKey::Str(name) => name.to_vec(),
    };
    let mut rest: Vec<_> = params.iter().cloned().collect();
    rest.retain(|(key, _)| !left_out.iter().any(|out| name(key) == out.as_bytes()));
    rest.sort_by_key(|(key, _)| name(key));
    let identity = PhpArray::from_pairs([
        ("type", PhpValue::Str(kind.as_bytes())),
        ("params", PhpValue::Array(PhpArray(rest))),
    ]);
    base36(&Sha1::digest(write(&PhpValue::Array(identity))))
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
        assert_eq!(
            job_sha1(row["job_cmd"].as_str().unwrap(), &params),
            row["job_sha1"],
            "{row}"
        );
    }
}
