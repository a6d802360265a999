//! `queue import`: all or nothing into a new store, or into one that is in use.

use super::export::hex;
use super::line::{Line, VERSION};
use super::{lock, print};
use crate::store::{Entry, Import, Store, StoreOptions};
use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::ExitCode;

/// Where a new store is built before it gets its place.
const DRAFT: &str = "importing";

/// The most entries, and about the most bytes of lines, that are taken at once.
const ENTRIES_AT_ONCE: usize = 1000;
const BYTES_AT_ONCE: usize = 4 << 20;

pub(super) fn run(options: &StoreOptions, file: &Path, merge: bool) -> anyhow::Result<ExitCode> {
    let cannot = || format!("{} cannot be imported", file.display());
    let verified = Verified::read(file).with_context(cannot)?;
    if merge {
        let store = Store::open(options.clone())?;
        let taken = verified.restore(file, &store, true);
        store.close();
        report(&verified, taken.with_context(cannot)?);
    } else {
        let taken = into_new_store(options, file, &verified);
        report(&verified, taken.with_context(cannot)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn report(verified: &Verified, taken: u64) {
    print(&format!("{taken} of {} entries imported", verified.entries));
    if taken < verified.entries {
        print("the others had been imported before");
    }
    for fault in &verified.missing {
        print(&format!("missing since the export: {fault}"));
    }
}

/// Builds the store beside its place, so that it is there whole or not at all.
fn into_new_store(options: &StoreOptions, file: &Path, verified: &Verified) -> anyhow::Result<u64> {
    let directory = &options.directory;
    fs::create_dir_all(directory)?;
    let _lock = lock(directory)?;
    let place = directory.join("store");
    ensure!(
        !place.exists(),
        "there is a store in {} already; name another directory with --data-dir, or add to this store with --merge",
        directory.display()
    );
    let draft = directory.join(DRAFT);
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    let store = Store::open(StoreOptions {
        directory: draft.clone(),
        ..options.clone()
    })?;
    let taken = verified.restore(file, &store, false);
    store.close();
    let taken = taken?;
    fs::rename(draft.join("store"), &place)?;
    File::open(directory)?.sync_all()?;
    fs::remove_dir_all(&draft)?;
    Ok(taken)
}

/// A file that was read to its end and is whole.
struct Verified {
    entries: u64,
    missing: Vec<String>,
    mark: [u8; 16],
}

impl Verified {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let mut sum = Sha256::new();
        let mut entries = 0_u64;
        let mut end = None;
        let mut first = true;
        for line in lines(file)? {
            let (number, text, line) = line?;
            ensure!(end.is_none(), "line {number} is behind the end");
            match line {
                Line::Export(header) => {
                    ensure!(first, "line {number} is another beginning");
                    ensure!(
                        header.version == VERSION,
                        "it has version {} of the format, this program reads version {VERSION}; import it with bouncehandlerd {} or later",
                        header.version,
                        header.program
                    );
                }
                Line::End(found) => {
                    end = Some((found, hex(&sum.clone().finalize())));
                    continue;
                }
                line => {
                    ensure!(!first, "it does not begin as an export does");
                    line.into_entry()
                        .with_context(|| format!("line {number}"))?;
                    entries = entries.saturating_add(1);
                }
            }
            first = false;
            sum.update(&text);
        }
        let Some((end, found)) = end else {
            bail!("its end is missing: it was cut off");
        };
        ensure!(
            end.entries == entries && end.sha256 == found,
            "it is not what was exported: {entries} entries and the sum {found}, expected {} and {}",
            end.entries,
            end.sha256
        );
        let digest: [u8; 32] = sum.finalize().into();
        let mark = digest.first_chunk::<16>().copied().unwrap_or_default();
        Ok(Self {
            entries,
            missing: end.missing,
            mark,
        })
    }

    /// Takes the entries of the file; returns how many had not been taken before.
    fn restore(&self, file: &Path, store: &Store, merge: bool) -> anyhow::Result<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let (mut done, mut taken) = (0_u64, 0_u64);
        let mut waiting: Vec<Entry> = Vec::new();
        let mut bytes = 0_usize;
        let mut take = |waiting: &mut Vec<Entry>| -> anyhow::Result<()> {
            let entries = std::mem::take(waiting);
            let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            let import = Import {
                mark: self.mark,
                done,
                merge,
            };
            if runtime.block_on(store.restore(import, entries))? {
                taken = taken.saturating_add(count);
            }
            done = done.saturating_add(count);
            Ok(())
        };
        for line in lines(file)? {
            let (_, text, line) = line?;
            waiting.extend(line.into_entry()?);
            bytes = bytes.saturating_add(text.len());
            if waiting.len() >= ENTRIES_AT_ONCE || bytes >= BYTES_AT_ONCE {
                take(&mut waiting)?;
                bytes = 0;
            }
        }
        if !waiting.is_empty() {
            take(&mut waiting)?;
        }
        Ok(taken)
    }
}

/// The lines of a file: number, text with the line end, and what it says.
fn lines(
    file: &Path,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<(u64, Vec<u8>, Line)>>> {
    let mut reader = BufReader::new(File::open(file)?);
    let mut number = 0_u64;
    Ok(std::iter::from_fn(move || {
        let mut text = Vec::new();
        number = number.saturating_add(1);
        match reader.read_until(b'\n', &mut text) {
            Ok(0) => None,
            Ok(_) => {
                let line = serde_json::from_slice(&text);
                let line = line.with_context(|| format!("line {number} cannot be understood"));
                Some(line.map(|line| (number, text, line)))
            }
            Err(error) => Some(Err(error.into())),
        }
    }))
}
