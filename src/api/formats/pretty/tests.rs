//! What pages show, and that nothing on them is more than text.

use super::page::plain_query;
use super::*;
use crate::api::formats::jsonfm;
use crate::api::params::Params;
use crate::api::php_input::PhpInput;
use crate::api::tests::support::{get, given, options};
use highlight::to_html;

/// What no text of an answer may do.
const HOSTILE: &str = "</pre><script>alert(1)</script>\" onmouseover='x' &lt; http://x.test/\"><b> javascript:alert(1)";

fn page(query: &str, status: u16, result: &Object) -> Document {
    let request = get(query);
    let input = PhpInput::read(&request, 1000);
    let params = given("jsonfm", jsonfm::INFO.info.params, &input)
        .accept()
        .unwrap();
    let options = options();
    let call = PrintCall {
        status,
        query: Some(query.as_bytes()),
        elapsed: std::time::Duration::from_millis(7),
        ..PrintCall::for_tests(&params, &options)
    };
    (jsonfm::INFO.print)(&call, result)
}

fn error() -> Object {
    let error = Object::of([("code", Value::text("missingparam"))]);
    Object::of([("error", error.into())])
}

#[test]
fn a_page_names_the_plain_format_and_links_to_it() {
    let page = page("action=x&format=jsonfm&a=%3Cb%3E&c='\"<", 200, &error());
    assert!(page.is_page && page.tells_status);
    let link = "<a href=\"http://127.0.0.1:18043/w/api.php?action=x&amp;a=%3Cb%3E&amp;c=&#039;%22%3C&amp;format=json\">";
    assert!(page.text.contains(link), "{}", page.text);
    assert!(
        page.text
            .contains("The code of the error is <code>missingparam</code>")
    );
    assert!(!page.text.contains("would have"), "{}", page.text);
}

#[test]
fn a_page_tells_which_status_programs_get() {
    let page = page("", 405, &error());
    assert!(
        page.text
            .contains("the plain format would have 405 Method Not Allowed")
    );
}

#[test]
fn the_heart_of_the_page_comes_in_json() {
    // action=nope&format=jsonfm&wrappedhtml=1, asked of a wiki, with our own markup in `html`.
    let mut result = error();
    result.set("continue", Object::of([("aufrom", Value::text("Alice"))]));
    let wrapped = page("wrappedhtml=1", 405, &result);
    assert!(wrapped.tells_status && !wrapped.is_page);
    assert_eq!(
        wrapped.content_type,
        "text/mediawiki-api-prettyprint-wrapped; charset=utf-8"
    );
    assert_eq!(wrapped.file_name, "api-result-wrapped.json");
    let read: serde_json::Value = serde_json::from_str(&wrapped.text).unwrap();
    let names: Vec<_> = read.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "status",
            "statustext",
            "html",
            "modules",
            "continue",
            "time"
        ]
    );
    assert_eq!(
        (&read["status"], &read["statustext"]),
        (&405.into(), &"Method Not Allowed".into())
    );
    assert_eq!(read["continue"]["aufrom"], "Alice");
    assert_eq!(read["time"], 7);
    let html = read["html"].as_str().unwrap();
    assert!(html.starts_with("<pre class=\"api-pretty-content\">{\n") && html.ends_with("}</pre>"));
}

#[test]
fn no_text_of_an_answer_is_markup() {
    let mut result = error();
    result.set(HOSTILE, Value::text(HOSTILE));
    let page = page("x=</a><script>", 200, &result).text;
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert_eq!(page.matches("</pre>").count(), 1);
    for syntax in [Syntax::Json, Syntax::Xml, Syntax::Plain] {
        let html = to_html(HOSTILE, syntax);
        let allowed = [
            "<span class=\"k\">",
            "<span class=\"s\">",
            "<span class=\"n\">",
            "</span>",
            "</a>",
        ];
        let bare = allowed
            .iter()
            .fold(html.clone(), |html, tag| html.replace(tag, ""));
        let bare = bare.replace(
            "<a rel=\"nofollow noreferrer\" href=\"http://x.test/\">",
            "",
        );
        assert!(!bare.contains(['<', '>', '"', '\'']), "{html}");
    }
}

#[test]
fn only_web_addresses_are_links_and_they_end_where_they_should() {
    let link = |target: &str, text: &str| {
        format!("<a rel=\"nofollow noreferrer\" href=\"{target}\">{text}</a>")
    };
    let table = [
        (
            "ftp://x.test javascript:x",
            Syntax::Plain,
            "ftp://x.test javascript:x".to_owned(),
        ),
        (
            "(http://x.test/a?b=c&d).",
            Syntax::Plain,
            format!(
                "({}).",
                link("http://x.test/a?b=c&amp;d", "http://x.test/a?b=c&amp;d")
            ),
        ),
        (
            "&lt;https://x.test/&gt; for",
            Syntax::Plain,
            format!(
                "&amp;lt;{}&amp;gt; for",
                link("https://x.test/", "https://x.test/")
            ),
        ),
        (
            "http://x.test/?a&amp;b",
            Syntax::Xml,
            link("http://x.test/?a&amp;b", "http://x.test/?a&amp;amp;b"),
        ),
        (
            "&amp;lt;http://x.test/&amp;gt;",
            Syntax::Xml,
            format!(
                "&amp;amp;lt;{}&amp;amp;gt;",
                link("http://x.test/", "http://x.test/")
            ),
        ),
        (
            "http:// http://x.test/\\u00e9",
            Syntax::Plain,
            "http:// http://x.test/\\u00e9".to_owned(),
        ),
    ];
    for (text, syntax, html) in table {
        assert_eq!(to_html(text, syntax), html);
    }
}

#[test]
fn parts_have_colours() {
    assert_eq!(
        to_html(r#"{"a\"": ["b", -1.5, null]}"#, Syntax::Json),
        "{<span class=\"k\">&quot;a\\&quot;&quot;</span>: [<span class=\"s\">&quot;b&quot;</span>, \
         <span class=\"n\">-1.5</span>, <span class=\"n\">null</span>]}"
    );
    assert_eq!(
        to_html("<a b=\"c\">d</a>", Syntax::Xml),
        "<span class=\"k\">&lt;a b=</span><span class=\"s\">&quot;c&quot;</span><span class=\"k\">&gt;</span>d\
         <span class=\"k\">&lt;/a&gt;</span>"
    );
}

#[test]
fn the_other_params_stay_in_the_link() {
    let query = b"format=xmlfm&action=query&wrappedhtml&&meta=a%7Cb&x=\xe9 &formatversion=2";
    assert_eq!(
        plain_query(query, "xml"),
        "action=query&meta=a%7Cb&x=%E9%20&formatversion=2&format=xml"
    );
    assert_eq!(plain_query(b"", "json"), "format=json");
}

#[test]
fn a_page_without_params_is_whole() {
    let params = Params::defaults(jsonfm::INFO.info.params);
    let options = options();
    let page = (jsonfm::INFO.print)(&PrintCall::for_tests(&params, &options), &Object::default());
    assert!(page.text.starts_with("<!DOCTYPE html>") && page.text.ends_with("</html>\n"));
    assert!(page.text.contains("<pre>{}</pre>"));
}
