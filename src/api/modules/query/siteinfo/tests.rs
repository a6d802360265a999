mod general;
mod people;

use crate::api::tests::support::{Wiki, body, get, options};
use crate::api::{ApiOptions, ApiResponse};
use serde_json::{Value, json};

/// The answer of a wiki with these settings.
fn answer(options: ApiOptions, query: &str) -> ApiResponse {
    let wiki = Wiki::with(options, &["testwiki"]);
    wiki.answer(&get(&format!(
        "action=query&meta=siteinfo&format=json&{query}"
    )))
    .0
}

fn ask_of(options: ApiOptions, query: &str) -> Value {
    let answer: Value = serde_json::from_str(&body(&answer(options, query))).unwrap();
    answer["query"].clone()
}

/// What the recordings' wiki answers, below `query`.
fn ask(query: &str) -> Value {
    ask_of(options(), query)
}

#[test]
fn the_properties_are_those_of_the_original() {
    // What paraminfo of a MediaWiki 1.43 lists, in the recorded request of the client wikiapi.
    let names = "autocreatetempuser|autopromote|autopromoteonce|clientlibraries|dbrepllag|defaultoptions|extensions|\
        extensiontags|fileextensions|functionhooks|general|interwikimap|languages|languagevariants|libraries|magicwords|\
        namespacealiases|namespaces|protocols|restrictions|rightsinfo|showhooks|skins|specialpagealiases|statistics|\
        uploaddialog|usergroups|variables";
    assert_eq!(super::names().join("|"), names);
    let query = ask(&format!("siprop={names}"));
    let answered: Vec<_> = query
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(answered.join("|"), names);
}

#[test]
fn properties_come_in_the_order_in_which_they_are_asked_for() {
    // Recorded case siteinfo/siprop-order.
    let expected = r#"{"batchcomplete":"","query":{"restrictions":{"types":["create","edit","move","upload"],"levels":["","autoconfirmed","sysop"],"cascadinglevels":["sysop"],"semiprotectedlevels":["autoconfirmed"]},"namespacealiases":[{"id":6,"*":"Image"},{"id":7,"*":"Image talk"}]}}"#;
    let answer = answer(options(), "siprop=restrictions|namespacealiases");
    assert_eq!(body(&answer), expected);
}

#[test]
fn the_extension_is_told_with_its_facts() {
    // Recorded case siteinfo/extensions-fv1.
    let expected = json!([{
        "type": "other",
        "name": "BounceHandler",
        "descriptionmsg": "bouncehandler-desc",
        "author": "Tony Thomas, Kunal Mehta, Jeff Green, Sam Reed",
        "url": "https://www.mediawiki.org/wiki/Extension:BounceHandler",
        "version": "1.0",
        "license-name": "GPL-2.0-or-later",
        "license": "/w/index.php/Special:Version/License/BounceHandler",
    }]);
    assert_eq!(ask("siprop=extensions")["extensions"], expected);
}

#[test]
fn tables_have_the_recorded_rows() {
    // Recorded cases siteinfo/* of these properties, and answers of a MediaWiki 1.39 for the second of each pair.
    let query = ask(
        "siprop=magicwords|specialpagealiases|skins|languages|functionhooks|variables|languagevariants&formatversion=2",
    );
    let row = |property: &str, key: &str, value: &str| {
        let rows = query[property].as_array().unwrap();
        rows.iter()
            .find(|row| row[key] == value)
            .unwrap()
            .to_string()
    };
    assert_eq!(
        row("magicwords", "name", "redirect"),
        r##"{"name":"redirect","aliases":["#REDIRECT"],"case-sensitive":false}"##
    );
    assert_eq!(
        row("magicwords", "name", "="),
        r#"{"name":"=","aliases":["="],"case-sensitive":true}"#
    );
    assert_eq!(
        row("specialpagealiases", "realname", "Userlogin"),
        r#"{"realname":"Userlogin","aliases":["UserLogin","Login"]}"#
    );
    assert_eq!(
        row("skins", "code", "vector-2022"),
        r#"{"code":"vector-2022","name":"Vector (2022)","default":true}"#
    );
    assert_eq!(
        row("languages", "code", "en"),
        r#"{"code":"en","bcp47":"en","name":"English"}"#
    );
    assert_eq!(
        row("languages", "code", "als"),
        r#"{"code":"als","bcp47":"gsw","name":"Alemannisch"}"#
    );
    assert_eq!(
        (&query["functionhooks"][0], &query["variables"][0]),
        (&json!("ns"), &json!("!"))
    );
    assert_eq!(
        query["languagevariants"]["kk"]["kk-tr"],
        json!({"fallbacks": ["kk-latn"]})
    );
}

#[test]
fn interwiki_prefixes_can_be_filtered() {
    // Recorded case siteinfo/interwikimap-local.
    assert_eq!(
        ask("siprop=interwikimap&sifilteriw=local"),
        json!({"interwikimap": []})
    );
    let all = ask("siprop=interwikimap");
    assert_eq!(all, ask("siprop=interwikimap&sifilteriw=!local"));
    let first = json!({"prefix": "acronym", "url": "https://www.acronymfinder.com/~/search/af.aspx?string=exact&Acronym=$1"});
    assert_eq!(all["interwikimap"][0], first);
}

#[test]
fn what_is_off_is_left_out_in_version_1() {
    // Recorded case siteinfo/languagevariants-fv1; version 2 is as a MediaWiki 1.39 does with such values.
    assert_eq!(
        ask("siprop=autocreatetempuser"),
        json!({"autocreatetempuser": []})
    );
    let v2 = ask("siprop=autocreatetempuser&formatversion=2");
    assert_eq!(v2, json!({"autocreatetempuser": {"enabled": false}}));
    let fields = |query| ask(query)["uploaddialog"]["fields"].clone();
    assert_eq!(fields("siprop=uploaddialog"), json!({"description": ""}));
    let all = json!({"description": true, "date": false, "categories": false});
    assert_eq!(fields("siprop=uploaddialog&formatversion=2"), all);
}
