//! The mail itself: every byte arrives, once, where it should.

use super::fake_api::FakeApi;
use super::{JOB, MAIL, OK, TEMPFAIL, assert_told, command, file_of, run, submit, submit_to};
use crate::support::mail;
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

/// The user that has no rights.
const NOBODY: u32 = 65534;

/// Undoes what a form does to bytes (URL standard), and accepts nothing that a form would not hold.
fn decoded(form: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = form;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(&after[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &after[2..];
            }
            other => {
                assert!(
                    other.is_ascii_alphanumeric() || b"*-._".contains(other),
                    "{other}"
                );
                bytes.push(*other);
            }
        }
    }
    bytes
}

/// The mail that a server got, with the rest of the request as it should be.
fn delivered(mail: &[u8]) -> Vec<u8> {
    let api = FakeApi::saying(JOB);
    assert_told(&submit(&["--url", &api.url()], mail), OK, "2.0.0", &[]);
    let seen = api.seen();
    assert_eq!(seen.len(), 1, "sent once");
    assert_eq!(seen[0].line, "POST /w/api.php HTTP/1.1");
    assert_eq!(
        seen[0].header("content-type"),
        ["application/x-www-form-urlencoded"]
    );
    assert_eq!(seen[0].header("transfer-encoding"), Vec::<&str>::new());
    assert_eq!(seen[0].header("expect"), Vec::<&str>::new());
    assert_eq!(
        seen[0].header("host"),
        [api.url().split('/').nth(2).unwrap()]
    );
    let email = seen[0]
        .body
        .strip_prefix(b"action=bouncehandler&format=json&formatversion=2&email=");
    decoded(email.unwrap())
}

#[test]
fn every_byte_of_a_mail_arrives() {
    let all: Vec<u8> = (0..=255).cycle().take(40_000).collect();
    for mail in [
        MAIL,
        b"To: a@b\r\nSubject: CRLF\r\n\r\nbody\r\n",
        b"To: a@b\nSubject: no line feed at the end\n\nbody",
        b"To: a@b\nSubject: caf\xe9 \xff\xfe\0\n\n\x80\n",
        b"To: a@b\n\na=b&c=d%20+%zz;#?\n",
        b"x",
        b"\n",
        &all,
    ] {
        assert_eq!(delivered(mail), mail);
    }
}

#[test]
fn a_big_mail_arrives_whole() {
    let big: Vec<u8> = (0..=255).cycle().take(12 << 20).collect();
    assert!(delivered(&big) == big, "12 MiB");
}

#[test]
fn an_empty_mail_is_not_sent_and_not_lost() {
    let api = FakeApi::saying(JOB);
    let ended = submit(&["--url", &api.url()], b"");
    assert_told(&ended, TEMPFAIL, "4.3.5", &["nothing on standard input"]);
    assert_eq!(api.seen().len(), 0);
}

#[test]
fn a_mail_that_does_not_end_is_not_sent_and_not_lost() {
    let api = FakeApi::saying(JOB);
    let place = Place::new(&json!({}));
    let url = api.url();
    let arguments = ["--url", url.as_str(), "--time-limit", "0.3"];
    let mut child = command(&place, &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = child.stdin.take();
    let ended = child.wait_with_output().unwrap();
    drop(pipe);
    assert_eq!(ended.status.code(), Some(TEMPFAIL));
    assert!(ended.stdout.starts_with(b"4.3.0 "), "{ended:?}");
    assert_eq!(api.seen().len(), 0);
}

#[test]
fn the_wiki_is_named_by_the_flag_where_the_url_names_the_machine() {
    let api = FakeApi::saying(JOB);
    let ended = submit_to(&api, &["--host", "wiki.example.org"]);
    assert_told(&ended, OK, "2.0.0", &[]);
    assert_eq!(api.seen()[0].header("host"), ["wiki.example.org"]);
}

#[test]
fn no_proxy_of_the_environment_gets_the_mail() {
    let (api, proxy) = (FakeApi::saying(JOB), FakeApi::saying(JOB));
    let place = Place::new(&json!({}));
    let url = api.url();
    let mut command = command(&place, &["--url", &url]);
    for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.url());
    }
    assert_told(&run(command.stdin(file_of(MAIL))), OK, "2.0.0", &[]);
    assert_eq!((api.seen().len(), proxy.seen().len()), (1, 0));
}

