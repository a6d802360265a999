//! Opens what a power cut has left, and holds it against what was promised.

use super::promises::Promises;
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::retry::AttemptRules;
use bouncehandlerd::job::{JobType, WikiId};
use bouncehandlerd::store::{JobCounts, Store, StoreOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

/// What the Subject of a mail begins with; its number follows.
pub const SUBJECT: &str = "Undelivered ";

/// What a store holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Number of the mail by number of the job, of jobs that are queued.
    pub queued: BTreeMap<u64, u64>,
    /// Number of the mail by number of the job, of bounces that are recorded.
    pub recorded: BTreeMap<u64, u64>,
    /// How many bounces are recorded by address.
    pub bounces: BTreeMap<String, usize>,
    /// Addresses that are not confirmed.
    pub unconfirmed: BTreeSet<String>,
    /// How many other jobs there are: of mails without a number, or failed.
    pub others: u64,
}

/// What is wrong with the other files of a data directory.
pub fn server_file(directory: &Path) -> Option<String> {
    let text = std::fs::read(directory.join("server.json")).ok()?;
    let read: Result<serde_json::Value, _> = serde_json::from_slice(&text);
    read.err().map(|error| format!("server.json: {error}"))
}

/// Reads all that lies in a store. Its jobs are claimed by that.
pub fn read(directory: &Path) -> Result<Holding, String> {
    let wiki = WikiId("bouncewiki".to_owned());
    let options = StoreOptions {
        directory: directory.to_path_buf(),
        cache_bytes: 8 << 20,
        rules: AttemptRules {
            max_attempts: 1_000_000,
            ..AttemptRules::default()
        },
        min_free_bytes: 0,
        if_endless: |error| {
            drop(writeln!(std::io::stderr(), "{error}"));
            std::process::exit(1)
        },
        wikis: vec![wiki.clone()],
        users: None,
        clock: Clock::System,
    };
    let store = Store::open(options).map_err(|error| format!("opening: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let holding = runtime.block_on(list(&store, &wiki));
    store.close();
    holding
}

async fn list(store: &Store, wiki: &WikiId) -> Result<Holding, String> {
    let mut holding = Holding::default();
    let text = |error| format!("reading: {error}");
    let before = counted(store).await?;
    // Jobs of mails without a number.
    let mut others = 0;
    loop {
        let wanted = [(JobType::BOUNCE_HANDLER, 256)];
        let jobs = store.claim(&wanted).await.map_err(text)?;
        if jobs.is_empty() {
            break;
        }
        for job in jobs {
            match mail_in(&job.job.params) {
                Some(mail) => drop(holding.queued.insert(job.job.id.0, mail)),
                None => others += 1,
            }
        }
    }
    let after = counted(store).await?;
    let claimed = u64::try_from(holding.queued.len()).unwrap() + others;
    // A failed job may become ready while this looks on.
    holding.others = after.delayed + after.abandoned + others;
    let all = before.ready + before.delayed + before.abandoned;
    if (before.claimed, after.ready, after.claimed) != (0, 0, claimed)
        || claimed + after.delayed + after.abandoned != all
    {
        return Err(format!(
            "counted {before:?}, then {after:?}, but {claimed} are there"
        ));
    }
    list_effects(store, wiki, &mut holding).await?;
    Ok(holding)
}

async fn list_effects(store: &Store, wiki: &WikiId, holding: &mut Holding) -> Result<(), String> {
    let text = |error| format!("reading: {error}");
    for stored in store.records(wiki, None, usize::MAX).await.map_err(text)? {
        let mail = mail_in(&stored.record.reason).ok_or("a record without a mail")?;
        if holding.recorded.insert(stored.id, mail).is_some() {
            return Err(format!("job {} has two records", stored.id));
        }
        *holding.bounces.entry(stored.record.email).or_default() += 1;
    }
    for user in store.users(wiki).await.map_err(text)? {
        if user.email_authenticated.is_none() {
            holding.unconfirmed.insert(user.email);
        }
    }
    Ok(())
}

async fn counted(store: &Store) -> Result<JobCounts, String> {
    let counts = store.counts().await;
    let counts = counts.map_err(|error| format!("counting: {error}"))?;
    let of_bounces = counts.get(&JobType::BOUNCE_HANDLER);
    Ok(of_bounces.copied().unwrap_or_default())
}

/// The number of a mail, from its Subject.
fn mail_in(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once(SUBJECT)?;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next();
    digits?.parse().ok()
}

/// What is wrong with a holding, given what was promised, how many bounces un-confirm an address, and `truth`: what
/// came of all mails in the end.
pub fn faults(
    holding: &Holding,
    promises: &Promises,
    limit: usize,
    truth: &BTreeMap<u64, u64>,
) -> Vec<String> {
    let mut faults = holding.faults(promises, limit);
    for (job, mail) in holding.queued.iter().chain(&holding.recorded) {
        if truth.get(job) != Some(mail) {
            faults.push(format!("job {job} is said to be mail {mail}"));
        }
    }
    if holding.others > 0 {
        faults.push(format!(
            "{} jobs that nobody pushed, or that failed",
            holding.others
        ));
    }
    faults
}

impl Holding {
    /// What is wrong with it, given what was promised and how many bounces un-confirm an address.
    pub fn faults(&self, promises: &Promises, limit: usize) -> Vec<String> {
        let mut faults = self.missing_or_twice(promises);
        let over = self.bounces.iter().filter(|(_, times)| **times >= limit);
        let over: BTreeSet<String> = over.map(|(email, _)| email.clone()).collect();
        if over != self.unconfirmed {
            let unconfirmed = &self.unconfirmed;
            faults.push(format!(
                "at the limit {over:?}, un-confirmed {unconfirmed:?}"
            ));
        }
        faults
    }

    /// Mails that were acknowledged and are not there, jobs that were done and left nothing, and mails that are there
    /// more than once.
    pub fn missing_or_twice(&self, promises: &Promises) -> Vec<String> {
        let mut faults = Vec::new();
        let Self {
            queued, recorded, ..
        } = self;
        let mut times: BTreeMap<u64, usize> = BTreeMap::new();
        for mail in queued.values().chain(recorded.values()) {
            *times.entry(*mail).or_default() += 1;
        }
        let mails = promises.mails.iter();
        let lost = mails.filter(|mail| !times.contains_key(mail));
        let done = promises.done.iter();
        let undone = done.filter(|job| !recorded.contains_key(job));
        let twice = times.iter().filter(|(_, times)| **times > 1);
        tell("mails acknowledged and lost", lost, &mut faults);
        tell("jobs done and not recorded", undone, &mut faults);
        tell(
            "mails there twice",
            twice.map(|(mail, _)| mail),
            &mut faults,
        );
        faults
    }
}

fn tell<'numbers>(
    what: &str,
    numbers: impl Iterator<Item = &'numbers u64>,
    faults: &mut Vec<String>,
) {
    let numbers: Vec<_> = numbers.collect();
    if !numbers.is_empty() {
        let first = &numbers[..numbers.len().min(5)];
        faults.push(format!("{} {what}: {first:?}", numbers.len()));
    }
}
