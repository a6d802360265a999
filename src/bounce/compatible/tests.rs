//! The judge on mails written for it, and on mails that mean harm.

use super::*;
use proptest::prelude::*;

const REPORT: &str = "\
From: MAILER-DAEMON@mx.example.org
To: wiki-x-3-t-h@wiki.example.org
Subject: Delivery Status Notification (Failure)
Date: Mon, 01 Jun 2026 00:00:05 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary=\"BOUND-1\"

This is a MIME-encapsulated message.

--BOUND-1
Content-Type: text/plain; charset=us-ascii

  bob@example.com: 550 5.1.1 no such user

--BOUND-1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; bob@example.com
Action: failed
Status: 5.1.1

--BOUND-1
Content-Type: text/rfc822-headers

Subject: hello
Status: RO

--BOUND-1--
";

const EXIM: &str = "\
X-Failed-Recipients: bob@example.com
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: wiki-x-3-t-h@wiki.example.org
Subject: Mail delivery failed: returning message to sender

  bob@example.com
    Unrouteable address
";

const TEXT: &str = "\
From: MAILER-DAEMON <>
To: wiki-x-3-t-h@wiki.example.org
Subject: Mail delivery failed

Failed:

    550 5.1.1 no such user
";

fn verdict_of(mail: &str) -> (Verdict, Evidence) {
    let reading = judge(mail.as_bytes());
    (reading.verdict, reading.evidence)
}

#[test]
fn a_report_counts_by_the_class_of_its_status() {
    let reading = judge(REPORT.as_bytes());
    assert_eq!(reading.headers, header_scan::scan(REPORT.as_bytes()));
    assert_eq!(
        reading.headers.to,
        Some(&b"wiki-x-3-t-h@wiki.example.org"[..])
    );
    assert_eq!((reading.status, reading.smtp_code), (Some("5.1.1"), None));
    assert_eq!(verdict_of(REPORT), (Verdict::Permanent, Evidence::Status));
    for class in ["0", "2", "4", "6", "9"] {
        let mail = REPORT.replace("Status: 5", &format!("Status: {class}"));
        assert_eq!(
            verdict_of(&mail),
            (Verdict::NotPermanent, Evidence::Status),
            "{class}"
        );
    }
}

#[test]
fn failed_recipients_count_even_when_empty() {
    assert_eq!(
        verdict_of(EXIM),
        (Verdict::Permanent, Evidence::FailedRecipients)
    );
    let empty = EXIM.replace(": bob@example.com", ": ");
    assert_eq!(
        verdict_of(&empty),
        (Verdict::Permanent, Evidence::FailedRecipients)
    );
    for hidden in [
        EXIM.replace("X-F", "x-f"),
        EXIM.replace("X-F", "\nX-F"),
        EXIM.replace("ts: ", "ts:"),
    ] {
        assert_eq!(
            verdict_of(&hidden),
            (Verdict::NotPermanent, Evidence::Nothing),
            "{hidden}"
        );
    }
}

#[test]
fn a_status_outweighs_failed_recipients_and_these_a_code() {
    let mail = format!("X-Failed-Recipients: bob@example.com\n{REPORT}");
    assert_eq!(verdict_of(&mail), (Verdict::Permanent, Evidence::Status));
    let mail = mail.replace("Status: 5", "Status: 4");
    assert_eq!(verdict_of(&mail), (Verdict::NotPermanent, Evidence::Status));
    let mail = format!("X-Failed-Recipients: a\nX-Note: 250 ok\n{TEXT}");
    assert_eq!(judge(mail.as_bytes()).smtp_code, None);
    assert_eq!(
        verdict_of(&mail),
        (Verdict::Permanent, Evidence::FailedRecipients)
    );
}

#[test]
fn a_code_in_the_text_counts_from_500_on() {
    assert_eq!(judge(TEXT.as_bytes()).smtp_code, Some("550"));
    for (code, expected) in [
        ("550", Verdict::Permanent),
        ("500", Verdict::Permanent),
        ("599", Verdict::Permanent),
        ("499", Verdict::NotPermanent),
        ("100", Verdict::NotPermanent),
    ] {
        let mail = TEXT.replace("550", code);
        assert_eq!(verdict_of(&mail), (expected, Evidence::SmtpCode), "{code}");
    }
}

#[test]
fn an_empty_code_does_not_count() {
    let mail = TEXT.replace("550 5.1.1", "5.1.1 550");
    assert_eq!(judge(mail.as_bytes()).smtp_code, Some(""));
    assert_eq!(
        verdict_of(&mail),
        (Verdict::NotPermanent, Evidence::SmtpCode)
    );
}

#[test]
fn a_code_in_a_header_hides_the_one_in_the_body() {
    let mail = format!("X-Note: 250 ok\n{TEXT}");
    assert_eq!(judge(mail.as_bytes()).smtp_code, Some("250"));
}

