//! `queue export`, and the writing that `queue rescue` shares with it.

use super::line::{End, Header, Line, VERSION};
use crate::clock::Clock;
use crate::store::{Entry, Findings, Inventory, StoreError, StoreOptions};
use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(options: StoreOptions, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let inventory = super::open(options)?;
    let findings = match file {
        Some(file) => write_file(&inventory, file, Damaged::BreaksOff)?,
        None => write(&inventory, io::stdout().lock(), Damaged::BreaksOff)?,
    };
    if findings.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for fault in &findings.faults {
        log_fault(fault);
    }
    bail!(
        "the store is damaged, so the export has no end and cannot be imported; `queue rescue` writes what can be read, and says what is missing"
    )
}

#[expect(
    clippy::print_stderr,
    reason = "standard output may be the export itself"
)]
fn log_fault(fault: &str) {
    eprintln!("damaged: {fault}");
}

/// What a damaged store means to an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damaged {
    /// It is no export.
    BreaksOff,
    /// Its end tells what is missing.
    IsTold,
}

/// Writes the export into a file that has its name only when it is whole.
pub(super) fn write_file(
    inventory: &Inventory,
    file: &Path,
    damaged: Damaged,
) -> anyhow::Result<Findings> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".new");
    let cannot = || format!("cannot write {}", file.display());
    let out = File::create(&draft).with_context(cannot)?;
    let findings = write(inventory, out.try_clone()?, damaged)?;
    if damaged == Damaged::BreaksOff && !findings.faults.is_empty() {
        fs::remove_file(&draft).with_context(cannot)?;
        return Ok(findings);
    }
    out.sync_all()
        .and_then(|()| fs::rename(&draft, file))
        .with_context(cannot)?;
    Ok(findings)
}

/// Writes the lines and adds them up.
struct Lines<W: Write> {
    out: BufWriter<W>,
    sum: Sha256,
    entries: u64,
}

impl<W: Write> Lines<W> {
    fn put(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.sum.update(&text);
        self.out.write_all(&text)
    }

    fn put_entry(&mut self, entry: Entry) -> anyhow::Result<()> {
        self.entries = self.entries.saturating_add(1);
        Ok(self.put(&Line::of(entry)?)?)
    }
}

fn write(inventory: &Inventory, out: impl Write, damaged: Damaged) -> anyhow::Result<Findings> {
    let mut lines = Lines {
        out: BufWriter::new(out),
        sum: Sha256::new(),
        entries: 0,
    };
    lines.put(&Line::Export(Header {
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        time: Clock::System.now().to_mw(),
    }))?;
    let mut broken = None;
    let findings = inventory.read(&mut |entry| {
        lines.put_entry(entry).map_err(|error| {
            let reason = error.to_string();
            broken = Some(error);
            StoreError::ReadFailed { reason }
        })
    });
    if let Some(error) = broken {
        return Err(error);
    }
    let findings = findings?;
    if damaged == Damaged::IsTold || findings.faults.is_empty() {
        let end = Line::End(End {
            entries: lines.entries,
            missing: findings.faults.clone(),
            sha256: hex(&lines.sum.clone().finalize()),
        });
        lines.put(&end)?;
    }
    lines.out.flush()?;
    Ok(findings)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('?');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
