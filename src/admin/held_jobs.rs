//! A person's word on un-confirmations that the brake holds.

use crate::decision::domain_of;
use crate::job::{JobId, JobType};
use crate::runner::Runner;
use crate::runner::kinds::held_unconfirm;
use crate::store::{HeldUnconfirm, HeldWord, JobStatus, ListedJob, StoreError};

/// How many jobs are ended at once.
const JOBS_AT_ONCE: usize = 256;

/// Which of them are meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldOnly<'a> {
    /// Only this job.
    pub(super) job: Option<JobId>,
    /// Only addresses of this domain.
    pub(super) domain: Option<&'a str>,
}

/// Ends the waiting of un-confirmations; returns of how many. Those that are held meanwhile may be among them.
pub(super) async fn end(
    runner: &Runner,
    word: HeldWord,
    only: HeldOnly<'_>,
) -> Result<u64, StoreError> {
    let (store, kind) = (&runner.store, JobType::HELD_UNCONFIRM);
    let (mut ended, mut after) = (0_u64, None);
    loop {
        let page = store
            .list(&kind, JobStatus::Unclaimed, after, JOBS_AT_ONCE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(ended);
        };
        after = Some(last.id);
        let meant = page.iter().filter_map(|listed| only.meant(listed));
        let (count, unconfirmed) = store.settle_held(&kind, word, meant.collect()).await?;
        ended = ended.saturating_add(count);
        if word == HeldWord::Drop && count > 0 {
            log::warn!(target: "bounces", "{count} un-confirmations that waited were dropped by command");
        }
        for user in unconfirmed {
            runner.metrics.unconfirmed(false);
            log::info!(target: "bounces", "{} was un-confirmed: released by command", user.name);
        }
    }
}

impl HeldOnly<'_> {
    fn meant(&self, listed: &ListedJob) -> Option<HeldUnconfirm> {
        if self.job.is_some_and(|job| job != listed.id) {
            return None;
        }
        let held = held_unconfirm::read(listed.job.as_ref().ok()?)?;
        let domain = self.domain.map(|domain| domain_of(&format!("@{domain}")));
        let meant = domain.is_none_or(|domain| domain == domain_of(&held.email));
        meant.then_some(held)
    }
}
