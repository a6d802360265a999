//! The power goes, again and again; what was acknowledged is on the disk, once.
//!
//! Everything that a run of the program asks of the system is written down. From that a disk is rebuilt as it may be
//! after a power cut at any moment: what was written since the last `fsync` or `fdatasync` of a file is there, is not
//! there, or is there in parts; the same goes for names and the directories they are in. The image is opened, and held
//! against what the program had promised by then.

mod cuts;
mod disk;
pub mod judge;
pub mod promises;
mod record;
mod trace;

use crate::support::chance::Chance;
use crate::support::strace;
use cuts::Pattern;
use disk::Disk;
use judge::Holding;
use promises::Promises;
use record::{Life, Recording};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;

/// Power cuts, unless the environment variable `BOUNCEHANDLERD_POWER_CUTS` says otherwise.
const CUTS: usize = 1200;

/// Un-confirms an address when so many bounces of it are recorded.
const LIMIT: usize = 25;

/// Images are tried in so many threads.
const THREADS: usize = 2;

/// What the trial of some images has shown.
#[derive(Debug, Default)]
struct Verdict {
    images: usize,
    /// Images of which nothing was promised yet.
    unpromised: usize,
    faults: Vec<String>,
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_moment() {
    if strace::is_missing("power cuts") {
        return;
    }
    let mut chance = Chance::seeded();
    let cuts =
        std::env::var("BOUNCEHANDLERD_POWER_CUTS").map_or(CUTS, |cuts| cuts.parse().unwrap());
    let life = |small, large, killed| Life {
        small,
        large,
        killed,
    };
    let lives = [
        life(150, 0, true),
        life(100, 60, false),
        life(60, 60, true),
        life(200, 60, false),
        life(0, 0, false),
    ];
    let recording = record::record(&lives, &mut chance);
    let truth = check_recording(&recording);
    let verdict = try_images(&recording, &truth, cuts, None, &mut chance);
    println!(
        "{} images from {} moments with {} mails; before {} of them nothing was acknowledged",
        verdict.images,
        recording.moments.len(),
        truth.len(),
        verdict.unpromised
    );
    for fault in verdict.faults.iter().take(20) {
        println!("{fault}");
    }
    assert!(verdict.faults.is_empty(), "{} faults", verdict.faults.len());
    assert!(verdict.images > cuts * 9 / 10 && verdict.unpromised < verdict.images / 4);
}

#[test]
fn a_program_that_did_not_sync_its_file_would_be_seen_to_lose_what_it_acknowledged() {
    if strace::is_missing("power cuts without syncs") {
        return;
    }
    let mut chance = Chance::seeded();
    let life = Life {
        small: 120,
        large: 0,
        killed: false,
    };
    let recording = record::record(&[life], &mut chance);
    let truth = check_recording(&recording);
    let db = recording.place.data().join("store/db");
    let verdict = try_images(&recording, &truth, 300, Some(&db), &mut chance);
    let faults = &verdict.faults;
    let lost = faults.iter().filter(|fault| fault.contains("lost")).count();
    let refused = faults
        .iter()
        .filter(|fault| fault.contains("opening"))
        .count();
    println!(
        "of {} images {lost} have lost mails, {refused} do not open",
        verdict.images
    );
    assert!(lost > 0 && lost + refused > verdict.images / 2);
}

/// Makes sure that the recording tells all that happened to the files, and returns what mail each job was.
fn check_recording(recording: &Recording) -> BTreeMap<u64, u64> {
    let root = recording.place.data();
    let mut disk = Disk::default();
    for moment in &recording.moments {
        disk.pass(moment);
    }
    assert_eq!(
        disk.shown(&root).keys().collect::<Vec<_>>(),
        there(&root).keys().collect::<Vec<_>>()
    );
    for (path, content) in there(&root) {
        assert!(
            disk.shown(&root)[&path] == content,
            "{} differs",
            path.display()
        );
    }
    let holding = judge::read(&root).unwrap();
    let Holding {
        queued, recorded, ..
    } = holding;
    recorded.into_iter().chain(queued).collect()
}

fn there(root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::from([(PathBuf::new(), None)]);
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let content = (!path.is_dir()).then(|| std::fs::read(&path).unwrap());
            found.insert(path.strip_prefix(root).unwrap().to_path_buf(), content);
            if path.is_dir() {
                directories.push(path);
            }
        }
    }
    found
}

fn try_images(
    recording: &Recording,
    truth: &BTreeMap<u64, u64>,
    count: usize,
    deaf: Option<&Path>,
    chance: &mut Chance,
) -> Verdict {
    let cuts = cuts::cuts(&recording.moments, count, chance);
    let shares = cuts.chunks(cuts.len().div_ceil(THREADS));
    thread::scope(|scope| {
        let trials: Vec<_> = shares
            .map(|cuts| {
                let chance = chance.fork();
                scope.spawn(move || try_share(recording, truth, cuts, deaf, chance))
            })
            .collect();
        let mut verdict = Verdict::default();
        for trial in trials {
            let part = trial.join().unwrap();
            verdict.images += part.images;
            verdict.unpromised += part.unpromised;
            verdict.faults.extend(part.faults);
        }
        verdict
    })
}

fn try_share(
    recording: &Recording,
    truth: &BTreeMap<u64, u64>,
    cuts: &[usize],
    deaf: Option<&Path>,
    mut chance: Chance,
) -> Verdict {
    let mut disk = Disk::deaf(deaf);
    let mut promises = Promises::default();
    let mut verdict = Verdict::default();
    let mut tried = BTreeSet::new();
    let mut passed = 0;
    for (number, cut) in cuts.iter().enumerate() {
        for moment in &recording.moments[passed..*cut] {
            disk.pass(moment);
            promises.pass(moment);
        }
        passed = *cut;
        let pattern = Pattern::ALL[number % Pattern::ALL.len()];
        let (names, contents) = cuts::fates(pattern, &disk, &mut chance);
        if !tried.insert((*cut, names.clone(), contents.clone())) {
            continue;
        }
        verdict.images += 1;
        verdict.unpromised += usize::from(promises.mails.is_empty());
        let place = tempfile::tempdir_in(memory()).unwrap();
        disk.write_image(&names, &contents, recording.place.path(), place.path());
        let directory = place.path().join("data");
        verdict.faults.extend(judge::server_file(&directory));
        let faults = match judge::read(&directory) {
            Ok(holding) => judge::faults(&holding, &promises, LIMIT, truth),
            Err(error) => vec![error],
        };
        for fault in faults {
            let told = disk.tell(&names, &contents);
            let fault = format!("{fault}; before moment {cut}, {pattern:?}: {told}");
            verdict.faults.push(fault);
        }
    }
    verdict
}

/// Where images lie: in memory if there is such a place, because their own syncs prove nothing.
fn memory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() {
        memory
    } else {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
    }
}
