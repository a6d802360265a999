//! Whether the rows of modules and params say all that they must.

use super::recordings::recorded_cases;
use super::support::get;
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::ParamKind;
use crate::api::php_input::PhpInput;
use crate::api::registry::CATALOGUE;
use serde_json::Value;

#[test]
fn every_module_and_param_is_described() {
    let mut bare = Vec::new();
    for info in CATALOGUE.all() {
        if info.summary.is_empty() {
            bare.push(info.path.to_owned());
        }
        let of_params = info.params.iter();
        let undescribed =
            of_params.filter(|spec| spec.help.is_empty() && spec.token_type.is_none());
        bare.extend(undescribed.map(|spec| format!("{}: {}", info.path, spec.name)));
    }
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn texts_have_no_markup_but_closed_elements_for_code() {
    for info in CATALOGUE.all() {
        let of_params = info.params.iter().map(|spec| spec.help);
        let of_examples = info.examples.iter().map(|(_, text)| *text);
        for text in of_params.chain(of_examples).chain([info.summary]) {
            for name in ["code", "kbd", "samp", "var"] {
                let count = |tag: String| text.matches(&tag).count();
                assert_eq!(
                    count(format!("<{name}>")),
                    count(format!("</{name}>")),
                    "{text}"
                );
            }
            assert!(
                !text.contains("[[") && !text.contains("''") && !text.contains("{{"),
                "{text}"
            );
        }
    }
}

#[test]
fn examples_are_of_their_module_and_name_only_what_there_is() {
    for info in CATALOGUE.all() {
        for (query, _) in info.examples {
            let request = get(query);
            let input = PhpInput::read(&request, 1000);
            let tables = tables_of(&input);
            assert!(
                info.path == "main" || tables.iter().any(|table| table.path == info.path),
                "{}: {query}",
                info.path
            );
            for name in input.names() {
                let is_known = tables.iter().any(|table| {
                    let mut params = table.params.iter();
                    table.has_dynamic_params || params.any(|spec| spec.name.as_bytes() == name)
                });
                assert!(is_known, "{}: {query}", info.path);
            }
        }
    }
}

/// The modules that the request names, that of `action` and the main module included. A name that there is not panics.
fn tables_of(input: &PhpInput<'_>) -> Vec<&'static ModuleInfo> {
    let mut tables = vec![CATALOGUE.main];
    let mut place = 0;
    while let Some(table) = tables.get(place).copied() {
        for spec in table.params {
            if let ParamKind::Module(group) = spec.kind
                && let Some(names) = input.scalar(spec.name)
            {
                let names = std::str::from_utf8(names).unwrap();
                tables.extend(names.split('|').map(|name| module(group, name)));
            }
        }
        place = place.saturating_add(1);
    }
    tables
}

fn module(group: Group, name: &str) -> &'static ModuleInfo {
    let modules = CATALOGUE.group(group);
    modules
        .into_iter()
        .find(|info| info.name == name)
        .expect(name)
}

#[test]
fn every_module_has_a_recorded_case() {
    let cases = recorded_cases();
    if cases.is_empty() {
        println!("skipped: recorded cases of each module: no recordings");
        return;
    }
    let mut never = Vec::new();
    for info in CATALOGUE.all() {
        let call = match info.path {
            "main" => String::new(),
            _ => format!("{}={}", info.group.name(), info.name),
        };
        let is_call = |case: &Value| case["request"].to_string().contains(&call);
        if !cases.iter().any(is_call) {
            never.push(info.path);
        }
    }
    assert_eq!(never, NEVER_RECORDED);
}

/// Modules that clients are known to use and of which nothing was recorded.
const NEVER_RECORDED: [&str; 2] = ["query+info", "query+revisions"];
