//! What is printed of settings, and what never is.

use super::*;

#[test]
fn no_secret_is_ever_shown() {
    let given = r#"{
        "VERPsecret": "s3cret", "AdminToken": "s3cret",
        "SMTP": {"host": "mail", "username": "u", "password": "s3cret"},
        "Users": [{"id": 1, "name": "A", "password": "s3cret", "botpasswords": [{"appid": "b", "password": "s3cret"}]}]
    }"#;
    let settings = load_file("a.json", given).unwrap();
    let effective: Vec<_> = settings
        .effective()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(effective.concat().matches("\"***\"").count(), 5);
    assert!(!effective.concat().contains("s3cret") && !format!("{settings:?}").contains("s3cret"));
    let secret: Vec<_> = rows()
        .iter()
        .filter(|row| row.secret)
        .map(|row| row.name)
        .collect();
    assert_eq!(secret, ["VERPsecret", "SecretKey", "AdminToken"]);
}

#[test]
fn no_error_shows_what_may_be_a_secret() {
    let files = [
        ("a.json", r#"{"VERPsecret": ["s3cret"]}"#),
        ("a.json", r#"{"VERPsecret": 53}"#),
        ("a.json", r#"{"SMTP": "smtp://user:s3cret@mail"}"#),
        ("a.json", r#"{"Users": "s3cret"}"#),
        ("a.json", r#"{"Users": ["s3cret"]}"#),
        (
            "a.json",
            r#"{"Users": [{"id": 1, "name": "A", "password": {"s3cret": "s3cret"}}]}"#,
        ),
        ("a.toml", "VERPsecret = s3cret\n"),
        ("a.toml", "VERPsecret = \"s3cret\n"),
        ("a.toml", "VERPsecret = \"s3cret\\q\"\n"),
        ("a.json", r#"{"VERPsecret": s3cret}"#),
        ("a.json", "\"s3cret\""),
    ];
    let flags = [
        ("SMTP", "{s3cret"),
        ("SMTP", "s3cret"),
        ("Users", "s3cret"),
        ("Users", "[\"s3cret\"]"),
    ];
    let from_files = files.map(|(name, content)| load_file(name, content).unwrap_err());
    let from_flags = flags.map(|flag| load_flags(&[flag]).unwrap_err());
    for error in from_files.iter().chain(&from_flags) {
        assert!(
            !error.contains("s3cret") && !error.contains("53"),
            "{error}"
        );
    }
}

#[test]
fn settings_are_printed_with_their_values_and_origins() {
    let settings = load_flags(&[("Sitename", "Wiki \"W\"\u{1b}[31m")]).unwrap();
    let lines: Vec<_> = settings
        .effective()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(lines.len(), rows().len());
    assert_eq!(
        lines[0],
        r#"Sitename = "Wiki \"W\"\u001b[31m"  # command line"#
    );
    let smtp = [(
        "SMTP",
        r#"{"host": "mail", "port": 25, "password": "s3cret"}"#,
    )];
    let settings_with_smtp = load_flags(&smtp).unwrap();
    let shown = settings_with_smtp
        .effective()
        .into_iter()
        .find(|value| value.name == "SMTP");
    assert_eq!(
        shown.unwrap().value,
        r#"{ host = "mail", password = "***" }"#
    );
    assert!(lines.contains(&"SMTP = false  # built-in default".to_owned()));
    assert!(lines.contains(&"MaxRequestSize = \"64 MiB\"  # built-in default".to_owned()));
}

#[test]
fn the_sample_file_gives_the_defaults_with_and_without_its_comment_signs() {
    let sample = sample_file();
    let active: Vec<_> = sample
        .lines()
        .filter(|line| !line.starts_with("##"))
        .collect();
    assert!(
        active
            .iter()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
    let uncommented: Vec<_> = active
        .iter()
        .map(|line| line.trim_start_matches('#'))
        .collect();
    let defaults = values(&Settings::defaults());
    assert_eq!(values(&load_file("a.toml", &sample).unwrap()), defaults);
    let given = load_file("a.toml", &uncommented.join("\n")).unwrap();
    assert_eq!(values(&given), defaults);
    for row in rows() {
        assert_ne!(
            given.origin(row.name),
            Some(&Origin::Default),
            "{}",
            row.name
        );
    }
}
