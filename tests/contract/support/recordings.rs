//! The recordings of the original, where they are at hand.

use serde_json::Value;
use std::path::PathBuf;

/// A file of the shared recordings, a JSON value a line; `None`, and said so, where there are none.
pub fn lines(file: &str) -> Option<Vec<Value>> {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {file}: no recordings at {}", path.display());
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}
