use crate::api::ApiResponse;
use crate::api::tests::support::{Wiki, body, get, header};
use serde_json::Value;

fn answer(query: &str) -> ApiResponse {
    Wiki::new().answer(&get(query)).0
}

fn page(query: &str) -> String {
    body(&answer(query))
}

#[test]
fn the_page_is_what_a_request_for_nothing_gets() {
    // Headers: recorded cases errors/action-none-at-all and errors/action-help-json.
    for query in ["", "action=help", "action=help&format=json"] {
        let response = answer(query);
        assert_eq!(response.status, 200);
        for (name, value) in [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Disposition", "inline; filename=api-help.html"),
            ("Cache-Control", "private, must-revalidate, max-age=0"),
            ("Vary", "Accept-Encoding, Cookie"),
            ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("X-Frame-Options", "DENY"),
        ] {
            assert_eq!(header(&response, name), Some(value), "{query}");
        }
        assert!(body(&response).contains("<h2>Main module</h2>"));
    }
}

#[test]
fn wrapped_it_is_a_text_in_a_result_with_the_headers_of_a_page() {
    // Headers: recorded case errors/action-help-wrap. The members are those of a MediaWiki 1.39.
    let response = answer("action=help&modules=bouncehandler&wrap=1&format=json&formatversion=2");
    assert_eq!(
        header(&response, "Content-Type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(header(&response, "Vary"), Some("Accept-Encoding, Cookie"));
    let answer: Value = serde_json::from_str(&body(&response)).unwrap();
    assert_eq!(answer["help"]["mime"], "text/html");
    assert_eq!(answer["help"]["filename"], "api-help.html");
    let help = answer["help"]["help"].as_str().unwrap();
    assert!(help.contains("<h2>action=bouncehandler</h2>"));
}

#[test]
fn a_module_that_there_is_not_is_an_error() {
    // Recorded case errors/action-help-bad.
    let answer: Value =
        serde_json::from_str(&page("action=help&modules=json|nope&format=json")).unwrap();
    assert_eq!(answer["error"]["code"], "badmodule");
    assert_eq!(
        answer["error"]["info"],
        "The module \"main\" does not have a submodule \"nope\"."
    );
}

#[test]
fn submodules_come_behind_their_module_and_theirs_if_asked_for() {
    let headings = |query: &str| {
        let page = page(query);
        let starts = page.split("<section class=\"module\" id=\"").skip(1);
        let ids = starts.filter_map(|text| text.split('"').next().map(str::to_owned));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        headings("action=help&modules=json|query"),
        ["json", "query"]
    );
    let one_level = headings("action=help&submodules=1");
    assert_eq!(one_level.first().map(String::as_str), Some("main"));
    assert!(
        one_level.contains(&"json".to_owned()) && one_level.iter().all(|path| !path.contains('+'))
    );
    let all = headings("action=help&recursivesubmodules=1");
    let mut of_query = all.iter().skip_while(|path| *path != "query").skip(1);
    assert!(
        all.iter()
            .filter(|path| path.contains('+'))
            .all(|path| of_query.next() == Some(path))
    );
}

#[test]
fn every_element_of_the_page_is_closed_where_it_belongs() {
    let page = page("action=help&recursivesubmodules=1&toc=1");
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let name = tag.split([' ', '>']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "before {tag}"),
            None if matches!(name, "!DOCTYPE" | "meta") => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("@import"));
}
