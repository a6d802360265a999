//! What holds of the reading of any mail, shown on all of the project's own, and on the recorded ones where they are there.

use crate::support::recordings;
use bouncehandlerd::bounce::read;
use bouncehandlerd::bounce::report::{BounceReport, Evidence, Finding, ReadLimit, ReadLimits};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The project's own mails.
fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mails")
}

/// All mails below a directory, by their paths.
fn below(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut mails = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            mails.append(&mut below(&path));
        } else if path.extension().is_some_and(|end| end == "eml") {
            let mail = fs::read(&path).unwrap();
            mails.push((path, mail));
        }
    }
    mails
}

/// The own mails, and the recorded ones where they are there.
fn all() -> Vec<(PathBuf, Vec<u8>)> {
    let mut mails = below(&own());
    if let Some(recorded) = recordings::directory("bounces/mails") {
        mails.append(&mut below(&recorded));
    }
    assert!(mails.len() > 300, "only {} mails", mails.len());
    mails
}

/// The mail with each of its line ends, whatever they are, written as `end`.
fn with_line_ends(mail: &[u8], end: &[u8]) -> Vec<u8> {
    let mut changed = Vec::with_capacity(mail.len());
    let mut bytes = mail.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                changed.extend_from_slice(end);
            }
            b'\n' => changed.extend_from_slice(end),
            _ => changed.push(byte),
        }
    }
    changed
}

fn reading(mail: &[u8]) -> BounceReport {
    read(mail, &ReadLimits::default())
}

/// Every place that a report names, with what stands there.
fn places(report: &BounceReport) -> Vec<(String, Evidence)> {
    let mut places = stated_in(&report.overall);
    for recipient in &report.recipients {
        places.append(&mut stated_in(&recipient.finding));
        places.push((String::new(), recipient.address.evidence));
    }
    places
}

fn stated_in(finding: &Finding) -> Vec<(String, Evidence)> {
    let mut places = vec![(String::new(), finding.kind.evidence)];
    if let Some(code) = finding.smtp_code {
        places.push((code.value.to_string(), code.evidence));
    }
    if let Some(reason) = finding.reason {
        places.push((String::new(), reason.evidence));
    }
    places
}

#[test]
fn a_mail_says_the_same_whatever_its_line_ends() {
    for (path, mail) in all() {
        let expected = reading(&with_line_ends(&mail, b"\n"));
        for end in [&b"\r\n"[..], b"\r"] {
            let found = reading(&with_line_ends(&mail, end));
            assert_eq!(found, expected, "{} with {end:?}", path.display());
        }
    }
}

#[test]
fn the_evidence_names_a_line_that_is_there_and_holds_the_code() {
    let mut codes = 0;
    for (path, mail) in all() {
        let mail = with_line_ends(&mail, b"\n");
        let lines: Vec<&[u8]> = mail.split(|byte| *byte == b'\n').collect();
        for (said, place) in places(&reading(&mail)) {
            if place.decoded {
                continue;
            }
            let at = format!("{} {}: {said:?} {place:?}", path.display(), place.line);
            let line = lines.get(usize::try_from(place.line).unwrap() - 1);
            let line = String::from_utf8_lossy(line.unwrap_or_else(|| panic!("no line: {at}")));
            assert!(line.contains(&said), "{at}: {line}");
            codes += usize::from(!said.is_empty());
        }
    }
    assert!(codes > 300, "only {codes} codes were looked at");
}

