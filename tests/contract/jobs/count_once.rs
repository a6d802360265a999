//! Bounces that are posted twice (`CountBounceOnce`).

use super::delayed::{RULES, open_with};
use crate::support::queue::{KIND, records};
use crate::support::{NOW, block_on, log_lines, options, wiki};
use bouncehandlerd::bounce::report::ReadLimits;
use bouncehandlerd::clock::Clock;
use bouncehandlerd::effects::UserId;
use bouncehandlerd::job::NewJob;
use bouncehandlerd::log::BOUNCE_HANDLER;
use bouncehandlerd::metrics::Metrics;
use bouncehandlerd::php_serialize::{PhpValue, write_params};
use bouncehandlerd::runner::kinds::KindRegistry;
use bouncehandlerd::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy, CountBounceOnce};
use bouncehandlerd::runner::{RunLimits, RunOutput, Runner};
use bouncehandlerd::stop;
use bouncehandlerd::store::{Entry, Inventory, Store};
use bouncehandlerd::verp::{VerpKeys, encode};
use std::path::Path;
use std::sync::Arc;

/// `VERPAcceptTime`: three days.
const ACCEPT_TIME: i64 = 259_200;

fn keys() -> VerpKeys {
    VerpKeys::new("md5", b"MediawikiVERP", ACCEPT_TIME).unwrap()
}

/// A bounce of a mail to Bob that the wiki sent so many seconds after [`NOW`].
fn mail(sent: i64, id: &str, received: &str) -> String {
    let address = encode(
        "wiki",
        "wikijobs",
        3,
        NOW.unix() + sent,
        "wiki.example.org",
        &keys(),
    );
    format!(
        "Received: from mx by {received}\nTo: {address}\nMessage-ID: <{id}@mx.example.com>\n\
         Subject: Gone {id}\nX-Failed-Recipients: bob@example.com\n\nx\n"
    )
}

fn runner(store: &Store, clock: &Clock, count_once: CountBounceOnce) -> Runner {
    let handler = BounceHandler {
        store: store.clone(),
        clock: clock.clone(),
        keys: Arc::new(Ok(keys())),
        strict_return_paths: None,
        policy: BouncePolicy {
            unconfirm_users: true,
            record_limit: 2,
            record_period: 604_800,
            record_max_age: 0,
            count_once,
            accept_time: ACCEPT_TIME,
            strict: None,
            brake: None,
        },
        forward_unrecognized: false,
        limits: ReadLimits::default(),
        metrics: Metrics::default(),
    };
    Runner::new(
        store.clone(),
        KindRegistry::new(vec![handler.kind()]),
        clock.clone(),
    )
}

/// Posts these mails, then runs all their jobs, which one claim takes.
async fn post(store: &Store, clock: &Clock, count_once: CountBounceOnce, mails: &[String]) {
    for mail in mails {
        let params = write_params([("email", PhpValue::Str(mail.as_bytes()))]);
        let job = NewJob {
            kind: KIND,
            wiki: wiki(),
            params,
            unique: None,
        };
        store.push(job).await.unwrap();
    }
    let (out, _read) = tokio::sync::mpsc::channel(64);
    let (_stopper, stop) = stop::channel();
    let report = runner(store, clock, count_once)
        .run(&RunLimits::default(), RunOutput::Quiet, &out, &stop)
        .await
        .unwrap();
    assert_eq!((report.good, report.failed), (mails.len() as u64, 0));
}

async fn is_confirmed(store: &Store) -> bool {
    let bob = store.user(&wiki(), UserId(3)).await.unwrap().unwrap();
    bob.email_authenticated.is_some()
}

fn open(directory: &Path, clock: &Clock) -> Store {
    open_with(directory, clock, RULES)
}

/// Two bounces, posted in one batch, then in two runs, then in two runs with a restart between: how many count.
fn check(count_once: CountBounceOnce, pair: &[String; 2], expected: usize) {
    for (together, restart) in [(true, false), (false, false), (false, true)] {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let mut store = open(directory.path(), &clock);
        if together {
            block_on(post(&store, &clock, count_once, pair));
        } else {
            block_on(post(&store, &clock, count_once, &pair[..1]));
            if restart {
                store.close();
                store = open(directory.path(), &clock);
            }
            block_on(post(&store, &clock, count_once, &pair[1..]));
        }
        let what = format!("{count_once:?}, together {together}, restart {restart}");
        block_on(async {
            assert_eq!(records(&store).await.len(), expected, "{what}");
            // The second bounce that counts un-confirms Bob.
            assert_eq!(is_confirmed(&store).await, expected < 2, "{what}");
        });
        store.close();
    }
}

