//! What is told and counted of jobs that were settled.

use crate::effects::{Applied, HeldBack};
use crate::job::Claim;
use crate::log::BOUNCE_HANDLER;
use crate::metrics::Metrics;
use crate::store::Settled;

/// Counts what was done.
pub(super) fn count(applied: &[Applied], metrics: &Metrics) {
    for applied in applied {
        if let Applied::BounceRecorded {
            complaint,
            unconfirmed,
            held,
            ..
        } = applied
        {
            if *complaint {
                metrics.complaint_recorded();
            }
            if unconfirmed.is_some() || held.is_some() {
                metrics.unconfirmed(held.is_some());
            }
        }
    }
}

/// Tells how a job ended, unless it ran as it should.
pub(super) fn log_settled(claim: &Claim, settled: &Settled, error: &str) {
    let Claim { kind, id, .. } = claim;
    match settled {
        Settled::Acknowledged(applied) => applied.iter().for_each(log_applied),
        Settled::Abandoned => {
            log::warn!(target: "runJobs", "{kind} job {id} is abandoned after its last attempt: {error}");
        }
        Settled::Failed(Some(until)) => {
            log::info!(target: "runJobs", "{kind} job {id} failed and is tried again at {}: {error}", until.to_log_time());
        }
        Settled::Failed(None) => {
            log::info!(target: "runJobs", "{kind} job {id} failed and is tried again when its claim is stale: {error}");
        }
        Settled::ClaimLost => {}
    }
}

/// The lines of the `BounceHandler` channel for what was done.
fn log_applied(applied: &Applied) {
    match applied {
        Applied::BounceRecorded {
            wiki,
            complaint,
            pruned,
            unconfirmed,
            held,
        } => {
            if *pruned > 0 {
                log::info!(target: BOUNCE_HANDLER, wiki = wiki.as_str(); "Pruned {pruned} bounce records from {wiki} wiki.");
            }
            if let Some(user) = unconfirmed {
                log::info!(
                    target: BOUNCE_HANDLER, wiki = wiki.as_str();
                    "Un-subscribed {} <{}> for exceeding bounce limit {}", user.name, user.email, user.limit
                );
            }
            if *complaint {
                log::info!(target: "bounces", wiki = wiki.as_str(); "a complaint was recorded");
            }
            if let Some(HeldBack { name, domain, due }) = held {
                log::warn!(
                    target: "bounces", wiki = wiki.as_str();
                    "the un-confirmation of {name} is held: of users at {domain} {due} were to be un-confirmed within an hour (UnconfirmBrake); see docs/OPERATIONS.md"
                );
            }
        }
        Applied::BounceRepeated { wiki, user } => {
            let user = user.as_deref().unwrap_or("a user who is gone");
            log::info!(target: "bounces", wiki = wiki.as_str(); "a bounce of mail to {user} was counted before and changes nothing (CountBounceOnce)");
        }
        Applied::Pushed => {}
    }
}
