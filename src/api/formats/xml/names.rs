//! Names of elements and attributes.

use std::borrow::Cow;

/// The name itself, if it is one in XML (Namespaces in XML 1.0: `NCName`).
///
/// Any other gets `_` in front, and each character that cannot stand in a name, and each full stop, becomes its number
/// between full stops.
pub fn encode(name: &str) -> Cow<'_, str> {
    let is_name = name.chars().next().is_some_and(begins_name) && name.chars().all(stands_in_name);
    if is_name {
        return Cow::Borrowed(name);
    }
    let written = name.chars().map(|character| {
        if stands_in_name(character) && character != '.' {
            character.to_string()
        } else {
            format!(".{:X}.", u32::from(character))
        }
    });
    Cow::Owned(std::iter::once("_".to_owned()).chain(written).collect())
}

/// XML 1.0: `NameStartChar` without the colon.
fn begins_name(character: char) -> bool {
    matches!(
        character,
        'A'..='Z'
            | '_'
            | 'a'..='z'
            | '\u{c0}'..='\u{d6}'
            | '\u{d8}'..='\u{f6}'
            | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}'
            | '\u{37f}'..='\u{1fff}'
            | '\u{200c}'..='\u{200d}'
            | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}'
            | '\u{3001}'..='\u{d7ff}'
            | '\u{f900}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}'
    )
}

/// XML 1.0: `NameChar` without the colon.
fn stands_in_name(character: char) -> bool {
    begins_name(character)
        || matches!(
            character,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_becomes_one() {
        // Asked of a wiki whose default options have these names: siprop=defaultoptions&format=xml.
        let table = [
            ("\u{e9}", "\u{e9}"),
            ("a.b", "a.b"),
            ("a.20.b", "a.20.b"),
            ("a_20_b", "a_20_b"),
            ("x\u{b7}y", "x\u{b7}y"),
            ("x\u{300}y", "x\u{300}y"),
            ("x\u{2040}y", "x\u{2040}y"),
            ("x\u{200d}y", "x\u{200d}y"),
            ("\u{2070}x", "\u{2070}x"),
            ("\u{1f600}", "\u{1f600}"),
            ("", "_"),
            ("1x", "_1x"),
            ("-x", "_-x"),
            ("\u{b7}x", "_\u{b7}x"),
            (".", "_.2E."),
            (".x", "_.2E.x"),
            (":x", "_.3A.x"),
            ("a b", "_a.20.b"),
            ("a.b-c_d:e", "_a.2E.b-c_d.3A.e"),
            ("xml:space", "_xml.3A.space"),
            ("q\"<&>", "_q.22..3C..26..3E."),
            ("\n", "_.A."),
            ("\u{1}x", "_.1.x"),
            ("\u{d7}", "_.D7."),
            ("\u{37e}", "_.37E."),
            ("\u{3000}", "_.3000."),
            ("\u{1f600} ", "_\u{1f600}.20."),
            ("\u{f0000}", "_.F0000."),
        ];
        for (name, expected) in table {
            assert_eq!(encode(name), expected, "{name}");
        }
    }
}
