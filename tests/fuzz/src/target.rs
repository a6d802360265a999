//! What is tried with damaged bytes, and what has to hold of the answers.

use crate::mutation;
use crate::seeds::Seeds;
use anyhow::{Context as _, ensure};
use bouncehandlerd::bounce::report::{self, ReadLimits};
use bouncehandlerd::bounce::{self, compatible, header_scan, identity};
use fastrand::Rng;
use serde::de::IgnoredAny;

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A damaged mail is read and written as a line of JSON.
    Parse,
    /// The same, with the damage in the fields of a delivery report.
    Report,
    /// A damaged header, and the reading of the extension.
    Header,
    /// A damaged return path.
    Verp,
}

/// One execution: a target and its input.
pub struct Execution {
    /// What is tried.
    pub target: Target,
    /// With which bytes.
    pub input: Vec<u8>,
}

impl Execution {
    /// The execution of this number: it follows from the seed, the number and the mails.
    pub fn of(seed: u64, number: u64, seeds: &Seeds) -> Self {
        let mut random = random(seed, number);
        let (target, input) = match random.u8(0..20) {
            0..8 => (Target::Parse, damaged_mail(&mut random, seeds)),
            8..13 => (Target::Report, damaged_report(&mut random, seeds)),
            13..17 => (Target::Header, damaged_header(&mut random, seeds)),
            _ => (Target::Verp, seeds.return_paths.damaged(&mut random, seeds)),
        };
        Self { target, input }
    }

    /// Tries it. An error is an answer that cannot be; it may also panic.
    pub fn run(&self, seeds: &Seeds, limits: &ReadLimits) -> anyhow::Result<()> {
        match self.target {
            Target::Parse | Target::Report => parse(&self.input, limits),
            Target::Header => header(&self.input),
            Target::Verp => seeds.return_paths.none_is_forged(&self.input),
        }
    }
}

/// Chance that follows from the seed and the number, other chance for each number.
pub fn random(seed: u64, number: u64) -> Rng {
    Rng::with_seed(seed.rotate_left(40) ^ number)
}

/// A damaged mail; one in some thousands is large.
pub fn damaged_mail(random: &mut Rng, seeds: &Seeds) -> Vec<u8> {
    let mut mail = seeds.any(random).to_vec();
    mutation::damage(&mut mail, random, seeds);
    if random.u16(0..2_000) == 0 {
        mutation::grow(&mut mail, 1 << random.u8(18..=21), random);
    }
    mail
}

/// A mail with damage in its delivery report.
pub fn damaged_report(random: &mut Rng, seeds: &Seeds) -> Vec<u8> {
    let Some((number, fields)) = random.choice(&seeds.reports) else {
        return damaged_mail(random, seeds);
    };
    let mut mail = seeds.mails.get(*number).cloned().unwrap_or_default();
    mutation::damage_within(&mut mail, fields.clone(), random, seeds);
    mail
}

fn damaged_header(random: &mut Rng, seeds: &Seeds) -> Vec<u8> {
    let mut mail = seeds.any(random).to_vec();
    let end = memchr::memmem::find(&mail, b"\n\n")
        .or_else(|| memchr::memmem::find(&mail, b"\n\r\n"))
        .unwrap_or(mail.len());
    mutation::damage_within(&mut mail, 0..end, random, seeds);
    mail
}

/// What is read from the input is the same each time, and fits the input.
fn parse(mail: &[u8], limits: &ReadLimits) -> anyhow::Result<()> {
    let reading = bounce::read(mail, limits);
    ensure!(
        reading.recipients.len() <= limits.max_recipients,
        "more recipients than the limit allows"
    );
    let judged = compatible::judge(mail);
    let mut line = Vec::new();
    report::write_line(&mut line, Some("mail"), &reading, &judged)?;
    ensure!(
        memchr::memchr(b'\n', &line) == line.len().checked_sub(1),
        "not one line"
    );
    serde_json::from_slice::<IgnoredAny>(&line).context("not JSON")?;
    Ok(())
}

fn header(mail: &[u8]) -> anyhow::Result<()> {
    let headers = header_scan::scan(mail);
    let judged = compatible::judge(mail);
    ensure!(
        judged.headers == headers,
        "the judge sees other headers than the scan"
    );
    ensure!(
        identity::of(mail) == identity::of(mail),
        "two identities of one mail"
    );
    Ok(())
}
