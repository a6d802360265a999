//! A damaged store says so, or nothing is missing from it: whatever region of whatever file is hit.
//!
//! `BOUNCEHANDLERD_DAMAGE` is the number of damages that are tried; without it a few hundred, spread evenly.

pub mod hit;

use crate::support::queue::{KIND, bounce, claim_one, job, settle_one};
use crate::support::{NOW, block_on, open, wiki};
use bouncehandlerd::clock::Clock;
use bouncehandlerd::decision::UnconfirmRule;
use bouncehandlerd::effects::{Bounce, Effect};
use bouncehandlerd::job::state::JobState;
use bouncehandlerd::job::{JobId, JobType, NewJob};
use bouncehandlerd::store::{Inventory, JobStatus, Outcome, Store, StoreError, StoredJob, User};
use hit::Hit;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many damages are tried if nobody says.
const DAMAGES: usize = 600;

/// A check from end to end is made after one damage in so many.
const CHECKED_STEP: usize = 3;

/// How many seconds reading may take before it counts as hanging.
const PATIENCE: &str = "300";

/// All that can be read of a store.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    jobs: Vec<(JobId, Vec<u8>, &'static str)>,
    records: Vec<(u64, String, Vec<u8>)>,
    users: Vec<User>,
}

/// What came of reading a damaged store.
#[derive(Debug)]
enum Read {
    Contents(Contents),
    /// It was told that there is damage.
    Told(String),
    /// An error that does not speak of damage.
    Other(String),
}

impl Read {
    fn in_words(&self) -> String {
        match self {
            Self::Contents(contents) => format!("{contents:?}"),
            Self::Told(what) => format!("{TOLD}{what}"),
            Self::Other(what) => format!("another error: {what}"),
        }
    }
}

/// Fills a store with jobs of all sizes and states, records, and a user who was un-confirmed.
async fn fill(store: &Store) {
    let old = [
        JobState::Delayed {
            attempts: 1,
            until: NOW.plus(900),
        },
        JobState::Abandoned {
            attempts: 3,
            since: NOW,
            repushed: false,
        },
        JobState::Ready { attempts: 1 },
    ];
    let old = (0_u8..).zip(old).map(|(number, state)| StoredJob {
        id: None,
        job: job(&[b'a' + number; 300]),
        pushed: NOW,
        state,
        error: "no mail server".to_owned(),
    });
    store.import(old.collect()).await.unwrap();
    for number in 0..6_u32 {
        store.push(job(b"N;")).await.unwrap();
        let claimed = claim_one(store).await.unwrap();
        let rule = UnconfirmRule {
            enabled: true,
            limit: 5,
            counted_from: NOW.minus(10),
        };
        let effect = Effect::RecordBounce(Bounce {
            rule,
            ..bounce(NOW.minus(number.into()))
        });
        settle_one(store, &claimed, Outcome::Done(vec![effect])).await;
    }
    for number in 0..20_u8 {
        let size = if number % 5 == 0 { 9000 } else { 200 };
        let params: Vec<u8> = (0..size)
            .map(|at: u32| number ^ at.to_le_bytes()[0])
            .collect();
        store.push(job(&params)).await.unwrap();
    }
    let _held = store.claim(&[(KIND, 4)]).await.unwrap();
}

/// Reads all there is, by the ways that the program has. An error in a list is one in the store.
async fn read(store: &Store, clock: &Clock) -> Result<Contents, StoreError> {
    let mut jobs = Vec::new();
    for (status, name) in [
        (JobStatus::Delayed, "delayed"),
        (JobStatus::Abandoned, "abandoned"),
    ] {
        for listed in store.list(&KIND, status, None, 1000).await? {
            let params = listed
                .job
                .map_or_else(|_| b"lost".to_vec(), |job| job.params);
            jobs.push((listed.id, params, name));
        }
    }
    let records = store.records(&wiki(), None, 1000).await?;
    let users = store.users(&wiki()).await?;
    clock.advance(1);
    loop {
        let claimed = store.claim(&[(KIND, 100)]).await?;
        if claimed.is_empty() {
            break;
        }
        jobs.extend(
            claimed
                .into_iter()
                .map(|claimed| (claimed.job.id, claimed.job.params, "ready")),
        );
    }
    for listed in store.list(&KIND, JobStatus::Abandoned, None, 1000).await? {
        if listed.error.starts_with("the stored job cannot be read") {
            return Err(StoreError::Damaged {
                directory: "set aside".into(),
                what: listed.error,
            });
        }
    }
    jobs.sort();
    let records = records
        .into_iter()
        .map(|stored| (stored.id, stored.record.email, stored.record.reason));
    Ok(Contents {
        jobs,
        records: records.collect(),
        users,
    })
}

