//! Expected documents are recorded, or were asked of a wiki.

use super::*;
use crate::api::result::Value;

fn xml(result: &Object) -> String {
    let text = writer::write(result, None, Layout::Compact);
    text.strip_prefix("<?xml version=\"1.0\"?>")
        .unwrap()
        .to_owned()
}

fn texts(tag: &'static str, texts: &[&str]) -> Value {
    Value::texts(tag, texts.iter().copied())
}

#[test]
fn content_stands_between_the_tags() {
    // Recorded cases siteinfo/general-xml and query/users-xml.
    let mut alias = Object::of([("id", Value::Number(6))]);
    alias.set_content("alias", Value::text("Image"));
    let result = Object::of([
        ("batchcomplete", Value::Bool(true)),
        ("aliases", Value::list("ns", [alias.into()])),
        ("levels", texts("level", &["", "sysop"])),
    ]);
    assert_eq!(
        xml(&result),
        r#"<api batchcomplete=""><aliases><ns id="6" xml:space="preserve">Image</ns></aliases><levels><level /><level>sysop</level></levels></api>"#
    );
}

#[test]
fn content_beside_elements_is_one_of_them() {
    // errorformat=none&responselanginfo=1, asked of a wiki.
    let error = Object::of([
        ("code", Value::text("badvalue")),
        ("module", Value::text("main")),
    ]);
    let mut result = Object::of([("errors", Value::list("error", [error.into()]))]);
    result.set_content("docref", Value::text("See <x>"));
    result.set("uselang", Value::text("en"));
    assert_eq!(
        xml(&result),
        r#"<api uselang="en"><errors><error code="badvalue" module="main" /></errors><docref xml:space="preserve">See &lt;x&gt;</docref></api>"#
    );
}

#[test]
fn content_that_is_an_element_is_the_last_one() {
    // siprop=nope&errorformat=plaintext, asked of a wiki.
    let mut warning = Object::of([("code", Value::text("c"))]);
    warning.set_content("text", Value::text("t"));
    warning.set("data", Object::of([("values", texts("", &["nope"]))]));
    let result = Object::of([("warning", warning.into())]);
    assert_eq!(
        xml(&result),
        r#"<api><warning code="c"><data><values><_v>nope</_v></values></data><text xml:space="preserve">t</text></warning></api>"#
    );
}

#[test]
fn names_that_are_numbers_are_attributes_of_elements() {
    // siprop=namespaces and siprop=general, asked of a wiki: namespace 0 has a name without letters.
    let mut main = Object::of([("id", Value::Number(0))]);
    main.set_content("name", Value::text(""));
    let mut namespaces = Object::default().numbered("ns");
    namespaces.set("-2", Object::of([("id", Value::Number(-2))]));
    namespaces.set("0", main);
    let limits = Object::of([("0", Value::Number(120)), ("1", Value::Number(150))]);
    let unnamed = Object::of([
        ("0", Value::Number(1)),
        ("k", Value::Number(2)),
        ("l", Object::default().into()),
    ]);
    let result = Object::of([
        ("namespaces", namespaces.into()),
        ("limits", limits.numbered("limit").listed_in_v1().into()),
        ("unnamed", unnamed.into()),
    ]);
    assert_eq!(
        xml(&result),
        r#"<api><namespaces><ns _idx="-2" id="-2" /><ns _idx="0" id="0" xml:space="preserve" /></namespaces><limits><limit _idx="0">120</limit><limit _idx="1">150</limit></limits><unnamed k="2"><l /><_v _idx="0">1</_v></unnamed></api>"#
    );
}

#[test]
fn names_that_are_codes_are_attributes_of_elements() {
    // siprop=languagevariants, asked of a wiki.
    let fallbacks = |codes| Object::of([("fallbacks", texts("variant", codes))]);
    let mut variants = Object::default().coded("variant");
    variants.set("ike-cans", fallbacks(&["iu"]));
    let mut languages = Object::default().coded("lang");
    languages.set("iu", variants);
    let result = Object::of([("languagevariants", languages.into())]);
    assert_eq!(
        xml(&result),
        r#"<api><languagevariants><lang code="iu"><variant code="ike-cans"><fallbacks><variant>iu</variant></fallbacks></variant></lang></languagevariants></api>"#
    );
}

#[test]
fn yes_no_and_nothing_differ_in_attributes_and_elements() {
    // siprop=defaultoptions with such options, asked of a wiki.
    let list = [
        Value::Null,
        Value::Bool(true),
        Value::PlainBool(false),
        Value::list("", []),
    ];
    let result = Object::of([
        ("yes", Value::PlainBool(true)),
        ("no", Value::Bool(false)),
        ("null", Value::Null),
        ("l", Value::list("", list)),
    ]);
    assert_eq!(
        xml(&result),
        r#"<api yes=""><l><_v /><_v>true</_v><_v>false</_v><_v /></l></api>"#
    );
}

#[test]
fn texts_are_escaped_for_their_place() {
    // The same, with this text in an option and in a list.
    let text = "a\r\n\tb'\"<>&";
    let result = Object::of([("t", Value::text(text)), ("l", texts("v", &[text]))]);
    assert_eq!(
        xml(&result),
        "<api t=\"a&#13;&#10;&#9;b&#039;&quot;&lt;&gt;&amp;\"><l><v>a\r\n\tb'\"&lt;&gt;&amp;</v></l></api>"
    );
}

#[test]
fn a_text_may_be_an_element_of_its_own() {
    let mut result = Object::of([("a", Value::text("x")), ("b", Value::text("y"))]);
    result = result.with_subelements(&["b"]);
    assert_eq!(
        xml(&result),
        r#"<api a="x"><b xml:space="preserve">y</b></api>"#
    );
}

#[test]
fn for_people_each_element_has_a_line() {
    // format=xmlfm&foo=1, asked of a wiki.
    let mut warning = Object::default();
    warning.set_content("warnings", Value::text("Unrecognized parameter: foo."));
    let warnings = Object::of([("main", warning.into())]);
    let result = Object::of([
        ("warnings", warnings.into()),
        ("batchcomplete", Value::Bool(true)),
    ]);
    let lines = [
        "<?xml version=\"1.0\"?>",
        "<api batchcomplete=\"\">",
        "  <warnings>",
        "    <main xml:space=\"preserve\">Unrecognized parameter: foo.</main>",
        "  </warnings>",
        "</api>",
    ];
    assert_eq!(
        writer::write(&result, None, Layout::Pretty),
        lines.join("\n")
    );
}
