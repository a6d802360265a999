//! What can be looked at: jobs by state, bounce records, users.

use super::AdminError;
use crate::clock::Timestamp;
use crate::job::WikiId;
use crate::store::{CountsByType, JobCounts, Store, StoreError, StoredRecord, User};
use serde_json::json;
use tokio::sync::mpsc;

/// How many records are read at a time.
const RECORDS_AT_ONCE: usize = 1000;

/// A list to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// Numbers of jobs (MediaWiki's `showJobs.php`).
    Jobs {
        /// A line for each type instead of one number.
        group: bool,
        /// Only this type.
        kind: Option<String>,
    },
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
            "showJobs" => Ok(Self::Jobs {
                group: get("group").is_some_and(|on| on == "1"),
                kind: get("type"),
            }),
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
            Self::Jobs { group, kind } => {
                let mut pairs = vec![("group", u8::from(*group).to_string())];
                pairs.extend(kind.clone().map(|kind| ("type", kind)));
                ("showJobs", pairs)
            }
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
    pub async fn write(
        &self,
        store: &Store,
        wiki: &WikiId,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let text = match self {
            Self::Jobs { group, kind } => jobs(&store.counts().await?, *group, kind.as_deref()),
            Self::Records { user } => return records(store, wiki, *user, out).await,
            Self::Users => store.users(wiki).await?.iter().map(user_line).collect(),
        };
        if !text.is_empty() {
            // A reader who has gone misses nothing that matters.
            drop(out.send(text.into_bytes()).await);
        }
        Ok(())
    }
}

fn no_user(id: &str) -> AdminError {
    AdminError::BadRequest(format!("user={id:?}: expected the number of a user."))
}

/// MediaWiki's showJobs: how many wait; or, by type, all there are.
fn jobs(counts: &CountsByType, group: bool, kind: Option<&str>) -> String {
    let wanted = counts
        .iter()
        .filter(|(name, _)| kind.is_none_or(|kind| name.as_str() == kind));
    if !group {
        let ready = wanted.fold(0_u64, |sum, (_, counts)| sum.saturating_add(counts.ready));
        return format!("{ready}\n");
    }
    let mut text = String::new();
    for (name, counts) in wanted.filter(|(_, counts)| **counts != JobCounts::default()) {
        let held = counts.claimed.saturating_add(counts.abandoned);
        let JobCounts {
            ready,
            claimed,
            delayed,
            abandoned,
        } = counts;
        let line = format!(
            "{name}: {ready} queued; {held} claimed ({claimed} active, {abandoned} abandoned); {delayed} delayed\n"
        );
        text.push_str(&line);
    }
    text
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

fn record_line(stored: &StoredRecord) -> String {
    let record = &stored.record;
    let line = json!({
        "id": stored.id,
        "email": record.email,
        "timestamp": record.timestamp.to_mw(),
        "reason": String::from_utf8_lossy(&record.reason),
    });
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
    use crate::job::JobType;

    fn counts() -> CountsByType {
        let busy = JobCounts {
            ready: 3,
            claimed: 1,
            delayed: 4,
            abandoned: 2,
        };
        [
            (JobType::known("BounceHandlerJob"), busy),
            (JobType::known("Idle"), JobCounts::default()),
        ]
        .into()
    }

    #[test]
    fn show_jobs_prints_what_mediawiki_prints() {
        // jobs/SPEC.md section 4.
        assert_eq!(jobs(&counts(), false, None), "3\n");
        assert_eq!(jobs(&counts(), false, Some("Unknown")), "0\n");
        let line = "BounceHandlerJob: 3 queued; 3 claimed (1 active, 2 abandoned); 4 delayed\n";
        assert_eq!(jobs(&counts(), true, None), line);
        assert_eq!(jobs(&CountsByType::new(), true, None), "");
    }

    #[test]
    fn a_listing_survives_its_way_through_a_query() {
        for listing in [
            Listing::Jobs {
                group: true,
                kind: Some("a b".to_owned()),
            },
            Listing::Jobs {
                group: false,
                kind: None,
            },
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
