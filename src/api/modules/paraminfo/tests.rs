use crate::api::tests::support::{Wiki, body, get};
use serde_json::{Value, json};

fn answer(query: &str) -> Value {
    let query = format!("action=paraminfo&format=json&formatversion=2&{query}");
    serde_json::from_str(&body(&Wiki::new().answer(&get(&query)).0)).unwrap()
}

fn paths(query: &str) -> Vec<String> {
    let answer = answer(query);
    let modules = answer["paraminfo"]["modules"]
        .as_array()
        .into_iter()
        .flatten();
    modules
        .map(|module| module["path"].as_str().unwrap().to_owned())
        .collect()
}

/// The entry of a param of a module.
fn param(module: &str, name: &str) -> Value {
    let answer = answer(&format!("modules={module}"));
    let params = answer["paraminfo"]["modules"][0]["parameters"]
        .as_array()
        .unwrap();
    params
        .iter()
        .find(|param| param["name"] == name)
        .unwrap()
        .clone()
}

#[test]
fn a_module_is_described_as_recorded() {
    // Recorded case paraminfo/post.
    let query = "action=paraminfo&modules=bouncehandler&format=json";
    assert_eq!(
        body(&Wiki::new().answer(&get(query)).0),
        "{\"paraminfo\":{\"helpformat\":\"none\",\"modules\":[{\"name\":\"bouncehandler\",\
         \"classname\":\"MediaWiki\\\\Extension\\\\BounceHandler\\\\ApiBounceHandler\",\"path\":\"bouncehandler\",\
         \"group\":\"action\",\"prefix\":\"\",\"source\":\"BounceHandler\",\"sourcename\":\"BounceHandler\",\
         \"licensetag\":\"GPL-2.0-or-later\",\
         \"licenselink\":\"http://127.0.0.1:18043/w/index.php/Special:Version/License/BounceHandler\",\"internal\":\"\",\
         \"readrights\":\"\",\"writerights\":\"\",\"mustbeposted\":\"\",\
         \"helpurls\":[\"https://www.mediawiki.org/wiki/Special:MyLanguage/Extension:BounceHandler#API\"],\
         \"parameters\":[{\"index\":1,\"name\":\"email\",\"type\":\"string\",\"required\":\"\"}],\
         \"templatedparameters\":[]}]}}"
    );
}

#[test]
fn params_are_described_as_recorded() {
    // Recorded cases paraminfo/main-fv2 and paraminfo/paraminfo.
    let table = [
        (
            "main",
            json!({"index": 3, "name": "maxlag", "type": "integer", "required": false, "multi": false}),
        ),
        (
            "main",
            json!({"index": 4, "name": "smaxage", "type": "integer", "required": false, "default": 0,
            "multi": false, "min": 0}),
        ),
        (
            "main",
            json!({"index": 6, "name": "assert", "type": ["anon", "bot", "user"], "required": false,
            "multi": false}),
        ),
        (
            "main",
            json!({"index": 7, "name": "assertuser", "type": "user", "required": false, "multi": false,
            "subtypes": ["name", "temp"]}),
        ),
        (
            "main",
            json!({"index": 9, "name": "servedby", "type": "boolean", "required": false, "multi": false}),
        ),
        (
            "paraminfo",
            json!({"index": 1, "name": "modules", "type": "string", "required": false, "multi": true,
            "lowlimit": 50, "highlimit": 500, "limit": 50}),
        ),
        (
            "paraminfo",
            json!({"index": 2, "name": "helpformat", "type": ["html", "none", "raw", "wikitext"],
            "required": false, "default": "none", "multi": false}),
        ),
    ];
    for (module, expected) in table {
        assert_eq!(param(module, expected["name"].as_str().unwrap()), expected);
    }
}

#[test]
fn long_texts_moments_and_names_of_formats_have_types_of_their_own() {
    // Asked of a MediaWiki 1.39.
    for (module, name, kind) in [
        ("edit", "text", "text"),
        ("edit", "prependtext", "text"),
        ("edit", "summary", "string"),
        ("edit", "basetimestamp", "timestamp"),
        ("emailuser", "text", "text"),
    ] {
        assert_eq!(param(module, name)["type"], kind, "{module}: {name}");
    }
    assert!(
        param("paraminfo", "formatmodules")
            .get("submodules")
            .is_none()
    );
}

