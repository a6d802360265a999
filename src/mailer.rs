//! Sends mail by SMTP or through the sendmail program. Blocks; runs only where a job runs.

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, SendmailTransport, SmtpTransport, Transport as _};
use std::time::Duration;

/// Seconds that a mail server may take for one step of the dialogue.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest line that may travel unencoded (RFC 5321 section 4.5.3.1.6, less the line end).
const LONGEST_LINE: usize = 998;

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// To a mail server (MediaWiki's `$wgSMTP`).
    Smtp(SmtpTransport),
    /// Through a sendmail program (PHP's `mail()`).
    Sendmail(SendmailTransport),
}

/// A mail server to send through.
#[derive(Debug, Clone)]
pub struct SmtpServer<'a> {
    /// Name or address.
    pub host: &'a str,
    /// Port.
    pub port: u16,
    /// What this machine calls itself in EHLO; empty for its host name.
    pub id_host: &'a str,
    /// User and password, where the server wants a login.
    pub login: Option<(&'a str, &'a str)>,
}

/// A mail to a few people.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// Shown as the sender's name.
    pub from_name: &'a str,
    /// Sender, in the envelope and in the header.
    pub from: &'a str,
    /// Recipients.
    pub to: &'a [String],
    /// Subject.
    pub subject: &'a str,
    /// Body, any bytes.
    pub body: &'a [u8],
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// A configured address is none.
    #[error("{setting} holds {value:?}, which is no mail address ({reason})")]
    Address {
        /// The setting it comes from.
        setting: &'static str,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The mail could not be put together.
    #[error("the mail could not be put together: {0}")]
    Message(#[from] lettre::error::Error),
    /// The mail server did not take it.
    #[error("the mail server did not take the mail: {}", with_causes(.0))]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The sendmail program did not take it.
    #[error("the sendmail program did not take the mail: {}", with_causes(.0))]
    Sendmail(#[from] lettre::transport::sendmail::Error),
}

/// An error with what lies behind it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes
        .map(|cause| cause.to_string().trim().to_owned())
        .collect();
    texts.join(": ")
}

impl Mailer {
    /// Mail goes to a server.
    pub fn smtp(server: &SmtpServer<'_>) -> Self {
        let mut builder = SmtpTransport::builder_dangerous(server.host)
            .port(server.port)
            .timeout(Some(SMTP_TIMEOUT));
        if !server.id_host.is_empty() {
            builder = builder.hello_name(ClientId::Domain(server.id_host.to_owned()));
        }
        if let Some((user, password)) = server.login {
            builder = builder.credentials(Credentials::new(user.to_owned(), password.to_owned()));
        }
        Self::Smtp(builder.build())
    }

    /// Mail goes through a program that takes `-f sender` and recipients as arguments.
    pub fn sendmail(program: &str) -> Self {
        Self::Sendmail(SendmailTransport::new_with_command(program))
    }

    /// Sends a mail. Returning means that the next mail program has it.
    pub fn send(&self, letter: &Letter<'_>) -> Result<(), MailError> {
        let message = message(letter)?;
        match self {
            Self::Smtp(transport) => drop(transport.send(&message)?),
            Self::Sendmail(transport) => transport.send(&message)?,
        }
        Ok(())
    }
}

fn message(letter: &Letter<'_>) -> Result<Message, MailError> {
    let from = address("PasswordSender", letter.from)?;
    let mut recipients = Vec::with_capacity(letter.to.len());
    let sender = Mailbox::new(Some(letter.from_name.to_owned()), from.clone());
    let mut builder = Message::builder()
        .from(sender.clone())
        .reply_to(sender)
        .subject(letter.subject)
        .message_id(None);
    for to in letter.to {
        let to = address("UnrecognizedBounceNotify", to)?;
        builder = builder.to(Mailbox::new(None, to.clone()));
        recipients.push(to);
    }
    let envelope = Envelope::new(Some(from), recipients)?;
    Ok(builder
        .envelope(envelope)
        .header(ContentType::TEXT_PLAIN)
        .body(body(letter.body))?)
}

fn address(setting: &'static str, value: &str) -> Result<Address, MailError> {
    value
        .parse()
        .map_err(|error: lettre::address::AddressError| MailError::Address {
            setting,
            value: value.to_owned(),
            reason: error.to_string(),
        })
}

/// The body as it is where that can travel, else in base64: a mail program may refuse or change long lines and NULs.
fn body(bytes: &[u8]) -> Body {
    let travels = !bytes.contains(&0)
        && bytes
            .split(|byte| *byte == b'\n')
            .all(|line| line.len() <= LONGEST_LINE);
    if travels {
        let mut lines = with_crlf(bytes);
        lines.extend_from_slice(b"\r\n");
        return Body::dangerous_pre_encoded(lines, ContentTransferEncoding::EightBit);
    }
    Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64)
        .unwrap_or_else(Body::new)
}

