//! Pushes of equal jobs.

use super::kinds::{self, Surroundings};
use super::recorded;
use super::rows;
use super::transcript::Wiki;
use crate::job::JobType;
use crate::php_serialize::{PhpArray, PhpKey, PhpValue};
use crate::store::Store;
use serde_json::{Value, json};

/// The value of a param.
fn param(value: &Value) -> PhpValue<'_> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) => PhpValue::Int(whole),
            None => PhpValue::Float(number.as_f64().unwrap()),
        },
        Value::String(text) => PhpValue::Str(text.as_bytes()),
        Value::Bool(on) => PhpValue::Bool(*on),
        Value::Null => PhpValue::Null,
        other => panic!("a param {other}"),
    }
}

/// Pushes a job as MediaWiki makes it: its params, then namespace, title and request where they are missing.
async fn push(store: &Store, of: &Surroundings, job: &Value) {
    let kind = JobType::parse(job["type"].as_str().unwrap()).unwrap();
    let title = job["title"].as_str().unwrap().replace(' ', "_");
    let own = job["params"].as_object().unwrap();
    let mut params: Vec<(PhpKey<'_>, PhpValue<'_>)> = own
        .iter()
        .map(|(key, value)| (PhpKey::from_bytes(key.as_bytes()), param(value)))
        .collect();
    for (key, value) in [
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(title.as_bytes())),
        ("requestId", PhpValue::Str(b"0123456789abcdef01234567")),
    ] {
        if !own.contains_key(key) {
            params.push((PhpKey::from_bytes(key.as_bytes()), value));
        }
    }
    let params: PhpArray<'_> = params.into_iter().collect();
    let job = kinds::all(of).new_job(kind, of.wiki.clone(), &params);
    store.push(job).await.unwrap();
}

#[test]
fn recorded_pushes_of_equal_jobs_leave_the_recorded_rows() {
    for case in recorded("dedup.json") {
        let wiki = Wiki::before(&json!({ "id": case["id"], "settings": case["settings"] }));
        let after = rows::rows(&case, "jobs_after");
        wiki.block_on(async {
            let of = wiki.surroundings();
            let batches = case["batches"].as_array();
            for job in batches
                .into_iter()
                .flatten()
                .flat_map(|batch| batch.as_array().unwrap())
            {
                push(&of.store, of, job).await;
            }
            if batches.is_none() {
                // The first row was there, claimed; then the same was pushed.
                let job = json!({ "type": "testDedup", "title": "X", "params": { "a": 1 } });
                push(&of.store, of, &job).await;
                of.store
                    .claim(&[(JobType::known("testDedup"), 1)])
                    .await
                    .unwrap();
                push(&of.store, of, &job).await;
            }
            let found = rows::all(&of.store, &kinds::all(of)).await;
            let kinds = |rows: Vec<rows::Row>| -> Vec<(String, bool)> {
                rows.into_iter()
                    .map(|(_, kind, _, claimed)| (kind, claimed))
                    .collect()
            };
            let expected = after.iter().map(rows::row).collect();
            assert_eq!(kinds(found), kinds(expected), "{}", case["id"]);
        });
        wiki.close();
    }
}
