//! Whatever is done with jobs in whatever order, the store holds what a simple model holds.

use super::delayed::{RULES, open_with};
use crate::support::queue::{KIND, counts, failed, job, settle_one};
use crate::support::{NOW, block_on};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::job::{ClaimToken, ClaimedJob, JobId};
use bouncehandlerd::store::{JobCounts, JobStatus, Outcome, Settled, Store, Which};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Where a job stands in the model; times are seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Ready(u32),
    Claimed(u32, i64),
    Delayed(u32, i64),
    Abandoned { copied: bool },
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Push,
    Claim(usize),
    Done,
    Fail,
    Release,
    KeepAlive,
    Advance(i64),
    Recycle,
    DeleteOne(u64),
    DeleteAbandoned,
    Retry,
    Repush,
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => Just(Act::Push),
        6 => (1..4_usize).prop_map(Act::Claim),
        2 => Just(Act::Done),
        5 => Just(Act::Fail),
        1 => Just(Act::Release),
        1 => Just(Act::KeepAlive),
        4 => prop_oneof![Just(99), Just(101), Just(301), Just(3601)].prop_map(Act::Advance),
        2 => Just(Act::Recycle),
        1 => (1..12_u64).prop_map(Act::DeleteOne),
        1 => Just(Act::DeleteAbandoned),
        1 => Just(Act::Retry),
        1 => Just(Act::Repush),
        2 => Just(Act::Reopen),
    ]
}

struct World {
    directory: tempfile::TempDir,
    clock: Clock,
    store: Option<Store>,
    /// Claims that somebody believes to hold, the oldest first.
    claims: Vec<ClaimedJob>,
    newest: BTreeMap<JobId, ClaimToken>,
    model: BTreeMap<JobId, Stands>,
}

