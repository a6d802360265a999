//! Mails and forms that are none.

use super::{assert_sound, code, place, submitted};
use crate::support::mail;
use crate::support::server::Server;

#[test]
fn mails_that_are_none_are_answered() {
    let place = place();
    let server = Server::start(&place);
    let to = place.address_of(3);
    let good = mail::permanent(&to, "good");
    let long_line = "a".repeat(8 << 20);
    let many_headers = "X-Line: of a header\n".repeat(100_000);
    let good_text = String::from_utf8(good.clone()).unwrap();
    let nul_behind_colon = good_text.replace("Subject: ", "Subject:\0 ");
    let mails: [(&str, Vec<u8>, &str); 12] = [
        ("no headers", b"\n\nonly a body".to_vec(), "failure"),
        ("one byte", b"x".to_vec(), "failure"),
        ("only line ends", b"\r\n\r\n\n\n".to_vec(), "failure"),
        ("NUL bytes", vec![0; 1000], "failure"),
        ("a NUL in a header", nul_behind_colon.into_bytes(), "job"),
        ("a line of 8 MB", long_line.clone().into_bytes(), "failure"),
        (
            "a header of 8 MB",
            format!("To: {long_line}\n\n").into_bytes(),
            "failure",
        ),
        (
            "many header lines",
            format!("{many_headers}{good_text}").into_bytes(),
            "job",
        ),
        (
            "invalid UTF-8",
            [b"\xff\xfe\x80\xc0\n".as_slice(), &good].concat(),
            "job",
        ),
        (
            "every byte",
            (0..=255).cycle().take(100_000).collect(),
            "failure",
        ),
        (
            "CR line ends",
            good_text.replace('\n', "\r").into_bytes(),
            "job",
        ),
        (
            "dashes",
            format!("To: {}\n\n", "-".repeat(1 << 20)).into_bytes(),
            "failure",
        ),
    ];
    for (what, mail, expected) in mails {
        let answer = server.connect().exchange(&mail::request(&mail)).unwrap();
        assert_sound(what, &answer);
        assert_eq!(submitted(&answer), expected, "{what}");
    }
    server.assert_well();
    place.print(&["runjobs"]);
    assert_eq!(
        place.print(&["showjobs", "--group"]),
        "",
        "every job that was taken can be run"
    );
    server.assert_well();
}

#[test]
fn forms_without_a_mail_are_told_what_is_missing() {
    let place = place();
    let server = Server::start(&place);
    let missing = [
        "",
        "email=",
        "email",
        "=",
        "&&&&",
        "email[]=x",
        "%65mail[=x",
        "e%00mail=x",
        "EMAIL=x",
    ];
    for form in missing {
        let answer = server
            .connect()
            .exchange(&mail::form_request(form.as_bytes()))
            .unwrap();
        assert_sound(form, &answer);
        assert_eq!(answer.status, 200, "{form}");
        code(&answer);
    }
    server.assert_well();
}

#[test]
fn forms_that_are_none_are_answered() {
    let place = place();
    let server = Server::start(&place);
    let good = mail::form(&mail::permanent(&place.address_of(3), "good"));
    let good = String::from_utf8(good).unwrap();
    for (what, form) in [
        ("broken encoding", format!("{good}%&x=%G1%zz%")),
        ("broken encoding alone", "email=%%%".to_owned()),
        ("half an encoded byte at the end", "email=a%4".to_owned()),
        ("a name with brackets", "email[a][b][c]=1".repeat(10)),
        ("deep brackets", format!("email{}=1", "[a]".repeat(100_000))),
        ("many params", format!("{good}&{}", "a=b&".repeat(500_000))),
        (
            "many names",
            (0..100_000).map(|n| n.to_string() + "=1&").collect(),
        ),
        ("many pieces without a value", "&".repeat(1 << 20)),
        ("the same name often", "email=x&".repeat(100_000)),
    ] {
        let answer = server
            .connect()
            .exchange(&mail::form_request(form.as_bytes()))
            .unwrap();
        assert_sound(what, &answer);
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    }
    server.assert_well();
}

#[test]
fn a_body_of_another_kind_than_a_form_is_answered_or_refused() {
    let place = place();
    let server = Server::start(&place);
    let good = mail::form(&mail::permanent(&place.address_of(3), "good"));
    let good = String::from_utf8(good).unwrap();
    for kind in [
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "application/json",
        "application/x-www-form-urlencoded; charset=nosuch",
        "\u{1f4e7}",
        ";;;;====",
    ] {
        let request = format!(
            "POST /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: wiki\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{good}",
            good.len()
        );
        if let Some(answer) = server.connect().try_exchange(request.as_bytes()) {
            assert_sound(kind, &answer);
        }
    }
    server.assert_well();
}

#[test]
fn params_beyond_the_limit_are_ignored_and_nested_ones_are_no_params() {
    let place = place();
    let server = Server::start(&place);
    let good = mail::form(&mail::permanent(&place.address_of(3), "behind"));
    let good = String::from_utf8(good).unwrap();
    let post = |form: &str| {
        let answer = server
            .connect()
            .exchange(&mail::form_request(form.as_bytes()));
        answer.unwrap()
    };
    let many: String = (0..10_000).map(|n| n.to_string() + "=1&").collect();
    assert_eq!(code(&post(&format!("{many}{good}"))), "missingparam");
    assert_eq!(submitted(&post(&format!("{good}&{many}"))), "job");
    let nested = good.replacen("email=", &format!("email{}=", "[a]".repeat(10_000)), 1);
    post(&nested);
    server.assert_well();
    assert_eq!(place.print(&["showjobs"]), "1\n");
}
