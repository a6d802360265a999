//! `docs/COVERAGE.md`, made from the tables; and whether the tables are whole.

mod absent;
pub mod codes;

use self::codes::CodeRow;
use super::recordings::recorded_cases;
use crate::api::module::{Group, ModuleInfo};
use crate::api::registry::CATALOGUE;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

const INTRODUCTION: &str = "\
# Coverage

What there is of the API of MediaWiki 1.43 with BounceHandler, and what is not as there. This page is made from the rows of
modules, params and codes; a test fails when it is stale, and `BOUNCEHANDLERD_BLESS=1 cargo test coverage` writes it anew.
Whatever has no remark is as in the original, as far as recorded answers of one show.
";

const ABSENT: &str = "
## Absent modules

A request for one of these gets what the original answers to a name that it does not know: the error `badvalue` for `action` and
`format`, the warning `unrecognizedvalues` for `prop`, `list` and `meta`. Modules of other extensions are absent too.

| group | modules |
| --- | --- |
";

const ABSENT_PARAMS: &str = "
## Absent params

They are answered with the warning `unrecognizedparams`.

| module | params |
| --- | --- |
";

const CODES: &str = "
## Codes of errors and warnings

`MediaWiki-API-Error` has the code of the first error. Exceptions have `internal_api_error_` in front of their class.

| code | kind | remark |
| --- | --- | --- |
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str(
        "\n## Modules and formats\n\n| module | params | remark |\n| --- | --- | --- |\n",
    );
    page.extend(CATALOGUE.all().into_iter().map(module_line));
    page.push_str(ABSENT);
    let modules = absent::MODULES.iter();
    page.extend(modules.map(|(group, names)| row([group.name(), &code_list(names)])));
    page.push_str(ABSENT_PARAMS);
    let params = absent::PARAMS.iter();
    page.extend(params.map(|(module, params)| row([&format!("`{module}`"), &code_list(params)])));
    page.push_str(CODES);
    let tables = [
        ("error", codes::ERRORS),
        ("exception", codes::EXCEPTIONS),
        ("warning", codes::WARNINGS),
    ];
    for (kind, rows) in tables {
        page.extend(
            rows.iter().map(|(code, remark)| {
                row([&format!("`{code}`"), kind, remark.unwrap_or_default()])
            }),
        );
    }
    page
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn module_line(info: &ModuleInfo) -> String {
    let names: Vec<_> = info.params.iter().map(|spec| spec.name).collect();
    let of_params = info.params.iter().filter_map(|spec| {
        let difference = spec.difference?;
        Some(format!("`{}`: {difference}", spec.name))
    });
    let remarks: Vec<_> = info
        .difference
        .map(str::to_owned)
        .into_iter()
        .chain(of_params)
        .collect();
    let path = match info.group {
        Group::Format => format!("format `{}`", info.path),
        Group::Action | Group::Prop | Group::List | Group::Meta => format!("`{}`", info.path),
    };
    format!(
        "| {path} | {} | {} |\n",
        code_list(&names),
        remarks.join("; ")
    )
}

fn code_list(names: &[&str]) -> String {
    let names = names.iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_coverage_page_in_docs_is_the_one_made_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/COVERAGE.md");
    let page = page();
    if env::var("BOUNCEHANDLERD_BLESS").is_ok_and(|bless| bless == "1") {
        fs::write(path, &page).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "{path} is stale: run the tests with BOUNCEHANDLERD_BLESS=1 and read what changed"
    );
}

#[test]
fn what_is_said_to_be_absent_is_absent() {
    for (group, names) in absent::MODULES {
        let present = CATALOGUE.names(*group);
        assert!(names.is_sorted(), "{names:?}");
        let both: Vec<_> = names.iter().filter(|name| present.contains(name)).collect();
        assert_eq!(both, Vec::<&&str>::new());
    }
    for (module, names) in absent::PARAMS {
        let params = CATALOGUE.at_path(module).unwrap().params;
        let both = params.iter().find(|spec| names.contains(&spec.name));
        assert_eq!(both.map(|spec| spec.name), None);
    }
}

#[test]
fn every_code_of_the_table_stands_in_the_source() {
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"));
    for (code, _) in [codes::ERRORS, codes::EXCEPTIONS, codes::WARNINGS].concat() {
        let literal = format!("{code:?}");
        assert!(source.contains(&literal), "{code}: no answer has it");
    }
    for rows in [codes::ERRORS, codes::EXCEPTIONS, codes::WARNINGS] {
        assert!(rows.is_sorted_by(|first, second| first.0 < second.0));
    }
}

/// The source below a directory, tests apart.
fn source(directory: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name() != Some("tests".as_ref()) {
            text.push_str(&source(&path));
        } else if path.extension() == Some("rs".as_ref()) {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

#[test]
fn every_recorded_code_is_in_the_table() {
    let cases = recorded_cases();
    if cases.is_empty() {
        println!("skipped: recorded codes of the API: no recordings");
        return;
    }
    let mut errors = BTreeSet::new();
    let mut warnings = BTreeSet::new();
    for case in cases {
        let body = case["response"]["body"].as_str().unwrap_or_default();
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        errors.extend(answer["error"]["code"].as_str().map(str::to_owned));
        for (list, codes) in [("errors", &mut errors), ("warnings", &mut warnings)] {
            let entries = answer[list].as_array().into_iter().flatten();
            codes.extend(entries.filter_map(|entry| Some(entry["code"].as_str()?.to_owned())));
        }
    }
    let unknown = |recorded: BTreeSet<String>, rows: &[CodeRow]| {
        let is_known = |code: &String| {
            rows.iter()
                .any(|(known, _)| match known.strip_suffix("{}") {
                    Some(start) => code.starts_with(start),
                    None => known == code,
                })
        };
        recorded
            .into_iter()
            .filter(|code| !is_known(code))
            .collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    errors.retain(|code| !code.starts_with("internal_api_error_"));
    assert_eq!(unknown(errors, codes::ERRORS), none);
    assert_eq!(unknown(warnings, codes::WARNINGS), none);
}
