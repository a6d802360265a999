//! Names of users (MediaWiki: `UserNameUtils`, and of `TitleParser` what concerns them).

use crate::ip::address;

/// The longest name, in bytes.
const LONGEST: usize = 255;

/// The namespaces of a wiki but that of users: no user's name begins with one of them.
const OTHER_NAMESPACES: [&str; 19] = [
    "media",
    "special",
    "talk",
    "user talk",
    "project",
    "project talk",
    "file",
    "file talk",
    "image",
    "image talk",
    "mediawiki",
    "mediawiki talk",
    "template",
    "template talk",
    "help",
    "help talk",
    "category",
    "category talk",
    "",
];

/// The form in which a name is looked up and shown; `None` if nobody can have such a name.
pub fn canonical_name(name: &str) -> Option<String> {
    if name.contains('#') || is_address(name) {
        return None;
    }
    let spaced = single_spaced(&with_characters_for_references(name));
    let name = without_namespace(&spaced)?;
    let is_legal = !name.contains(is_forbidden)
        && !has_reference(name)
        && !name.contains("~~~")
        && !has_percent_encoding(name)
        && !matches!(name, "" | "." | "..");
    let first = name.chars().next().filter(|_| is_legal)?;
    let rest = name.strip_prefix(first)?;
    let name: String = first.to_uppercase().chain(rest.chars()).collect();
    (name.len() <= LONGEST && !is_address(&name)).then_some(name)
}

/// Names that MediaWiki keeps for itself (asked of a MediaWiki 1.39).
const RESERVED: [&str; 12] = [
    "Command line script",
    "Conversion script",
    "DNSBL",
    "Delete page script",
    "Maintenance script",
    "MediaWiki default",
    "Move page script",
    "Proxy blocker",
    "Redirect fixer",
    "ScriptImporter",
    "Template namespace initialisation script",
    "Unknown user",
];

/// Whether an account with this canonical name could be made: `@` is kept for bot passwords, `:` for other wikis, and `=`
/// and `>` are forbidden too (recorded case `siteinfo/general-fv1`: `invalidusernamechars`).
pub fn is_creatable_name(name: &str) -> bool {
    !name.contains(['@', ':', '>', '=']) && !RESERVED.contains(&name)
}

/// Addresses, and what looks like one with its last part left out, are the names of strangers.
fn is_address(name: &str) -> bool {
    let parts: Vec<_> = name.split('.').collect();
    let is_number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_like_v4 = match parts.as_slice() {
        [first @ .., last] if first.len() == 3 => {
            first.iter().all(|part| is_number(part)) && (is_number(last) || *last == "xxx")
        }
        _ => false,
    };
    is_like_v4 || address::parse(name).is_some()
}

/// Runs of blanks and underscores become one blank; those at the ends, and marks of writing direction, go away.
fn single_spaced(name: &str) -> String {
    let is_blank = |character: char| {
        matches!(
            character,
            ' ' | '_' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
    };
    let is_mark =
        |character: &char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let unmarked: String = name
        .chars()
        .filter(|character| !is_mark(character))
        .collect();
    let words = unmarked.split(is_blank).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The name behind `User:`; `None` if it is in another namespace.
fn without_namespace(name: &str) -> Option<&str> {
    let Some((namespace, rest)) = name.split_once(':') else {
        return Some(name);
    };
    let namespace = namespace.trim().to_lowercase();
    if namespace != "user" {
        let is_other = OTHER_NAMESPACES.contains(&&*namespace);
        return (!is_other).then_some(name);
    }
    let rest = rest.trim();
    let nested = rest
        .split_once(':')
        .map(|(prefix, _)| prefix.trim().to_lowercase());
    let is_nested =
        nested.is_some_and(|prefix| prefix == "user" || OTHER_NAMESPACES.contains(&&*prefix));
    (!is_nested).then_some(rest)
}

/// What no title or no user name may have: markup, `/`, controls, blanks that are left, characters for private use.
fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '<' | '>' | '[' | ']' | '|' | '{' | '}' | '/' | '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{200b}'..='\u{200d}'
            | '\u{fffd}' | '\u{e000}'..='\u{f8ff}'
    )
}

