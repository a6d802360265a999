//! The page of `parse` for a person: what the mail says, and the line that says it.

use crate::bounce::compatible::{self, Verdict};
use crate::bounce::report::{BounceKind, BounceReport, Evidence, Finding, Recipient};
use std::io::{self, Write};

/// How much of a line is quoted, characters.
const QUOTED: usize = 100;
/// The width of the column of names.
const NAMES: usize = 12;
/// The width of the column of values.
const VALUES: usize = 18;

/// Writes the page for `mail`.
pub(in crate::cli) fn write(
    out: &mut Vec<u8>,
    heading: Option<&str>,
    mail: &[u8],
    report: &BounceReport,
    color: bool,
) -> io::Result<()> {
    let mut page = Page {
        out,
        mail,
        color,
        quoted: None,
    };
    if let Some(heading) = heading {
        page.painted("1", heading)?;
        page.out.write_all(b"\n")?;
    }
    match report.recipients.as_slice() {
        [] => page.finding("this mail", &report.overall)?,
        [one] => page.recipient(one)?,
        several => {
            page.headline("this mail", &report.overall)?;
            for recipient in several {
                page.out.write_all(b"\n")?;
                page.recipient(recipient)?;
            }
        }
    }
    if let Some(limit) = report.limit {
        page.out.write_all(b"\n")?;
        page.row(
            "cut short",
            &format!("more was not read: the setting {} is met", limit.setting()),
            None,
        )?;
    }
    page.out.write_all(b"\n")?;
    let reading = compatible::judge(mail);
    let verdict = match reading.verdict {
        Verdict::Permanent => "permanent",
        Verdict::NotPermanent => "not permanent",
    };
    page.row(
        "compatible",
        &format!("{verdict} (what the BounceHandler extension would decide)"),
        None,
    )
}

struct Page<'p> {
    out: &'p mut Vec<u8>,
    mail: &'p [u8],
    color: bool,
    /// The line that was quoted last.
    quoted: Option<u32>,
}

impl Page<'_> {
    fn recipient(&mut self, recipient: &Recipient) -> io::Result<()> {
        self.headline(
            &printable(recipient.address.value.as_bytes()),
            &recipient.finding,
        )?;
        self.row("named", "", Some(recipient.address.evidence))?;
        self.rows(&recipient.finding)
    }

    fn finding(&mut self, subject: &str, finding: &Finding) -> io::Result<()> {
        self.headline(subject, finding)?;
        self.rows(finding)
    }

    fn headline(&mut self, subject: &str, finding: &Finding) -> io::Result<()> {
        let paint = match finding.kind.value {
            BounceKind::Permanent => "1;31",
            BounceKind::Temporary | BounceKind::Delayed => "1;33",
            BounceKind::Delivered | BounceKind::Relayed | BounceKind::Expanded => "1;32",
            _ => "1",
        };
        write!(self.out, "{subject}: ")?;
        self.painted(paint, finding.kind.value.name())?;
        if finding.hard {
            self.out.write_all(b", the address is dead")?;
        }
        self.out.write_all(b"\n")
    }

    fn rows(&mut self, finding: &Finding) -> io::Result<()> {
        self.row(
            "kind",
            finding.kind.value.name(),
            Some(finding.kind.evidence),
        )?;
        if let Some(status) = finding.status {
            self.row("status", &status.value.to_string(), Some(status.evidence))?;
        }
        if let Some(code) = finding.smtp_code {
            self.row("SMTP code", &code.value.to_string(), Some(code.evidence))?;
        }
        if let Some(reason) = finding.reason {
            self.row("reason", reason.value.name(), Some(reason.evidence))?;
        }
        self.quoted = None;
        Ok(())
    }

    /// A name, its value, the place it was read from, and below the line that stands there, unless it was just quoted.
    fn row(&mut self, name: &str, value: &str, evidence: Option<Evidence>) -> io::Result<()> {
        let Some(evidence) = evidence else {
            return writeln!(self.out, "  {name:NAMES$}{value}");
        };
        let Evidence {
            part,
            line,
            decoded,
            rule,
        } = evidence;
        write!(self.out, "  {name:NAMES$}{value:VALUES$}")?;
        let text = if decoded { ", decoded" } else { "" };
        self.painted("2", &format!("part {part}, line {line}{text}: {rule}"))?;
        self.out.write_all(b"\n")?;
        if !decoded
            && self.quoted != Some(line)
            && let Some(quoted) = nth_line(self.mail, line)
        {
            self.quoted = Some(line);
            let quoted = printable(quoted.trim_ascii());
            writeln!(self.out, "  {:NAMES$}| {quoted}", "")?;
        }
        Ok(())
    }

    fn painted(&mut self, paint: &str, text: &str) -> io::Result<()> {
        if self.color {
            write!(self.out, "\x1b[{paint}m{text}\x1b[0m")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }
}

/// The line of that number (from 1); an end is CR LF, LF or a lone CR.
fn nth_line(mail: &[u8], number: u32) -> Option<&[u8]> {
    let mut rest = mail;
    let mut current = 1_u32;
    loop {
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'))
            .unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(end)?;
        if current == number {
            return Some(line);
        }
        let after = after.strip_prefix(b"\r\n").or_else(|| after.get(1..))?;
        if after.is_empty() {
            return None;
        }
        rest = after;
        current = current.saturating_add(1);
    }
}

/// Text for a terminal: control characters stand as they are escaped, what is long is cut.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut shown: String = text
        .chars()
        .take(QUOTED)
        .flat_map(|character| {
            let escaped = character.is_control();
            let plain = (!escaped).then_some(character);
            let code = escaped
                .then(|| character.escape_default())
                .into_iter()
                .flatten();
            plain.into_iter().chain(code)
        })
        .collect();
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    shown
}
