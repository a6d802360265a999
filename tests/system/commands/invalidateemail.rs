//! `invalidateemail`, as MediaWiki's script of this name was recorded and as our own cases say.

use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The recordings, and without them cases of our own.
fn cases() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let recorded: PathBuf = root.join(shared).join("jobs/golden/invalidate_email.json");
    let own = root.join("fixtures/jobs/invalidate_email.json");
    let mut cases: Vec<Value> = serde_json::from_slice(&fs::read(own).unwrap()).unwrap();
    match fs::read(&recorded) {
        Ok(text) => cases.extend(serde_json::from_slice::<Vec<Value>>(&text).unwrap()),
        Err(_) => println!(
            "skipped: recorded lists of users: no recordings at {}",
            recorded.display()
        ),
    }
    cases
}

fn place() -> Place {
    let user = |id: u64, name: &str, email: &str, confirmed: Option<&str>| json!({"id": id, "name": name, "email": email, "email_authenticated": confirmed});
    let confirmed = Some("20260101000000");
    let place = Place::new(&json!({}));
    let log = place.path().join("bouncehandler.log");
    place.set(&json!({
        "DebugLogGroups": {"BounceHandler": log},
        "Users": [
            user(3, "Bob", "bob@example.com", confirmed),
            user(4, "Carol", "carol@example.net", confirmed),
            user(5, "Dave", "", None),
        ],
    }));
    place
}

fn replay(place: &Place, case: &Value) {
    let list = place.path().join("list");
    fs::write(&list, case["userlist"].as_str().unwrap()).unwrap();
    let given: Vec<&str> = case["argv"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|word| word.as_str().unwrap())
        .collect();
    let mut words = vec!["invalidateemail"];
    if !given.iter().any(|word| word.starts_with("--userlist")) {
        words.extend(["--userlist", list.to_str().unwrap()]);
    }
    words.extend(given);
    let ended = place.run(&words);
    let id = &case["id"];
    assert_eq!(ended.out, case["stdout_template"].as_str().unwrap(), "{id}");
    assert_eq!(
        ended.code.map(i64::from),
        case["exit"].as_i64(),
        "{id}: {}",
        ended.err
    );
    for line in place.print(&["users", "--json"]).lines() {
        let user: Value = serde_json::from_str(line).unwrap();
        let after = user["email_authenticated"].as_str().unwrap_or("NULL");
        assert_eq!(
            case["authenticated_after"][user["name"].as_str().unwrap()],
            after,
            "{id}"
        );
    }
    let log = fs::read_to_string(place.path().join("bouncehandler.log")).unwrap_or_default();
    let logged: Vec<&str> = log
        .lines()
        .filter_map(|line| Some(line.split_once("bouncewiki: ")?.1))
        .collect();
    let expected: Vec<&str> = case["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(logged, expected, "{id}");
}

#[test]
fn lists_of_users_are_worked_off_with_a_server_and_without_one() {
    for (number, case) in cases().iter().enumerate() {
        let place = place();
        let server = Server::start(&place);
        if number % 2 == 0 {
            assert_eq!(server.stop().code, Some(0));
            replay(&place, case);
        } else {
            replay(&place, case);
            assert_eq!(server.stop().code, Some(0));
        }
    }
}
