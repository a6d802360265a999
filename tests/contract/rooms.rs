//! The invariants of docs/ARCHITECTURE.md that `use` lines and names show.

use std::fs;
use std::path::{Path, PathBuf};

/// All source files with their text up to the unit tests.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 40);
    found
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && name != "tests.rs"
            && name != "recordings.rs"
        {
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap()
                .to_owned();
            found.push((path.strip_prefix(root).unwrap().to_path_buf(), code));
        }
    }
}

/// Lines of code, comments left out.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn is_in(path: &Path, rooms: &[&str]) -> bool {
    rooms
        .iter()
        .any(|room| path.starts_with(room) || path == Path::new(&format!("{room}.rs")))
}

fn only_in(name: &str, rooms: &[&str]) {
    for (path, text) in sources() {
        if !is_in(&path, rooms) {
            let found = code_lines(&text).find(|line| line.contains(name));
            assert_eq!(
                found,
                None,
                "{} names {name}, which belongs to {rooms:?}",
                path.display()
            );
        }
    }
}

#[test]
fn each_library_is_named_by_the_room_that_it_belongs_to() {
    only_in("actix_web::", &["server"]);
    only_in("actix_http::", &["server"]);
    only_in("actix_server::", &["server"]);
    only_in("actix_service::", &["server"]);
    only_in("rustix::", &["server", "store/sled"]);
    only_in(" ::sled::", &["store/sled"]);
    only_in("(::sled::", &["store/sled"]);
    only_in("<::sled::", &["store/sled"]);
    only_in("ipnetwork::", &["ip"]);
    only_in("mail_parser::", &["bounce/reading"]);
    only_in("aho_corasick::", &["bounce/reading"]);
    only_in("lettre::", &["mailer"]);
    only_in("clap::", &["cli"]);
    only_in("anyhow", &["cli"]);
    only_in("ureq::", &["cli"]);
    only_in("rustls::", &["cli"]);
    only_in("env_logger::", &["log"]);
    only_in("prometheus_client::", &["metrics"]);
}

#[test]
fn only_the_commands_print() {
    for name in ["println!", "print!(", "eprintln!", "io::stdout()"] {
        only_in(name, &["cli"]);
    }
}

#[test]
fn only_the_clock_asks_for_the_time_and_only_the_settings_for_the_environment() {
    only_in("SystemTime", &["clock"]);
    only_in("Instant", &["clock"]);
    only_in("env::var", &["settings"]);
}

/// Room and the rooms it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("account", &["account", "clock", "effects", "ip"]),
    ("verp", &["verp"]),
    ("bounce", &["bounce"]),
    ("ip", &["ip"]),
    ("php_serialize", &["php_serialize"]),
    ("decision", &["clock"]),
    ("job", &["job", "clock", "php_serialize"]),
    ("effects", &["clock", "decision", "job"]),
    (
        "store",
        &["store", "clock", "decision", "effects", "job", "process"],
    ),
    (
        "runner",
        &[
            "runner",
            "bounce",
            "clock",
            "decision",
            "effects",
            "job",
            "log",
            "mailer",
            "metrics",
            "php_serialize",
            "process",
            "stop",
            "store",
            "verp",
        ],
    ),
    (
        "admin",
        &[
            "account",
            "admin",
            "clock",
            "decision",
            "effects",
            "job",
            "log",
            "php_serialize",
            "runner",
            "stop",
            "store",
        ],
    ),
    (
        "api",
        &[
            "api",
            "account",
            "bounce",
            "clock",
            "effects",
            "ip",
            "job",
            "log",
            "php_serialize",
            "store",
            "verp",
        ],
    ),
    (
        "server",
        &[
            "server", "admin", "api", "clock", "ip", "runner", "stop", "store",
        ],
    ),
    ("settings", &["settings", "clock"]),
    ("mailer", &[]),
    ("metrics", &["job", "store"]),
    ("log", &["clock"]),
    ("clock", &[]),
    ("stop", &[]),
    ("process", &[]),
];

#[test]
fn a_room_knows_only_what_is_below_it() {
    for (path, text) in sources() {
        let Some((room, allowed)) = MAY_USE.iter().find(|(room, _)| is_in(&path, &[room])) else {
            continue;
        };
        for line in code_lines(&text) {
            for used in line.split("crate::").skip(1) {
                let name: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                assert!(
                    allowed.contains(&name.as_str()) || name.is_empty(),
                    "{}: the room {room} may not know {name}: {line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_pure_rooms_do_no_work_of_others() {
    for (path, text) in sources() {
        if is_in(
            &path,
            &[
                "account",
                "verp",
                "bounce",
                "decision",
                "job",
                "php_serialize",
                "ip",
            ],
        ) {
            for forbidden in [
                "async ",
                "std::fs",
                "std::io",
                "std::net::Tcp",
                "tokio",
                "log::",
            ] {
                let found = code_lines(&text)
                    .find(|line| line.contains(forbidden) && !line.contains("std::io::Write"));
                assert_eq!(found, None, "{} holds {forbidden}", path.display());
            }
        }
    }
}
