//! Any tree can be read back from every format.

mod trees;

use self::trees::{expected, is_like_php, tree, xml_texts};
use super::json::{self, Layout};
use super::{php, xml};
use crate::api::params::Params;
use crate::api::php_input::PhpInput;
use crate::api::result::{FormatVersion, Object};
use crate::api::tests::support::{get, given};
use crate::php_serialize;
use base64::Engine as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Calls `test` with the params of a format as this query gives them.
fn with_params<T>(query: &str, test: impl FnOnce(&Params<'_>) -> T) -> T {
    let request = get(query);
    let input = PhpInput::read(&request, 1000);
    test(
        &given("json", json::INFO.info.params, &input)
            .accept()
            .unwrap(),
    )
}

fn version_query(version: FormatVersion) -> &'static str {
    match version {
        FormatVersion::V1 => "formatversion=1",
        FormatVersion::V2 => "formatversion=2",
    }
}

fn json_text(query: &str, tree: &Object, layout: Layout) -> String {
    with_params(query, |params| json::text(params, tree, layout))
}

fn php_text(version: FormatVersion, tree: &Object) -> String {
    with_params(version_query(version), |params| php::text(params, tree))
}

proptest! {
    #[test]
    fn json_reads_back_as_the_tree(tree in tree(), options in prop_oneof![Just(""), Just("&utf8=1"), Just("&ascii=1")]) {
        for version in [FormatVersion::V1, FormatVersion::V2] {
            let query = format!("{}{options}", version_query(version));
            for layout in [Layout::Compact, Layout::Pretty] {
                let text = json_text(&query, &tree, layout);
                let read: serde_json::Value = serde_json::from_str(&text).unwrap();
                // As texts, because the order counts.
                prop_assert_eq!(read.to_string(), expected(&tree, version).to_string());
            }
        }
    }

    #[test]
    fn xml_is_well_formed_and_has_all_texts(tree in tree(), namespace in any::<bool>()) {
        let query = if namespace { "includexmlnamespace=1" } else { "" };
        let request = get(query);
        let input = PhpInput::read(&request, 1000);
        let params = given("xml", xml::INFO.info.params, &input).accept().unwrap();
        let text = xml::text(&params, &tree, Layout::Compact);
        let document = roxmltree::Document::parse(&text).unwrap();
        prop_assert_eq!(document.root_element().tag_name().name(), "api");
        prop_assert_eq!(document.root_element().tag_name().namespace().is_some(), namespace);
        let mut found = Vec::new();
        for node in document.descendants() {
            let attributes = node.attributes().filter(|attribute| {
                attribute.namespace().is_none() && attribute.name() != "_idx"
            });
            found.extend(attributes.map(|attribute| attribute.value().to_owned()));
            found.extend(node.text().filter(|_| node.is_text()).map(str::to_owned));
        }
        let texts = |texts: Vec<String>| {
            // Line ends between tags are one character to whoever reads XML.
            let lines = texts.iter().map(|text| text.replace("\r\n", "\n").replace('\r', "\n"));
            let mut texts: Vec<_> = lines.filter(|text| !text.is_empty()).collect();
            texts.sort();
            texts
        };
        prop_assert_eq!(texts(found), texts(xml_texts(&tree)));
        let pretty = xml::text(&params, &tree, Layout::Pretty);
        prop_assert!(roxmltree::Document::parse(&pretty).is_ok());
    }

    #[test]
    fn serialized_php_reads_back_as_the_tree(tree in tree()) {
        for version in [FormatVersion::V1, FormatVersion::V2] {
            let text = php_text(version, &tree);
            let read = php_serialize::read(text.as_bytes()).unwrap();
            prop_assert!(is_like_php(&read, &expected(&tree, version)), "{text}");
        }
    }
}

/// What PHP makes of many serialized values, as JSON, in one process; nothing if there is no PHP.
fn php_reads(serialized: &[String]) -> Option<Vec<serde_json::Value>> {
    let encoded = serialized
        .iter()
        .map(|text| base64::engine::general_purpose::STANDARD.encode(text));
    let script = "$read = fn ($text) => unserialize(base64_decode($text)); \
                  echo json_encode(array_map($read, json_decode(stream_get_contents(STDIN))));";
    let mut php = Command::new("php")
        .args(["-d", "display_errors=stderr", "-r", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = php.stdin.take().unwrap();
    let list = serde_json::to_string(&encoded.collect::<Vec<_>>()).unwrap();
    let writer = std::thread::spawn(move || input.write_all(list.as_bytes()));
    let output = php.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// A value as PHP's `json_encode` has it: an array whose keys are 0, 1, 2... is a list.
fn as_php_has_it(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.into_iter().map(as_php_has_it).collect(),
        Value::Object(entries) => {
            let is_list = (0..)
                .zip(entries.keys())
                .all(|(at, key): (usize, _)| *key == at.to_string());
            let values = entries
                .into_iter()
                .map(|(key, value)| (key, as_php_has_it(value)));
            if is_list {
                values.map(|(_, value)| value).collect()
            } else {
                Value::Object(values.collect())
            }
        }
        other => other,
    }
}

#[test]
fn php_itself_reads_what_is_serialized() {
    let mut runner = TestRunner::deterministic();
    let trees = (0..300).map(|_| tree().new_tree(&mut runner).unwrap().current());
    let trees: Vec<_> = trees.collect();
    for version in [FormatVersion::V1, FormatVersion::V2] {
        let texts: Vec<_> = trees.iter().map(|tree| php_text(version, tree)).collect();
        let Some(read) = php_reads(&texts) else {
            println!("skipped: PHP reads what is serialized: there is no php");
            return;
        };
        assert_eq!(read.len(), trees.len());
        for (tree, read) in trees.iter().zip(read) {
            let expected = as_php_has_it(expected(tree, version));
            assert_eq!(read.to_string(), expected.to_string());
        }
    }
}
