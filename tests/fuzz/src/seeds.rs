//! The mails that are damaged.

use crate::return_paths::ReturnPaths;
use anyhow::Context as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// More of a mail is not taken: damage to its beginning tells most.
const MOST_BYTES: usize = 65_536;

/// What is damaged: whole mails, in an order that does not depend on the file system.
pub struct Seeds {
    /// Their bytes.
    pub mails: Vec<Vec<u8>>,
    /// Which of them hold a delivery report, and where its fields are.
    pub reports: Vec<(usize, Range<usize>)>,
    /// Addresses as `To` has them.
    pub return_paths: ReturnPaths,
}

impl Seeds {
    /// Reads all files under `directories`.
    pub fn load(directories: &[PathBuf]) -> anyhow::Result<Self> {
        let mut paths = Vec::new();
        for directory in directories {
            if directory.is_dir() {
                collect(directory, &mut paths)?;
            } else {
                println!(
                    "skipped: fuzzing of the mails of {}: there are none",
                    directory.display()
                );
            }
        }
        paths.sort();
        let mut mails = Vec::new();
        for path in &paths {
            let mut mail =
                fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            mail.truncate(MOST_BYTES);
            mails.push(mail);
        }
        anyhow::ensure!(!mails.is_empty(), "there are no mails");
        let reports = mails
            .iter()
            .enumerate()
            .filter_map(|(number, mail)| Some((number, report_in(mail)?)))
            .collect();
        Ok(Self {
            mails,
            reports,
            return_paths: ReturnPaths::new()?,
        })
    }

    /// Any of the mails.
    pub fn any(&self, random: &mut fastrand::Rng) -> &[u8] {
        random.choice(&self.mails).map_or(&[], Vec::as_slice)
    }
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(directory)
        .with_context(|| format!("{} cannot be listed", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_none_or(|end| end != "json" && end != "jsonl" && end != "md")
        {
            paths.push(path);
        }
    }
    Ok(())
}

/// From the line after the type of a report to the next boundary, roughly: the damage need not be exact.
fn report_in(mail: &[u8]) -> Option<Range<usize>> {
    const TYPE: &[u8] = b"message/delivery-status";
    // The type is also a parameter of the whole, without the first half of it.
    let start = memchr::memmem::find(mail, TYPE)?.checked_add(TYPE.len())?;
    let rest = mail.get(start..)?;
    let end = memchr::memmem::find(rest, b"\n--").unwrap_or(rest.len());
    Some(start..start.checked_add(end)?)
}
