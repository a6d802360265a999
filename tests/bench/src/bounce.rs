//! The request that is measured: one bounce, as a mail server's pipe posts it.

use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The answer that means that the bounce is queued. The ceiling gives the same one.
pub const ACCEPTED: &str = r#"{"bouncehandler":{"submitted":"job"}}"#;

/// A permanent bounce of 1.7 KB in the form that Postfix gives it.
const MAIL: &str = include_str!("bounce.eml");

/// The user whose mail bounces; the default settings have one with this id.
const USER: &str = "2";

/// Makes the HTTP request that brings the bounce of a mail from `address`.
pub fn request(address: &str) -> Vec<u8> {
    let body = format!("email={}", percent_encode(&MAIL.replace("{TO}", address)));
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
    fn the_request_says_its_length_and_holds_the_address() {
        let request = String::from_utf8(request("wiki-bouncewiki-2-t-h@localhost")).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        assert!(body.contains("%0ATo%3A+wiki-bouncewiki-2-t-h%40localhost%0A"));
    }
}
