//! Mails that someone wrote who wants to see a reader busy.

/// A name and a mail for each way.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let mut crafted = within_text();
    crafted.extend(within_structure());
    crafted.extend(within_fields());
    crafted.extend(encoded());
    crafted
}

const HEADER: &[u8] =
    b"From: MAILER-DAEMON@example.org\nTo: a@example.org\nSubject: failure notice\n";

const REPORT: &[u8] =
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
    --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n";

fn mail(pieces: &[&[u8]]) -> Vec<u8> {
    [&[HEADER], pieces].concat().concat()
}

fn within_text() -> Vec<(&'static str, Vec<u8>)> {
    let text = |body: Vec<u8>| mail(&[b"\n", &body]);
    let reply = b"550 5.1.1 ".to_vec();
    vec![
        ("5 MB of blanks", text(b" ".repeat(5_000_000))),
        (
            "blanks before codes",
            text([b" ".repeat(100_000), reply].concat().repeat(50)),
        ),
        ("a million short lines", text(b"a\n".repeat(1_000_000))),
        ("a million empty lines", text(b"\n".repeat(1_000_000))),
        ("a line of 5 MB", text(b"word ".repeat(1_000_000))),
        ("5 MB of `a@`", text(b"a@".repeat(2_500_000))),
        (
            "5 MB of `a@`, in lines",
            text(b"a@a@a@a@a@a@a@a@a@a@\n".repeat(240_000)),
        ),
        ("1 MB of `<`", text(b"<".repeat(1_000_000))),
        (
            "1 MB of `<`, in lines",
            text(b"<<<<<<<<<<<<<<<<<<<\n".repeat(50_000)),
        ),
        ("5 MB of `550 `", text(b"550 ".repeat(1_250_000))),
        ("codes in lines", text(b"550-5.1.1 x\n".repeat(400_000))),
        (
            "nearly phrases",
            text(
                b"user unknow mailbox is ful does not exis no such use message rejecte\n"
                    .repeat(70_000),
            ),
        ),
        (
            "phrases",
            text(b"user unknown, mailbox is full: 550 5.1.1 <a@example.com>\n".repeat(80_000)),
        ),
        (
            "addresses",
            text(b"<a@example.com>: host mx.example.com said: 550 no\n".repeat(100_000)),
        ),
        (
            "different addresses",
            text(
                (0..100_000)
                    .flat_map(|n| {
                        format!("<a{n}@example.com>:\n  550 5.1.1 user unknown\n\n").into_bytes()
                    })
                    .collect(),
            ),
        ),
        (
            "not ASCII",
            text("почтовый ящик переполнен ".repeat(100_000).into_bytes()),
        ),
    ]
}

/// Parts in parts, each with its own boundary.
fn nested() -> Vec<u8> {
    (0..10_000)
        .flat_map(|n| {
            format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n").into_bytes()
        })
        .collect()
}

fn within_structure() -> Vec<(&'static str, Vec<u8>)> {
    let groups: Vec<u8> = (0..1_000_000)
        .flat_map(|n| {
            format!("Final-Recipient: rfc822; a{n}@example.com\nStatus: 5.1.1\n\n").into_bytes()
        })
        .collect();
    let nested = nested();
    vec![
        (
            "100,000 Content-Type fields",
            mail(&[
                &b"Content-Type: text/plain; charset=utf-8\n".repeat(100_000),
                b"\n",
            ]),
        ),
        (
            "100,000 lines `Content-Type`",
            mail(&[
                b"\n",
                &b"Content-Type: message/delivery-status\n".repeat(100_000),
            ]),
        ),
        (
            "100,000 report types, empty line each",
            mail(&[
                b"\n",
                &b"Content-Type: message/delivery-status\n\n".repeat(100_000),
            ]),
        ),
        ("parts, 10,000 deep", mail(&[&nested])),
        (
            "mails in mails, 10,000 deep",
            mail(&[&b"Content-Type: message/rfc822\n\n".repeat(10_000)]),
        ),
        (
            "a million parts",
            mail(&[
                b"Content-Type: multipart/mixed; boundary=b\n\n",
                &b"--b\n\nx\n".repeat(1_000_000),
            ]),
        ),
        (
            "a million lines like boundaries",
            mail(&[
                b"Content-Type: multipart/mixed; boundary=b\n\n",
                &b"--c\n".repeat(1_000_000),
            ]),
        ),
        (
            "a boundary of 60 and near it",
            mail(&[
                b"Content-Type: multipart/mixed; boundary=",
                &b"-".repeat(60),
                b"b\n\n",
                &b"-".repeat(60),
                b"\n",
                &[b"-".repeat(62), b"c\n".to_vec()].concat().repeat(70_000),
            ]),
        ),
        ("a million recipients", mail(&[REPORT, &groups])),
    ]
}

