//! Jobs and their runner, as the settings describe them.

use super::{log_format, mailer, strict_return_paths, usable_keys};
use crate::admin::{AcceptedSignatures, Admin, SignedRuns};
use crate::bounce::report::{ReadLimits, Reason};
use crate::clock::Clock;
use crate::decision::{Brake, Weight};
use crate::job::retry::{AttemptRules, BackOff, RetryRule};
use crate::job::{JobType, WikiId};
use crate::metrics::Metrics;
use crate::runner::kinds::KindRegistry;
use crate::runner::kinds::bounce_handler::{
    BounceHandler, BouncePolicy, BounceWeights, CountBounceOnce,
};
use crate::runner::kinds::unrecognized_notice::UnrecognizedNotice;
use crate::runner::throttle::Throttle;
use crate::runner::{RunPolicy, Runner};
use crate::settings::{self, BounceVerdict, JobRetryRule, Seconds, Settings};
use crate::stop::Stop;
use crate::store::Store;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// How often a job is tried, and when again.
pub(super) fn attempt_rules(settings: &Settings) -> AttemptRules {
    let jobs = &settings.jobs;
    let retry = match jobs.retry_rule {
        JobRetryRule::ClaimTtl => RetryRule::AfterClaimTtl,
        JobRetryRule::BackOff => RetryRule::BackOff(BackOff {
            first: jobs.retry_delay.0,
            factor: jobs.retry_factor.max(0.0),
            most: jobs.retry_max_delay.0,
            jitter: jobs.retry_jitter.clamp(0.0, 1.0),
        }),
    };
    AttemptRules {
        max_attempts: jobs.max_attempts,
        claim_ttl: jobs.claim_ttl.0,
        retry,
    }
}

fn run_policy(settings: &Settings) -> RunPolicy {
    let jobs = &settings.jobs;
    let time = |Seconds(seconds)| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    // A third of the claim's time: two renewals may come late before it is taken back.
    let heartbeat = Duration::from_secs(time(jobs.claim_ttl).as_secs() / 3);
    RunPolicy {
        time_limit: time(jobs.time_limit),
        stop_time: time(jobs.stop_time),
        heartbeat: heartbeat.max(Duration::from_secs(1)),
        excluded: jobs.types_excluded.clone(),
        read_only: settings.wiki.read_only.clone(),
    }
}

fn throttle(settings: &Settings, store: &Store) -> anyhow::Result<Throttle> {
    let rates = settings.jobs.backoff_throttling.iter();
    let rates = rates
        .filter(|(_, rate)| **rate > 0.0)
        .filter_map(|(name, rate)| Some((JobType::parse(name)?, *rate)));
    Ok(Throttle::new(rates.collect(), store.backoffs()?))
}

/// How much of a mail is read.
pub(in crate::cli) fn read_limits(settings: &Settings) -> ReadLimits {
    let bouncehandler = &settings.bouncehandler;
    ReadLimits {
        max_depth: bouncehandler.mail_max_depth.get(),
        max_parts: bouncehandler.mail_max_parts.get(),
        max_line_bytes: bouncehandler.mail_max_line_bytes.get(),
        max_text_bytes: bouncehandler.mail_max_text_bytes.get(),
        max_recipients: bouncehandler.mail_max_recipients.get(),
    }
}

/// How bounces are counted.
pub(in crate::cli) fn bounce_policy(settings: &Settings) -> BouncePolicy {
    let bouncehandler = &settings.bouncehandler;
    BouncePolicy {
        unconfirm_users: bouncehandler.unconfirm_users,
        record_limit: bouncehandler.record_limit,
        record_period: bouncehandler.record_period.0,
        record_max_age: bouncehandler.record_max_age.0,
        count_once: match bouncehandler.effective_count_once() {
            settings::CountBounceOnce::Off => CountBounceOnce::Off,
            settings::CountBounceOnce::Message => CountBounceOnce::Message,
            settings::CountBounceOnce::Send => CountBounceOnce::Send,
        },
        accept_time: settings.verp.accept_time.0,
        strict: match bouncehandler.verdict {
            BounceVerdict::Compatible => None,
            BounceVerdict::Strict => Some(bounce_weights(&bouncehandler.weights)),
        },
        brake: bouncehandler.effective_brake().map(|limit| Brake {
            number: limit.number,
            share: limit.share.thousandths.into(),
        }),
    }
}

