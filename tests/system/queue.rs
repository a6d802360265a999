//! `queue check`, `queue export`, `queue import`, `queue rescue`.

use crate::support::mail;
use crate::support::place::Place;
use crate::support::process::Ended;
use crate::support::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A place with a queue that was used: five jobs wait, two bounces are recorded.
fn used(name: &str) -> Place {
    let place = Place::new(&json!({}));
    let to = place.address_of(3);
    let server = Server::start(&place);
    for number in 0..2 {
        server.take(&mail::permanent(&to, &format!("{name} recorded {number}")));
    }
    place.print(&["runjobs"]);
    for number in 0..5 {
        let mail = mail::large(&to, &format!("{name} waiting {number}"), 3000 * number);
        server.take(&mail);
    }
    assert_eq!(server.stop().code, Some(0));
    place
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The lines between the first and the last.
fn entries(file: &Path) -> Vec<Value> {
    let lines = lines(file);
    assert!(lines[0]["export"]["version"] == 1 && lines[lines.len() - 1]["end"].is_object());
    lines[1..lines.len() - 1].to_vec()
}

fn assert_refused(ended: &Ended, reason: &str) {
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains(reason), "no {reason:?} in {}", ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The bytes of all files of the store.
fn bytes(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(place.data().join("store")).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn a_whole_queue_says_so_and_moves_without_loss() {
    let here = used("here");
    let checked = here.print(&["queue", "check"]);
    assert!(
        checked.contains("jobs of type BounceHandlerJob: 5 ready, 0 claimed"),
        "{checked}"
    );
    assert!(checked.contains("bounce records: 2\n"), "{checked}");
    assert!(checked.ends_with("the store is whole\n"), "{checked}");
    let file = here.path().join("queue.jsonl");
    here.print(&["queue", "export", text(&file)]);
    let there = Place::new(&json!({}));
    let imported = there.print(&["queue", "import", text(&file)]);
    let again = there.path().join("again.jsonl");
    there.print(&["queue", "export", text(&again)]);
    let count = entries(&file).len();
    assert_eq!(imported, format!("{count} of {count} entries imported\n"));
    assert_eq!(entries(&again), entries(&file));
    assert_eq!(there.records(), here.records());
    for place in [&here, &there] {
        assert_eq!(place.print(&["runjobs"]).matches(" good\n").count(), 5);
    }
    assert_eq!(there.reasons(), here.reasons());
    assert!(
        there
            .print(&["queue", "check"])
            .ends_with("the store is whole\n")
    );
}

#[test]
fn an_import_that_cannot_be_whole_leaves_everything_as_it_is() {
    let here = used("here");
    let file = here.path().join("queue.jsonl");
    here.print(&["queue", "export", text(&file)]);
    let whole = fs::read_to_string(&file).unwrap();
    let there = Place::new(&json!({}));
    let try_import = |text: &str| {
        let file = there.path().join("tried.jsonl");
        fs::write(&file, text).unwrap();
        there.run(&["queue", "import", file.to_str().unwrap()])
    };
    let cut = whole.rfind("{\"end\"").unwrap();
    assert_refused(&try_import(&whole[..cut]), "its end is missing");
    assert_refused(&try_import(&whole[..cut - 100]), "cannot be understood");
    assert_refused(
        &try_import(&whole.replacen("\"id\":4", "\"id\":44", 1)),
        "not what was exported",
    );
    let later = whole.replacen(
        "{\"export\":{\"version\":1",
        "{\"export\":{\"version\":2",
        1,
    );
    assert_refused(&try_import(&later), "version 2");
    assert!(!there.data().join("store").exists());
    assert_eq!(try_import(&whole).code, Some(0));
    assert_refused(&try_import(&whole), "--merge");
}

#[test]
fn a_queue_that_is_in_use_takes_another_one_in_once() {
    let (here, there) = (used("here"), used("there"));
    let file = here.path().join("queue.jsonl");
    here.print(&["queue", "export", text(&file)]);
    for (round, start) in [(1, "10 of 10 entries"), (2, "0 of 10 entries")] {
        let printed = there.print(&["queue", "import", "--merge", text(&file)]);
        assert!(printed.starts_with(start), "{round}: {printed}");
        assert_eq!(there.print(&["showjobs"]), "10\n");
        assert_eq!(there.records().len(), 4);
        assert!(
            there
                .print(&["queue", "check"])
                .ends_with("the store is whole\n")
        );
    }
    assert_eq!(there.print(&["runjobs"]).matches(" good\n").count(), 10);
}

#[test]
fn a_damaged_queue_is_told_of_and_what_is_left_is_rescued() {
    let place = used("here");
    let db = place.data().join("store").join("db");
    let whole = fs::read(&db).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap();
    // The end of what sled wrote is gone, as after a disk that dropped it.
    fs::write(&db, &whole[..end - 7000]).unwrap();
    let before = bytes(&place);
    let file = place.path().join("rescued.jsonl");
    let rescued = place.run(&["queue", "rescue", text(&file)]);
    assert_refused(&rescued, "not everything could be rescued");
    assert!(
        rescued.out.contains("damaged: its end is missing"),
        "{}",
        rescued.out
    );
    assert_eq!(bytes(&place), before, "a rescue leaves the store as it is");
    let export = place.path().join("export.jsonl");
    assert_refused(
        &place.run(&["queue", "export", text(&export)]),
        "queue rescue",
    );
    assert!(!export.exists());
    assert_refused(&place.run(&["queue", "check"]), "damaged");
    assert_refused(&place.run(&["showjobs"]), "its end is missing");
    let jobs = entries(&file)
        .iter()
        .filter(|entry| entry["job"].is_object())
        .count();
    assert!((1..5).contains(&jobs), "{jobs}");
    let fresh = Place::new(&json!({}));
    let imported = fresh.print(&["queue", "import", text(&file)]);
    assert!(
        imported.contains("missing since the export: its end is missing"),
        "{imported}"
    );
    assert_eq!(fresh.print(&["showjobs"]), format!("{jobs}\n"));
}

#[test]
fn a_queue_that_a_server_holds_is_left_to_it() {
    let place = Place::new(&json!({}));
    let server = Server::start(&place);
    for arguments in [
        &["queue", "check"][..],
        &["queue", "export"],
        &["queue", "rescue", "x"],
    ] {
        assert_refused(&place.run(arguments), "stop the server first");
    }
    server.assert_well();
}

#[test]
fn a_queue_that_sled_finds_no_end_in_is_told_of_by_commands_and_by_the_server() {
    let endless = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/queue/endless/store");
    let commands: [&[&str]; 3] = [
        &["queue", "check"],
        &["showjobs"],
        &["serve", "--listen", "127.0.0.1:0"],
    ];
    for command in commands {
        let place = Place::new(&json!({}));
        let store = place.data().join("store");
        fs::create_dir_all(&store).unwrap();
        for file in fs::read_dir(&endless).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), store.join(file.file_name())).unwrap();
        }
        let ended = place.run(command);
        assert_refused(&ended, "damaged: sled finds no end");
        assert!(ended.err.contains(text(&place.data())), "{}", ended.err);
    }
}