fn read_directory(directory: &Path) -> Read {
    let clock = Clock::fixed(NOW.plus(5));
    let options = crate::support::options(directory, &clock, Vec::new());
    let options = bouncehandlerd::store::StoreOptions {
        users: None,
        ..options
    };
    let result = Store::open(options).and_then(|store| {
        let contents = block_on(read(&store, &clock));
        store.close();
        contents
    });
    match result {
        Ok(contents) => Read::Contents(contents),
        Err(error) if error.to_string().contains("damaged") => Read::Told(error.to_string()),
        Err(error) => Read::Other(error.to_string()),
    }
}

/// Whether reading from end to end, as `queue check` does it, tells of damage.
fn is_told(directory: &Path) -> bool {
    let options = crate::support::options(directory, &Clock::fixed(NOW), Vec::new());
    let findings = Inventory::open(options).and_then(|inventory| inventory.read(&mut |_| Ok(())));
    match findings {
        Ok(findings) => !findings.faults.is_empty(),
        Err(error) => error.to_string().contains("damaged"),
    }
}

/// Reads in a process of its own: no panic and no loop may take the test along, and a loop ends the process.
fn read_apart(directory: &Path) -> String {
    apart(directory, "read")
}

/// Checks in a process of its own, and tells whether there is damage.
fn is_told_apart(directory: &Path) -> bool {
    let said = apart(directory, "check");
    assert!(
        ["true", "false"].contains(&&*said) || said.starts_with(TOLD),
        "{said}"
    );
    said != "false"
}

/// How what is told begins.
const TOLD: &str = "told: ";

fn apart(directory: &Path, task: &str) -> String {
    let answer = directory.with_extension("answer");
    let output = Command::new("timeout")
        .args(["--signal=KILL", PATIENCE])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "damage::the_part_in_another_process",
            "--ignored",
            "--nocapture",
        ])
        .env(DIRECTORY, directory)
        .env(TASK, task)
        .env(ANSWER, &answer)
        .output()
        .unwrap();
    let said = fs::read_to_string(&answer);
    drop(fs::remove_file(&answer));
    let stderr = String::from_utf8_lossy(&output.stderr);
    match (said, output.status.code()) {
        (Ok(said), Some(0)) => said,
        (Err(_), Some(1)) if stderr.contains("damaged: sled finds no end") => {
            format!("{TOLD}{stderr}")
        }
        (_, status) => format!("broke off with status {status:?}: {stderr}"),
    }
}

const DIRECTORY: &str = "BOUNCEHANDLERD_DAMAGED";
const TASK: &str = "BOUNCEHANDLERD_DAMAGED_TASK";
const ANSWER: &str = "BOUNCEHANDLERD_DAMAGED_ANSWER";

#[test]
#[ignore = "the tests of damages call it, in a process for each"]
fn the_part_in_another_process() {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    let said = match std::env::var(TASK).unwrap().as_str() {
        "read" => read_directory(&directory).in_words(),
        _ => is_told(&directory).to_string(),
    };
    fs::write(std::env::var_os(ANSWER).unwrap(), said).unwrap();
}

/// Stores in one segment of sled's and in several, each closed and as it is left when the process dies.
fn originals(place: &Path) -> Vec<PathBuf> {
    let mut made = Vec::new();
    for (name, traffic) in [("short", 0), ("long", 40)] {
        let (closed, killed) = (
            place.join(format!("{name}-closed")),
            place.join(format!("{name}-killed")),
        );
        let store = open(&closed, &Clock::fixed(NOW));
        block_on(async {
            pass_through(&store, traffic).await;
            fill(&store).await;
            pass_through(&store, traffic / 4).await;
        });
        hit::copy(&closed, &killed);
        store.close();
        made.extend([closed, killed]);
    }
    made
}

/// Pushes and runs large jobs, of which nothing is left but sled's log.
async fn pass_through(store: &Store, jobs: usize) {
    for _ in 0..jobs {
        let job = NewJob {
            kind: JobType::known("Passing"),
            ..job(&vec![b'p'; 100_000])
        };
        store.push(job).await.unwrap();
        let claimed = store
            .claim(&[(JobType::known("Passing"), 1)])
            .await
            .unwrap();
        settle_one(store, &claimed[0], Outcome::Done(Vec::new())).await;
    }
}