/// The weights that the settings give.
fn bounce_weights(given: &settings::BounceWeights) -> BounceWeights {
    let weight = |factor: settings::Factor| Weight(factor.thousandths);
    BounceWeights::new(weight(given.hard), weight(given.complaint), |reason| {
        weight(match reason {
            Reason::MailboxUnknown => given.mailbox_unknown,
            Reason::MailboxFull => given.mailbox_full,
            Reason::HostUnknown => given.host_unknown,
            Reason::Blocked => given.blocked,
            Reason::Policy => given.policy,
            Reason::TooLarge => given.too_large,
            Reason::RelayDenied => given.relay_denied,
            Reason::Expired => given.expired,
            Reason::Content => given.content,
            Reason::Auth => given.auth,
            Reason::RateLimited => given.rate_limited,
            Reason::System => given.system,
            Reason::Other => given.other,
        })
    })
}

/// A runner as the settings describe it.
pub(in crate::cli) fn runner(settings: &Settings, store: Store) -> anyhow::Result<Runner> {
    let bouncehandler = &settings.bouncehandler;
    let metrics = Metrics::default();
    let handler = BounceHandler {
        store: store.clone(),
        clock: Clock::System,
        keys: Arc::new(usable_keys(settings)?),
        strict_return_paths: strict_return_paths(settings),
        policy: bounce_policy(settings),
        forward_unrecognized: !bouncehandler.unrecognized_bounce_notify.is_empty(),
        limits: read_limits(settings),
        metrics: metrics.clone(),
    };
    let notice = UnrecognizedNotice {
        mailer: mailer(settings),
        site_name: settings.wiki.sitename.clone(),
        sender: settings.wiki.password_sender.clone(),
        recipients: bouncehandler.unrecognized_bounce_notify.clone(),
    };
    let throttle = Arc::new(throttle(settings, &store)?);
    let kinds = KindRegistry::of_bounces(handler, notice);
    Ok(Runner {
        site_name: settings.wiki.sitename.as_str().into(),
        policy: Arc::new(run_policy(settings)),
        throttle,
        metrics,
        ..Runner::new(store, kinds, Clock::System)
    })
}

/// What runs and shows jobs, under these settings; it ends its runs when `stop` is said.
pub(in crate::cli) fn admin(
    settings: &Settings,
    runner: Runner,
    stop: Stop,
    alive: Sender<Infallible>,
) -> Admin {
    let token = settings.network.admin_token.as_ref();
    Admin {
        runner,
        wiki: WikiId(settings.wiki.wiki_id()),
        log_format: log_format(settings),
        token: token.map(|token| token.expose().to_owned()),
        signed_runs: Arc::new(signed_runs(settings)),
        stop,
        alive,
    }
}

fn signed_runs(settings: &Settings) -> SignedRuns {
    let jobs = &settings.jobs;
    let key = jobs
        .secret_key
        .as_ref()
        .map(|key| key.expose().as_bytes().to_vec());
    let accepted = AcceptedSignatures::new(jobs.signed_once.then_some(jobs.max_signatures));
    SignedRuns::new(
        key.filter(|key| !key.is_empty()),
        settings.wiki.read_only.is_some(),
        accepted,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_reading_are_those_of_the_judge() {
        assert_eq!(read_limits(&Settings::defaults()), ReadLimits::default());
    }

    #[test]
    fn each_reason_has_a_weight_of_its_name() {
        let text = settings::reference_page();
        let (_, keys) = text.split_once("### BounceWeights").unwrap();
        for name in Reason::ALL
            .map(Reason::name)
            .into_iter()
            .chain(["hard", "complaint"])
        {
            assert!(keys.contains(&format!("| `{name}` |")), "{name}");
        }
    }

    #[test]
    fn the_strict_verdict_counts_a_mail_once_and_has_a_brake() {
        let policy = |verdict: &str, more: &[(&str, &str)]| {
            let flag = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            let flags = [("BounceVerdict", verdict)];
            let flags = flags.iter().chain(more).copied().map(flag).collect();
            let sources = settings::LoadSources {
                flags,
                ..settings::LoadSources::default()
            };
            bounce_policy(&Settings::load(sources).unwrap())
        };
        let compatible = policy("compatible", &[]);
        assert_eq!(compatible.count_once, CountBounceOnce::Off);
        assert_eq!((compatible.strict, compatible.brake), (None, None));
        let strict = policy("strict", &[]);
        assert_eq!(strict.count_once, CountBounceOnce::Send);
        let brake = Brake {
            number: 10,
            share: 20,
        };
        assert!(strict.strict.is_some());
        assert_eq!(strict.brake, Some(brake));
        let given = [("CountBounceOnce", "off"), ("UnconfirmBrake", "off")];
        let strict = policy("strict", &given);
        assert_eq!(
            (strict.count_once, strict.brake),
            (CountBounceOnce::Off, None)
        );
        let given = [("UnconfirmBrake", "{\"number\": 3, \"share\": 1}")];
        let brake = Brake {
            number: 3,
            share: 1000,
        };
        assert_eq!(policy("compatible", &given).brake, Some(brake));
    }
}