#[test]
fn a_password_in_the_url_is_sent_and_not_logged() {
    let api = FakeApi::saying(JOB);
    let url = api.url().replace("http://", "http://mail:s3cret@") + "?key=s3cret";
    let ended = submit(&["--url", &url], MAIL);
    assert_told(&ended, OK, "2.0.0", &[&api.url()]);
    assert!(!ended.out.contains("s3cret"), "{}", ended.out);
    let seen = api.seen();
    // RFC 7617: the base64 of "mail:s3cret".
    assert_eq!(seen[0].header("authorization"), ["Basic bWFpbDpzM2NyZXQ="]);
    assert_eq!(seen[0].line, "POST /w/api.php?key=s3cret HTTP/1.1");
}

#[test]
fn a_log_that_nobody_reads_changes_nothing() {
    let api = FakeApi::saying(JOB);
    let refusing = FakeApi::answering("503 Service Unavailable", "text/plain", "");
    let place = Place::new(&json!({}));
    fs::write(place.path().join("mail"), MAIL).unwrap();
    let program = place.bare_command(&[]).get_program().to_owned();
    for script in [
        "exec \"$0\" submit --url \"$1\" < mail >&-",
        "exec \"$0\" submit --url \"$1\" < mail >&- 2>&-",
        "exec \"$0\" submit --url \"$1\" < mail > /dev/full",
    ] {
        for (url, code) in [(api.url(), OK), (refusing.url(), TEMPFAIL)] {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]).arg(&program).arg(&url);
            let ended = run(shell.current_dir(place.path()));
            assert_eq!(ended.code, Some(code), "{script} {url}");
        }
    }
}

#[test]
fn a_reader_of_the_log_that_has_gone_changes_nothing() {
    let place = Place::new(&json!({}));
    for (api, code) in [
        (FakeApi::saying(JOB), OK),
        (FakeApi::saying("{}"), TEMPFAIL),
    ] {
        let mut child = command(&place, &["--url", &api.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        child.stdin.take().unwrap().write_all(MAIL).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(api.seen().len(), 1);
    }
}

#[test]
fn the_server_takes_what_is_submitted_and_records_it() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    let url = format!("http://{}/w/api.php", server.address());
    let bounce = mail::permanent(&place.address_of(3), "caf\u{e9} + & %41");
    assert_told(&submit(&["--url", &url], &bounce), OK, "2.0.0", &[]);
    let large = mail::large(&place.address_of(3), "large", 5 << 20);
    assert_told(&submit(&["--url", &url], &large), OK, "2.0.0", &[]);
    assert_told(
        &submit(&["--url", &url], MAIL),
        OK,
        "2.6.0",
        &["submitted: failure"],
    );
    let elsewhere = url.replace("/w/api.php", "/w/other.php");
    assert_told(
        &submit(&["--url", &elsewhere], &bounce),
        TEMPFAIL,
        "4.3.5",
        &["404"],
    );
    place.print(&["runjobs"]);
    assert_eq!(place.reasons(), ["caf\u{e9} + & %41", "large"]);
}

#[test]
fn it_works_as_nobody_without_a_place_to_write() {
    let api = FakeApi::saying(JOB);
    let url = api.url();
    let place = Place::new(&json!({}));
    // Where nobody may go; the build may lie where only its owner may.
    let public = tempfile::tempdir().unwrap();
    let program = public.path().join("bouncehandlerd");
    fs::set_permissions(public.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(place.bare_command(&[]).get_program(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["submit", "--url", &url]).env_clear();
    command.current_dir("/").stdin(file_of(MAIL));
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    assert_told(&run(&mut command), OK, "2.0.0", &[]);
}