#[test]
fn whatever_is_damaged_nothing_is_lost_in_silence() {
    let place = tempfile::tempdir().unwrap();
    let wanted = std::env::var("BOUNCEHANDLERD_DAMAGE").ok();
    let wanted: usize = wanted.map_or(DAMAGES, |number| number.parse().unwrap());
    let (mut intact, mut told, mut wrong) = (0, 0, Vec::new());
    for original in originals(place.path()) {
        let copy = place.path().join("copy");
        hit::copy(&original, &copy);
        let whole = read_directory(&copy);
        let expected = whole.in_words();
        let Read::Contents(contents) = whole else {
            panic!("{expected}");
        };
        assert_eq!((contents.jobs.len(), contents.records.len()), (23, 6));
        let hits = Hit::all(&original);
        let step = hits.len().div_ceil(wanted.div_ceil(4)).max(1);
        for (number, hit) in hits.iter().step_by(step).enumerate() {
            fs::remove_dir_all(&copy).unwrap();
            hit::copy(&original, &copy);
            hit.strike(&copy);
            let read = read_apart(&copy);
            let is_told = read.starts_with(TOLD);
            if number % CHECKED_STEP == 0 {
                fs::remove_dir_all(&copy).unwrap();
                hit::copy(&original, &copy);
                hit.strike(&copy);
                if is_told_apart(&copy) != is_told {
                    let place = original.display();
                    wrong.push(format!(
                        "{place} {hit:?}: a check said otherwise than {read}"
                    ));
                }
            }
            if is_told {
                told += 1;
            } else if read == expected {
                intact += 1;
            } else {
                wrong.push(format!("{} {hit:?}: {read}", original.display()));
            }
        }
    }
    println!("{intact} damages lost nothing, {told} were told of");
    assert!(intact > 0 && told > 0);
    assert!(
        wrong.is_empty(),
        "{} went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a key of sled's is of, by its first byte, if its loss is told of. Not told of is that a job is pushed only once.
fn matters(key: &[u8]) -> bool {
    !matches!(key[0], b's' | b'q')
}

#[test]
fn the_loss_of_any_single_value_is_told_of() {
    let place = tempfile::tempdir().unwrap();
    let original = place.path().join("original");
    let store = open(&original, &Clock::fixed(NOW));
    block_on(fill(&store));
    store.close();
    let sled_at = |directory: &Path| {
        let config = sled::Config::new().path(directory.join("store"));
        config.segment_size(1 << 20).open().unwrap()
    };
    let keys: Vec<_> = sled_at(&original)
        .iter()
        .keys()
        .map(Result::unwrap)
        .collect();
    assert!(keys.len() > 50, "{}", keys.len());
    let mut wrong = Vec::new();
    for key in keys.iter().filter(|key| matters(key)) {
        let lose = |name: &str| {
            let copy = place.path().join(name);
            hit::copy(&original, &copy);
            sled_at(&copy).remove(key).unwrap();
            copy
        };
        let (read, checked) = (lose("read"), lose("checked"));
        let (told, found) = (read_directory(&read), is_told(&checked));
        if !matches!(told, Read::Told(_)) || !found {
            let key = key.escape_ascii();
            wrong.push(format!("{key}: {}, {found}", told.in_words()));
        }
        for used in [read, checked] {
            fs::remove_dir_all(used).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{} went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_queue_that_misses_a_job_stops_its_runner_and_takes_bounces() {
    let place = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOW);
    let store = open(place.path(), &clock);
    block_on(store.push(job(b"lost"))).unwrap();
    store.close();
    let config = sled::Config::new().path(place.path().join("store"));
    let db = config.segment_size(1 << 20).open().unwrap();
    let head = db.scan_prefix(b"j").keys().next().unwrap().unwrap();
    db.remove(head).unwrap();
    drop(db);
    let store = open(place.path(), &clock);
    for _ in 0..2 {
        let error = block_on(store.claim(&[(KIND, 1)])).unwrap_err();
        let place = place.path().display().to_string();
        assert!(
            matches!(&error, StoreError::Damaged { .. }) && error.to_string().contains(&place),
            "{error}"
        );
        block_on(store.push(job(b"taken"))).unwrap();
        let claimed = block_on(store.claim(&[(KIND, 1)])).unwrap();
        assert_eq!(claimed[0].job.params, b"taken");
        block_on(settle_one(&store, &claimed[0], Outcome::Done(Vec::new())));
    }
    store.close();
}

#[test]
fn a_store_that_sled_finds_no_end_in_ends_the_process_that_says_so() {
    let place = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/queue/endless");
    for task in ["read", "check"] {
        let copy = place.path().join(task);
        hit::copy(&fixture, &copy);
        let said = apart(&copy, task);
        assert!(said.starts_with(TOLD), "{said}");
        assert!(said.contains("sled finds no end"), "{said}");
        assert!(said.contains(&copy.display().to_string()), "{said}");
    }
}
