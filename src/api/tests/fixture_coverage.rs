//! Whether the project's own cases show all that the tables have.

use super::coverage::codes;
use super::fixtures::cases;
use crate::api::messages;
use crate::api::module::{Group, ModuleInfo};
use crate::api::registry::CATALOGUE;
use serde_json::Value;

/// Codes of answers that the server gives before there is a request to answer; its own tests have them.
const OF_THE_SERVER: [&str; 1] = ["http-contenttoolarge"];

/// Keys of messages that are in no answer, or of answers that the server gives.
const NEVER_SHOWN: [&str; 2] = ["$1", "apierror-http-contenttoolarge"];

#[test]
fn every_module_and_format_is_called() {
    let requests: Vec<_> = cases()
        .iter()
        .map(|case| case["request"].to_string().replace("%7C", "|"))
        .collect();
    let is_called = |info: &&ModuleInfo| {
        let call = format!("{}=", info.group.name());
        let values = requests.iter().filter_map(|request| {
            let (_, value) = request.split_once(&call)?;
            value.split(['&', '"', ' ']).next()
        });
        let mut names = values.flat_map(|value| value.split('|'));
        info.path == "main" || names.any(|name| name == info.name)
    };
    let mut all = CATALOGUE.all();
    all.retain(|info| !is_called(info));
    let never: Vec<_> = all.iter().map(|info| info.path).collect();
    assert_eq!(never, Vec::<&str>::new());
}

#[test]
fn every_format_tells_an_error_or_its_headers() {
    let cases = cases();
    for name in CATALOGUE.names(Group::Format) {
        let is_of_format = |case: &&Value| {
            let request = case["request"].to_string();
            request.contains(&format!("format={name}&"))
                || request.contains(&format!("format={name}\""))
        };
        let of_format: Vec<_> = cases.iter().filter(is_of_format).collect();
        let is_page = name.ends_with("fm");
        let kind = if is_page { "headers" } else { "exact" };
        assert!(of_format.iter().any(|case| case["match"] == kind), "{name}");
    }
}

#[test]
fn every_code_is_answered() {
    let errors: Vec<_> = cases()
        .iter()
        .filter_map(|case| {
            let code = &case["response"]["headers"]["MediaWiki-API-Error"];
            Some(code.as_str()?.to_owned())
        })
        .collect();
    for (code, _) in codes::ERRORS {
        let is_shown = errors.iter().any(|error| match code.strip_suffix("{}") {
            Some(start) => error.starts_with(start),
            None => error == code,
        });
        assert!(is_shown || OF_THE_SERVER.contains(code), "{code}");
    }
    for (class, _) in codes::EXCEPTIONS {
        let class = class.strip_prefix("Wikimedia\\Rdbms\\").unwrap_or(class);
        let class = class.replace("DBQueryError", "{{DBERROR}}");
        let code = format!("internal_api_error_{class}");
        assert!(errors.contains(&code), "{code}");
    }
    let warnings = warning_codes();
    for (code, _) in codes::WARNINGS {
        assert!(warnings.iter().any(|warning| warning == code), "{code}");
    }
}

/// The codes of all warnings, which `bc` leaves out.
fn warning_codes() -> Vec<String> {
    let mut codes = Vec::new();
    for case in cases() {
        let body = case["response"]["body"].as_str().unwrap_or_default();
        let body = body.strip_prefix("/**/f(").unwrap_or(body);
        let body = body.strip_suffix(')').unwrap_or(body);
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let warnings = answer["warnings"].as_array().into_iter().flatten();
        codes.extend(warnings.map(|warning| warning["code"].as_str().unwrap().to_owned()));
        let elements = body.split("<warning code=\"").skip(1);
        codes.extend(elements.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    codes
}

#[test]
fn every_text_is_shown() {
    let mut shown = Vec::new();
    for case in cases() {
        let body = case["response"]["body"].as_str().unwrap_or_default();
        let inside = body.strip_prefix("/**/f(").unwrap_or(body);
        let inside = inside.strip_suffix(')').unwrap_or(inside);
        collect(&case["response"]["subset"], &mut shown);
        match serde_json::from_str(inside) {
            Ok(answer) => collect(&answer, &mut shown),
            Err(_) => shown.push(body.to_owned()),
        }
    }
    let mut never = Vec::new();
    for text in messages::ALL {
        let mut forms = text.forms();
        let is_shown = forms.any(|form| shown.iter().any(|shown| is_filled(form, shown)));
        if !is_shown && !NEVER_SHOWN.contains(&text.key()) {
            never.push(text.key());
        }
    }
    assert_eq!(never, Vec::<&str>::new());
}

/// All texts of a tree.
fn collect(tree: &Value, texts: &mut Vec<String>) {
    match tree {
        Value::String(text) => texts.push(text.replace('\n', " ")),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(entries) => entries.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether the text has all of the message but the params, in order, without its markup or with it.
fn is_filled(message: &str, text: &str) -> bool {
    let message = message.replace('\n', " ");
    let mut plain = message.clone();
    for name in ["code", "kbd", "var"] {
        plain = plain.replace(&format!("<{name}>"), "\"");
        plain = plain.replace(&format!("</{name}>"), "\"");
    }
    let plain = plain.replace("<strong>", "").replace("</strong>", "");
    [message, plain].iter().any(|message| {
        let mut rest = text;
        let mut pieces = message.split('$').enumerate();
        pieces.all(|(at, piece)| {
            let digits = if at == 0 {
                0
            } else {
                usize::from(piece.starts_with(|digit: char| digit.is_ascii_digit()))
            };
            let literal = &piece[digits..];
            let Some((_, after)) = rest.split_once(literal) else {
                return false;
            };
            rest = after;
            true
        })
    })
}