#[test]
fn internal_modules_are_listed_last_and_the_paths_go_with_the_names() {
    // The order is that of a MediaWiki 1.39; that both lists agree is what Pywikibot asks for.
    let action = param("main", "action");
    let names = action["type"].as_array().unwrap();
    assert_eq!(names.last(), Some(&json!("bouncehandler")));
    assert_eq!(action["internalvalues"], json!(["bouncehandler"]));
    let submodules = action["submodules"].as_object().unwrap();
    assert_eq!(submodules.len(), names.len());
    assert!(
        names
            .iter()
            .all(|name| submodules[name.as_str().unwrap()] == *name)
    );
}

#[test]
fn wildcards_stand_for_the_modules_of_a_module() {
    assert_eq!(
        paths("modules=json|main%2B*|json")
            .first()
            .map(String::as_str),
        Some("json")
    );
    let of_main = paths("modules=*");
    assert!(
        of_main.is_sorted()
            && of_main.contains(&"json".to_owned())
            && of_main.contains(&"query".to_owned())
    );
    assert!(of_main.iter().all(|path| !path.contains('+')));
    let all = paths("modules=**");
    let of_query = paths("modules=query%2B*");
    assert_eq!(all.len(), of_main.len() + of_query.len());
}

#[test]
fn what_there_is_not_is_warned_of_wildcards_first() {
    // Codes and params are those of a MediaWiki 1.39, asked for the same.
    let answer =
        answer("errorformat=raw&modules=nope|json%2Bx|query%2Bx|%2B|json%2B*|nope%2B*|a%2Bb%2Bc");
    let warnings = answer["warnings"].as_array().unwrap().iter();
    let params: Vec<_> = warnings.map(|warning| warning["params"].clone()).collect();
    assert_eq!(
        params,
        [
            json!(["json"]),
            json!(["main", "nope"]),
            json!(["query", "x"]),
            json!(["main", ""]),
            json!(["main", "a"]),
        ]
    );
    assert_eq!(answer["paraminfo"], json!({"helpformat": "none"}));
}

#[test]
fn deprecated_params_are_warned_of_and_work() {
    // Warnings as in the recorded case paraminfo/formatmodules; the order of all is that of a MediaWiki 1.39.
    let answer = answer("formatmodules=json&mainmodule=1&pagesetmodule=1&modules=query");
    let keys: Vec<_> = answer["paraminfo"].as_object().unwrap().keys().collect();
    let expected = [
        "helpformat",
        "modules",
        "formatmodules",
        "mainmodule",
        "pagesetmodule",
    ];
    assert!(
        expected
            .iter()
            .all(|name| keys.iter().any(|key| key == name)),
        "{keys:?}"
    );
    assert_eq!(answer["paraminfo"]["formatmodules"][0]["path"], "json");
    assert_eq!(
        answer["paraminfo"]["pagesetmodule"]["classname"],
        "MediaWiki\\Api\\ApiPageSet"
    );
    assert_eq!(
        answer["warnings"]["paraminfo"]["warnings"],
        "The parameter \"mainmodule\" has been deprecated.\nThe parameter \"pagesetmodule\" has been deprecated.\n\
         The parameter \"formatmodules\" has been deprecated."
    );
    assert!(
        answer["warnings"]["main"]["warnings"]
            .as_str()
            .unwrap()
            .starts_with("Subscribe to")
    );
    assert_eq!(
        super::PARAMS
            .iter()
            .filter(|spec| spec.is_deprecated)
            .count(),
        4
    );
}

#[test]
fn descriptions_have_the_form_that_is_asked_for() {
    let described = |format: &str| {
        let answer = answer(&format!("modules=bouncehandler&helpformat={format}"));
        answer["paraminfo"]["modules"][0].clone()
    };
    let html = described("html");
    assert!(
        html["description"]
            .as_str()
            .unwrap()
            .starts_with("<p>Takes a mail that came back")
    );
    let wikitext = described("wikitext");
    assert!(
        wikitext["description"]
            .as_str()
            .unwrap()
            .contains("<samp>submitted</samp>")
    );
    assert_eq!(
        wikitext["examples"][0]["query"],
        "action=bouncehandler&email=This%20is%20a%20test%20email"
    );
    let raw = described("raw");
    assert_eq!(
        raw["parameters"][0]["description"],
        json!([{"key": "apihelp-bouncehandler-param-email", "params": ["", "email", "bouncehandler", "bouncehandler"]}])
    );
    assert!(
        described("none").get("examples").is_none()
            && described("none").get("description").is_none()
    );
}

#[test]
fn the_param_generator_has_a_list_of_modules_though_there_are_none() {
    // The fields are those of a MediaWiki 1.39; Pywikibot cannot do without the list.
    assert_eq!(
        param("query", "generator"),
        json!({"index": 10, "name": "generator", "type": [], "required": false, "multi": false, "submodules": {},
        "submoduleparamprefix": "g"})
    );
}
