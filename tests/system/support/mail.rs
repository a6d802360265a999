//! Bounces, and the request that delivers one.

use std::fmt::Write as _;

/// The answer that says that a bounce is queued.
pub const ACCEPTED: &str = r#"{"bouncehandler":{"submitted":"job"}}"#;

/// A permanent bounce as Postfix writes it.
pub fn permanent(to: &str, subject: &str) -> Vec<u8> {
    bounce(to, subject, "failed", "5.1.1", "550 5.1.1 User unknown")
}

/// A delay as Postfix writes it, which no user's address is blamed for.
pub fn temporary(to: &str, subject: &str) -> Vec<u8> {
    bounce(to, subject, "delayed", "4.4.1", "connection timed out")
}

/// A permanent bounce that returns `bytes` bytes of the mail.
pub fn large(to: &str, subject: &str, bytes: usize) -> Vec<u8> {
    let mut mail = permanent(to, subject);
    let line = "The quick brown fox jumps over the lazy dog, and the mail comes back.\n";
    mail.extend(line.bytes().cycle().take(bytes));
    mail
}

fn bounce(to: &str, subject: &str, action: &str, status: &str, diagnostic: &str) -> Vec<u8> {
    let text = format!(
        "Return-Path: <>\n\
         Received: by mx.example.org (Postfix)\n\tid 4cYk1S3vTz; Mon, 13 Jul 2026 15:02:36 +0000 (UTC)\n\
         Date: Mon, 13 Jul 2026 15:02:36 +0000 (UTC)\n\
         From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\n\
         Subject: {subject}\n\
         To: {to}\n\
         Auto-Submitted: auto-replied\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"4cYk1S3vTz/mx\"\n\
         Message-Id: <4cYk1S3vTz@mx.example.org>\n\n\
         --4cYk1S3vTz/mx\n\
         Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n\
         This is the mail system at host mx.example.org.\n\n\
         <bob@example.com>: host mail.example.com[192.0.2.25] said: {diagnostic}\n    (in reply to RCPT TO command)\n\n\
         --4cYk1S3vTz/mx\n\
         Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.org\n\
         Arrival-Date: Mon, 13 Jul 2026 15:02:35 +0000 (UTC)\n\n\
         Final-Recipient: rfc822; bob@example.com\n\
         Action: {action}\nStatus: {status}\n\
         Remote-MTA: dns; mail.example.com\nDiagnostic-Code: smtp; {diagnostic}\n\n\
         --4cYk1S3vTz/mx\n\
         Content-Type: text/rfc822-headers\n\n\
         Subject: BounceWiki page Main Page has been changed\n\n\
         --4cYk1S3vTz/mx--\n"
    );
    text.into_bytes()
}

/// The whole request that delivers a mail.
pub fn request(mail: &[u8]) -> Vec<u8> {
    form_request(&form(mail))
}

/// The same with a mark that the answer repeats (MediaWiki's `requestid`).
pub fn marked_request(mail: &[u8], mark: u64) -> Vec<u8> {
    post(&form(mail), &format!("&requestid={mark}"))
}

/// The whole request that posts a form to the API.
pub fn form_request(form: &[u8]) -> Vec<u8> {
    post(form, "")
}

fn post(form: &[u8], further: &str) -> Vec<u8> {
    let head = format!(
        "POST /w/api.php?action=bouncehandler&format=json{further} HTTP/1.1\r\nHost: wiki\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    [head.as_bytes(), form].concat()
}

/// The form that carries a mail (URL standard, `application/x-www-form-urlencoded`).
pub fn form(mail: &[u8]) -> Vec<u8> {
    let mut form = "email=".to_owned();
    for byte in mail {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                form.push(char::from(*byte));
            }
            b' ' => form.push('+'),
            _ => write!(form, "%{byte:02X}").unwrap(),
        }
    }
    form.into_bytes()
}
