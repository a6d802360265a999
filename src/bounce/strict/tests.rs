use super::*;
use crate::bounce::report::{Evidence, PartNumber, Stated};

fn stated<T>(value: T) -> Stated<T> {
    let evidence = Evidence {
        part: PartNumber::default(),
        line: 1,
        decoded: false,
        rule: "test",
    };
    Stated { value, evidence }
}

fn finding(kind: BounceKind, hard: bool, reason: Option<Reason>) -> Finding {
    Finding {
        kind: stated(kind),
        hard,
        status: None,
        smtp_code: None,
        reason: reason.map(stated),
    }
}

fn report(overall: Finding, recipients: &[(&str, Finding)]) -> BounceReport {
    let recipients = recipients.iter().map(|(address, finding)| Recipient {
        address: stated((*address).to_owned()),
        finding: *finding,
    });
    BounceReport {
        overall,
        recipients: recipients.collect(),
        limit: None,
    }
}

fn gone() -> Finding {
    finding(BounceKind::Permanent, true, Some(Reason::MailboxUnknown))
}

fn full() -> Finding {
    finding(BounceKind::Temporary, false, Some(Reason::MailboxFull))
}

#[test]
fn of_several_recipients_the_users_own_decides() {
    let report = report(
        gone(),
        &[("eve@example.org", gone()), ("bob@example.org", full())],
    );
    let bob = judge(Some(&report), Some("Bob@example.org"));
    assert_eq!(bob.kind, BounceKind::Temporary);
    assert_eq!(bob.reason_name(), "mailbox-full");
    assert!(!bob.hard);
    assert!(judge(Some(&report), Some("eve@example.org")).hard);
}

#[test]
fn a_report_that_does_not_name_the_user_is_taken_as_a_whole() {
    let report = report(gone(), &[("box@elsewhere.example", gone())]);
    for address in [None, Some("bob@example.org")] {
        assert_eq!(judge(Some(&report), address).kind, BounceKind::Permanent);
    }
}

#[test]
fn a_complaint_that_names_the_user_is_a_complaint() {
    let overall = finding(BounceKind::Feedback, false, None);
    let report = report(overall, &[("bob@example.org", gone())]);
    let verdict = judge(Some(&report), Some("bob@example.org"));
    assert_eq!((verdict.kind, verdict.hard), (BounceKind::Feedback, false));
    assert_eq!(verdict.reason_name(), "none");
}

#[test]
fn only_failures_are_hard() {
    let late = finding(BounceKind::Delayed, true, Some(Reason::System));
    assert!(!judge(Some(&report(late, &[])), None).hard);
}

#[test]
fn a_panic_of_the_reading_ends_there() {
    assert_eq!(guarded(|| panic!("a mistake")), None);
    assert!(guarded(|| report(gone(), &[])).is_some());
}

#[test]
fn a_mail_that_could_not_be_read_is_unknown() {
    assert_eq!(
        judge(None, Some("bob@example.org")),
        StrictVerdict::UNREADABLE
    );
    assert_eq!(StrictVerdict::UNREADABLE.kind.name(), "unknown");
}
