use super::*;
use crate::job::{JobId, JobType, WikiId};
use crate::php_serialize::{self, PhpObject};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

fn facts<'a>(params: &'a PhpArray<'a>) -> JobFacts<'a> {
    JobFacts {
        kind: "BounceHandlerJob",
        params,
        namespace: 0,
        title: b"BounceHandler_Job",
        stored: Some((7, Some("20261123212357"))),
        request_id: "0123456789abcdef01234567",
        site_name: "Test Wiki",
    }
}

fn text(format: LogFormat, facts: &JobFacts<'_>) -> String {
    let mut text = Vec::new();
    job_text(format, facts, &mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn a_bounce_job_is_shown_in_both_formats() {
    let mail = "To: a\n\tb  c";
    let params = PhpArray::from_pairs([
        ("email", PhpValue::Str(mail.as_bytes())),
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(b"BounceHandler_Job")),
        ("requestId", PhpValue::Str(b"93c629a7ead9502a832a802e")),
    ]);
    // jobs/SPEC.md sections 1.1 and 11.
    assert_eq!(
        text(LogFormat::Mw2014, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=To: a\n\tb  c"
    );
    assert_eq!(
        text(LogFormat::Mw143, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=To: a b c namespace=0 title=BounceHandler_Job \
         requestId=93c629a7ead9502a832a802e (id=7,timestamp=20261123212357)"
    );
}

#[test]
fn what_a_row_of_2014_lacks_is_added_from_its_columns() {
    let params = PhpArray::from_pairs([("email", PhpValue::Str(b"x"))]);
    assert_eq!(
        text(LogFormat::Mw143, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job email=x namespace=0 title=BounceHandler_Job \
         requestId=0123456789abcdef01234567 (id=7,timestamp=20261123212357)"
    );
}

#[test]
fn a_number_is_shown_without_a_time_and_no_number_without_parentheses() {
    let params = PhpArray::from_pairs([("requestId", PhpValue::Str(b"r"))]);
    let shown = |stored| {
        text(
            LogFormat::Mw143,
            &JobFacts {
                stored,
                ..facts(&params)
            },
        )
    };
    let rest = "BounceHandlerJob BounceHandler_Job requestId=r namespace=0 title=BounceHandler_Job";
    assert_eq!(shown(Some((7, None))), format!("{rest} (id=7)"));
    assert_eq!(shown(None), rest);
}

#[test]
fn titles_have_the_canonical_name_of_their_namespace() {
    let params = PhpArray::default();
    let shown = |namespace, title| {
        title_in(&JobFacts {
            namespace,
            title,
            ..facts(&params)
        })
    };
    assert_eq!(shown(0, b"Foo bar/b\xc3\xa4z"), "Foo_bar/bäz");
    assert_eq!(shown(3, b"Bob Smith"), "User_talk:Bob_Smith");
    assert_eq!(shown(4, b"Foo"), "Test_Wiki:Foo");
    assert_eq!(shown(5, b"Foo"), "Test_Wiki_talk:Foo");
    assert_eq!(shown(-2, b"A.png"), "Media:A.png");
    assert_eq!(shown(15, b"C"), "Category_talk:C");
    assert_eq!(shown(-1, b""), "Special:");
    // MediaWiki: a namespace that the wiki does not have must not look like the main one.
    assert_eq!(shown(2600, b"Topic"), "Special:Badtitle/NS2600:Topic");
}

#[test]
fn params_that_name_a_title_win_over_the_columns() {
    let of = |namespace, title| {
        let params = PhpArray::from_pairs([("namespace", namespace), ("title", title)]);
        title_in(&facts(&params))
    };
    assert_eq!(of(PhpValue::Int(4), PhpValue::Str(b"Foo")), "Test_Wiki:Foo");
    assert_eq!(of(PhpValue::Str(b"2"), PhpValue::Str(b"Foo")), "User:Foo");
    assert_eq!(of(PhpValue::Int(0), PhpValue::Int(2024)), "2024");
    assert_eq!(of(PhpValue::Int(4), PhpValue::Null), "Special:");
}

/// The title in a line that shows nothing else.
fn title_in(facts: &JobFacts<'_>) -> String {
    let line = text(LogFormat::Mw2014, facts);
    line.strip_prefix("BounceHandlerJob ").unwrap().to_owned()
}

/// The text of 1.43 for one param named `v`.
fn shown(value: PhpValue<'_>) -> String {
    let params = PhpArray::from_pairs([("v", value)]);
    let line = text(
        LogFormat::Mw143,
        &JobFacts {
            stored: None,
            ..facts(&params)
        },
    );
    let rest = line
        .strip_prefix("BounceHandlerJob BounceHandler_Job v=")
        .unwrap();
    let (value, _) = rest.rsplit_once(" namespace=0").unwrap();
    value.to_owned()
}

#[test]
fn elements_of_arrays_are_json_as_php_encodes_it() {
    let document: Value =
        serde_json::from_str(include_str!("../../../fixtures/php/serialize.json")).unwrap();
    let rows = document["values"].as_array().unwrap();
    assert!(rows.len() > 250, "{}", rows.len());
    for row in rows {
        let bytes = STANDARD
            .decode(row["serialized"].as_str().unwrap())
            .unwrap();
        let value = php_serialize::read(&bytes).unwrap();
        let expected = match (row["json"].as_str(), &value) {
            (Some(json), _) => json,
            (None, PhpValue::Float(_)) => "\"float(...)\"",
            (None, PhpValue::Str(_)) => "\"string(...)\"",
            (None, PhpValue::Array(_)) => "\"array(...)\"",
            (None, _) => panic!("{row}"),
        };
        let array = PhpArray::from_pairs([("0", value)]);
        assert_eq!(
            shown(PhpValue::Array(array)),
            format!("[{expected}]"),
            "{row}"
        );
    }
}

#[test]
fn an_element_of_more_than_512_characters_is_shown_by_its_type() {
    let list = |value| PhpValue::Array(PhpArray::from_pairs([("0", value)]));
    // 510 characters and two quotes; an e with an accent is six characters of JSON.
    let accents = "\u{e9}".repeat(85);
    let json = "\\u00e9".repeat(85);
    assert_eq!(
        shown(list(PhpValue::Str(accents.as_bytes()))),
        format!("[\"{json}\"]")
    );
    let longer = format!("{accents}a");
    assert_eq!(
        shown(list(PhpValue::Str(longer.as_bytes()))),
        "[\"string(...)\"]"
    );
    let large = PhpValue::Object(PhpObject {
        class: br"Foo\Bar",
        properties: PhpArray::from_pairs([("text", PhpValue::Str(&[b'a'; 600]))]),
    });
    assert_eq!(shown(list(large)), r#"["Foo\\Bar(...)"]"#);
    // 60 lists around a text: 120 brackets, two quotes and 390 letters.
    let nested = (0..60).fold(PhpValue::Str(&[b'a'; 390]), |value, _| list(value));
    assert!(shown(list(nested.clone())).starts_with("[[[["));
    assert_eq!(shown(list(list(nested))), "[\"array(...)\"]");
}

#[test]
fn the_json_of_an_array_is_squashed_and_counted_as_text() {
    let spaces = PhpArray::from_pairs([
        ("a", PhpValue::Str(b"x  \x20y")),
        ("b c  d", PhpValue::Null),
    ]);
    assert_eq!(
        shown(PhpValue::Array(spaces)),
        r#"{"a":"x y","b c d":null}"#
    );
    let large = |last: usize| {
        let texts = [[b'a'; 500], [b'b'; 500], [b'c'; 500]];
        shown(PhpValue::Array(PhpArray::from_pairs([
            ("0", PhpValue::Str(&texts[0])),
            ("1", PhpValue::Str(&texts[1])),
            ("2", PhpValue::Str(&texts[2][..last])),
        ])))
    };
    // Two brackets, two commas, six quotes and 1000 letters, and the letters of the last.
    assert_eq!(large(14).len(), 1024);
    assert_eq!(large(15), "string(1025)");
}

#[test]
fn objects_are_shown_by_their_class() {
    let object = PhpValue::Object(PhpObject {
        class: b"stdClass",
        properties: PhpArray::default(),
    });
    assert_eq!(shown(object.clone()), "stdClass");
    let params = PhpArray::from_pairs([("v", object)]);
    assert_eq!(
        text(LogFormat::Mw2014, &facts(&params)),
        "BounceHandlerJob BounceHandler_Job v=object(stdClass)"
    );
}

#[test]
fn characters_are_counted_by_their_first_bytes() {
    // jobs/SPEC.md section 1.1: 1025 times F0 9F are 513 characters.
    assert_eq!(param_text::characters(&b"\xf0\x9f".repeat(1025)), 513);
    assert_eq!(param_text::characters(b"\xff\xc1\xf5a"), 4);
    assert_eq!(param_text::characters(b"a\xe2"), 2);
    assert_eq!(
        param_text::characters("gr\u{fc}\u{df}e \u{2013} \u{1f600}".as_bytes()),
        9
    );
}

#[test]
fn a_run_reports_only_what_it_is_to_write() {
    let job = Job {
        id: JobId(7),
        kind: JobType::known("BounceHandlerJob"),
        wiki: WikiId("wiki".to_owned()),
        pushed: Timestamp(1_780_272_000),
        params: Vec::new(),
    };
    let params = PhpArray::from_pairs([
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(b"BounceHandler_Job")),
        ("requestId", PhpValue::Str(b"r")),
    ]);
    let line = |output, params| {
        let mut line = Vec::new();
        JobLines::of(output, &job, params, "W").failed(Timestamp(0), 5, "", &mut line);
        String::from_utf8(line).unwrap()
    };
    assert_eq!(
        line(RunOutput::Lines(LogFormat::Mw143), Some(&params)),
        "1970-01-01 00:00:00 BounceHandlerJob BounceHandler_Job namespace=0 title=BounceHandler_Job requestId=r \
         (id=7,timestamp=20260601000000) t=5 error=\n"
    );
    let unreadable = line(RunOutput::Lines(LogFormat::Mw143), None);
    let (before, after) = unreadable.split_once("requestId=").unwrap();
    assert_eq!(
        before,
        "1970-01-01 00:00:00 BounceHandlerJob Special: namespace=-1 title= "
    );
    let (id, rest) = after.split_at(24);
    assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(rest, " (id=7,timestamp=20260601000000) t=5 error=\n");
    assert_eq!(
        line(RunOutput::Lines(LogFormat::Mw2014), None),
        "1970-01-01 00:00:00 BounceHandlerJob Special: t=5 error=\n"
    );
}

proptest! {
    #[test]
    fn no_value_breaks_a_line_of_1_43(bytes in vec(any::<u8>(), 0..2000), other in vec(0x08..0x40_u8, 0..50)) {
        let params = PhpArray::from_pairs([
            ("email", PhpValue::Str(&bytes)),
            ("list", PhpValue::Array(PhpArray::from_pairs([("0", PhpValue::Str(&other)), ("1", PhpValue::Str(&bytes))]))),
        ]);
        let mut line = Vec::new();
        job_text(LogFormat::Mw143, &facts(&params), &mut line);
        prop_assert!(!line.contains(&b'\n'));
    }

    #[test]
    fn characters_of_valid_text_are_those_of_unicode(text in ".{0,200}") {
        prop_assert_eq!(param_text::characters(text.as_bytes()), text.chars().count());
    }
}
