//! The command line of `submit`.

use super::{MAIL, TEMPFAIL, assert_told, command, file_of, run, submit};
use crate::support::place::Place;
use serde_json::json;

#[test]
fn a_wrong_command_line_does_not_lose_the_mail() {
    for (wrong, word) in [
        (&["--nosuch"][..], "--nosuch"),
        (&["--url"], "--url"),
        (&["--url", ""], "--url"),
        (&["--url", "wiki.example.org/w/api.php"], "http://"),
        (&["--url", "ftp://wiki.example.org/w/api.php"], "http://"),
        (&["--url", "http:///w/api.php"], "--url"),
        (&["--url", "http://wiki example/"], "--url"),
        (&["--url", "http://a/", "--url", "http://b/"], "--url"),
        (&["--host", "a b"], "--host"),
        (&["--host", "a\r\nX-Evil: b"], "--host"),
        (&["--host", ""], "--host"),
        (&["--time-limit", "soon"], "--time-limit"),
        (&["--time-limit", "0"], "--time-limit"),
        (&["--time-limit", "-1"], "-1"),
        (&["--time-limit", "NaN"], "--time-limit"),
        (&["--on-failure", "lose"], "--on-failure"),
        (&["mail.eml"], "mail.eml"),
    ] {
        let ended = submit(wrong, MAIL);
        assert_told(&ended, TEMPFAIL, "4.3.5", &["wrong command line", word]);
    }
}

#[test]
fn flags_before_the_command_may_be_wrong_as_well() {
    let place = Place::new(&json!({}));
    for wrong in [
        &["--nosuch", "submit"][..],
        &["--config", "submit"],
        &["--data-dir", "x", "submit", "submit"],
    ] {
        let mut command = place.bare_command(wrong);
        let ended = run(command.stdin(file_of(MAIL)));
        assert_told(&ended, TEMPFAIL, "4.3.5", &["wrong command line"]);
    }
}

#[test]
fn no_settings_are_read() {
    let place = Place::new(&json!({"NoSuchSetting": 1}));
    let config = place.config();
    let mut command = command(&place, &["--url", "http://127.0.0.1:1/", "--config"]);
    command
        .arg(config)
        .args(["--set", "nonsense"])
        .env("BOUNCEHANDLERD_NO_SUCH", "1")
        .stdin(file_of(MAIL));
    assert_told(&run(&mut command), TEMPFAIL, "4.4.1", &["refused"]);
    assert!(!place.data().exists());
}
