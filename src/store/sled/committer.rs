//! The thread that makes all changes, and the group commit.

use super::changes::{Changes, write_failed};
use super::keys;
use super::listing::HeldJobs;
use super::manage::{Page, Paged};
use super::open::Opened;
use super::type_queue::TypeQueue;
use super::users::UserTable;
use crate::clock::Timestamp;
use crate::job::{Claim, JobId, JobType, NewJob, WikiId};
use crate::store::{
    CountsByType, Recycled, Settled, Settlement, StoreError, StoreOptions, StoredJob,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// The most commands, and about the most bytes of pushed jobs, that one commit gathers.
const GROUP_COMMANDS: usize = 1024;
const GROUP_BYTES: usize = 4 << 20;

/// What the committer can be asked to do.
pub(super) enum Command {
    Push(NewJob, Reply<JobId>),
    Import(Vec<StoredJob>, Reply<Vec<JobId>>),
    Claim {
        wanted: Vec<(JobType, usize)>,
        reply: Reply<Vec<Claimed>>,
    },
    Settle(Vec<Settlement>, Reply<Vec<Settled>>),
    Release(Vec<Claim>, Reply<()>),
    KeepAlive(Vec<Claim>, Reply<()>),
    SetAside {
        kind: JobType,
        id: JobId,
        reason: String,
        reply: Reply<()>,
    },
    Recycle(Reply<Recycled>),
    Held(JobType, Reply<HeldJobs>),
    Delete {
        kind: JobType,
        page: Page,
        reply: Reply<Paged>,
    },
    Retry {
        kind: JobType,
        page: Page,
        reply: Reply<Paged>,
    },
    Repush {
        kind: JobType,
        page: Page,
        reply: Reply<Paged>,
    },
    Repushed(JobType, Reply<()>),
    SetBackoff(JobType, f64, Reply<()>),
    NextJob(Reply<JobId>),
    Counts(Reply<CountsByType>),
    CheckWritable(Reply<()>),
    Close,
}

/// A claim whose job is still to be read.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) claim: Claim,
    pub(super) attempts: u32,
    pub(super) head: ::sled::IVec,
}

/// All that the thread works on.
pub(super) struct Committer {
    pub(super) db: ::sled::Db,
    /// sled's own file: its `flush` hands the bytes to the system, only `sync_data` hands them to the disk.
    file: File,
    pub(super) users: Arc<UserTable>,
    pub(super) options: StoreOptions,
    pub(super) queues: BTreeMap<JobType, TypeQueue>,
    pub(super) next_job: u64,
    /// By wiki a moment before which there is no bounce record, so that nobody need look for old ones.
    pub(super) no_records_before: BTreeMap<WikiId, Timestamp>,
    dirty: bool,
    /// Bytes of the jobs pushed in this group.
    pushed_bytes: usize,
    /// Set by the first failed write: what was applied then may or may not be on the disk.
    failed: Option<StoreError>,
    /// Keeps the directory locked for this process.
    _lock: File,
}

/// Answers that wait for the commit.
type Answers = Vec<Box<dyn FnOnce(&Result<(), StoreError>) + Send>>;

/// Starts the thread. It ends by [`Command::Close`], or when all senders of `commands` are gone.
pub(super) fn start(
    opened: Opened,
    options: StoreOptions,
    commands: mpsc::Receiver<Command>,
) -> io::Result<JoinHandle<()>> {
    let committer = Committer {
        db: opened.db,
        file: opened.file,
        users: opened.users,
        options,
        queues: opened.queues,
        next_job: opened.next_job,
        no_records_before: BTreeMap::new(),
        dirty: false,
        pushed_bytes: 0,
        failed: None,
        _lock: opened.lock,
    };
    thread::Builder::new()
        .name("store-committer".to_owned())
        .spawn(move || committer.run(commands))
}

