//! What cannot be the same twice becomes a placeholder, as `conformance/README.md` has it.

use super::support::NOW;

/// The rules that concern what the API answers now.
pub fn normalise(text: &str) -> String {
    let mut text = request_ids(text);
    for name in ["DBQueryError", "DBConnectionError"] {
        text = text.replace(name, "{{DBERROR}}");
    }
    php_lengths(&host_names(&generator(&present(&tokens(&text)))))
}

/// The time in the forms of ISO 8601: it stands still at [`NOW`], and nothing else is of its day.
fn present(text: &str) -> String {
    text.replace(&NOW.to_iso(), "{{NOW}}")
}

/// The version of a MediaWiki, whatever stands behind its numbers.
fn generator(text: &str) -> String {
    const NAME: &str = "MediaWiki 1.";
    let mut pieces = text.split(NAME);
    let mut normalised = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_version =
            |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let end = piece.find(|character| !is_version(character));
        let (version, after) = piece.split_at(end.unwrap_or(piece.len()));
        let mut numbers = version.split('.').take(2);
        let is_version = numbers
            .all(|number| number.starts_with(|digit: char| digit.is_ascii_digit()))
            && version.contains('.');
        normalised.push_str(if is_version { "{{GENERATOR}}" } else { NAME });
        normalised.push_str(if is_version { after } else { piece });
    }
    normalised
}

/// 40 hexadecimal digits in front of `+\`.
fn tokens(text: &str) -> String {
    let mut pieces: Vec<_> = text.split("+\\").map(str::to_owned).collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in &mut pieces {
        let start = piece.len().saturating_sub(40);
        let is_token = piece.get(start..).is_some_and(|digits| {
            digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if is_token {
            piece.replace_range(start.., "{{TOKEN}}");
        }
    }
    pieces.push(last);
    pieces.join("+\\")
}

/// 24 hexadecimal digits standing alone.
fn request_ids(text: &str) -> String {
    let mut normalised = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest
            .find(|character: char| !character.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        let is_lower_hex = word
            .chars()
            .all(|digit| digit.is_ascii_digit() || matches!(digit, 'a'..='f'));
        normalised.push_str(if word.len() == 24 && is_lower_hex {
            "{{REQID}}"
        } else {
            word
        });
        let mut characters = after.chars();
        normalised.extend(characters.next());
        rest = characters.as_str();
    }
    normalised
}

/// The value of `servedby`, as each format has it.
fn host_names(text: &str) -> String {
    let mut text = text.to_owned();
    for (before_name, end) in [
        ("\"servedby\":\"", "\""),
        (" servedby=\"", "\""),
        ("\"host\":\"", "\""),
    ] {
        if let Some((before, after)) = text.split_once(before_name) {
            let (_, after) = after.split_once(end).unwrap();
            text = format!("{before}{before_name}{{{{HOST}}}}{end}{after}");
        }
    }
    if let Some((before, after)) = text.split_once("\"servedby\";s:") {
        let (_, after) = after.split_once("\";").unwrap();
        text = format!("{before}\"servedby\";s:0:\"{{{{HOST}}}}\";{after}");
    }
    text
}

/// In serialized PHP the lengths of texts with placeholders are 0.
fn php_lengths(text: &str) -> String {
    let mut pieces = text.split("s:");
    let mut normalised = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let string = piece.split_once(":\"").filter(|(length, rest)| {
            let text = rest.split("\";").next().unwrap_or_default();
            length.parse::<usize>().is_ok() && text.contains("{{")
        });
        normalised.push_str("s:");
        match string {
            Some((_, rest)) => normalised.extend(["0:\"", rest]),
            None => normalised.push_str(piece),
        }
    }
    normalised
}

#[test]
fn identifiers_and_host_names_become_placeholders() {
    let id = "0123456789abcdef01234567";
    assert_eq!(
        normalise(&format!("[{id}] x{id} {id}0")),
        format!("[{{{{REQID}}}}] x{id} {id}0")
    );
    assert_eq!(normalise("a_DBQueryError"), "a_{{DBERROR}}");
    assert_eq!(
        normalise(r#"{"servedby":"h","x":1}"#),
        r#"{"servedby":"{{HOST}}","x":1}"#
    );
    let token = "0123456789abcdef0123456789abcdef01234567+\\";
    assert_eq!(normalise(token), "{{TOKEN}}+\\");
    assert_eq!(normalise("+\\ a+\\"), "+\\ a+\\");
    assert_eq!(
        normalise(r#"a:1:{s:8:"servedby";s:1:"h";s:1:"a";s:14:"a_DBQueryError";}"#),
        r#"a:1:{s:8:"servedby";s:0:"{{HOST}}";s:1:"a";s:0:"a_{{DBERROR}}";}"#
    );
    assert_eq!(
        normalise(r#"{"t":"2026-11-23T21:33:23Z","u":"2026-01-02T00:00:00Z"}"#),
        r#"{"t":"{{NOW}}","u":"2026-01-02T00:00:00Z"}"#
    );
    assert_eq!(
        normalise(r#"["MediaWiki 1.43.9-x","MediaWiki 1.x"]"#),
        r#"["{{GENERATOR}}","MediaWiki 1.x"]"#
    );
}
