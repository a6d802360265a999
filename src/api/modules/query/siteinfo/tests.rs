use crate::account::{Account, Accounts, GroupPermissions};
use crate::api::tests::support::{BOB, Wiki, body, get, options};
use crate::api::{ApiOptions, ApiResponse};
use crate::clock::TimeZone;
use crate::effects::UserId;
use crate::job::JobType;
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

fn account(id: u64, name: &str, groups: &[&str], edit_count: u64) -> Account {
    Account {
        id: UserId(id),
        name: name.to_owned(),
        password: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        registration: None,
        edit_count,
        bot_passwords: Vec::new(),
        block: None,
    }
}

fn with_accounts() -> ApiOptions {
    let accounts = vec![
        account(1, "Admin", &["bureaucrat", "sysop"], 0),
        account(2, "MediaWiki default", &[], 1),
        account(3, "Bob", &[], 0),
    ];
    ApiOptions {
        accounts: Accounts::new(accounts, GroupPermissions::default()),
        ..options()
    }
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

#[test]
fn statistics_count_accounts_and_jobs_of_known_types() {
    // Recorded case siteinfo/statistics-fv1, with the accounts of this test.
    let query = "action=query&meta=siteinfo&siprop=statistics&format=json";
    let count = |types: Vec<JobType>| {
        let mut options = with_accounts();
        options.site.job_types = types;
        let wiki = Wiki::with(options, &["testwiki"]);
        for _ in 0..2 {
            wiki.post(&format!(
                "action=bouncehandler&format=json&email=To: {}",
                BOB.replace('+', "%2B")
            ));
        }
        assert_eq!(wiki.new_jobs().len(), 2, "they are claimed now");
        wiki.post(&format!(
            "action=bouncehandler&format=json&email=To: {}",
            BOB.replace('+', "%2B")
        ));
        let answer: Value = serde_json::from_str(&body(&wiki.answer(&get(query)).0)).unwrap();
        answer["query"]["statistics"].to_string()
    };
    let expected = r#"{"pages":1,"articles":0,"edits":1,"images":0,"users":3,"activeusers":0,"admins":1,"jobs":3}"#;
    assert_eq!(count(vec![JobType::BOUNCE_HANDLER]), expected);
    let other = vec![JobType::known("other")];
    assert_eq!(count(other), expected.replace("\"jobs\":3", "\"jobs\":0"));
}

#[test]
fn groups_are_told_with_rights_and_if_wanted_with_their_size() {
    // Recorded case siteinfo/usergroups-fv2; which groups are counted is as a MediaWiki 1.39 does.
    let everybody = json!({"name": "*", "rights": ["createaccount", "read", "edit", "createpage", "createtalk",
        "viewmyprivateinfo", "editmyprivateinfo", "editmyoptions"]});
    let groups = ask("siprop=usergroups&formatversion=2")["usergroups"].clone();
    assert_eq!(groups[0], everybody);
    let mut options = with_accounts();
    let changes =
        json!({"sysop": {"block": true}, "user": {"move": true}, "watchers": {"read": true}});
    let permissions = GroupPermissions::with_changes(&serde_json::from_value(changes).unwrap());
    let accounts = options
        .accounts
        .all()
        .iter()
        .map(|account| (**account).clone());
    options.accounts = Accounts::new(accounts.collect(), permissions);
    let groups = ask_of(
        options,
        "siprop=usergroups&sinumberingroup=&formatversion=2",
    )["usergroups"]
        .clone();
    let number = |name: &str| {
        let group = groups
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["name"] == name);
        group.unwrap().get("number").and_then(Value::as_u64)
    };
    assert_eq!(groups[0], everybody);
    let numbers = ["*", "user", "sysop", "watchers"].map(number);
    assert_eq!(numbers, [None, Some(3), Some(1), Some(0)]);
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
fn all_database_servers_are_told_where_names_are() {
    // Recorded case siteinfo/showalldb-hidden; answers of a MediaWiki 1.39 where names are told.
    let query = "siprop=dbrepllag&sishowalldb=1&errorformat=plaintext";
    let hidden = answer(options(), query);
    let expected = "Cannot view all servers' info unless \\\"$wgShowHostnames\\\" is true.";
    assert!(body(&hidden).contains(expected), "{}", body(&hidden));
    let named = || ApiOptions {
        host_name: Some("db1".to_owned()),
        ..options()
    };
    let lag = |options, query| ask_of(options, query)["dbrepllag"].to_string();
    assert_eq!(
        lag(options(), "siprop=dbrepllag"),
        r#"[{"host":"","lag":-1}]"#
    );
    assert_eq!(
        lag(named(), "siprop=dbrepllag"),
        r#"[{"host":"db1","lag":-1}]"#
    );
    assert_eq!(lag(named(), query), r#"[{"host":"db1","lag":0}]"#);
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