impl Committer {
    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut answers: Answers = Vec::new();
        let mut open = true;
        while open && let Some(command) = commands.blocking_recv() {
            open = self.take(command, &mut answers);
            while open && answers.len() < GROUP_COMMANDS && self.pushed_bytes < GROUP_BYTES {
                match commands.try_recv() {
                    Ok(command) => open = self.take(command, &mut answers),
                    Err(_nothing_waits) => break,
                }
            }
            let committed = self.commit();
            for answer in answers.drain(..) {
                answer(&committed);
            }
        }
    }

    /// Does one thing; returns whether there may be a next.
    fn take(&mut self, command: Command, answers: &mut Answers) -> bool {
        match command {
            Command::Push(job, reply) => {
                self.pushed_bytes = self.pushed_bytes.saturating_add(job.params.len());
                answer_when_durable(answers, reply, self.unless_failed(|this| this.push(&job)));
            }
            Command::Import(jobs, reply) => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| this.import(&jobs)),
                );
            }
            Command::Claim { wanted, reply } => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| this.claim(&wanted)),
                );
            }
            Command::Settle(settlements, reply) => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| this.settle(settlements)),
                );
            }
            Command::Release(claims, reply) => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| this.release(&claims)),
                );
            }
            Command::SetAside {
                kind,
                id,
                reason,
                reply,
            } => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| this.set_aside(&kind, id, reason)),
                );
            }
            Command::KeepAlive(claims, reply) => {
                self.keep_alive(&claims);
                answer_when_durable(answers, reply, Ok(()));
            }
            Command::Recycle(reply) => {
                answer_when_durable(answers, reply, self.unless_failed(Self::recycle));
            }
            Command::Held(kind, reply) => {
                answer_when_durable(answers, reply, Ok(self.held(&kind)));
            }
            Command::Delete { kind, page, reply } => {
                let deleted = self.unless_failed(|this| this.delete(&kind, page));
                answer_when_durable(answers, reply, deleted);
            }
            Command::Retry { kind, page, reply } => {
                let retried = self.unless_failed(|this| this.retry(&kind, page));
                answer_when_durable(answers, reply, retried);
            }
            Command::Repush { kind, page, reply } => {
                let repushed = self.unless_failed(|this| this.repush(&kind, page));
                answer_when_durable(answers, reply, repushed);
            }
            Command::Repushed(kind, reply) => {
                let last = self.unless_failed(|this| this.note_repush(&kind));
                answer_when_durable(answers, reply, last);
            }
            Command::SetBackoff(kind, until, reply) => {
                let key = keys::backoff(&kind);
                let written =
                    self.unless_failed(|this| this.insert(key, &until.to_bits().to_be_bytes()));
                answer_when_durable(answers, reply, written);
            }
            Command::NextJob(reply) => {
                answer_when_durable(answers, reply, Ok(JobId(self.next_job)));
            }
            Command::Counts(reply) => answer_when_durable(answers, reply, Ok(self.counts())),
            Command::CheckWritable(reply) => {
                let written = self.unless_failed(|this| this.insert(keys::WRITE_CHECK, &[]));
                answer_when_durable(answers, reply, written);
            }
            Command::Close => return false,
        }
        true
    }

    fn unless_failed<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => work(self),
        }
    }

    /// Writes one value; a failure is final for this opening of the store.
    pub(super) fn insert(&mut self, key: impl AsRef<[u8]>, value: &[u8]) -> Result<(), StoreError> {
        self.dirty = true;
        let written = self
            .db
            .insert(key, value)
            .map_err(|error| write_failed(&error));
        written.map(drop).inspect_err(|error| self.fail(error))
    }

    /// Applies changes; a failure is final for this opening of the store.
    pub(super) fn apply(&mut self, changes: Changes) -> Result<(), StoreError> {
        self.dirty = true;
        changes
            .apply(&self.db)
            .inspect_err(|error| self.fail(error))
    }

    /// Makes durable what was written. The tallies follow the jobs they count: a crash between the two leaves jobs
    /// that are not counted yet, which opening finds, and never a count without its job.
    fn commit(&mut self) -> Result<(), StoreError> {
        self.pushed_bytes = 0;
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if !std::mem::take(&mut self.dirty) {
            return Ok(());
        }
        self.write_tallies()
            .and_then(|()| self.sync())
            .inspect_err(|error| self.fail(error))
    }

    fn write_tallies(&mut self) -> Result<(), StoreError> {
        for (kind, queue) in self
            .queues
            .iter_mut()
            .filter(|(_, queue)| queue.tally_changed)
        {
            let written = self
                .db
                .insert(keys::tally(kind), queue.tally.encode().as_slice());
            written.map_err(|error| write_failed(&error))?;
            queue.tally_changed = false;
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(|error| write_failed(&error))?;
        self.file.sync_data().map_err(|error| write_failed(&error))
    }

    /// Takes note of a failed write: what was written is on the disk or not, so nothing more is promised.
    pub(super) fn fail(&mut self, error: &StoreError) {
        log::error!(target: "store", "{error}");
        self.failed = Some(error.clone());
    }
}

fn answer_when_durable<T: Send + 'static>(
    answers: &mut Answers,
    reply: Reply<T>,
    result: Result<T, StoreError>,
) {
    answers.push(Box::new(move |committed| {
        let answer = match committed {
            Ok(()) => result,
            Err(error) => Err(error.clone()),
        };
        // Whoever asked may be gone; what was done stays done.
        drop(reply.send(answer));
    }));
}
