//! Cases of our own, in the shape of the recorded ones: every `fixtures/api/*.jsonl`.

use super::profile::Profile;
use super::replay::differences;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/api")
}

/// All cases of our own.
pub fn cases() -> Vec<Value> {
    let files = fs::read_dir(directory()).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|kind| kind == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let lines = texts.collect::<String>();
    let cases = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    cases.collect()
}

#[test]
fn the_projects_own_cases_are_answered_as_they_say() {
    let cases = cases();
    assert!(!cases.is_empty());
    let mut profiles = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let profile = case["profile"].as_str().unwrap();
        let profile = profiles
            .entry(profile)
            .or_insert_with(|| Profile::read_over_default(&directory(), profile));
        let differences = differences(case, profile);
        if !differences.is_empty() {
            failures.push(format!("{}: {}", case["id"], differences.join("; ")));
        }
    }
    let (failed, attempted) = (failures.len(), cases.len());
    assert!(
        failures.is_empty(),
        "{failed} of {attempted} cases differ:\n{}",
        failures.join("\n")
    );
}