fn within_fields() -> Vec<(&'static str, Vec<u8>)> {
    let group = "Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n\n";
    vec![
        (
            "the same recipient, 100,000 times",
            mail(&[REPORT, &group.repeat(100_000).into_bytes()]),
        ),
        (
            "a diagnostic of a million folded lines",
            mail(&[
                REPORT,
                b"Final-Recipient: rfc822; a@example.com\nDiagnostic-Code: smtp; 550",
                &b"\n x".repeat(1_000_000),
                b"\n",
            ]),
        ),
        (
            "a subject of a million folded lines",
            mail(&[&b" x\n".repeat(1_000_000), b"\n"]),
        ),
        (
            "a million fields",
            mail(&[&b"X: y\n".repeat(1_000_000), b"\n"]),
        ),
        (
            "a Content-Type of 5 MB",
            mail(&[
                b"Content-Type: text/plain",
                &b"; a=b".repeat(1_000_000),
                b"\n\n",
            ]),
        ),
        (
            "encoded words",
            mail(&[&b" =?utf-8?Q?a?=\n".repeat(300_000), b"\n"]),
        ),
        (
            "beginnings of encoded words",
            mail(&[&b" =?utf-8?Q?\n".repeat(400_000), b"\n"]),
        ),
    ]
}

fn encoded() -> Vec<(&'static str, Vec<u8>)> {
    let part = |fields: &[u8], body: Vec<u8>| mail(&[fields, b"\n", &body]);
    let base64 = [b"dXNlciB1bmtub3duIA".repeat(4), b"\n".to_vec()].concat();
    vec![
        (
            "base64",
            part(
                b"Content-Transfer-Encoding: base64\n",
                base64.repeat(60_000),
            ),
        ),
        (
            "quoted-printable",
            part(
                b"Content-Transfer-Encoding: quoted-printable\n",
                b"=75=73=65=72=20=\n".repeat(250_000),
            ),
        ),
        (
            "a line of `=`",
            part(
                b"Content-Transfer-Encoding: quoted-printable\n",
                b"=".repeat(5_000_000),
            ),
        ),
        (
            "UTF-16",
            part(
                b"Content-Type: text/plain; charset=utf-16\n",
                b"\xffu\0s\0e\0r\0".repeat(500_000),
            ),
        ),
        (
            "ISO-2022-JP",
            part(
                b"Content-Type: text/plain; charset=iso-2022-jp\n",
                b"\x1b$B$3$l\x1b(B\n".repeat(400_000),
            ),
        ),
        (
            "HTML",
            part(
                b"Content-Type: text/html\n",
                b"<p><b>user</b> &amp; unknown<br>\n".repeat(150_000),
            ),
        ),
        (
            "beginnings of tags",
            part(b"Content-Type: text/html\n", b"<a ".repeat(1_500_000)),
        ),
        (
            "beginnings of entities",
            part(b"Content-Type: text/html\n", b"&".repeat(5_000_000)),
        ),
    ]
}
