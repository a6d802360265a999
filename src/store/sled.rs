//! The embedded store. Only this room names sled.
//!
//! One thread, the committer, makes all changes, so every decision sees all that was decided before. It takes
//! whatever is waiting, applies it, makes it durable with one `flush`, and answers then.

mod bounce_records;
mod changes;
mod claims;
mod committer;
mod guard;
mod held;
mod import;
mod inventory;
mod keys;
mod ledger;
mod leftovers;
mod listing;
mod making;
mod manage;
mod open;
mod queue;
mod room;
mod seal;
mod service;
mod settle;
mod shared;
mod sync_range;
mod twins;
mod type_queue;
mod users;
mod watch;
mod witness;

pub use self::inventory::Inventory;

use super::{
    CountsByType, Entry, HeldUnconfirm, HeldWord, Import, JobStatus, ListedJob, Recycled, Repushed,
    Settled, Settlement, StoreError, StoreOptions, StoredJob, StoredRecord, User, Which, record,
};
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::job::{Claim, ClaimedJob, JobId, JobType, NewJob, WikiId};
use committer::{Claimed, Committer};
use listing::PageReader;
use manage::{Page, Paged};
use service::{Command, Need, Task};
use shared::Shared;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::mpsc;
use users::UserTable;

/// How many commands may wait for the committer; further callers wait their turn.
const WAITING_COMMANDS: usize = 4096;

/// Handle to the store; clones share it.
#[derive(Debug, Clone)]
pub struct SledStore {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    users: Arc<UserTable>,
    committer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl SledStore {
    /// Opens the store, making it if there is none. Blocks; may take seconds after a crash.
    ///
    /// Claims found in it belong to a process that is gone, so those jobs are ready again at once.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let (lock, opened, users) = open::open(&options)?;
        let (commands, receiver) = mpsc::channel(WAITING_COMMANDS);
        let directory = options.directory.clone();
        let shared = Arc::new(Shared::new(directory.clone(), opened.db.clone()));
        let users = Arc::new(users);
        let handles = (Arc::clone(&shared), Arc::clone(&users));
        let committer = service::start(lock, opened, options, handles, receiver)
            .map_err(|error| StoreError::not_writable(&directory, &error))?;
        let committer = Arc::new(Mutex::new(Some(committer)));
        Ok(Self {
            commands,
            shared,
            users,
            committer,
        })
    }

    /// Locks a directory without opening what is in it, until the file is closed.
    pub fn lock(directory: &Path) -> Result<File, StoreError> {
        open::lock(directory)
    }

    /// Stores a job. When this returns, the job would survive a power cut.
    pub async fn push(&self, job: NewJob) -> Result<JobId, StoreError> {
        let bytes = Need::Room(job.params.len());
        self.ask(bytes, move |committer| committer.push(&job)).await
    }

    /// Stores jobs as they stood elsewhere, all of them or none, and says under which numbers. A number is kept if it is
    /// above all that this store has given out.
    pub async fn import(&self, jobs: Vec<StoredJob>) -> Result<Vec<JobId>, StoreError> {
        let bytes = jobs
            .iter()
            .fold(0_usize, |sum, job| sum.saturating_add(job.job.params.len()));
        self.ask(Need::Room(bytes), move |committer| committer.import(&jobs))
            .await
    }

    /// Takes entries of another store, all of them or none; returns whether they had not been taken before.
    pub async fn restore(&self, import: Import, entries: Vec<Entry>) -> Result<bool, StoreError> {
        let bytes = entries.iter().fold(0_usize, |sum, entry| match entry {
            Entry::Job(job) => sum.saturating_add(job.job.params.len()),
            _ => sum,
        });
        self.ask(Need::Room(bytes), move |committer| {
            committer.restore(import, &entries)
        })
        .await
    }

    /// Claims jobs of the type whose oldest ready job is the oldest: up to as many as are wanted of that type that were
    /// never claimed before, oldest first; or a single one that was, so that a job which takes its runner down takes no
    /// others along. Empty if none is ready.
    pub async fn claim(&self, wanted: &[(JobType, usize)]) -> Result<Vec<ClaimedJob>, StoreError> {
        loop {
            let wanted = wanted.to_vec();
            // Jobs that are missing stop the runner; bounces are taken all the same.
            let claimed = self
                .ask(Need::None, move |committer| Ok(committer.claim(&wanted)))
                .await?
                .map_err(|error| self.shared.located(error))?;
            let none_ready = claimed.is_empty();
            let jobs = self.load_all(claimed).await?;
            // Jobs that cannot be read are set aside; those behind them are ready all the same.
            if none_ready || !jobs.is_empty() {
                return Ok(jobs);
            }
        }
    }

