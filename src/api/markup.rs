//! Markup in the texts of messages: put out of action in what users wrote, and taken out of what is shown as plain text.

/// Escapes text for HTML, both quotes included, with PHP's choice of entities (`htmlspecialchars`).
pub fn escape_html(text: &str) -> String {
    replace_characters(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#039;"),
        _ => None,
    })
}

/// Escapes text so that none of it is wikitext (recorded cases `core/unknown-param-markup-*`).
pub fn escape_wikitext(text: &str) -> String {
    let escaped = replace_characters(text, |character| match character {
        '"' => Some("&#34;"),
        '&' => Some("&#38;"),
        '\'' => Some("&#39;"),
        ';' => Some("&#59;"),
        '<' => Some("&#60;"),
        '=' => Some("&#61;"),
        '>' => Some("&#62;"),
        '[' => Some("&#91;"),
        ']' => Some("&#93;"),
        '{' => Some("&#123;"),
        '|' => Some("&#124;"),
        '}' => Some("&#125;"),
        _ => None,
    });
    escaped
        .replace("__", "_&#95;")
        .replace("~~~", "~~&#126;")
        .replace("://", "&#58;//")
}

fn replace_characters(text: &str, replacement: fn(char) -> Option<&'static str>) -> String {
    let mut replaced = String::with_capacity(text.len());
    for character in text.chars() {
        match replacement(character) {
            Some(entity) => replaced.push_str(entity),
            None => replaced.push(character),
        }
    }
    replaced
}

/// Elements that stand for quotes where there is no markup.
const QUOTING_TAGS: [&str; 8] = [
    "<var>", "</var>", "<kbd>", "</kbd>", "<samp>", "</samp>", "<code>", "</code>",
];

/// The most characters between `&` and `;` that are looked at, so that a text of nothing but `&` is read once.
const LONGEST_REFERENCE: usize = 10;

/// The text without its tags, as the error formats `bc` and `plaintext` show it.
///
/// Elements for code become quotes, other tags nothing, character references become characters, and white space is
/// collapsed and trimmed.
pub fn to_plain_text(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let (shown, after) = split_markup(from);
        text.extend(shown);
        rest = after;
    }
    text.push_str(rest);
    collapse_white_space(&text)
}

/// Splits off the `<` or `&` that `from` begins with, and whatever it begins; with the character that is shown for it.
fn split_markup(from: &str) -> (Option<char>, &str) {
    let quoting = QUOTING_TAGS.iter().find_map(|tag| from.strip_prefix(tag));
    if let Some(after) = quoting {
        return (Some('"'), after);
    }
    if let Some(after) = after_tag(from) {
        return (None, after);
    }
    if let Some((character, after)) = split_character_reference(from) {
        return (Some(character), after);
    }
    let mut characters = from.chars();
    (characters.next(), characters.as_str())
}

/// What follows the tag or comment at the start (HTML, section 13.2.5 "Tokenization"); nothing if it has no end.
fn after_tag(from: &str) -> Option<&str> {
    let inside = from.strip_prefix('<')?;
    if let Some(comment) = inside.strip_prefix("!--") {
        return Some(comment.split_once("-->").map_or("", |(_, after)| after));
    }
    let name = inside.strip_prefix('/').unwrap_or(inside);
    if name.starts_with(|character: char| character.is_ascii_alphabetic()) {
        return Some(after_attributes(name));
    }
    if inside.starts_with(['/', '!', '?']) {
        return Some(inside.split_once('>').map_or("", |(_, after)| after));
    }
    None
}

/// What follows the `>` that stands in no quoted attribute value.
fn after_attributes(tag: &str) -> &str {
    let mut quote = None;
    let mut characters = tag.chars();
    let mut previous = None;
    while let Some(character) = characters.next() {
        match quote {
            Some(open) if character == open => quote = None,
            None if character == '>' => return characters.as_str(),
            None if matches!(character, '"' | '\'') && previous == Some('=') => {
                quote = Some(character);
            }
            Some(_) | None => {}
        }
        if !character.is_ascii_whitespace() {
            previous = Some(character);
        }
    }
    ""
}

/// The character that a reference at the start stands for, and what follows it.
fn split_character_reference(from: &str) -> Option<(char, &str)> {
    let inside = from.strip_prefix('&')?;
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let length = inside
        .bytes()
        .take(LONGEST_REFERENCE)
        .take_while(in_name)
        .count();
    let (name, after) = inside.split_at_checked(length)?;
    let after = after.strip_prefix(';')?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    };
    Some((character, after))
}

fn collapse_white_space(text: &str) -> String {
    let words = text.split([' ', '\t', '\n', '\r']);
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_with_both_quotes() {
        // Recorded case errors/action-markup-html; the double quote is PHP's htmlspecialchars.
        assert_eq!(
            escape_html("<b>''x''[[y]]{{z}}~~~~ \"&"),
            "&lt;b&gt;&#039;&#039;x&#039;&#039;[[y]]{{z}}~~~~ &quot;&amp;"
        );
    }

    #[test]
    fn wikitext_is_escaped_by_numbers() {
        // Recorded case core/unknown-param-markup-wikitext.
        assert_eq!(
            escape_wikitext("a<b>''c''{{d}}"),
            "a&#60;b&#62;&#39;&#39;c&#39;&#39;&#123;&#123;d&#125;&#125;"
        );
    }

    #[test]
    fn escaped_wikitext_is_the_text_itself_where_there_is_no_markup() {
        for text in [
            "a<b>''c''{{d}}",
            "&amp; [[x]]|=;\"",
            "__a__ ~~~~ http://b",
            "&#60;",
        ] {
            assert_eq!(to_plain_text(&escape_wikitext(text)), text);
        }
    }

    #[test]
    fn tags_vanish_and_elements_for_code_become_quotes() {
        let table = [
            ("The <kbd>x</kbd> module", "The \"x\" module"),
            ("<strong>a</strong>: <var>b</var>", "a: \"b\""),
            ("&lt;https://x/&gt; &amp;lt;", "<https://x/> &lt;"),
            ("&#60;&#x3C;&#X3c;&#xD800;&#0;", "<<<\u{fffd}\0"),
            (
                "a < b & c &nope; &#; &#xg; &;",
                "a < b & c &nope; &#; &#xg; &;",
            ),
            ("<a href='x>y'>l</a> <a b=\"<\">m", "l m"),
            ("1<!-- <b> -->2</>3<!x>4<?y>5", "12345"),
            ("x<b", "x"),
            ("x<!--y", "x"),
            ("  a \r\n\t b\u{a0} ", "a b\u{a0}"),
        ];
        for (markup, expected) in table {
            assert_eq!(to_plain_text(markup), expected, "{markup}");
        }
    }

    #[test]
    fn a_long_text_of_nothing_but_markup_characters_is_read_once() {
        for characters in ["&", "<", "<!--", "&#", "<a "] {
            to_plain_text(&characters.repeat(200_000));
        }
    }
}
