use super::{ask, ask_of};
use crate::api::tests::support::options;
use crate::clock::TimeZone;
use serde_json::json;

#[test]
fn the_general_part_is_that_of_the_recorded_wiki() {
    // Recorded case siteinfo/general-fv1.
    let general = &ask("")["general"];
    let expected = json!({
        "mainpage": "Main Page",
        "base": "http://127.0.0.1:18043/w/index.php/Main_Page",
        "sitename": "TestWiki",
        "generator": "MediaWiki 1.43.9",
        "langconversion": "", "linkconversion": "", "titleconversion": "",
        "linkprefixcharset": "", "linkprefix": "",
        "case": "first-letter", "lang": "en", "fallback": [],
        "fallback8bitEncoding": "windows-1252",
        "writeapi": "", "maxarticlesize": 2_097_152,
        "timezone": "UTC", "timeoffset": 0,
        "articlepath": "/w/index.php/$1", "scriptpath": "/w", "script": "/w/index.php",
        "variantarticlepath": false,
        "server": "http://127.0.0.1:18043", "servername": "127.0.0.1", "wikiid": "testwiki",
        "legaltitlechars": " %!\"$&'()*,\\-.\\/0-9:;=?@A-Z\\\\^_`a-z~\\x80-\\xFF+",
        "invalidusernamechars": "@:>=",
        "centralidlookupprovider": "local",
        "time": "2026-11-23T21:33:23Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&general[name], value, "{name}");
    }
    for absent in [
        "mainpageisdomainroot",
        "rtl",
        "readonly",
        "uploadsenabled",
        "misermode",
    ] {
        assert_eq!(general.get(absent), None, "{absent}");
    }
}

#[test]
fn numbered_parts_are_lists_in_version_1_and_objects_in_version_2() {
    // Answers of a MediaWiki 1.39.
    let sizes = json!([
        {"width": 320, "height": 240}, {"width": 640, "height": 480}, {"width": 800, "height": 600},
        {"width": 1024, "height": 768}, {"width": 1280, "height": 1024}, {"width": 2560, "height": 2048}
    ]);
    let v1 = &ask("")["general"];
    assert_eq!(v1["thumblimits"], json!([120, 150, 180, 200, 250, 300]));
    assert_eq!(v1["imagelimits"], sizes);
    assert_eq!(v1["magiclinks"], json!([]));
    assert_eq!(v1["galleryoptions"]["showBytes"], "");
    let v2 = &ask("formatversion=2")["general"];
    let widths = json!({"0": 120, "1": 150, "2": 180, "3": 200, "4": 250, "5": 300});
    assert_eq!(v2["thumblimits"], widths);
    assert_eq!(v2["imagelimits"]["5"], sizes[5]);
    assert_eq!(
        v2["magiclinks"],
        json!({"ISBN": false, "PMID": false, "RFC": false})
    );
    assert_eq!(v2["galleryoptions"]["showBytes"], true);
    assert_eq!(
        (&v2["rtl"], &v2["readonly"]),
        (&json!(false), &json!(false))
    );
}

#[test]
fn the_general_part_follows_the_settings() {
    // An answer of a MediaWiki 1.39 with these settings; the time is in winter.
    let mut options = options();
    options.read_only = Some("x <b>y</b>".to_owned());
    options.site.language = "he".to_owned();
    options.site.time_zone = TimeZone::named("Asia/Kolkata").unwrap();
    options.site.server = "//wiki.example.org:8080".to_owned();
    options.site.script_path = String::new();
    options.site.article_path = "/index.php?title=$1".to_owned();
    let expected = json!({
        "base": "http://wiki.example.org:8080/index.php?title=Main_Page",
        "lang": "he", "fallback": [{"code": "en"}], "rtl": "",
        "readonly": "", "readonlyreason": "x <b>y</b>",
        "timezone": "Asia/Kolkata", "timeoffset": 330,
        "articlepath": "/index.php?title=$1", "scriptpath": "", "script": "/index.php",
        "server": "//wiki.example.org:8080", "servername": "wiki.example.org",
        "favicon": "http://wiki.example.org:8080/favicon.ico",
    });
    let general = &ask_of(options, "")["general"];
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&general[name], value, "{name}");
    }
}

#[test]
fn speakers_of_a_language_read_others_and_english_last() {
    // Answers of a MediaWiki 1.39 with these languages.
    let table = [
        ("en", json!([])),
        ("de-at", json!([{"code": "de"}, {"code": "en"}])),
        (
            "ami",
            json!([{"code": "zh-tw"}, {"code": "zh-hant"}, {"code": "zh"}, {"code": "zh-hans"}, {"code": "en"}]),
        ),
    ];
    for (language, fallback) in table {
        let mut options = options();
        options.site.language = language.to_owned();
        let general = &ask_of(options, "")["general"];
        assert_eq!(general["fallback"], fallback, "{language}");
        assert_eq!(general.get("rtl"), None, "{language}");
    }
}

#[test]
fn the_namespace_about_the_wiki_has_the_wikis_name() {
    // Recorded cases siteinfo/general-farm and siteinfo/namespaces-qqx.
    let mut options = options();
    options.site.name = "Farm \"Wiki\" <\u{e9}>".to_owned();
    let namespaces = &ask_of(options, "siprop=namespaces&uselang=qqx")["namespaces"];
    let expected = json!({"id": 4, "case": "first-letter", "subpages": "", "canonical": "Project", "*": "Farm \"Wiki\" <\u{e9}>"});
    assert_eq!(namespaces["4"], expected);
    assert_eq!(namespaces["5"]["*"], "Farm \"Wiki\" <\u{e9}> talk");
    let numbers: Vec<_> = namespaces
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let all = "-2 -1 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15";
    assert_eq!(numbers.join(" "), all);
    assert_eq!(
        namespaces["0"],
        json!({"id": 0, "case": "first-letter", "content": "", "*": ""})
    );
}

#[test]
fn version_2_names_what_a_namespace_is_not() {
    // An answer of a MediaWiki 1.39.
    let expected = r#"{"id":8,"case":"first-letter","name":"MediaWiki","subpages":true,"canonical":"MediaWiki","content":false,"nonincludable":false,"namespaceprotection":"editinterface"}"#;
    let namespaces = &ask("siprop=namespaces&formatversion=2")["namespaces"];
    assert_eq!(namespaces["8"].to_string(), expected);
}
