//! Rows of the wiki's `job` table as jobs of a store, and back.

use crate::clock::Timestamp;
use crate::job::state::JobState;
use crate::job::{ClaimToken, JobId, JobType, NewJob, WikiId};
use crate::php_serialize::{self, PhpArray, PhpKey, PhpValue};
use crate::runner::kinds::KindRegistry;
use crate::store::{JobStatus, Store, StoredJob};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What both tell of a job: number, type, attempts, and whether it is claimed.
pub type Row = (u64, String, u32, bool);

/// The rows of a case; none where it does not tell.
pub fn rows(case: &Value, key: &str) -> Vec<Value> {
    case[key].as_array().cloned().unwrap_or_default()
}

/// A recorded row.
pub fn row(value: &Value) -> Row {
    (
        value["job_id"].as_u64().unwrap(),
        value["job_cmd"].as_str().unwrap().to_owned(),
        u32::try_from(value["job_attempts"].as_u64().unwrap()).unwrap(),
        value["job_token"].as_str().unwrap() != "",
    )
}

/// A recorded row as a job to be imported.
pub fn stored(row: &Value, wiki: &WikiId) -> StoredJob {
    let time = |key: &str| row[key].as_str().and_then(Timestamp::from_mw);
    let (id, kind, attempts, claimed) = self::row(row);
    let pushed = time("job_timestamp").unwrap_or(Timestamp(0));
    let state = if claimed {
        JobState::Claimed {
            token: ClaimToken(u128::from(id)),
            since: time("job_token_timestamp").unwrap_or(pushed),
            attempts,
        }
    } else {
        JobState::Ready { attempts }
    };
    StoredJob {
        id: Some(JobId(id)),
        job: NewJob {
            kind: JobType::parse(&kind).unwrap(),
            wiki: wiki.clone(),
            params: params(row),
            unique: None,
        },
        pushed,
        state,
        error: String::new(),
    }
}

/// The params of a row. Namespace and title have columns of their own there; here they are params only.
fn params(row: &Value) -> Vec<u8> {
    let stored = STANDARD
        .decode(row["job_params_b64"].as_str().unwrap())
        .unwrap();
    let params = match php_serialize::read(&stored) {
        Ok(PhpValue::Array(params)) => params,
        _ if stored.is_empty() => PhpArray::default(),
        _ => return stored,
    };
    let title = row["job_title"].as_str().unwrap();
    let columns = [
        (
            "namespace",
            PhpValue::Int(row["job_namespace"].as_i64().unwrap()),
        ),
        ("title", PhpValue::Str(title.as_bytes())),
    ];
    let missing = columns
        .into_iter()
        .filter(|(key, _)| params.get(key).is_none())
        .map(|(key, value)| (PhpKey::from_bytes(key.as_bytes()), value));
    let all: PhpArray<'_> = params.iter().cloned().chain(missing).collect();
    php_serialize::write(&PhpValue::Array(all))
}

/// All jobs of a store.
pub async fn all(store: &Store, kinds: &KindRegistry) -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in kinds.iter() {
        for status in [JobStatus::Unclaimed, JobStatus::Delayed, JobStatus::Claimed] {
            let jobs = store
                .list(&kind.name, status, None, usize::MAX)
                .await
                .unwrap();
            let claimed = status != JobStatus::Unclaimed;
            rows.extend(jobs.iter().map(|job| {
                let kind = kind.name.as_str().to_owned();
                (job.id.0, kind, job.state.attempts(), claimed)
            }));
        }
    }
    rows.sort();
    rows
}