impl World {
    fn new() -> Self {
        let (directory, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(NOW));
        Self {
            store: Some(open_with(directory.path(), &clock, RULES)),
            directory,
            clock,
            claims: Vec::new(),
            newest: BTreeMap::new(),
            model: BTreeMap::new(),
        }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    async fn act(&mut self, act: Act) {
        let now = self.clock.now().0;
        match act {
            Act::Push => {
                let id = self.store().push(job(b"N;")).await.unwrap();
                assert!(
                    self.model.insert(id, Stands::Ready(0)).is_none(),
                    "{id} is new"
                );
            }
            Act::Claim(most) => self.claim(most, now).await,
            Act::Done => self.settle(Outcome::Done(Vec::new()), now).await,
            Act::Fail => self.settle(failed("broken"), now).await,
            Act::Release => self.release().await,
            Act::KeepAlive => self.keep_alive(now).await,
            Act::Advance(seconds) => self.clock.advance(seconds),
            Act::Recycle => self.recycle(now).await,
            Act::DeleteOne(id) => {
                let there = self.model.remove(&JobId(id)).is_some();
                let deleted = self
                    .store()
                    .delete(&KIND, Which::One(JobId(id)))
                    .await
                    .unwrap();
                assert_eq!(deleted, u64::from(there));
            }
            Act::DeleteAbandoned => {
                let before = self.model.len();
                self.model
                    .retain(|_, stands| !matches!(stands, Stands::Abandoned { .. }));
                let deleted = self.store().delete(&KIND, Which::Abandoned).await.unwrap();
                assert_eq!(deleted, (before - self.model.len()) as u64);
            }
            Act::Retry => self.retry().await,
            Act::Repush => self.repush().await,
            Act::Reopen => {}
        }
    }

    async fn claim(&mut self, most: usize, now: i64) {
        let claimed = self.store().claim(&[(KIND, most)]).await.unwrap();
        let could = self.model.values().any(|stands| match stands {
            Stands::Ready(_) => true,
            Stands::Delayed(_, until) => *until <= now,
            Stands::Claimed(..) | Stands::Abandoned { .. } => false,
        });
        assert_eq!(claimed.is_empty(), !could, "what can be claimed is claimed");
        assert!(claimed.len() <= most);
        for claim in claimed {
            let stands = self.model.get_mut(&claim.job.id).unwrap();
            let before = match *stands {
                Stands::Ready(attempts) => attempts,
                Stands::Delayed(attempts, until) if until <= now => attempts,
                other => panic!("{other:?} was claimed"),
            };
            assert_eq!(claim.attempts, before + 1);
            *stands = Stands::Claimed(claim.attempts, now);
            self.newest.insert(claim.job.id, claim.token);
            self.claims.push(claim);
        }
    }

    /// Whether this is the newest claim of a job that is claimed.
    fn holds(&self, claim: &ClaimedJob) -> Option<u32> {
        let newer = self.newest.get(&claim.job.id) != Some(&claim.token);
        match self.model.get(&claim.job.id) {
            Some(Stands::Claimed(attempts, _)) if !newer => Some(*attempts),
            _ => None,
        }
    }

    async fn settle(&mut self, outcome: Outcome, now: i64) {
        if self.claims.is_empty() {
            return;
        }
        let claim = self.claims.remove(0);
        let is_done = matches!(outcome, Outcome::Done(_));
        let holds = self.holds(&claim);
        let settled = settle_one(self.store(), &claim, outcome).await;
        let Some(attempts) = holds else {
            assert_eq!(settled, Settled::ClaimLost);
            return;
        };
        if is_done {
            self.model.remove(&claim.job.id);
            return;
        }
        // By hand, from the rules: 100 seconds after the first failure, 300 after the second, none after the third.
        let stands = match attempts {
            1 => Stands::Delayed(1, now + 100),
            2 => Stands::Delayed(2, now + 300),
            _ => Stands::Abandoned { copied: false },
        };
        self.model.insert(claim.job.id, stands);
    }

    async fn release(&mut self) {
        let Some(claim) = self.claims.pop() else {
            return;
        };
        let holds = self.holds(&claim);
        self.store().release(vec![claim.claim()]).await.unwrap();
        if let Some(attempts) = holds {
            self.model.insert(claim.job.id, Stands::Ready(attempts - 1));
        }
    }

    async fn keep_alive(&mut self, now: i64) {
        let Some(claim) = self.claims.last() else {
            return;
        };
        self.store().keep_alive(vec![claim.claim()]).await.unwrap();
        let held = self.holds(claim).is_some();
        let id = claim.job.id;
        if let Some(Stands::Claimed(_, since)) = self.model.get_mut(&id).filter(|_| held) {
            *since = now;
        }
    }

    async fn recycle(&mut self, now: i64) {
        self.store().recycle().await.unwrap();
        for stands in self.model.values_mut() {
            if let Stands::Claimed(attempts, since) = *stands
                && now - since > 3600
            {
                *stands = given_back(attempts);
            }
        }
    }

    async fn retry(&mut self) {
        let all = Which::Abandoned;
        self.store().retry_abandoned(&KIND, all).await.unwrap();
        for stands in self.model.values_mut() {
            if matches!(stands, Stands::Abandoned { .. }) {
                *stands = Stands::Ready(0);
            }
        }
    }

    async fn repush(&mut self) {
        let repushed = self.store().repush_abandoned(&KIND).await.unwrap();
        let mut copies = 0;
        for stands in self.model.values_mut() {
            if *stands == (Stands::Abandoned { copied: false }) {
                *stands = Stands::Abandoned { copied: true };
                copies += 1;
            }
        }
        assert_eq!(repushed.pushed, copies);
        for listed in self.list(JobStatus::Unclaimed).await {
            self.model.entry(listed).or_insert(Stands::Ready(0));
        }
    }

    fn reopen(&mut self) {
        self.store.take().unwrap().close();
        self.store = Some(open_with(self.directory.path(), &self.clock, RULES));
        for stands in self.model.values_mut() {
            if let Stands::Claimed(attempts, _) = *stands {
                *stands = given_back(attempts);
            }
        }
    }

    async fn list(&self, status: JobStatus) -> Vec<JobId> {
        let listed = self
            .store()
            .list(&KIND, status, None, usize::MAX)
            .await
            .unwrap();
        listed.iter().map(|job| job.id).collect()
    }

    fn modelled(&self, wanted: impl Fn(&Stands) -> bool) -> Vec<JobId> {
        let found = self.model.iter().filter(|(_, stands)| wanted(stands));
        found.map(|(id, _)| *id).collect()
    }

    async fn check(&self) {
        let ready = self.modelled(|stands| matches!(stands, Stands::Ready(_)));
        let delayed = self.modelled(|stands| matches!(stands, Stands::Delayed(..)));
        let claimed = self.modelled(|stands| matches!(stands, Stands::Claimed(..)));
        let abandoned = self.modelled(|stands| matches!(stands, Stands::Abandoned { .. }));
        let expected = JobCounts {
            ready: ready.len() as u64,
            claimed: claimed.len() as u64,
            delayed: delayed.len() as u64,
            abandoned: abandoned.len() as u64,
        };
        assert_eq!(counts(self.store()).await, expected);
        assert_eq!(self.list(JobStatus::Unclaimed).await, ready);
        assert_eq!(self.list(JobStatus::Delayed).await, delayed);
        assert_eq!(self.list(JobStatus::Abandoned).await, abandoned);
        let mut held = [claimed, abandoned].concat();
        held.sort();
        assert_eq!(self.list(JobStatus::Claimed).await, held);
    }
}

fn given_back(attempts: u32) -> Stands {
    if attempts >= 3 {
        Stands::Abandoned { copied: false }
    } else {
        Stands::Ready(attempts)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_leaves_what_the_model_says(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::new();
        for act in acts {
            // Closing waits for the store's thread, which no asynchronous task may do.
            match act {
                Act::Reopen => world.reopen(),
                act => block_on(world.act(act)),
            }
            block_on(world.check());
        }
        world.store.take().unwrap().close();
    }
}
