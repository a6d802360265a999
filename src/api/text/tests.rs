use super::*;
use base64::Engine as _;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const FFFD: &str = "\u{fffd}";

#[test]
fn each_broken_sequence_becomes_one_replacement_character() {
    // Bytes 0x80 to 0xFF and the sequences of core/utf8-*; counts as in job_rows.jsonl, rows `bin`, `surrogate`, `cp1252`.
    let table: [(&[u8], &[&str]); 10] = [
        (b"a\x80b", &["a", FFFD, "b"]),
        (b"a\xC3", &["a", FFFD]),
        (b"a\xC3b", &["a", FFFD, "b"]),
        (b"a\xC0\xAFb", &["a", FFFD, "b"]),
        (b"a\xED\xA0\x80b", &["a", FFFD, "b"]),
        (b"a\xF4\x90\x80\x80b", &["a", FFFD, "b"]),
        (b"\xE2\x82\xE2\x82\xAC", &[FFFD, "\u{20ac}"]),
        (b"\xFC\x80\x80\x80\x80\x80", &[FFFD]),
        (b"\xFF\xFE", &[FFFD, FFFD]),
        (b"\x80\x93", &[FFFD, FFFD]),
    ];
    for (raw, expected) in table {
        assert_eq!(clean(raw), expected.concat(), "{raw:x?}");
    }
}

#[test]
fn characters_that_xml_forbids_are_replaced_and_no_others() {
    for forbidden in [
        '\0', '\x08', '\x0B', '\x0C', '\x1B', '\x1F', '\u{FFFE}', '\u{FFFF}',
    ] {
        assert_eq!(
            clean(forbidden.to_string().as_bytes()),
            FFFD,
            "{forbidden:?}"
        );
    }
    for allowed in [
        "\t",
        "\n",
        "\r",
        "\x7F",
        "\u{85}",
        "\u{FDD0}",
        "\u{1FFFE}",
        "\u{FEFF}",
    ] {
        assert!(matches!(clean(allowed.as_bytes()), Cow::Borrowed(text) if text == allowed));
    }
}

#[test]
fn text_is_normalised_and_is_borrowed_when_it_was() {
    assert_eq!(clean("e\u{301} A\u{30a}".as_bytes()), "\u{e9} \u{c5}");
    for normalised in [
        "",
        "To: a@b\r\n\r\nx",
        "\u{e9}",
        "\u{fb01} \u{b2}",
        "\u{1F600}",
    ] {
        assert!(matches!(clean(normalised.as_bytes()), Cow::Borrowed(text) if text == normalised));
    }
    // A base letter and a mark that have no character of their own: quick checks cannot tell, and nothing changes.
    assert!(matches!(clean("x\u{301}".as_bytes()), Cow::Borrowed(_)));
}

#[test]
fn what_is_no_utf8_in_a_query_string_is_windows_1252() {
    assert_eq!(of_value(b"caf\xE9 \x80", true), "caf\u{e9} \u{20ac}");
    assert_eq!(of_value(b"caf\xE9", false), ["caf", FFFD].concat());
    assert_eq!(of_value("caf\u{e9}".as_bytes(), true), "caf\u{e9}");
    // PHP's iconv gives up on the five bytes without a character.
    for undefined in [0x81, 0x8D, 0x8F, 0x90, 0x9D] {
        assert_eq!(of_value(&[b'a', undefined], true), "");
    }
}

#[test]
fn separators_stay_where_the_value_begins_with_one() {
    assert!(matches!(
        of_value(b"\x1Fa\x1Fb", false),
        Cow::Borrowed("\x1Fa\x1Fb")
    ));
    assert_eq!(
        of_value(b"\x1Fe\xCC\x81\x1F\x01", true),
        ["\x1F\u{e9}\x1F", FFFD].concat()
    );
    assert_eq!(of_value(b"a\x1Fb", false), ["a", FFFD, "b"].concat());
}

#[test]
fn mails_become_the_bytes_that_the_wiki_stored() {
    let shared = std::env::var_os("BOUNCEHANDLERD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = shared.join("jobs/golden/job_rows.jsonl");
    let Ok(rows) = fs::read_to_string(&path) else {
        println!(
            "skipped: stored bytes of mails: no recordings at {}",
            path.display()
        );
        return;
    };
    let mut compared = 0_usize;
    for row in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let decoded = |name: &str| {
            let encoded = row[name].as_str()?;
            Some(
                base64::engine::general_purpose::STANDARD
                    .decode(encoded)
                    .unwrap(),
            )
        };
        let Some(stored) = decoded("stored_email_b64") else {
            continue;
        };
        let posted = decoded("posted_b64").unwrap();
        let text = of_value(&posted, false);
        assert_eq!(text.as_bytes(), stored, "{}", row["id"]);
        assert_eq!(
            matches!(text, Cow::Borrowed(_)),
            row["stored_equals_posted"] == true
        );
        compared = compared.saturating_add(1);
    }
    assert!(compared >= 10, "only {compared} rows have a stored mail");
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing_more(raw in proptest::collection::vec(any::<u8>(), 0..64)) {
        let once = clean(&raw).into_owned();
        prop_assert!(matches!(clean(once.as_bytes()), Cow::Borrowed(_)), "{once:?}");
    }

    #[test]
    fn a_borrowed_text_is_the_value_itself(raw in "\\PC{0,24}", in_query in any::<bool>()) {
        if let Cow::Borrowed(text) = of_value(raw.as_bytes(), in_query) {
            prop_assert_eq!(text, &raw);
        }
    }
}
