//! Which mails count with the strict verdict, and what is told of both.

use super::*;

/// An automatic answer (RFC 3834) of a user who is on holiday.
const HOLIDAY: &str = "Subject: Out of office: your mail\nAuto-Submitted: auto-replied\n\nI am on holiday until Monday.\n";

/// A complaint (RFC 5965).
const COMPLAINT: &str = "Subject: complaint\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n\
    --b\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n\
    --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n\
    --b\nContent-Type: message/rfc822\n\nSubject: News\n\nx\n\n--b--\n";

fn full(address: &str) -> String {
    report(address, "failed", "5.2.2", "552 5.2.2 Mailbox full")
}

fn expired(address: &str) -> String {
    report(
        address,
        "failed",
        "4.4.7",
        "451 4.4.7 message expired: retry timeout exceeded",
    )
}

fn late(address: &str) -> String {
    report(address, "delayed", "4.4.1", "connection timed out")
}

/// What one mail leads to: users un-confirmed, records, notices, and the line of the verdicts.
fn what_comes_of(mail: &str, strict: bool) -> (usize, usize, u64, String) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path(), &Clock::fixed(NOW), 3, |policy| {
        policy.strict = strict.then(weights);
    });
    let came = block_on(async {
        log_lines::catch();
        place.post(&[mail.to_owned()]).await;
        let lines = log_lines::caught_in(BOUNCE_VERDICT);
        assert_eq!(lines.len(), 1);
        let unconfirmed = place.unconfirmed().await.len();
        let records = records(&place.store).await.len();
        (unconfirmed, records, place.notices().await, lines.concat())
    });
    place.store.close();
    came
}

#[test]
fn only_a_dead_address_is_unconfirmed() {
    let own = address(2);
    // (mail, un-confirmed, records, notices)
    for (mail, unconfirmed, records, notices) in [
        (gone(&own), 1, 1, 0),
        (gone("box@elsewhere.example"), 1, 1, 0),
        (full(&own), 0, 0, 0),
        (expired(&own), 0, 1, 0),
        (late(&own), 0, 0, 0),
        (HOLIDAY.to_owned(), 0, 0, 0),
        (COMPLAINT.to_owned(), 0, 1, 0),
    ] {
        let (left, recorded, noticed, line) = what_comes_of(&mail_to(2, 0, &mail), true);
        assert_eq!(
            (left, recorded, noticed),
            (unconfirmed, records, notices),
            "{line} of {mail}"
        );
    }
}

#[test]
fn a_failure_of_nobodys_is_shown_to_a_person() {
    let forged = mail_to(2, 0, &gone(&address(2))).replace("To: wiki-", "To: wiki-x");
    let (unconfirmed, records, notices, _) = what_comes_of(&forged, true);
    assert_eq!((unconfirmed, records, notices), (0, 0, 1));
}

/// How mail servers hand a return path on: each form writes the header of a mail that came to it.
const FORMS: [fn(&str) -> String; 5] = [
    |path| format!("To: Wiki (bounces) <{path}>\n"),
    |path| format!("To: admin@example.com,\n {path}\n"),
    |path| format!("To: admin@example.com\nDelivered-To: {path}\n"),
    |path| format!("To: {}\n", path.to_lowercase()),
    |path| {
        format!(
            "To: SRS0=Tn4Z=OD=wiki.example.org={}@relay.example\n",
            path.split('@').next().unwrap()
        )
    },
];

#[test]
fn the_return_path_is_taken_in_the_forms_in_which_servers_hand_it_on_and_never_a_forged_one() {
    let made = mail_to(2, 0, &gone(&address(2)));
    let (before, after) = made.split_once("To: ").unwrap();
    let (path, rest) = after.split_once('\n').unwrap();
    let at = path.find('@').unwrap();
    for form in FORMS {
        let mail = format!("{before}{}{rest}", form(path));
        assert_eq!(what_comes_of(&mail, true).0, 1, "{mail}");
        for place in at - 16..at {
            let other = if path[place..].starts_with(['a', 'A']) {
                "b"
            } else {
                "a"
            };
            let mut forged = path.to_owned();
            forged.replace_range(place..=place, other);
            let mail = format!("{before}{}{rest}", form(&forged));
            assert_eq!(what_comes_of(&mail, true).0, 0, "{mail}");
        }
    }
}

#[test]
fn the_compatible_verdict_looks_at_to_alone_as_the_extension_does() {
    let made = mail_to(2, 0, &gone(&address(2)));
    let delivered = made.replacen("To: ", "To: admin@example.com\nDelivered-To: ", 1);
    assert_eq!(what_comes_of(&delivered, false).0, 0);
    assert_eq!(what_comes_of(&made, false).0, 1);
}

