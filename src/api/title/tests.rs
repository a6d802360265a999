//! Expected values are answers of a MediaWiki 1.39 to `action=query&titles=…`, whose site is called "Test Wiki".

use super::*;

fn read(text: &str) -> Result<String, TitleFault> {
    Title::read(text, "Test Wiki").map(|title| title.prefixed("Test Wiki"))
}

#[test]
fn titles_get_one_form() {
    for (text, title) in [
        ("a", "A"),
        ("b_c", "B c"),
        (" A  B ", "A B"),
        ("__A__", "A"),
        ("talk:x", "Talk:X"),
        ("TALK:y", "Talk:Y"),
        ("talk_:x", "Talk:X"),
        ("user_talk:z", "User talk:Z"),
        (":foo", "Foo"),
        (":Category:foo", "Category:Foo"),
        ("Image:x.png", "File:X.png"),
        ("Project:z", "Test Wiki:Z"),
        ("Project talk:x", "Test Wiki talk:X"),
        ("Test_wiki:q", "Test Wiki:Q"),
        ("x:y", "X:y"),
        ("Foo::bar", "Foo::bar"),
        ("A#b", "A"),
        ("User:a#b", "User:A"),
        ("#x", ""),
        ("foo&nbsp;bar", "Foo bar"),
        ("&amp;", "&"),
        ("&#x41;b", "Ab"),
        ("A\u{a0}B", "A B"),
        ("A\u{200e}b", "Ab"),
        ("ßx", "SSx"),
        ("a%", "A%"),
        ("a%z1", "A%z1"),
        ("...", "..."),
        ("a//b", "A//b"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(title), "{text}");
    }
}

#[test]
fn what_is_no_title_has_a_reason() {
    for text in ["", "_", ":", "Talk:", "File:"] {
        assert_eq!(read(text), Err(TitleFault::Empty), "{text}");
    }
    for text in [
        ".",
        "./",
        "a/.",
        "a/./b",
        "..",
        "A/../B",
        "a/../",
        "Help:x/../y",
    ] {
        assert_eq!(read(text), Err(TitleFault::Relative), "{text}");
    }
    for text in ["Talk::x", "::foo"] {
        assert_eq!(read(text), Err(TitleFault::LeadingColon), "{text}");
    }
    assert_eq!(read("~~~"), Err(TitleFault::MagicTilde));
    assert_eq!(read("Talk:File:x"), Err(TitleFault::TalkNamespace));
    assert_eq!(read("&#0;"), Err(TitleFault::BadUtf8));
    for (title, characters) in [
        ("A<b", "<"),
        ("a{", "{"),
        ("aaaa[", "["),
        ("a%41", "%41"),
        ("a&lt;", "<"),
        ("a&foo;", "&foo;"),
        ("A\nb", "\n"),
    ] {
        let (characters, title) = (characters.to_owned(), title.to_owned());
        let text = title.clone();
        assert_eq!(
            read(&text),
            Err(TitleFault::Characters { characters, title })
        );
    }
}

#[test]
fn a_title_has_at_most_255_bytes_and_a_special_page_512() {
    assert!(read(&"a".repeat(255)).is_ok());
    let longest = 255;
    assert_eq!(read(&"b".repeat(256)), Err(TitleFault::TooLong { longest }));
    assert!(read(&format!("Special:{}", "a".repeat(256))).is_ok());
}
