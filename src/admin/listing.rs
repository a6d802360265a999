//! What can be looked at: jobs, bounce records, users.

use super::job_list::JobList;
use super::{Admin, AdminError};
use crate::clock::Timestamp;
use crate::decision::Weight;
use crate::job::WikiId;
use crate::store::{Store, StoreError, StoredRecord, User};
use serde_json::json;
use tokio::sync::mpsc;

/// How many records are read at a time.
const RECORDS_AT_ONCE: usize = 1000;

/// A list to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// Jobs (MediaWiki's `showJobs.php`).
    Jobs(JobList),
    /// Bounce records, one JSON object a line, in the order of their timestamps.
    Records {
        /// Only those of this user's address.
        user: Option<u64>,
    },
    /// Users, one JSON object a line.
    Users,
}

impl Listing {
    /// Reads the name of a list and the query with its options.
    pub fn parse(name: &str, query: &str) -> Result<Self, AdminError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|error| {
            AdminError::BadRequest(format!("The query cannot be read: {error}."))
        })?;
        let get = |name: &str| {
            pairs
                .iter()
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        match name {
            "showJobs" => {
                let mut list = JobList::default();
                for (name, value) in &pairs {
                    list.set(name, value)?;
                }
                Ok(Self::Jobs(list))
            }
            "records" => {
                let user = match get("user") {
                    Some(id) => Some(id.parse().ok().ok_or_else(|| no_user(&id))?),
                    None => None,
                };
                Ok(Self::Records { user })
            }
            "users" => Ok(Self::Users),
            _ => Err(AdminError::NotFound(
                "There are /admin/showJobs, /admin/records and /admin/users.".to_owned(),
            )),
        }
    }

    /// The path and query that [`Listing::parse`] reads back as this list.
    pub fn to_path(&self) -> Result<String, serde_urlencoded::ser::Error> {
        let (name, pairs) = match self {
            Self::Jobs(list) => ("showJobs", list.pairs()),
            Self::Records { user } => (
                "records",
                user.iter().map(|id| ("user", id.to_string())).collect(),
            ),
            Self::Users => ("users", Vec::new()),
        };
        Ok(format!(
            "/admin/{name}?{}",
            serde_urlencoded::to_string(pairs)?
        ))
    }

    /// Writes the list.
    pub(super) async fn write(
        &self,
        admin: &Admin,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (runner, wiki) = (&admin.runner, &admin.wiki);
        let users = match self {
            Self::Jobs(list) => return list.write(runner, out).await,
            Self::Records { user } => return records(&runner.store, wiki, *user, out).await,
            Self::Users => runner.store.users(wiki).await?,
        };
        let text: String = users.iter().map(user_line).collect();
        // A reader who has gone misses nothing that matters.
        drop(out.send(text.into_bytes()).await);
        Ok(())
    }
}

fn no_user(id: &str) -> AdminError {
    AdminError::BadRequest(format!("user={id:?}: expected the number of a user."))
}

async fn records(
    store: &Store,
    wiki: &WikiId,
    user: Option<u64>,
    out: &mpsc::Sender<Vec<u8>>,
) -> Result<(), StoreError> {
    let only = match user {
        Some(id) => match store.user(wiki, crate::effects::UserId(id)).await? {
            Some(user) => Some(user.email),
            None => return Ok(()),
        },
        None => None,
    };
    let mut after: Option<(Timestamp, u64)> = None;
    loop {
        let page = store.records(wiki, after, RECORDS_AT_ONCE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some((last.record.timestamp, last.id));
        let wanted = page.iter().filter(|stored| {
            only.as_ref()
                .is_none_or(|email| stored.record.email == *email)
        });
        let text: String = wanted.map(record_line).collect();
        if out.send(text.into_bytes()).await.is_err() {
            return Ok(());
        }
    }
}

/// What it weighs and that it is a complaint is told only where it is not as in the original.
fn record_line(stored: &StoredRecord) -> String {
    let record = &stored.record;
    let mut line = json!({
        "id": stored.id,
        "email": record.email,
        "timestamp": record.timestamp.to_mw(),
        "reason": String::from_utf8_lossy(&record.reason),
    });
    if let Some(line) = line.as_object_mut() {
        if record.weight != Weight::WHOLE {
            let weight = f64::from(record.weight.0) / f64::from(Weight::WHOLE.0);
            line.insert("weight".to_owned(), weight.into());
        }
        if record.complaint {
            line.insert("complaint".to_owned(), true.into());
        }
    }
    format!("{line}\n")
}

fn user_line(user: &User) -> String {
    let line = json!({
        "id": user.id.0,
        "name": user.name,
        "email": user.email,
        "email_authenticated": user.email_authenticated.map(Timestamp::to_mw),
    });
    format!("{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::log_line::LogFormat;

    #[test]
    fn a_listing_survives_its_way_through_a_query() {
        for listing in [
            Listing::Jobs(JobList {
                group: true,
                list: true,
                kind: Some("a b".to_owned()),
                status: Some("claimed".to_owned()),
                limit: Some(-1),
                log_format: Some(LogFormat::Mw143),
            }),
            Listing::Jobs(JobList::default()),
            Listing::Records { user: Some(3) },
            Listing::Users,
        ] {
            let path = listing.to_path().unwrap();
            let (name, query) = path
                .strip_prefix("/admin/")
                .and_then(|rest| rest.split_once('?'))
                .unwrap();
            assert_eq!(Listing::parse(name, query), Ok(listing));
        }
    }
}