#[test]
fn both_verdicts_are_told_in_one_line_whichever_counts() {
    let mail = mail_to(2, 0, &full(&address(2)));
    for strict in [false, true] {
        let (unconfirmed, .., line) = what_comes_of(&mail, strict);
        assert_eq!(
            line,
            "verdict compatible=permanent strict=permanent reason=mailbox-full"
        );
        assert_eq!(
            unconfirmed == 0,
            strict,
            "the extension un-confirms, the strict judge does not"
        );
    }
    let (.., line) = what_comes_of(&mail_to(2, 0, HOLIDAY), false);
    assert_eq!(
        line,
        "verdict compatible=temporary strict=vacation reason=none"
    );
}

#[test]
fn verdicts_are_counted_together() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path(), &Clock::fixed(NOW), 3, |_| ());
    block_on(async {
        let mails = [
            full(&address(1)),
            full(&address(2)),
            gone(&address(3)),
            COMPLAINT.to_owned(),
        ];
        let mails: Vec<String> = (1..)
            .zip(&mails)
            .map(|(id, mail)| mail_to(id.min(3), 0, mail))
            .collect();
        place.post(&mails).await;
        let metrics = place.metrics().await;
        for line in [
            "verdicts_total{compatible=\"permanent\",strict=\"permanent\",reason=\"mailbox-full\"} 2\n",
            "verdicts_total{compatible=\"permanent\",strict=\"permanent\",reason=\"mailbox-unknown\"} 1\n",
            "verdicts_total{compatible=\"temporary\",strict=\"feedback\",reason=\"none\"} 1\n",
            "complaints_total 1\n",
        ] {
            assert!(metrics.contains(line), "no {line} in {metrics}");
        }
    });
    place.store.close();
}

#[test]
fn of_two_recipients_only_the_users_own_failure_counts() {
    let other = gone("eve@elsewhere.example");
    let (head, end) = other.rsplit_once("\n--b--").unwrap();
    let own = address(2);
    let both = format!(
        "{head}\nFinal-Recipient: rfc822; {own}\nAction: failed\nStatus: 4.2.2\n\
         Diagnostic-Code: smtp; 452 4.2.2 Over quota\n\n--b--{end}"
    );
    let (unconfirmed, records, _, line) = what_comes_of(&mail_to(2, 0, &both), true);
    assert_eq!(
        line,
        "verdict compatible=permanent strict=temporary reason=mailbox-full"
    );
    assert_eq!((unconfirmed, records), (0, 0));
}

#[test]
fn soft_failures_count_by_their_weight_and_one_mail_once() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path(), &Clock::fixed(NOW), 3, |_| ());
    let mail = |sent| mail_to(2, sent, &expired(&address(2)));
    block_on(async {
        // By hand: five fifths are one; a mail that is posted again adds nothing.
        for sent in 1..=4 {
            place.post(&[mail(sent), mail(sent)]).await;
        }
        assert_eq!(records(&place.store).await.len(), 4);
        assert!(place.unconfirmed().await.is_empty());
        place.post(&[mail(5)]).await;
        assert_eq!(place.unconfirmed().await, [2]);
    });
    place.store.close();
}

#[test]
fn a_complaint_is_kept_apart_and_keeps_no_bounce_from_counting() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path(), &Clock::fixed(NOW), 3, |_| ());
    block_on(async {
        place
            .post(&[mail_to(2, 0, COMPLAINT), mail_to(2, 0, COMPLAINT)])
            .await;
        assert!(place.unconfirmed().await.is_empty());
        let listing = Listing::parse("records", "").unwrap();
        let listed = printed(place.admin().start_listing(listing)).await;
        assert_eq!(listed.lines().count(), 1);
        assert!(listed.contains("\"complaint\":true"), "{listed}");
        assert!(listed.contains("\"weight\":0.0"), "{listed}");
        place.post(&[mail_to(2, 0, &gone(&address(2)))]).await;
        assert_eq!(place.unconfirmed().await, [2]);
    });
    place.store.close();
}

#[test]
fn weights_are_carried_from_store_to_store() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let place = Place::open(directory.path(), &clock, 3, |_| ());
    let mail = |sent| mail_to(2, sent, &expired(&address(2)));
    block_on(place.post(&(1..=4).map(mail).collect::<Vec<_>>()));
    place.store.close();
    let inventory = Inventory::open(options(directory.path(), &clock, Vec::new())).unwrap();
    let mut entries = Vec::new();
    let read = inventory.read(&mut |entry| {
        entries.push(entry);
        Ok(())
    });
    assert_eq!(read.unwrap().faults, Vec::<String>::new());
    let elsewhere = tempfile::tempdir().unwrap();
    let place = Place::open(elsewhere.path(), &clock, 3, |_| ());
    block_on(async {
        let import = bouncehandlerd::store::Import {
            mark: [1; 16],
            done: 0,
            merge: true,
        };
        assert!(place.store.restore(import, entries).await.unwrap());
        assert!(
            records(&place.store)
                .await
                .iter()
                .all(|stored| stored.record.weight == Weight(200))
        );
        assert!(place.unconfirmed().await.is_empty());
        place.post(&[mail(5)]).await;
        assert_eq!(place.unconfirmed().await, [2]);
    });
    place.store.close();
}
