//! A provider's outage: un-confirmations of one domain that are too many wait for a person.

use super::*;

/// No more than five of a domain, if that is more than 2 %.
const BRAKE: Brake = Brake {
    number: 5,
    share: 20,
};

fn open(directory: &Path, clock: &Clock) -> Place {
    Place::open(directory, clock, 100, |policy| policy.brake = Some(BRAKE))
}

/// The provider says of these users' mailboxes that they do not exist.
fn outage(ids: impl Iterator<Item = u64>, sent: i64) -> Vec<String> {
    ids.map(|id| mail_to(id, sent, &gone(&address(id))))
        .collect()
}

async fn held(place: &Place) -> usize {
    let list = place.show("list=1&status=held").await;
    assert!(list.lines().all(|line| line.ends_with(" status=held")));
    list.lines().count()
}

#[test]
fn an_outage_unconfirms_as_many_as_the_brake_allows_and_a_release_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = open(directory.path(), &clock);
    block_on(async {
        log_lines::catch();
        place.post(&outage(1..=100, 0)).await;
        let told = log_lines::caught_in(log_lines::BOUNCES);
        assert_eq!(told.len(), 95);
        assert!(told[0].starts_with(
            "the un-confirmation of User6 is held: of users at provider.example 6 were"
        ));
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5]);
        assert_eq!(held(&place).await, 95);
        assert_eq!(place.show("").await, "0\n", "nothing of it is to be run");
        let group = place.show("group=1").await;
        assert!(group.contains("HeldUnconfirmJob: 95 held;"), "{group}");
        let metrics = place.metrics().await;
        assert!(
            metrics.contains("unconfirms_total{outcome=\"held\"} 95\n"),
            "{metrics}"
        );
        assert!(
            metrics.contains("unconfirms_total{outcome=\"done\"} 5\n"),
            "{metrics}"
        );
        let said = place
            .say(ManageAction::ReleaseHeld, Some("other.example"))
            .await;
        assert_eq!(said, "Released 0 held job(s).\n");
        let said = place
            .say(ManageAction::ReleaseHeld, Some("Provider.example"))
            .await;
        assert_eq!(said, "Released 95 held job(s).\n");
        assert_eq!(place.unconfirmed().await.len(), 100);
        assert_eq!(held(&place).await, 0);
        let again = place.say(ManageAction::ReleaseHeld, None).await;
        assert_eq!(again, "Released 0 held job(s).\n");
    });
    place.store.close();
}

#[test]
fn what_is_held_is_held_once_and_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = open(directory.path(), &clock);
    block_on(place.post(&outage(1..=4, 0)));
    place.store.close();
    // The four from before the restart are remembered: only one more goes.
    let place = open(directory.path(), &clock);
    block_on(async {
        clock.advance(600);
        place.post(&outage(5..=9, 0)).await;
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5]);
        assert_eq!(held(&place).await, 4);
    });
    place.store.close();
    let place = open(directory.path(), &clock);
    block_on(async {
        // The same bounces, and those of other mails to the same users, whether they wait or are un-confirmed.
        place.post(&outage(5..=9, 0)).await;
        place.post(&outage(5..=9, -60)).await;
        let twice = [outage(6..=6, -120), outage(6..=6, -120)].concat();
        place.post(&twice).await;
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5]);
        assert_eq!(held(&place).await, 4);
        let run = Runner::run;
        let limits = RunLimits {
            kind: Some("HeldUnconfirmJob".to_owned()),
            ..RunLimits::default()
        };
        let (out, _read) = tokio::sync::mpsc::channel(64);
        let (_stopper, stop) = stop::channel();
        let ran = run(&place.runner, &limits, RunOutput::Quiet, &out, &stop).await;
        assert_eq!(ran.unwrap().popped(), 0, "no run takes them, whoever asks");
    });
    place.store.close();
}