#[test]
fn the_same_mail_posted_again_counts_again_only_if_all_count() {
    let pair = || [mail(0, "a", "mx1"), mail(0, "a", "mx1")];
    check(CountBounceOnce::Off, &pair(), 2);
    check(CountBounceOnce::Message, &pair(), 1);
    check(CountBounceOnce::Send, &pair(), 1);
}

#[test]
fn the_same_mail_by_a_second_mail_exchanger_is_the_same_mail() {
    let pair = || [mail(0, "a", "mx1"), mail(0, "a", "mx2; another day")];
    check(CountBounceOnce::Off, &pair(), 2);
    check(CountBounceOnce::Message, &pair(), 1);
    check(CountBounceOnce::Send, &pair(), 1);
}

#[test]
fn a_mail_without_a_message_id_is_known_by_its_content() {
    let bare = |received: &str| {
        let text = mail(0, "a", received);
        text.replace("Message-ID: <a@mx.example.com>\n", "")
    };
    check(CountBounceOnce::Message, &[bare("mx1"), bare("mx2")], 1);
    let other = bare("mx1").replace("\n\nx\n", "\n\ny\n");
    check(CountBounceOnce::Message, &[bare("mx1"), other], 2);
}

#[test]
fn another_bounce_of_one_mail_of_the_wiki_counts_unless_a_mail_counts_once() {
    let pair = || [mail(0, "a", "mx1"), mail(0, "b", "mx1")];
    check(CountBounceOnce::Message, &pair(), 2);
    check(CountBounceOnce::Send, &pair(), 1);
}

#[test]
fn a_bounce_of_another_mail_of_the_wiki_always_counts() {
    // Even with the same Message-ID: the return path is another.
    for count_once in [
        CountBounceOnce::Off,
        CountBounceOnce::Message,
        CountBounceOnce::Send,
    ] {
        check(count_once, &[mail(0, "a", "mx1"), mail(-1, "a", "mx1")], 2);
    }
}

#[test]
fn a_repeated_bounce_is_told_in_a_channel_that_the_extension_does_not_have() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(directory.path(), &clock);
    let pair = [mail(0, "a", "mx1"), mail(0, "a", "mx2")];
    for (channel, expected) in [
        (BOUNCE_HANDLER, None),
        (
            log_lines::BOUNCES,
            Some(
                "a bounce of mail to Bob was counted before and changes nothing (CountBounceOnce)",
            ),
        ),
    ] {
        log_lines::catch();
        block_on(post(&store, &clock, CountBounceOnce::Send, &pair[..1]));
        // The first that is posted here counts, the others repeat it.
        log_lines::catch();
        block_on(post(&store, &clock, CountBounceOnce::Send, &pair[1..]));
        let lines = log_lines::caught_in(channel);
        assert_eq!(lines.first().map(String::as_str), expected, "{channel}");
        assert!(lines.len() <= 1);
    }
    store.close();
}

/// How many bounces a closed store remembers to have counted.
fn remembered(directory: &Path, clock: &Clock) -> usize {
    let inventory = Inventory::open(options(directory, clock, Vec::new())).unwrap();
    let mut counted = 0;
    let findings = inventory.read(&mut |entry| {
        counted += usize::from(matches!(entry, Entry::Counted { .. }));
        Ok(())
    });
    assert_eq!(findings.unwrap().faults, Vec::<String>::new());
    counted
}

#[test]
fn what_was_counted_is_remembered_while_its_return_path_is_accepted_and_then_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let first = [mail(0, "a", "mx1")];
    // By hand: the mail was sent at 0. Its path is accepted until 259200, when the last of these bounces is a second old.
    for (wait, bounce, records_then, remembered_then) in [
        (0, &first, 1, 1),
        (ACCEPT_TIME - 1, &first, 1, 1),
        (2, &first, 1, 1),
        (0, &[mail(ACCEPT_TIME, "z", "mx1")], 2, 1),
    ] {
        clock.advance(wait);
        let store = open(directory.path(), &clock);
        block_on(async {
            post(&store, &clock, CountBounceOnce::Message, bounce).await;
            assert_eq!(records(&store).await.len(), records_then, "{wait}");
        });
        store.close();
        assert_eq!(
            remembered(directory.path(), &clock),
            remembered_then,
            "{wait}"
        );
    }
}
