//! The strict verdict, what it counts, and the brake on un-confirmations.

use crate::support::queue::{KIND, records};
use crate::support::{NOW, block_on, log_lines, options, user, wiki};
use bouncehandlerd::admin::{Admin, Listing, ManageAction, ManageRequest, Output};
use bouncehandlerd::bounce::report::{ReadLimits, Reason};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::decision::{Brake, Weight};
use bouncehandlerd::job::NewJob;
use bouncehandlerd::log::BOUNCE_VERDICT;
use bouncehandlerd::metrics::Metrics;
use bouncehandlerd::php_serialize::{PhpValue, write_params};
use bouncehandlerd::runner::kinds::bounce_handler::{
    BounceHandler, BouncePolicy, BounceWeights, CountBounceOnce,
};
use bouncehandlerd::runner::kinds::{KindRegistry, held_unconfirm, unrecognized_notice};
use bouncehandlerd::runner::log_line::LogFormat;
use bouncehandlerd::runner::{RunLimits, RunOutput, Runner};
use bouncehandlerd::stop;
use bouncehandlerd::store::{Entry, Inventory, Store};
use bouncehandlerd::verp::strict::KnownReturnPaths;
use bouncehandlerd::verp::{VerpKeys, encode};
use std::path::Path;
use std::sync::Arc;

mod brake;
mod verdicts;

fn keys() -> VerpKeys {
    VerpKeys::new("md5", b"MediawikiVERP", 259_200).unwrap()
}

/// A mail of a server to the return path of a mail that was sent to a user; `kind` is the rest of its header and its body.
fn mail_to(id: u64, sent: i64, rest: &str) -> String {
    let address = encode(
        "wiki",
        "wikijobs",
        id,
        NOW.unix() + sent,
        "wiki.example.org",
        &keys(),
    );
    format!("From: MAILER-DAEMON@mx.example.com\nTo: {address}\nMIME-Version: 1.0\n{rest}")
}

/// A delivery report (RFC 3464) about one address.
fn report(address: &str, action: &str, status: &str, said: &str) -> String {
    format!(
        "Subject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n\
         Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; {said}\n\n--b--\n"
    )
}

/// A report that the address is dead.
fn gone(address: &str) -> String {
    report(
        address,
        "failed",
        "5.1.1",
        "550 5.1.1 The email account that you tried to reach does not exist",
    )
}

/// What the tests judge by: a dead address counts in full, an expired message a fifth.
fn weights() -> BounceWeights {
    BounceWeights::new(Weight::WHOLE, Weight::NONE, |reason| match reason {
        Reason::Expired => Weight(200),
        _ => Weight::NONE,
    })
}

/// A store with its runner.
struct Place {
    store: Store,
    runner: Runner,
}

impl Place {
    /// With users 1 to `users` at `provider.example`, and `policy` changed from strict with a limit of one.
    fn open(
        directory: &Path,
        clock: &Clock,
        users: u64,
        change: impl FnOnce(&mut BouncePolicy),
    ) -> Self {
        let users = (1..=users).map(|id| user(id, &format!("User{id}"), &address(id)));
        let store = Store::open(options(directory, clock, users.collect())).unwrap();
        let mut policy = BouncePolicy {
            unconfirm_users: true,
            record_limit: 1,
            record_period: 604_800,
            record_max_age: 0,
            count_once: CountBounceOnce::Send,
            accept_time: 259_200,
            strict: Some(weights()),
            brake: None,
        };
        change(&mut policy);
        let strict_return_paths = policy
            .strict
            .is_some()
            .then(|| KnownReturnPaths::new("wiki", ["wikijobs"]));
        let metrics = Metrics::default();
        let handler = BounceHandler {
            store: store.clone(),
            clock: clock.clone(),
            keys: Arc::new(Ok(keys())),
            strict_return_paths,
            policy,
            forward_unrecognized: true,
            limits: ReadLimits::default(),
            metrics: metrics.clone(),
        };
        let kinds = KindRegistry::new(vec![handler.kind(), held_unconfirm::kind()]);
        let runner = Runner {
            metrics,
            ..Runner::new(store.clone(), kinds, clock.clone())
        };
        Self { store, runner }
    }

    /// Posts mails and runs all jobs.
    async fn post(&self, mails: &[String]) {
        for mail in mails {
            let job = NewJob {
                kind: KIND,
                wiki: wiki(),
                params: write_params([("email", PhpValue::Str(mail.as_bytes()))]),
                unique: None,
            };
            self.store.push(job).await.unwrap();
        }
        let (out, _read) = tokio::sync::mpsc::channel(64);
        let (_stopper, stop) = stop::channel();
        let report = self
            .runner
            .run(&RunLimits::default(), RunOutput::Quiet, &out, &stop)
            .await
            .unwrap();
        assert_eq!((report.good, report.failed), (mails.len() as u64, 0));
    }

    /// The numbers of those who are not confirmed any more.
    async fn unconfirmed(&self) -> Vec<u64> {
        let users = self.store.users(&wiki()).await.unwrap();
        let gone = users
            .iter()
            .filter(|user| user.email_authenticated.is_none());
        gone.map(|user| user.id.0).collect()
    }

    /// How many notices wait to be sent.
    async fn notices(&self) -> u64 {
        let counts = self.store.counts().await.unwrap();
        counts
            .get(&unrecognized_notice::NAME)
            .map_or(0, |counts| counts.ready)
    }

    async fn metrics(&self) -> String {
        self.runner
            .metrics
            .text(&self.store.counts().await.unwrap())
    }

    fn admin(&self) -> Admin {
        let (alive, _) = std::sync::mpsc::channel();
        let (stopper, stop) = stop::channel();
        drop(stopper);
        Admin {
            runner: self.runner.clone(),
            wiki: wiki(),
            log_format: LogFormat::Mw143,
            token: None,
            signed_runs: Arc::default(),
            stop,
            alive,
        }
    }

    /// Says the word on what is held; what the command prints.
    async fn say(&self, action: ManageAction, domain: Option<&str>) -> String {
        let request = ManageRequest {
            kind: "HeldUnconfirmJob".to_owned(),
            action,
            job: None,
            domain: domain.map(str::to_owned),
        };
        printed(self.admin().start_managing(request)).await
    }

    /// What `showjobs` prints with these options.
    async fn show(&self, query: &str) -> String {
        let listing = Listing::parse("showJobs", query).unwrap();
        printed(self.admin().start_listing(listing)).await
    }
}

async fn printed(mut output: Output) -> String {
    let mut text = Vec::new();
    while let Some(chunk) = output.next().await {
        text.extend(chunk.unwrap());
    }
    String::from_utf8(text).unwrap()
}

fn address(id: u64) -> String {
    format!("user{id}@provider.example")
}
