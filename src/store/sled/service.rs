//! The thread that makes all changes: what it can be asked, its groups, and what it does when writing fails.

use super::committer::{Claimed, Committer};
use super::guard::{attempt, discard};
use super::keys;
use super::listing::HeldJobs;
use super::manage::{Page, Paged};
use super::open::{self, Opened};
use super::room::Room;
use super::shared::Shared;
use super::users::UserTable;
use crate::job::{Claim, JobId, JobType, NewJob};
use crate::store::{
    CountsByType, Recycled, Settled, Settlement, StoreError, StoreOptions, StoredJob,
};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
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

/// How long after a failure the store is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What the thread has in hand.
pub(super) struct Service {
    shared: Arc<Shared>,
    users: Arc<UserTable>,
    options: StoreOptions,
    room: Room,
    /// What does the work; after a failure the reason why nothing does, and since when.
    state: Result<Committer, (StoreError, Duration)>,
    /// Bytes of the jobs pushed in this group.
    pushed_bytes: usize,
    /// Keeps the directory locked for this process.
    _lock: File,
}

/// Answers that wait for the commit.
type Answers = Vec<Box<dyn FnOnce(&Result<(), StoreError>) + Send>>;

/// Starts the thread. It ends by [`Command::Close`], or when all senders of `commands` are gone.
pub(super) fn start(
    lock: File,
    opened: Opened,
    options: StoreOptions,
    handles: (Arc<Shared>, Arc<UserTable>),
    commands: mpsc::Receiver<Command>,
) -> io::Result<JoinHandle<()>> {
    let (shared, users) = handles;
    let (directory, least) = (options.directory.clone(), options.min_free_bytes);
    let service = Service {
        room: Room::new(directory, least, options.clock.clone()),
        state: Ok(Committer::new(opened, Arc::clone(&users), options.clone())),
        shared,
        users,
        options,
        pushed_bytes: 0,
        _lock: lock,
    };
    thread::Builder::new()
        .name("store-committer".to_owned())
        .spawn(move || service.run(commands))
}

impl Service {
    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut answers: Answers = Vec::new();
        let mut open = true;
        while open && let Some(command) = commands.blocking_recv() {
            self.revive();
            open = self.take(command, &mut answers);
            while open && answers.len() < GROUP_COMMANDS && self.pushed_bytes < GROUP_BYTES {
                match commands.try_recv() {
                    Ok(command) => open = self.take(command, &mut answers),
                    Err(_nothing_waits) => break,
                }
            }
            self.pushed_bytes = 0;
            let committed = self.unless_failed(Committer::commit);
            self.lay_down_if_failed();
            for answer in answers.drain(..) {
                answer(&committed);
            }
        }
        self.shared.replace(Err(StoreError::Closed));
        discard(self.state);
    }

    /// Does one thing; returns whether there may be a next.
    fn take(&mut self, command: Command, answers: &mut Answers) -> bool {
        match command {
            Command::Push(job, reply) => {
                self.pushed_bytes = self.pushed_bytes.saturating_add(job.params.len());
                answer_when_durable(answers, reply, self.unless_full(|this| this.push(&job)));
            }
            Command::Import(jobs, reply) => {
                answer_when_durable(answers, reply, self.unless_full(|this| this.import(&jobs)));
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
                let kept = self.unless_failed(|this| {
                    this.keep_alive(&claims);
                    Ok(())
                });
                answer_when_durable(answers, reply, kept);
            }
            Command::Recycle(reply) => {
                answer_when_durable(answers, reply, self.unless_failed(Committer::recycle));
            }
            Command::Held(kind, reply) => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| Ok(this.held(&kind))),
                );
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
                    self.unless_failed(|this| this.put(key, &until.to_bits().to_be_bytes()));
                answer_when_durable(answers, reply, written);
            }
            Command::NextJob(reply) => {
                answer_when_durable(
                    answers,
                    reply,
                    self.unless_failed(|this| Ok(JobId(this.next_job))),
                );
            }
            Command::Counts(reply) => {
                answer_when_durable(answers, reply, self.unless_failed(|this| Ok(this.counts())))
            }
            Command::CheckWritable(reply) => {
                let written = self.unless_full(|this| this.insert(keys::WRITE_CHECK, &[]));
                answer_when_durable(answers, reply, written);
            }
            Command::Close => return false,
        }
        true
    }

    /// Lets the committer do something; a panic in it is a failure.
    fn unless_failed<T>(
        &mut self,
        work: impl FnOnce(&mut Committer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let committer = match &mut self.state {
            Ok(committer) => committer,
            Err((error, _)) => return Err(error.clone()),
        };
        if let Some(error) = committer.failure() {
            return Err(error.clone());
        }
        attempt(&self.options.directory, || work(committer)).unwrap_or_else(|panicked| {
            committer.fail(&panicked);
            Err(panicked)
        })
    }

    /// The same for what needs room.
    fn unless_full<T>(
        &mut self,
        work: impl FnOnce(&mut Committer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.room.check()?;
        self.unless_failed(work)
    }

    /// After a failure sled is closed: what it holds in memory may not be what is on the disk.
    fn lay_down_if_failed(&mut self) {
        let failure = self.state.as_ref().ok().and_then(Committer::failure);
        let Some(error) = failure.cloned() else {
            return;
        };
        self.shared.replace(Err(error.clone()));
        let failed = Err((error, self.options.clock.elapsed()));
        discard(std::mem::replace(&mut self.state, failed));
    }

    /// Opens the store again, some time after a failure. What is on the disk counts then: jobs that runners hold are
    /// ready again, and their claims are lost.
    fn revive(&mut self) {
        let now = self.options.clock.elapsed();
        let Err((error, since)) = &mut self.state else {
            return;
        };
        if now.saturating_sub(*since) < RETRY_AFTER {
            return;
        }
        *since = now;
        let opened = open::probe(&self.options).and_then(|()| open::open_locked(&self.options));
        match opened {
            Ok((opened, users)) => {
                log::warn!(target: "store", "the store works again");
                self.users.take_over(users);
                self.shared.replace(Ok(opened.db.clone()));
                let committer =
                    Committer::new(opened, Arc::clone(&self.users), self.options.clone());
                self.state = Ok(committer);
            }
            Err(still) => *error = still,
        }
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
