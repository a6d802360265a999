//! Cases of our own, in the shape of the recorded ones: every `fixtures/api/*.jsonl`.

use super::profile::Profile;
use super::replay::differences;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn the_projects_own_cases_are_answered_as_they_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/api");
    let files = fs::read_dir(&directory).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|kind| kind == "jsonl"))
        .collect();
    files.sort();
    let profile = Profile::read(&directory, "default");
    let mut attempted = 0_usize;
    let mut failures = Vec::new();
    for file in files {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            attempted = attempted.saturating_add(1);
            let differences = differences(&case, &profile);
            if !differences.is_empty() {
                failures.push(format!("{}: {}", case["id"], differences.join("; ")));
            }
        }
    }
    assert!(
        attempted > 0,
        "there are no cases in {}",
        directory.display()
    );
    assert!(
        failures.is_empty(),
        "{} of {attempted} cases differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
