//! What the Rust clients share: what the runner tells them, and how a check is reported.

use serde_json::Value;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::fs;

/// What a client's flow ends with when the library fails where it should not.
pub type Outcome = Result<(), Box<dyn Error>>;

/// The token of somebody without a session.
pub const STRANGERS_TOKEN: &str = r"+\";

/// What the runner says in a variable.
pub fn told(variable: &str) -> Result<String, Box<dyn Error>> {
    env::var(variable).map_err(|error| format!("{variable}: {error}").into())
}

/// A mail that the runner has made.
pub fn mail(variable: &str) -> Result<String, Box<dyn Error>> {
    Ok(fs::read_to_string(told(variable)?)?)
}

/// Reports a check: what was seen should equal what is wanted.
pub fn expect<S: PartialEq<W> + Debug, W: Debug>(sentence: &str, seen: S, wanted: W) {
    if seen == wanted {
        println!("ok {sentence}");
    } else {
        println!("not ok {sentence}: {seen:?} instead of {wanted:?}");
    }
}

/// Reports whether this is the token of somebody who has a session.
pub fn expect_token(sentence: &str, token: &str) {
    let digits = token.strip_suffix(STRANGERS_TOKEN).unwrap_or_default();
    let good = digits.len() == 40
        && digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    expect(sentence, (token, good), (token, true));
}

/// Reports whether the site information is the wiki's; `name` is the key of a namespace's name.
pub fn expect_site(query: &Value, name: &str) -> Outcome {
    let (sitename, generator) = (told("WIKI_SITENAME")?, told("WIKI_GENERATOR")?);
    let general = &query["general"];
    let version = general["generator"].as_str().unwrap_or_default();
    expect(
        "siteinfo names the wiki",
        &general["sitename"],
        &Value::from(sitename),
    );
    expect(
        "siteinfo names the version",
        (version, version.starts_with(&generator)),
        (version, true),
    );
    let names = ["0", "1", "2", "10"]
        .map(|number| query["namespaces"][number][name].as_str().unwrap_or("none"));
    expect(
        "siteinfo names the namespaces",
        names,
        ["", "Talk", "User", "Template"],
    );
    Ok(())
}

/// Says that the flow came to its end, and how many jobs it has queued.
pub fn end(jobs: usize) {
    println!("end {jobs}");
}
