//! What cannot be the same twice becomes a placeholder, as `conformance/README.md` has it.

/// The rules that concern what the API answers now.
pub fn normalise(text: &str) -> String {
    let mut text = request_ids(text);
    for name in ["DBQueryError", "DBConnectionError"] {
        text = text.replace(name, "{{DBERROR}}");
    }
    host_names(&text)
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

/// The value of `servedby`.
fn host_names(text: &str) -> String {
    match text.split_once("\"servedby\":\"") {
        Some((before, after)) => {
            let (_, after) = after.split_once('"').unwrap();
            format!("{before}\"servedby\":\"{{{{HOST}}}}\"{after}")
        }
        None => text.to_owned(),
    }
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
}
