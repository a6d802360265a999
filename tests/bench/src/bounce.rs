//! The requests that are measured: each one bounce, as a mail server's pipe posts it.

use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The answer that means that the bounce is queued. The ceiling gives the same one.
pub const ACCEPTED: &str = r#"{"bouncehandler":{"submitted":"job"}}"#;

/// A permanent bounce of 1.7 KB in the form that Postfix gives it.
const MAIL: &str = include_str!("bounce.eml");

/// A permanent bounce of some 300 bytes.
const SMALL: &str = include_str!("small.eml");

/// A line of the part of [`MAIL`] that people read.
const PEOPLE: &str = "This is the mail system at host mx1.example.org.\n";

/// How long a line of padding is, with its end.
const PADDING: usize = 64;

/// The user whose mail bounces; the default settings have one with this id.
const USER: &str = "2";

/// The bounce of a mail from `address`.
pub fn mail(address: &str) -> String {
    MAIL.replace("{TO}", address)
}

/// A bounce that is as short as one can be that is still understood.
pub fn small_mail(address: &str) -> String {
    SMALL.replace("{TO}", address)
}

/// The bounce of a mail from `address`, with so much text that it is `size` bytes long.
pub fn mail_of_size(address: &str, size: usize) -> String {
    let mail = mail(address);
    let mut missing = size.saturating_sub(mail.len());
    let mut text = PEOPLE.to_owned();
    while missing > 0 {
        let line = missing.min(PADDING);
        text.push_str(&"x".repeat(line.saturating_sub(1)));
        text.push('\n');
        missing = missing.saturating_sub(line);
    }
    mail.replacen(PEOPLE, &text, 1)
}

/// Makes the HTTP request that brings a mail.
pub fn request(mail: &str) -> Vec<u8> {
    let body = format!("email={}", percent_encode(mail));
    let head = format!(
        "POST /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

/// Asks the server program for an address that it will accept.
pub fn verp_address(program: &Path, config: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(["verp", "encode", "--user", USER, "--config"])
        .arg(config)
        .output()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let address = stdout.trim();
    let is_address =
        output.status.success() && address.contains('@') && !address.contains(char::is_whitespace);
    ensure!(
        is_address,
        "`verp encode` printed no address: {}; {address:?}; {}",
        output.status,
        stderr.trim()
    );
    Ok(address.to_owned())
}

/// Encodes a form value (URL standard, `application/x-www-form-urlencoded`).
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().saturating_mul(2));
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_as_a_form_encodes_it() {
        assert_eq!(
            percent_encode("To: a+b@x\n\u{e9}"),
            "To%3A+a%2Bb%40x%0A%C3%A9"
        );
    }

    #[test]
    fn a_mail_can_be_made_longer_and_stays_the_same_bounce() {
        let address = "wiki-bouncewiki-2-t-h@localhost";
        let (plain, long) = (mail(address), mail_of_size(address, 2048));
        assert_eq!(long.len(), 2048);
        let without: String = long
            .lines()
            .filter(|line| line.is_empty() || line.contains(|c| c != 'x'))
            .flat_map(|line| [line, "\n"])
            .collect();
        assert_eq!(without, plain);
        assert!((280..400).contains(&small_mail(address).len()));
    }

    #[test]
    fn the_request_says_its_length_and_holds_the_address() {
        let request = String::from_utf8(request(&mail("wiki-bouncewiki-2-t-h@localhost"))).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        assert!(body.contains("%0ATo%3A+wiki-bouncewiki-2-t-h%40localhost%0A"));
    }
}