fn has_percent_encoding(name: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    let mut windows = name.as_bytes().windows(3);
    windows.any(|window| matches!(window, [b'%', high, low] if is_digit(high) && is_digit(low)))
}

/// Puts characters in the place of the character references that are usual in names.
fn with_characters_for_references(name: &str) -> String {
    if !name.contains('&') {
        return name.to_owned();
    }
    [("&nbsp;", "\u{a0}"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(name.to_owned(), |name, (reference, character)| {
            name.replace(reference, character)
        })
}

/// Whether there is a character reference, known or not.
fn has_reference(name: &str) -> bool {
    name.split('&').skip(1).any(|after| {
        let reference = after.split_once(';').map(|(reference, _)| reference);
        reference.is_some_and(|reference| {
            !reference.is_empty()
                && reference
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || !character.is_ascii())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a MediaWiki 1.39 answers (`assertuser`, `list=users`); recorded cases `params/assertuser-*`, `query/users-*`.
    #[test]
    fn names_are_brought_into_the_form_of_the_original() {
        for (given, canonical) in [
            ("bob", "Bob"),
            ("_bob_", "Bob"),
            ("  bob__x  ", "Bob x"),
            ("Bob@x", "Bob@x"),
            ("a:b", "A:b"),
            ("User:Bob", "Bob"),
            ("User: bob", "Bob"),
            ("en:Bob", "En:Bob"),
            ("\u{e9}a", "\u{c9}a"),
            ("\u{df}x", "SSx"),
            ("\u{1c6}x", "\u{1c4}x"),
            ("a&amp;b", "A&b"),
            ("a&nbsp;b", "A b"),
            ("a~~b", "A~~b"),
            ("a=b", "A=b"),
            ("''B''", "''B''"),
            ("a\u{200e}b", "Ab"),
            ("a\u{a0}b", "A b"),
            ("a\u{3000}b", "A b"),
            ("a\u{2066}b", "A\u{2066}b"),
            ("..a", "..a"),
            ("a%b", "A%b"),
            ("a%zz", "A%zz"),
            ("*bob", "*bob"),
            ("~2026-1", "~2026-1"),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(canonical_name(given).as_deref(), Some(canonical), "{given}");
        }
        assert!(canonical_name(&"x".repeat(255)).is_some());
    }

    #[test]
    fn what_can_be_no_name_is_refused() {
        for given in [
            "",
            " ",
            "_",
            "a#b",
            "#1",
            "a|b#",
            "a<b",
            "a[b",
            "a{b",
            "a/b",
            "./a",
            ".",
            "..",
            "1.2.3.4",
            "999.999.999.999",
            "1.2.3.xxx",
            "1.2.3.0/24",
            "::1",
            "2001:db8::1",
            "Talk:Bob",
            ":Bob",
            "Image:Foo",
            "Special:x",
            "Project:x",
            "user:user:bob",
            "User:",
            "a%41b",
            "a~~~b",
            "a&foo;b",
            "a&#65;b",
            "a\tb",
            "a\u{200b}b",
            "a\u{e000}b",
            "a\u{85}b",
            "a\u{fffd}b",
        ] {
            assert_eq!(canonical_name(given), None, "{given}");
        }
        assert_eq!(canonical_name(&"x".repeat(256)), None);
    }

    #[test]
    fn names_of_bot_passwords_and_of_other_wikis_cannot_be_made() {
        assert!(is_creatable_name("Fresh Name"));
        assert!(!is_creatable_name("Bob@x"));
        assert!(!is_creatable_name("A:b"));
        assert!(!is_creatable_name("A=b"));
        assert!(!is_creatable_name("Maintenance script"));
    }
}
