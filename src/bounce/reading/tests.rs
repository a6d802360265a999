//! The table of phrases against the labelled mails: what rows name, and how mails are read without the rows of their family.

use super::phrases::{self, PhraseHit, Phrases};
use super::{header, parts, read, text};
use crate::bounce::report::{BounceReport, PartNumber, ReadLimits};
use aho_corasick::AhoCorasick;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

thread_local! {
    /// Phrases to read by instead of all of them.
    static FEWER: RefCell<Option<Phrases>> = const { RefCell::new(None) };
}

/// Whether fewer phrases are to be read by, and those of them that are in the text.
pub(super) fn find_fewer(text: &[u8], hits: &mut Vec<PhraseHit>) -> bool {
    FEWER.with_borrow(|fewer| {
        let fewer = fewer.as_ref();
        fewer.map(|phrases| phrases.find(text, hits)).is_some()
    })
}

/// Reads without some phrases.
fn without<T>(left_out: &BTreeSet<&str>, work: impl FnOnce() -> T) -> T {
    let rows = phrases::rows().filter(|(_, phrase)| !left_out.contains(phrase));
    FEWER.set(Some(Phrases::of(rows).unwrap()));
    let done = work();
    FEWER.set(None);
    done
}

/// A mail that somebody has read.
struct Labelled {
    mail: Vec<u8>,
    label: Value,
}

/// The own mails, and those that are kept beside the project if they are there; by the names that the table has for them.
fn labelled() -> BTreeMap<String, Labelled> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeMap::new();
    add(&mut all, &root.join("fixtures/mails"), Path::new(""), "");
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let bounces = root.join(shared).join("bounces");
    if bounces.is_dir() {
        add(&mut all, &bounces, Path::new("mails"), "bounces/mails/");
    }
    all
}

fn add(all: &mut BTreeMap<String, Labelled>, directory: &Path, below: &Path, prefix: &str) {
    let labels = fs::read_to_string(directory.join("labels.jsonl")).unwrap();
    for line in labels.lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let file = PathBuf::from(label["file"].as_str().unwrap());
        let file = file.strip_prefix(below).unwrap_or(&file).to_owned();
        let mail = fs::read(directory.join(below).join(&file)).unwrap();
        all.insert(
            format!("{prefix}{}", file.display()),
            Labelled { mail, label },
        );
    }
}

/// All the texts of a mail as they are searched.
fn searched(mail: &[u8]) -> Vec<u8> {
    let limits = ReadLimits {
        max_line_bytes: usize::MAX,
        ..ReadLimits::default()
    };
    let header = header::read(mail, &limits);
    let mut all = header.subject.bytes;
    for leaf in &parts::cut(&header.mime, header.body, header.body_line, &limits).leaves {
        let (content, decoded) = text::decode(leaf);
        let mut text = text::Text::new(PartNumber::default(), decoded);
        for (line, number, blank) in text::numbered_lines(&content, 1) {
            text.push(line, number, blank, &limits);
        }
        all.push(b'\n');
        all.append(&mut text.bytes);
    }
    all
}

#[test]
fn each_phrase_is_in_the_table_once_in_lower_case_and_in_the_mail_that_its_row_names() {
    let mails = labelled();
    let is_complete = mails.keys().any(|name| name.starts_with("bounces/"));
    let mut texts = HashMap::new();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (phrase, name) in phrases::groups().flat_map(|group| group.phrases) {
        assert!(seen.insert(phrase), "twice: {phrase:?}");
        assert_eq!(phrase.to_lowercase(), **phrase);
        if name.is_empty() || (name.starts_with("bounces/") && !is_complete) {
            continue;
        }
        let found = mails.get(*name);
        let found = found.unwrap_or_else(|| panic!("{phrase:?}: no mail {name}"));
        let text = texts.entry(name).or_insert_with(|| searched(&found.mail));
        if memchr::memmem::find(text, phrase.as_bytes()).is_none() {
            wrong.push((phrase, name));
        }
    }
    assert_eq!(wrong, [], "phrases that are not in the mails of their rows");
}

/// The family of a mail: the program or provider that wrote it, whoever collected it.
fn family(label: &Value) -> String {
    let name = label["family"].as_str().unwrap();
    let collectors = ["lhost-", "rhost-", "flufl-", "mta-"];
    let bare = collectors
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    bare.unwrap_or(name).to_owned()
}

/// Whether kind and recipients are right.
fn is_read(report: &BounceReport, label: &Value) -> bool {
    let names = |value: &Value| -> BTreeSet<String> {
        let all = value.as_array().into_iter().flatten();
        all.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let kind = report.overall.kind.value.name();
    if label["kind"] != kind && !names(&label["kind_alt"]).contains(kind) {
        return false;
    }
    if label["recipients_scored"] != true {
        return true;
    }
    let recipients = report.recipients.iter();
    let said: BTreeSet<String> = recipients.map(|one| one.address.value.clone()).collect();
    let mut allowed = names(&label["recipients_optional"]);
    for one in names(&label["recipients"]) {
        let mut ways = names(&label["recipients_alt"][&one]);
        ways.insert(one);
        if ways.is_disjoint(&said) {
            return false;
        }
        allowed.append(&mut ways);
    }
    said.is_subset(&allowed)
}

/// The families of mails that each phrase is in.
fn families_by_phrase(
    mails: &BTreeMap<String, Labelled>,
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let rows: Vec<&'static str> = phrases::rows().map(|(_, phrase)| phrase).collect();
    let automaton = AhoCorasick::new(&rows).unwrap();
    let mut families: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for labelled in mails.values() {
        let text = searched(&labelled.mail);
        for hit in automaton.find_overlapping_iter(&text) {
            let phrase = rows[hit.pattern().as_usize()];
            let of = families.entry(phrase).or_default();
            of.insert(family(&labelled.label));
        }
    }
    families
}

#[test]
fn nine_mails_in_ten_are_read_without_the_phrases_that_their_family_alone_has() {
    let mails = labelled();
    let families_by_phrase = families_by_phrase(&mails);
    let families: BTreeSet<String> = mails.values().map(|mail| family(&mail.label)).collect();
    let (mut all, mut all_read, mut short) = (0, 0, Vec::new());
    for name in &families {
        let own = BTreeSet::from([name.clone()]);
        let left_out = families_by_phrase.iter().filter(|(_, of)| **of == own);
        let left_out: BTreeSet<&str> = left_out.map(|(phrase, _)| *phrase).collect();
        let of_family = mails
            .iter()
            .filter(|(_, mail)| family(&mail.label) == *name);
        let of_family: Vec<_> = of_family.collect();
        let missed: Vec<_> = without(&left_out, || {
            let limits = ReadLimits::default();
            let missed = of_family
                .iter()
                .filter(|(_, one)| !is_read(&read(&one.mail, &limits), &one.label));
            missed.map(|(file, _)| *file).collect()
        });
        all += of_family.len();
        all_read += of_family.len() - missed.len();
        if missed.len() * 10 > of_family.len() {
            short.push(format!(
                "{name}: {} of {}: {missed:?}",
                missed.len(),
                of_family.len()
            ));
        }
        println!(
            "{name}: {} phrases left out, {} of {} not read",
            left_out.len(),
            missed.len(),
            of_family.len()
        );
    }
    println!("{all_read} of {all} read");
    println!("{}", short.join("\n"));
    assert!(
        all_read * 100 >= all * 90,
        "{all_read} of {all}: {short:#?}"
    );
}