/// Line ends as mail wants them (RFC 5322 section 2.3).
fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len().saturating_add(bytes.len() / 32));
    let mut rest = bytes;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        let (line, end) = rest.split_at(at);
        lines.extend_from_slice(line);
        lines.extend_from_slice(b"\r\n");
        rest = end
            .strip_prefix(b"\r\n")
            .or_else(|| end.get(1..))
            .unwrap_or(&[]);
    }
    lines.extend_from_slice(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::thread;

    fn letter<'a>(to: &'a [String], body: &'a [u8]) -> Letter<'a> {
        Letter {
            from_name: "TestWiki",
            from: "wiki-admin@wiki.example.org",
            to,
            subject: "bouncehandler-notify_subject",
            body,
        }
    }

    #[test]
    fn the_mail_has_the_recorded_headers_and_the_bounce_unchanged() {
        let to = ["admin@wiki.example.org".to_owned()];
        let message = message(&letter(&to, b"To: x\n\nGr\xfc\xdfe\n")).unwrap();
        let bytes = message.formatted();
        let text = String::from_utf8_lossy(&bytes);
        // jobs/golden/processing.jsonl, dsn-notify-422: these headers and this envelope.
        for header in [
            "To: admin@wiki.example.org\r\n",
            "Subject: bouncehandler-notify_subject\r\n",
            "From: TestWiki <wiki-admin@wiki.example.org>\r\n",
            "Reply-To: TestWiki <wiki-admin@wiki.example.org>\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Transfer-Encoding: 8bit\r\n",
        ] {
            assert!(text.contains(header), "{header} in {text}");
        }
        assert!(bytes.ends_with(b"\r\n\r\nTo: x\r\n\r\nGr\xfc\xdfe\r\n\r\n"));
        assert_eq!(
            message
                .envelope()
                .from()
                .map(ToString::to_string)
                .as_deref(),
            Some("wiki-admin@wiki.example.org")
        );
    }

    #[test]
    fn several_recipients_are_all_in_the_envelope() {
        let to = ["a@example.org".to_owned(), "b@example.org".to_owned()];
        let message = message(&letter(&to, b"x")).unwrap();
        let recipients: Vec<String> = message
            .envelope()
            .to()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(recipients, to);
    }

    #[test]
    fn what_cannot_travel_is_encoded() {
        for bytes in [&[b'x'; 2000][..], b"a\0b"] {
            let text = message(&letter(&["a@example.org".to_owned()], bytes))
                .unwrap()
                .formatted();
            assert!(String::from_utf8_lossy(&text).contains("Content-Transfer-Encoding: base64"));
        }
    }

    #[test]
    fn an_address_that_is_none_is_named_with_its_setting() {
        let error = message(&letter(&["nobody".to_owned()], b"x"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("UnrecognizedBounceNotify holds \"nobody\""),
            "{error}"
        );
    }

    /// A mail server that takes one mail; returns the commands and the mail.
    fn take_one_mail(listener: &TcpListener) -> (Vec<String>, String) {
        let (stream, _) = listener.accept().unwrap();
        let mut out = stream.try_clone().unwrap();
        let mut lines = BufReader::new(stream).lines();
        let (mut commands, mut mail) = (Vec::new(), String::new());
        out.write_all(b"220 mx.example.org\r\n").unwrap();
        while let Some(Ok(command)) = lines.next() {
            let answer: &[u8] = match command.as_str() {
                "DATA" => b"354 go on\r\n",
                "QUIT" => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            out.write_all(answer).unwrap();
            if command == "DATA" {
                let text = lines
                    .by_ref()
                    .map(Result::unwrap)
                    .take_while(|line| line != ".");
                mail = text.collect::<Vec<String>>().join("\n");
                out.write_all(b"250 taken\r\n").unwrap();
            }
            commands.push(command);
            if commands
                .last()
                .is_some_and(|command| command == "QUIT" || command == "DATA")
            {
                break;
            }
        }
        (commands, mail)
    }

    #[test]
    fn a_mail_server_gets_sender_recipients_and_the_bounce() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || take_one_mail(&listener));
        let mailer = Mailer::smtp(&SmtpServer {
            host: "127.0.0.1",
            port,
            id_host: "wiki.example.org",
            login: None,
        });
        let to = ["a@example.org".to_owned(), "b@example.org".to_owned()];
        mailer.send(&letter(&to, b"To: x\n\n.dot\n")).unwrap();
        let (commands, mail) = server.join().unwrap();
        let expected = [
            "EHLO wiki.example.org",
            "MAIL FROM:<wiki-admin@wiki.example.org>",
            "RCPT TO:<a@example.org>",
            "RCPT TO:<b@example.org>",
            "DATA",
        ];
        assert_eq!(commands, expected);
        // RFC 5321 section 4.5.2: a line that begins with a dot has one more on its way.
        assert!(mail.trim_end().ends_with("\n\nTo: x\n\n..dot"), "{mail}");
    }

    #[test]
    fn a_mail_server_that_is_not_there_is_an_error_with_its_cause() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mailer = Mailer::smtp(&SmtpServer {
            host: "127.0.0.1",
            port,
            id_host: "",
            login: None,
        });
        let error = mailer
            .send(&letter(&["a@example.org".to_owned()], b"x"))
            .unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
    }

    #[test]
    fn any_line_end_becomes_crlf() {
        assert_eq!(
            with_crlf(b"a\nb\r\nc\rd\r\r\n"),
            b"a\r\nb\r\nc\r\nd\r\n\r\n"
        );
    }
}