#[test]
fn a_mail_that_says_nothing_is_not_permanent() {
    for mail in ["", "0", " ", "\n", "Subject: hello\n\nx\n"] {
        assert_eq!(
            verdict_of(mail),
            (Verdict::NotPermanent, Evidence::Nothing),
            "{mail:?}"
        );
    }
}

/// The numbers to 49,999, each between these two texts.
fn numbered(before: &str, behind: &str) -> String {
    let lines: Vec<String> = (0..50_000)
        .map(|n| format!("{before}{n}{behind}"))
        .collect();
    lines.concat()
}

/// Each of these takes a reader that starts over at every byte, line or boundary longer than anyone waits.
#[test]
fn mails_that_mean_harm_are_read_in_one_go() {
    const FIELD: &str = "Content-Type: multipart/report; report-type=delivery-status; boundary=\"";
    let white = " ".repeat(8_000_000);
    let blank_lines = "\n".repeat(8_000_000);
    let short_lines = "a b\n".repeat(1_000_000);
    let announcements = numbered(FIELD, "\"\n");
    let delimiters = numbered("--", "\n");
    let one_line = FIELD.repeat(100_000);
    let open_announcements = format!("{FIELD}\n").repeat(100_000);
    let gaps = format!("Content-Type: multipart/report;{}", " ".repeat(1000)).repeat(5_000);
    let closers = "--1\nContent-Type: a/b\n".repeat(200_000);
    let mails = [
        white.clone(),
        format!("{white}( 550 x"),
        format!("Content-Type: multipart/report;{white}\n{white}report-type"),
        blank_lines,
        short_lines.clone(),
        short_lines.replace('\n', "\r"),
        "x".repeat(10_000_000),
        "5".repeat(10_000_000),
        " 5.".repeat(3_000_000),
        one_line,
        open_announcements,
        gaps,
        format!("{announcements}{delimiters}"),
        format!("{announcements}{}", "--1\n--2\n".repeat(500_000)),
        format!("{announcements}{closers}"),
        format!("{announcements}{}", "Content-Type: a/b\n".repeat(200_000)),
    ];
    for mail in &mails {
        let reading = judge(mail.as_bytes());
        assert_eq!(reading.status, None);
    }
    let last = format!("{announcements}{closers}--49999\nStatus: 5.1.1\n");
    assert_eq!(judge(last.as_bytes()).status, Some("5.1.1"));
}

/// Pieces that matter to the judge, in any order and number, between any bytes.
fn mail_pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "\n",
        "\n",
        "\n",
        "\n\n",
        " ",
        "\t",
        "\x0b",
        "--B",
        "--B--",
        "--",
        "B",
        "\"",
        ";",
        "To: ",
        "Subject: ",
        "Date: ",
        "X-Failed-Recipients: ",
        "Content-Type: ",
        "Content-Type: multipart/report;",
        " report-type=delivery-status;",
        " boundary=\"B\"",
        " boundary=\"",
        "message/delivery-status",
        "text/plain",
        "Status: ",
        "Status: 5.1.1",
        "5.1.1",
        "550",
        " 550 ",
        "4.",
        "x",
        REPORT,
        EXIM,
        TEXT,
    ]);
    let piece = prop_oneof![
        8 => pieces.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn with_crlf(mail: &[u8]) -> Vec<u8> {
    mail.split(|byte| *byte == b'\n')
        .collect::<Vec<_>>()
        .join(&b"\r\n"[..])
}

proptest! {
    #[test]
    fn any_bytes_are_read(mail in prop::collection::vec(any::<u8>(), 0..2000)) {
        let code = judge(&mail).smtp_code.unwrap_or_default();
        prop_assert!(code.is_empty() || ("100"..="599").contains(&code) && code.len() == 3);
    }

    #[test]
    fn a_reading_holds_together(mail in mail_pieces()) {
        let reading = judge(&mail);
        let failed_recipients = reading.headers.x_failed_recipients.is_some();
        let expected = match reading.evidence {
            Evidence::Status => reading.status.is_some() && reading.smtp_code.is_none(),
            Evidence::SmtpCode => reading.smtp_code.is_some() && reading.status.is_none() && !failed_recipients,
            Evidence::FailedRecipients => failed_recipients && reading.status.is_none() && reading.smtp_code.is_none(),
            Evidence::Nothing => !failed_recipients && reading.status.is_none() && reading.smtp_code.is_none(),
        };
        prop_assert!(expected);
    }

    #[test]
    fn lf_and_crlf_give_the_same_reading(mail in mail_pieces()) {
        let lf: Vec<u8> = mail.into_iter().filter(|byte| *byte != b'\r').collect();
        let crlf = with_crlf(&lf);
        prop_assert_eq!(judge(&lf), judge(&crlf));
    }

    #[test]
    fn a_mail_cut_anywhere_is_read(cut in 0..REPORT.len()) {
        let reading = judge(&REPORT.as_bytes()[..cut]);
        prop_assert!(reading.status.is_none_or(|status| status == "5.1.1"));
    }
}
