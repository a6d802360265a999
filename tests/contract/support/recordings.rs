//! The recordings of the original, where they are at hand.

use serde_json::Value;
use std::path::PathBuf;

/// A directory of the shared recordings; `None`, and said so, where there is none.
pub fn directory(name: &str) -> Option<PathBuf> {
    let path = place(name);
    if !path.is_dir() {
        println!("skipped: {name}: no recordings at {}", path.display());
        return None;
    }
    Some(path)
}

fn place(name: &str) -> PathBuf {
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join(name)
}

/// A file of the shared recordings, a JSON value a line; `None`, and said so, where there are none.
pub fn lines(file: &str) -> Option<Vec<Value>> {
    let path = place(file);
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
