//! Page views that run jobs, and what the API counts of jobs, as MediaWiki did.

use super::place::{Place, Setup};
use super::recorded_object;
use crate::job::state::JobState;
use crate::job::{ClaimToken, JobType, NewJob, WikiId};
use crate::settings::Settings;
use crate::store::StoredJob;
use serde_json::Value;

#[test]
fn recorded_pages_run_as_many_jobs_as_recorded() {
    let recorded = recorded_object("run_rate.json");
    for case in recorded["page_views"].as_array().into_iter().flatten() {
        let rate = case["settings"]["wgJobRunRate"].as_f64().unwrap();
        let place = Place::start(Setup {
            rate,
            ..Setup::default()
        });
        let before = case["jobs_before"].as_u64().unwrap();
        (0..before).for_each(|_| place.push("testOk"));
        // The first request; a second one is the wiki's own to itself, which does not come here.
        let line = case["web_requests"][0].as_str().unwrap();
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let is_conditional = case["request"]
            .as_str()
            .unwrap()
            .contains("If-Modified-Since");
        let header = if is_conditional {
            "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        } else {
            ""
        };
        let answer = place.ask(method, target, header, "");
        let has_answer = !target.contains("load.php");
        assert!(
            !has_answer || answer.status == "200 OK",
            "{line}: {}",
            answer.status
        );
        let after = case["jobs_after"].as_u64().unwrap();
        place
            .wait_for_jobs(after)
            .unwrap_or_else(|error| panic!("{line} at {rate}: {error}"));
        if after == before && rate >= 1.0 {
            // Nothing is under way: a page runs its own jobs and no more.
            place.ask("GET", "/w/index.php?title=Main_Page", "", "");
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small"
            )]
            let runs = rate as u64;
            place.wait_for_jobs(before - runs).unwrap();
        }
    }
}

/// A job of a type that is known or is not.
fn stored(kind: &'static str, state: JobState) -> StoredJob {
    StoredJob {
        id: None,
        job: NewJob {
            kind: JobType::known(kind),
            wiki: WikiId(Settings::default().wiki.wiki_id()),
            params: Vec::new(),
            unique: None,
        },
        pushed: super::place::NOW,
        state,
        error: String::new(),
    }
}

#[test]
fn jobs_of_known_types_are_counted_in_the_statistics_whatever_their_state() {
    let recorded = recorded_object("statistics.json");
    let ready = JobState::Ready { attempts: 0 };
    let claimed = JobState::Claimed {
        token: ClaimToken(1),
        since: super::place::NOW,
        attempts: 3,
    };
    let of = |kinds: [&'static str; 4], last: JobState| {
        let mut jobs: Vec<StoredJob> = kinds.map(|kind| stored(kind, ready)).to_vec();
        jobs.last_mut().unwrap().state = last;
        jobs
    };
    let bounce = "BounceHandlerJob";
    let situations = [
        ("4 queued", of([bounce; 4], ready)),
        ("one of them claimed/abandoned", of([bounce; 4], claimed)),
        (
            "one of them of an unregistered type",
            of(["NoSuchJob", bounce, bounce, bounce], claimed),
        ),
    ];
    for (situation, jobs) in situations {
        let Some(expected) = recorded.get(situation) else {
            continue;
        };
        let place = Place::start(Setup::default());
        place.runtime.block_on(place.store.import(jobs)).unwrap();
        let query = "/w/api.php?action=query&meta=siteinfo&siprop=statistics&format=json";
        let answer = place.ask("GET", query, "", "");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            &told["query"]["statistics"]["jobs"], expected,
            "{situation}"
        );
        let ready = place.ask("GET", "/admin/showJobs", "", "");
        if situation.contains("unregistered") {
            assert_eq!(recorded["showJobs at the same time"], ready.body.as_str());
        }
    }
}
