use super::form::Form;
use super::outcome::Outcome;
use super::usage::is_meant;
use super::web_page::{beginning, is_page, title};
use std::io::Read as _;

/// Reads a form in pieces of this size.
fn written(mail: &[u8], piece: usize) -> Vec<u8> {
    let mut form = Form::new(mail.to_vec());
    let (length, mut whole, mut buffer) = (form.length(), Vec::new(), vec![0; piece]);
    loop {
        let read = form.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        whole.extend(&buffer[..read]);
    }
    assert_eq!(u64::try_from(whole.len()).unwrap(), length);
    whole
}

#[test]
fn a_form_is_written_as_the_url_standard_says() {
    let head = "action=bouncehandler&format=json&formatversion=2&email=";
    // URL standard: application/x-www-form-urlencoded percent-encode set, with spaces as plus signs.
    for (mail, form) in [
        (&b""[..], ""),
        (b"a b", "a+b"),
        (b"To: x+y@z\r\n", "To%3A+x%2By%40z%0D%0A"),
        (b"~*-._%&=", "%7E*-._%25%26%3D"),
        (b"\0\x7f\x80\xff", "%00%7F%80%FF"),
    ] {
        for piece in [1, 7, 1000] {
            let whole = String::from_utf8(written(mail, piece)).unwrap();
            assert_eq!(whole, format!("{head}{form}"));
        }
    }
    let long = vec![b'\xe9'; 50_000];
    assert_eq!(written(&long, 4096).len(), head.len() + 150_000);
}

#[test]
fn a_page_is_named_by_its_title() {
    assert!(is_page("\u{feff}\r\n <!DOCTYPE html>"));
    assert!(!is_page("{\"a\":\"<b>\"}"));
    assert_eq!(
        title("<html><TITLE lang=en>\n Down\tnow </title>"),
        "Down now"
    );
    assert_eq!(title("<html><title></title>x"), "<html><title></title>x");
    assert_eq!(title("<title"), "<title");
    assert_eq!(title("<title>never\u{e9}nds"), "<title>never\u{e9}nds");
    assert_eq!(
        beginning(&"\u{e9}".repeat(100)),
        "\u{e9}".repeat(80) + "..."
    );
}

#[test]
fn a_line_is_one_line_and_short() {
    let line = Outcome::again("4.3.0", "a\r\nb\tc\u{1b}").line();
    assert_eq!(line, "4.3.0 a\\u{d}\\u{a}b c\\u{1b}");
    let line = Outcome::again("4.3.0", "\u{e9}".repeat(5000)).line();
    assert_eq!(line.chars().count(), 603);
}

#[test]
fn the_command_is_meant_where_one_word_says_so() {
    assert!(is_meant(["bouncehandlerd", "--config", "x", "submit"]));
    assert!(!is_meant(["submit", "serve"]));
    assert!(!is_meant(["bouncehandlerd", "submitted", "--submit"]));
}
