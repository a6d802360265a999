//! `queue rescue`: what can be read of a damaged store. The store itself is only copied.

use super::export::{Damaged, write_file};
use super::{lock, print, print_faults};
use crate::store::{Findings, Inventory, StoreOptions};
use anyhow::{Context as _, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A way to read a copy.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    /// As it is.
    AsItIs,
    /// Without sled's index, which it then makes anew from its log.
    WithoutIndex,
}

pub(super) fn run(options: StoreOptions, file: &Path) -> anyhow::Result<ExitCode> {
    let source = options.directory.join("store");
    ensure!(
        source.is_dir(),
        "there is no store in {}; name another directory with --data-dir",
        options.directory.display()
    );
    let _lock = lock(&options.directory)?;
    let place = {
        let mut name = file.as_os_str().to_owned();
        name.push(".copy");
        PathBuf::from(name)
    };
    ensure!(
        !place.exists(),
        "{} is in the way: the copy to read from is made there",
        place.display()
    );
    let copy = StoreOptions {
        directory: place.clone(),
        ..options
    };
    let attempts = [Attempt::AsItIs, Attempt::WithoutIndex];
    let rated = attempts.map(|attempt| {
        let read = prepare(&source, &copy, attempt).and_then(|inventory| rate(&inventory));
        (attempt, read)
    });
    let mut best: Option<(Attempt, u64)> = None;
    let mut reasons = Vec::new();
    for (attempt, read) in rated {
        match read {
            Ok(entries) if best.is_none_or(|(_, most)| entries > most) => {
                best = Some((attempt, entries));
            }
            Ok(_no_more) => {}
            Err(error) => reasons.push(format!("{error:#}")),
        }
    }
    let written = best.map(|(attempt, _)| {
        prepare(&source, &copy, attempt)
            .and_then(|inventory| write_file(&inventory, file, Damaged::IsTold))
    });
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    }
    match written {
        Some(findings) => tell(&findings?, file),
        None => bail!("nothing can be read of the store: {}", reasons.join("; ")),
    }
}

fn tell(findings: &Findings, file: &Path) -> anyhow::Result<ExitCode> {
    let jobs = findings.jobs.values().fold(0_u64, |sum, counts| {
        [
            counts.ready,
            counts.claimed,
            counts.delayed,
            counts.abandoned,
        ]
        .into_iter()
        .fold(sum, u64::saturating_add)
    });
    print(&format!(
        "{jobs} jobs, {} bounce records and {} users are in {}",
        findings.records,
        findings.users,
        file.display()
    ));
    if findings.faults.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    print_faults(findings);
    bail!("not everything could be rescued")
}

/// Makes a fresh copy, which sled may change as it likes, and opens it.
fn prepare(source: &Path, options: &StoreOptions, attempt: Attempt) -> anyhow::Result<Inventory> {
    let place = &options.directory;
    let target = place.join("store");
    let cannot = || format!("cannot copy {} to {}", source.display(), place.display());
    if place.exists() {
        fs::remove_dir_all(place).with_context(cannot)?;
    }
    fs::create_dir_all(&target).with_context(cannot)?;
    for entry in fs::read_dir(source).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let name = path.file_name().unwrap_or_default();
        let is_index = name.to_string_lossy().starts_with("snap.");
        if path.is_file() && !(is_index && matches!(attempt, Attempt::WithoutIndex)) {
            fs::copy(&path, target.join(name)).with_context(cannot)?;
        }
    }
    Ok(Inventory::open(options.clone())?)
}

/// How many entries can be read.
fn rate(inventory: &Inventory) -> anyhow::Result<u64> {
    let mut entries = 0_u64;
    inventory.read(&mut |_| {
        entries = entries.saturating_add(1);
        Ok(())
    })?;
    Ok(entries)
}