#[test]
fn a_drop_leaves_the_users_confirmed_and_forgets_what_was_counted() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = Place::open(directory.path(), &clock, 100, |policy| {
        policy.brake = Some(BRAKE);
        policy.record_limit = 2;
    });
    block_on(async {
        place.post(&outage(1..=20, 0)).await;
        assert!(place.unconfirmed().await.is_empty());
        place.post(&outage(1..=20, -60)).await;
        assert_eq!(held(&place).await, 15);
        let one = place.show("list=1&status=held&limit=1").await;
        let number = one
            .split("id=")
            .nth(1)
            .and_then(|rest| rest.split([',', ')']).next());
        let only = ManageRequest {
            kind: "BounceHandlerJob".to_owned(),
            action: ManageAction::DropHeld,
            job: Some(number.unwrap().parse().unwrap()),
            domain: None,
        };
        let said = printed(place.admin().start_managing(only)).await;
        assert_eq!(said, "Dropped 1 held job(s).\n");
        let said = place.say(ManageAction::DropHeld, None).await;
        assert_eq!(said, "Dropped 14 held job(s).\n");
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5]);
        assert_eq!(records(&place.store).await.len(), 40, "the records stay");
        clock.advance(3600);
        // By hand: one bounce of the two that are too many.
        place.post(&outage(20..=20, -120)).await;
        assert_eq!(place.unconfirmed().await.len(), 5);
        place.post(&outage(20..=20, -180)).await;
        assert_eq!(place.unconfirmed().await.len(), 6);
    });
    place.store.close();
}

#[test]
fn after_an_hour_un_confirmations_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = open(directory.path(), &clock);
    block_on(async {
        place.post(&outage(1..=5, 0)).await;
        clock.advance(3599);
        place.post(&outage(6..=6, 0)).await;
        assert_eq!(held(&place).await, 1);
        clock.advance(1);
        // What is held counts for its hour, too: the five of the beginning are gone from it, the sixth is not.
        place.post(&outage(7..=11, 0)).await;
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5, 7, 8, 9, 10]);
        assert_eq!(held(&place).await, 2);
    });
    place.store.close();
}

#[test]
fn a_large_domain_may_lose_its_share() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let share = Brake {
        number: 5,
        share: 100,
    };
    let place = Place::open(directory.path(), &clock, 100, |policy| {
        policy.brake = Some(share);
    });
    // By hand: a tenth of 100 users, in whatever pieces.
    block_on(async {
        place.post(&outage(1..=7, 0)).await;
        place.post(&outage(8..=30, 0)).await;
        assert_eq!(place.unconfirmed().await, (1..=10).collect::<Vec<u64>>());
        assert_eq!(held(&place).await, 20);
    });
    place.store.close();
}

#[test]
fn a_user_whose_address_is_another_by_now_is_not_unconfirmed_by_a_release() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = open(directory.path(), &clock);
    block_on(place.post(&outage(1..=7, 0)));
    place.store.close();
    let mut users: Vec<_> = (1..=6)
        .map(|id| user(id, &format!("User{id}"), &address(id)))
        .collect();
    users.push(user(7, "User7", "seven@elsewhere.example"));
    let store = Store::open(options(directory.path(), &clock, users)).unwrap();
    let runner = Runner::new(
        store.clone(),
        KindRegistry::new(vec![held_unconfirm::kind()]),
        clock.clone(),
    );
    let place = Place { store, runner };
    block_on(async {
        assert_eq!(held(&place).await, 2);
        let said = place.say(ManageAction::ReleaseHeld, None).await;
        assert_eq!(said, "Released 2 held job(s).\n");
        assert_eq!(place.unconfirmed().await, [1, 2, 3, 4, 5, 6]);
    });
    place.store.close();
}

#[test]
fn what_is_held_is_among_what_is_exported() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = open(directory.path(), &clock);
    block_on(place.post(&outage(1..=7, 0)));
    place.store.close();
    let inventory = Inventory::open(options(directory.path(), &clock, Vec::new())).unwrap();
    let mut held = 0;
    let findings = inventory.read(&mut |entry| {
        if let Entry::Job(job) = entry {
            held += usize::from(
                job.job.kind.as_str() == "HeldUnconfirmJob" && job.job.unique.is_some(),
            );
        }
        Ok(())
    });
    assert_eq!(findings.unwrap().faults, Vec::<String>::new());
    assert_eq!(held, 2);
}
