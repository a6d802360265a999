//! The embedded store. Only this room names sled.
//!
//! One thread, the committer, makes all changes, so every decision sees all that was decided before. It takes
//! whatever is waiting, applies it, makes it durable with one `flush` and one `sync_data`, and answers then.

mod bounce_records;
mod changes;
mod committer;
mod import;
mod keys;
mod open;
mod queue;
mod settle;
mod type_queue;
mod users;

use super::{
    CountsByType, Recycled, Settled, Settlement, StoreError, StoreOptions, StoredJob, StoredRecord,
    User, record,
};
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::job::{ClaimedJob, JobId, JobType, NewJob, WikiId};
use committer::{Claimed, Command, Reply};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};
use users::UserTable;

/// How many commands may wait for the committer; further callers wait their turn.
const WAITING_COMMANDS: usize = 4096;

/// Handle to the store; clones share it.
#[derive(Debug, Clone)]
pub struct SledStore {
    commands: mpsc::Sender<Command>,
    db: ::sled::Db,
    users: Arc<UserTable>,
    committer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl SledStore {
    /// Opens the store, making it if there is none. Blocks; may take seconds after a crash.
    ///
    /// Claims found in it belong to a process that is gone, so those jobs are ready again at once.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let opened = open::open(&options)?;
        let (commands, receiver) = mpsc::channel(WAITING_COMMANDS);
        let (db, users) = (opened.db.clone(), Arc::clone(&opened.users));
        let directory = options.directory.clone();
        let committer = committer::start(opened, options, receiver)
            .map_err(|error| StoreError::not_writable(&directory, &error))?;
        let committer = Arc::new(Mutex::new(Some(committer)));
        Ok(Self {
            commands,
            db,
            users,
            committer,
        })
    }

    /// Stores a job. When this returns, the job would survive a power cut.
    pub async fn push(&self, job: NewJob) -> Result<JobId, StoreError> {
        self.ask(|reply| Command::Push(job, reply)).await
    }

    /// Stores jobs as they stood elsewhere, all of them or none, and says under which numbers. A number is kept if it is
    /// above all that this store has given out.
    pub async fn import(&self, jobs: Vec<StoredJob>) -> Result<Vec<JobId>, StoreError> {
        self.ask(|reply| Command::Import(jobs, reply)).await
    }

    /// Claims jobs of the type whose oldest ready job is the oldest: up to as many as are wanted of that type that were
    /// never claimed before, oldest first; or a single one that was, so that a job which takes its runner down takes no
    /// others along. Empty if none is ready.
    pub async fn claim(&self, wanted: &[(JobType, usize)]) -> Result<Vec<ClaimedJob>, StoreError> {
        loop {
            let wanted = wanted.to_vec();
            let claimed = self.ask(|reply| Command::Claim { wanted, reply }).await?;
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
            let (kind, id) = (claim.kind.clone(), claim.id);
            match self.load(claim) {
                Ok(job) => jobs.push(job),
                Err(Unreadable::Store(error)) => return Err(error),
                Err(Unreadable::Record(error)) => self.set_aside(kind, id, error).await?,
            }
        }
        Ok(jobs)
    }

    fn load(&self, claim: Claimed) -> Result<ClaimedJob, Unreadable> {
        let head = record::decode_head(&claim.head).map_err(Unreadable::Record)?;
        let pieces = keys::pieces_of(&self.db, &claim.kind, claim.id, head.pieces)
            .map_err(Unreadable::Store)?;
        let job = head
            .join(claim.id, claim.kind, &pieces)
            .map_err(Unreadable::Record)?;
        Ok(ClaimedJob {
            job,
            token: claim.token,
            attempts: claim.attempts,
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
        self.ask(|reply| Command::SetAside {
            kind,
            id,
            reason,
            reply,
        })
        .await
    }

    /// Settles claims in the given order, each wholly or not at all, and makes it durable.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, StoreError> {
        self.ask(|reply| Command::Settle(settlements, reply)).await
    }

    /// Gives claimed jobs back that were not run; their attempts are given back too.
    pub async fn release(&self, jobs: &[ClaimedJob]) -> Result<(), StoreError> {
        let claims = jobs
            .iter()
            .map(|claimed| (claimed.job.kind.clone(), claimed.job.id, claimed.token))
            .collect();
        self.ask(|reply| Command::Release(claims, reply)).await
    }

    /// Makes jobs ready again whose claim is older than `claim_ttl` seconds, or abandons those without attempts left.
    pub async fn recycle(&self, claim_ttl: i64) -> Result<Recycled, StoreError> {
        self.ask(|reply| Command::Recycle { claim_ttl, reply })
            .await
    }

    /// How many jobs there are, by type and state.
    pub async fn counts(&self) -> Result<CountsByType, StoreError> {
        self.ask(Command::Counts).await
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
        let (db, wiki) = (self.db.clone(), wiki.clone());
        let read =
            tokio::task::spawn_blocking(move || bounce_records::list(&db, &wiki, after, most));
        read.await.map_err(|error| StoreError::ReadFailed {
            reason: error.to_string(),
        })?
    }

    /// Whether a write would reach the disk now.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        self.ask(Command::CheckWritable).await
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

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.commands.send(command(reply)).await.is_err() {
            return Err(StoreError::Closed);
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

enum Unreadable {
    Store(StoreError),
    Record(record::RecordError),
}