    async fn load_all(&self, claimed: Vec<Claimed>) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut jobs = Vec::with_capacity(claimed.len());
        for claim in claimed {
            let Claim { kind, id, .. } = claim.claim.clone();
            match self.load(claim) {
                Ok(job) => jobs.push(job),
                Err(Unreadable::Store(error)) => return Err(error),
                Err(Unreadable::Record(error)) => self.set_aside(kind, id, error).await?,
            }
        }
        Ok(jobs)
    }

    fn load(&self, claimed: Claimed) -> Result<ClaimedJob, Unreadable> {
        let Claim { kind, id, token } = claimed.claim;
        let head = record::decode_head(&claimed.head).map_err(Unreadable::Record)?;
        let pieces = self
            .shared
            .read(|db| keys::pieces_of(db, &kind, id, head.pieces))
            .map_err(Unreadable::Store)?;
        let job = head.join(id, kind, &pieces).map_err(Unreadable::Record)?;
        Ok(ClaimedJob {
            job,
            token,
            attempts: claimed.attempts,
        })
    }

    async fn set_aside(
        &self,
        kind: JobType,
        id: JobId,
        error: record::RecordError,
    ) -> Result<(), StoreError> {
        log::error!(target: "runJobs", "{kind} job {id} cannot be read and is set aside as abandoned: {error}");
        let reason = format!("the stored job cannot be read: {error}");
        self.ask(Need::None, move |committer| {
            committer.set_aside(&kind, id, reason)
        })
        .await
    }

    /// Settles claims in the given order, each wholly or not at all, and makes it durable.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, StoreError> {
        self.ask(Need::None, move |committer| committer.settle(settlements))
            .await
    }

    /// Gives claimed jobs back that were not run; their attempts are given back too.
    pub async fn release(&self, claims: Vec<Claim>) -> Result<(), StoreError> {
        self.ask(Need::None, move |committer| committer.release(&claims))
            .await
    }

    /// Says that these claims are being worked on: their claim TTL begins anew.
    pub async fn keep_alive(&self, claims: Vec<Claim>) -> Result<(), StoreError> {
        self.ask(Need::None, move |committer| {
            committer.keep_alive(&claims);
            Ok(())
        })
        .await
    }

    /// Makes jobs ready again whose claim is older than the claim TTL, or abandons those without attempts left.
    pub async fn recycle(&self) -> Result<Recycled, StoreError> {
        self.ask(Need::None, Committer::recycle).await
    }

    /// Up to `most` jobs of a type with this status, by number, from behind `after`.
    pub async fn list(
        &self,
        kind: &JobType,
        status: JobStatus,
        after: Option<JobId>,
        most: usize,
    ) -> Result<Vec<ListedJob>, StoreError> {
        let (shared, kind) = (Arc::clone(&self.shared), kind.clone());
        let of_kind = kind.clone();
        let held = self
            .ask(Need::None, move |committer| Ok(committer.held(&of_kind)))
            .await?;
        let read = tokio::task::spawn_blocking(move || {
            shared.read(|db| {
                let reader = PageReader {
                    db,
                    kind: &kind,
                    held: &held,
                };
                reader.read(status, after, most)
            })
        });
        read.await.map_err(|error| StoreError::ReadFailed {
            reason: error.to_string(),
        })?
    }

    /// Deletes jobs of a type, whatever their state; returns how many.
    pub async fn delete(&self, kind: &JobType, which: Which) -> Result<u64, StoreError> {
        let deleted = self.in_pages(kind, which, Committer::delete).await?;
        Ok(deleted.done)
    }

    /// Makes abandoned jobs of a type ready again, with all their attempts; returns how many.
    pub async fn retry_abandoned(&self, kind: &JobType, which: Which) -> Result<u64, StoreError> {
        let retried = self.in_pages(kind, which, Committer::retry).await?;
        Ok(retried.done)
    }

    /// Pushes copies of abandoned jobs of a type, of each once, and leaves the jobs as they are.
    pub async fn repush_abandoned(&self, kind: &JobType) -> Result<Repushed, StoreError> {
        let pushed = self
            .in_pages(kind, Which::Abandoned, Committer::repush)
            .await?;
        let kind = kind.clone();
        self.ask(Need::None, move |committer| committer.note_repush(&kind))
            .await?;
        Ok(Repushed {
            pushed: pushed.done,
            skipped: pushed.skipped,
        })
    }

    /// When copies of abandoned jobs of a type were last pushed; `None` if they never were.
    pub fn last_repush(&self, kind: &JobType) -> Result<Option<Timestamp>, StoreError> {
        self.shared.read(|db| manage::last_repush(db, kind))
    }

    /// Does something with jobs of a type page by page, up to the last one that there is now.
    async fn in_pages(
        &self,
        kind: &JobType,
        which: Which,
        work: fn(&mut Committer, &JobType, Page) -> Result<Paged, StoreError>,
    ) -> Result<Paged, StoreError> {
        let next_job = |committer: &mut Committer| Ok(JobId(committer.next_job));
        let below = self.ask(Need::None, next_job).await?;
        let mut sum = Paged::default();
        let mut next = Some(JobId(0));
        while let Some(from) = next {
            let page = Page { which, from, below };
            let kind = kind.clone();
            let paged = self
                .ask(Need::None, move |committer| work(committer, &kind, page))
                .await?;
            sum.done = sum.done.saturating_add(paged.done);
            sum.skipped = sum.skipped.saturating_add(paged.skipped);
            next = paged.next;
        }
        Ok(sum)
    }

    /// The moments (seconds since the epoch) until which throttled types are not run; those of the past may be among them.
    pub fn backoffs(&self) -> Result<BTreeMap<JobType, f64>, StoreError> {
        self.shared.read(keys::backoffs)
    }

    /// Un-confirms the address of a user, durably; the user as it is then, `None` if there is none.
    pub async fn unconfirm(&self, wiki: &WikiId, id: UserId) -> Result<Option<User>, StoreError> {
        let wiki = wiki.clone();
        self.ask(Need::None, move |committer| committer.unconfirm(&wiki, id))
            .await
    }

    /// Ends the waiting of un-confirmations, durably and each once: they are carried out, or dropped together with what was
    /// counted against their addresses. Returns how many of them still waited, and who was un-confirmed.
    pub async fn settle_held(
        &self,
        kind: &JobType,
        word: HeldWord,
        held: Vec<HeldUnconfirm>,
    ) -> Result<(u64, Vec<User>), StoreError> {
        let kind = kind.clone();
        self.ask(Need::None, move |committer| {
            committer.settle_held(&kind, word, &held)
        })
        .await
    }

    /// Says until when a throttled type is not run.
    pub async fn set_backoff(&self, kind: &JobType, until: f64) -> Result<(), StoreError> {
        let kind = kind.clone();
        self.ask(Need::None, move |committer| {
            committer.set_backoff(&kind, until)
        })
        .await
    }

    /// How many jobs there are, by type and state.
    pub async fn counts(&self) -> Result<CountsByType, StoreError> {
        self.ask(Need::None, |committer| Ok(committer.counts()))
            .await
    }

    /// A user of a wiki, `None` if the wiki has no such user.
    #[expect(
        clippy::unused_async,
        reason = "a store on a server has to wait for the answer"
    )]
    pub async fn user(&self, wiki: &WikiId, id: UserId) -> Result<Option<User>, StoreError> {
        self.users.user(wiki, id)
    }

    /// All users of a wiki by number.
    #[expect(
        clippy::unused_async,
        reason = "a store on a server has to wait for the answer"
    )]
    pub async fn users(&self, wiki: &WikiId) -> Result<Vec<User>, StoreError> {
        self.users.all(wiki)
    }

    /// Up to `most` bounce records of a wiki in the order of their timestamps, from behind `after`.
    pub async fn records(
        &self,
        wiki: &WikiId,
        after: Option<(Timestamp, u64)>,
        most: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.users.check_wiki(wiki)?;
        let (shared, wiki) = (Arc::clone(&self.shared), wiki.clone());
        let read = tokio::task::spawn_blocking(move || {
            shared.read(|db| bounce_records::list(db, &wiki, after, most))
        });
        read.await.map_err(|error| StoreError::ReadFailed {
            reason: error.to_string(),
        })?
    }

    /// Whether a write would reach the disk now.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        self.ask(Need::Room(0), Committer::check_writable).await
    }

    /// Finishes what was asked so far, makes it durable and closes the store for all handles. Blocks; must not be
    /// called where futures run.
    pub fn close(self) {
        // A committer that has ended already takes no word.
        drop(self.commands.blocking_send(Command::Close));
        let committer = self
            .committer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(committer) = committer
            && committer.join().is_err()
        {
            log::error!(target: "store", "the committer ended by a panic");
        }
    }

    /// Has the committer do something, and waits until it is durable.
    async fn ask<T: Send + 'static>(
        &self,
        need: Need,
        work: impl FnOnce(&mut Committer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (task, answer) = Task::new(need, work);
        if self.commands.send(Command::Do(task)).await.is_err() {
            return Err(StoreError::Closed);
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

enum Unreadable {
    Store(StoreError),
    Record(record::RecordError),
}
