//! The thread that makes all changes: what it can be asked, its groups, and what it does when writing fails.

use super::committer::Committer;
use super::guard::{discard, guarded};
use super::making;
use super::open::{self, Opened};
use super::room::Room;
use super::shared::Shared;
use super::users::UserTable;
use crate::store::{StoreError, StoreOptions};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The most commands, and about the most bytes of pushed jobs, that one commit gathers.
const GROUP_COMMANDS: usize = 1024;
const GROUP_BYTES: usize = 4 << 20;

/// What the thread can be asked.
pub(super) enum Command {
    /// To do something and to answer when it is durable.
    Do(Task),
    /// To end.
    Close,
}

/// Something for the committer to do.
pub(super) struct Task {
    /// Bytes that it will write, about.
    bytes: usize,
    run: Box<dyn FnOnce(&mut Service) -> Answer + Send>,
}

/// Whether a task adds to what is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Need {
    /// It adds so many bytes, which needs room on the disk.
    Room(usize),
    /// It does not.
    None,
}

impl Task {
    /// A task, and where its answer comes out.
    pub(super) fn new<T: Send + 'static>(
        need: Need,
        work: impl FnOnce(&mut Committer) -> Result<T, StoreError> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        let run = move |service: &mut Service| -> Answer {
            let result = match need {
                Need::Room(bytes) => service.unless_full(bytes, work),
                Need::None => service.unless_failed(work),
            };
            Box::new(move |committed| {
                let answer = match committed {
                    Ok(()) => result,
                    Err(error) => Err(error.clone()),
                };
                // Whoever asked may be gone; what was done stays done.
                drop(reply.send(answer));
            })
        };
        let task = Self {
            bytes: match need {
                Need::Room(bytes) => bytes,
                Need::None => 0,
            },
            run: Box::new(run),
        };
        (task, answer)
    }
}

/// How long after a failure the store is tried again, and how many times as long as the trying took.
const RETRY_AFTER: Duration = Duration::from_secs(1);
const RETRY_AFTER_TIMES: u32 = 10;

/// What the thread has in hand.
pub(super) struct Service {
    shared: Arc<Shared>,
    users: Arc<UserTable>,
    options: StoreOptions,
    room: Room,
    /// What does the work; after a failure the reason why nothing does, and when it is tried again.
    state: Result<Committer, (StoreError, Duration)>,
    /// Bytes of the jobs pushed in this group.
    pushed_bytes: usize,
    /// Keeps the directory locked for this process.
    _lock: File,
}

/// An answer that waits for the commit.
type Answer = Box<dyn FnOnce(&Result<(), StoreError>) + Send>;

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
        let mut answers: Vec<Answer> = Vec::new();
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
        let was_sound = self.state.is_ok();
        discard(self.state);
        // Whoever opens the store next is not to find it held; a failed write may leave a thread of sled behind for good.
        if was_sound {
            let path = open::sled_path(&self.options.directory);
            drop(making::until_released(&path));
        }
    }

    /// Does one thing; returns whether there may be a next.
    fn take(&mut self, command: Command, answers: &mut Vec<Answer>) -> bool {
        match command {
            Command::Do(task) => {
                self.pushed_bytes = self.pushed_bytes.saturating_add(task.bytes);
                answers.push((task.run)(self));
                true
            }
            Command::Close => false,
        }
    }

    /// Lets the committer do something; an error of it, or a panic, is a failure.
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
        let done = guarded(&self.options.directory, || work(committer));
        // What broke off half-way may have left more in memory than on the disk.
        if let Err(error) = &done
            && !matches!(error, StoreError::UnknownWiki(_))
            && committer.failure().is_none()
        {
            committer.fail(error);
        }
        done
    }

    /// The same for what needs room.
    fn unless_full<T>(
        &mut self,
        bytes: usize,
        work: impl FnOnce(&mut Committer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.room.check(bytes)?;
        self.unless_failed(work)
    }

    /// After a failure sled is closed: what it holds in memory may not be what is on the disk.
    fn lay_down_if_failed(&mut self) {
        let failure = self.state.as_ref().ok().and_then(Committer::failure);
        let Some(error) = failure.cloned() else {
            return;
        };
        self.shared.replace(Err(error.clone()));
        let again = self.options.clock.elapsed().saturating_add(RETRY_AFTER);
        let failed = Err((error, again));
        discard(std::mem::replace(&mut self.state, failed));
    }

    /// Opens the store again, some time after a failure. What is on the disk counts then: jobs that runners hold are
    /// ready again, and their claims are lost.
    fn revive(&mut self) {
        let now = self.options.clock.elapsed();
        let Err((error, again)) = &mut self.state else {
            return;
        };
        if now < *again {
            return;
        }
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
            Err(still) => {
                let end = self.options.clock.elapsed();
                let took = end.saturating_sub(now).saturating_mul(RETRY_AFTER_TIMES);
                *again = end.saturating_add(took.max(RETRY_AFTER));
                *error = still;
            }
        }
    }
}
