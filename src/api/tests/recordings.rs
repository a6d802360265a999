//! Where the recordings of a real wiki are, if they are at hand.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The directory of recorded cases of the API and of the wikis that they were recorded from.
pub fn conformance() -> PathBuf {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    shared.join("conformance")
}

/// All recorded cases; none where there are no recordings.
pub fn recorded_cases() -> Vec<Value> {
    let Ok(directory) = fs::read_dir(conformance().join("cases")) else {
        return Vec::new();
    };
    let mut files: Vec<_> = directory.map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let lines = texts.collect::<String>();
    let cases = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    cases.collect()
}