#[test]
fn a_mail_that_is_cut_short_anywhere_is_read_and_names_whole_addresses() {
    for (path, mail) in below(&own()) {
        let mail = with_line_ends(&mail, b"\n");
        let ends = mail.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        for (end, _) in ends {
            let report = reading(&mail[..end]);
            for recipient in &report.recipients {
                let address = &recipient.address.value;
                assert!(
                    address.contains('@') && !address.contains(char::is_whitespace),
                    "{} cut at {end}: {address:?}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_label_has_its_mail() {
    let labels = fs::read_to_string(own().join("labels.jsonl")).unwrap();
    let files: BTreeSet<PathBuf> = below(&own()).into_iter().map(|(path, _)| path).collect();
    let mut labelled = BTreeSet::new();
    for line in labels.lines() {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = own().join(label["file"].as_str().unwrap());
        assert!(files.contains(&path), "{}", path.display());
        assert!(labelled.insert(path), "twice: {line}");
    }
    assert!(labelled.len() > 300);
}

/// A report of RFC 3464 on so many recipients, each with a long diagnostic.
fn report_on(recipients: usize) -> Vec<u8> {
    let mut mail = String::from(
        "From: MAILER-DAEMON@relay.example\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nSorry.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n",
    );
    for number in 0..recipients {
        write!(
            mail,
            "\nFinal-Recipient: rfc822; user{number}@example.com\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550 5.1.1 user{number}@example.com:\n no such user\n"
        )
        .unwrap();
    }
    mail.push_str("\n--b--\n");
    mail.into_bytes()
}

#[test]
fn the_report_names_the_limit_that_reading_met() {
    let default = ReadLimits::default();
    let mail = report_on(3);
    assert_eq!(read(&mail, &default).limit, None);
    for (limits, met) in [
        (
            ReadLimits {
                max_parts: 1,
                ..default
            },
            ReadLimit::Parts,
        ),
        (
            ReadLimits {
                max_recipients: 2,
                ..default
            },
            ReadLimit::Recipients,
        ),
        (
            ReadLimits {
                max_line_bytes: 20,
                ..default
            },
            ReadLimit::LineBytes,
        ),
        (
            ReadLimits {
                max_text_bytes: 10,
                ..default
            },
            ReadLimit::TextBytes,
        ),
    ] {
        assert_eq!(read(&mail, &limits).limit, Some(met), "{limits:?}");
    }
    let limits = ReadLimits {
        max_recipients: 2,
        ..default
    };
    assert_eq!(read(&mail, &limits).recipients.len(), 2);
}

#[test]
fn recipients_of_a_text_are_limited_like_those_of_fields() {
    let mut mail = String::from(
        "From: MAILER-DAEMON@relay.example\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n",
    );
    for number in 0..5 {
        writeln!(mail, "user{number}@example.com: 550 5.1.1 no such user\n").unwrap();
    }
    mail.push_str(
        "--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
    );
    let two = ReadLimits {
        max_recipients: 2,
        ..ReadLimits::default()
    };
    let report = read(mail.as_bytes(), &two);
    assert_eq!(
        (report.recipients.len(), report.limit),
        (2, Some(ReadLimit::Recipients))
    );
    let alone = mail.replace("message/delivery-status", "text/x-other");
    let report = read(alone.as_bytes(), &two);
    assert_eq!(
        (report.recipients.len(), report.limit),
        (2, Some(ReadLimit::Recipients))
    );
    assert_eq!(reading(mail.as_bytes()).recipients.len(), 5);
    assert_eq!(reading(alone.as_bytes()).recipients.len(), 5);
}

#[test]
fn a_subject_is_one_line_however_often_it_is_folded() {
    let folded = format!("Subject: {}\n\nHello.\n", "a\n ".repeat(3000));
    assert_eq!(reading(folded.as_bytes()).limit, Some(ReadLimit::LineBytes));
    assert_eq!(reading(b"Subject: a\n b\n\nHello.\n").limit, None);
}

#[test]
fn parts_deeper_than_the_limit_are_not_followed() {
    let mut mail = String::from("From: a@example.com\n");
    for depth in 0..20 {
        write!(
            mail,
            "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"
        )
        .unwrap();
    }
    mail.push_str("\nbob@example.com: no such user\n");
    let report = reading(mail.as_bytes());
    assert_eq!(report.limit, Some(ReadLimit::Depth));
}

#[test]
fn the_worst_of_several_recipients_decides_and_each_keeps_its_own() {
    let mail = String::from_utf8(report_on(2)).unwrap();
    let mail = mail.replacen("Status: 5.1.1", "Status: 4.2.2", 1).replacen(
        "550 5.1.1 user0@example.com:\n no such user",
        "452 4.2.2 mailbox full",
        1,
    );
    let report = reading(mail.as_bytes());
    let said: Vec<_> = report
        .recipients
        .iter()
        .map(|recipient| {
            let finding = &recipient.finding;
            (
                recipient.address.value.as_str(),
                finding.kind.value.name(),
                finding.hard,
                finding.reason.map(|reason| reason.value.name()),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (
                "user0@example.com",
                "temporary",
                false,
                Some("mailbox-full")
            ),
            (
                "user1@example.com",
                "permanent",
                true,
                Some("mailbox-unknown")
            ),
        ]
    );
    assert_eq!(report.overall.kind.value.name(), "permanent");
    assert!(report.overall.hard);
}
