//! Whether a call printed and left what the recorded one did.

use super::rows::{self, Row};
use super::template;
use super::transcript::Printed;
use serde_json::Value;
use std::collections::BTreeSet;

/// Compares with a recording that is followed.
pub fn as_recorded(case: &Value, printed: &Printed, jobs: &[Row]) -> Result<(), String> {
    let own_usage = case["note"]
        .as_str()
        .is_some_and(|note| note.starts_with("usage text"));
    let expected = case["stdout_template"].as_str().unwrap();
    let found = template::of(&printed.stdout);
    let varies = case["order_or_count_varies"] == Value::Bool(true);
    if printed.exit != case["exit"].as_i64().unwrap() {
        return Err(format!("exit status {}: {}", printed.exit, printed.stderr));
    }
    if !own_usage {
        let same = expected == found
            || varies && is_like(expected, &found)
            || is_same_list(case, expected, &found);
        if !same {
            return Err(format!("expected\n{expected}\nfound\n{found}"));
        }
        same_error(case, &printed.stderr)?;
    }
    if varies {
        return Ok(());
    }
    let after = rows::rows(case, "jobs_after");
    let after: Vec<Row> = after.iter().map(rows::row).collect();
    if case["jobs_after"].is_array() && after != jobs {
        return Err(format!("expected the jobs {after:?}, found {jobs:?}"));
    }
    Ok(())
}

/// An exception's message counts, PHP's warnings and the places in its source do not.
fn same_error(case: &Value, stderr: &str) -> Result<(), String> {
    let expected = case["stderr_template"].as_str().unwrap();
    let expected: String = expected
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("PHP "))
        .collect();
    let message = match expected.split_once("\n#0 ") {
        Some((first, _)) => first
            .split_once(".php: ")
            .map_or(first, |(_, message)| message),
        None => expected.as_str(),
    };
    if stderr.trim_end() == message.trim_end() {
        Ok(())
    } else {
        Err(format!("expected on stderr {message:?}, found {stderr:?}"))
    }
}

/// Whether a text has lines of another, in any order. Of several workers, one may find nothing left to do.
fn is_like(expected: &str, found: &str) -> bool {
    let lines = |text: &str| -> BTreeSet<String> {
        let text = text.replace("}{", "}\n{");
        text.lines().map(str::to_owned).collect()
    };
    let (expected, mut found) = (lines(expected), lines(found));
    if found.iter().any(|line| line.starts_with("Worker exited")) {
        found.remove("Job queue is empty.");
    }
    !found.is_empty() && found.is_subset(&expected)
}

/// Whether two lists of jobs have the same lines: the original lists in no certain order, and with a limit any of them.
fn is_same_list(case: &Value, expected: &str, found: &str) -> bool {
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let words = case["argv"].as_array().unwrap();
    let has = |name: &str| {
        words
            .iter()
            .any(|word| word.as_str().unwrap().starts_with(name))
    };
    let (expected, found) = (sorted(expected), sorted(found));
    has("--list") && (expected == found || has("--limit") && expected.len() == found.len())
}
