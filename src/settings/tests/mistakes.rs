//! What is refused, and how the message reads.

use super::*;

#[test]
fn a_wrong_value_is_reported_even_if_a_stronger_source_replaces_it() {
    let (_directory, path) = file("wiki.json", r#"{"BounceRecordLimit": "many"}"#);
    let sources = LoadSources {
        file: Some(path),
        environment: Vec::new(),
        flags: pairs(&[("BounceRecordLimit", "3")]),
    };
    assert!(Settings::load(sources).is_err());
}

#[test]
fn an_unknown_name_is_an_error_that_tells_the_place_and_the_nearest_name() {
    let table = [
        (
            load_file("a.toml", "Sitename = \"x\"\n\nVERPsecrt = \"x\"\n"),
            "FILE, line 3: unknown setting `VERPsecrt`; did you mean `VERPsecret`?",
        ),
        (
            load_file("a.json", r#"{"wgVERPsecret": "x"}"#),
            "FILE: unknown setting `wgVERPsecret`; did you mean `VERPsecret`?",
        ),
        (
            load_file("a.json", r#"{"RunJobRat": 1}"#),
            "FILE: unknown setting `RunJobRat`; did you mean `JobRunRate`?",
        ),
        (
            load_file(
                "a.toml",
                "[[Users]]\nid = 1\nname = \"A\"\n\n[[Users]]\nid = 2\nname = \"B\"\nemial = \"b\"\n",
            ),
            "FILE, line 8: Users[1].emial: unknown key; did you mean `email`?",
        ),
        (
            load_file(
                "a.json",
                r#"{"Users": [{"id": 1, "name": "A", "block": {"xyzzy": 1}}]}"#,
            ),
            "FILE: Users[0].block.xyzzy: unknown key; docs/SETTINGS.md lists what is known",
        ),
        (
            load_environment(&[("BOUNCEHANDLERD_VERPSECRET", "x")]),
            "environment variable BOUNCEHANDLERD_VERPSECRET: no setting is called so; \
             did you mean `BOUNCEHANDLERD_VERP_SECRET`?",
        ),
        (
            load_environment(&[("BOUNCEHANDLERD_QQ", "x")]),
            "environment variable BOUNCEHANDLERD_QQ: no setting is called so; \
             docs/SETTINGS.md lists what is known",
        ),
        (
            load_flags(&[("listen", "x")]),
            "command line: unknown setting `listen`; did you mean `Listen`?",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err(), expected);
    }
}

#[test]
fn a_value_that_does_not_fit_is_reported_with_what_would() {
    let bytes = "a number of bytes or a text like \"64 MiB\" (B, K, M, G)";
    let seconds = "a whole number of seconds or a text like \"3 days\" (s, min, h, days, weeks)";
    let digits = "a text of 14 digits YYYYMMDDHHMMSS in UTC";
    let table = [
        ("Sitename = 1", "Sitename: 1 given, expected a text".to_owned()),
        ("ShowHostnames = \"yes\"", "ShowHostnames: \"yes\" given, expected true or false".to_owned()),
        ("JobRunRate = nan", "JobRunRate: \"nan\" given, expected a number".to_owned()),
        ("MaxInputVars = -1", format!("MaxInputVars: -1 given, expected a whole number from 0 to {}", usize::MAX)),
        ("JobMaxAttempts = 1.5", "JobMaxAttempts: 1.5 given, expected a whole number from 0 to 4294967295".to_owned()),
        ("VERPAcceptTime = \"soon\"", format!("VERPAcceptTime: \"soon\" given, expected {seconds}")),
        ("MaxRequestSize = \"64 MB\"", format!("MaxRequestSize: \"64 MB\" given, expected {bytes}")),
        ("CdnServers = \"10.0.0.1\"", "CdnServers: a text given, expected a list".to_owned()),
        ("LocalDatabases = [\"a\", 2]", "LocalDatabases[1]: 2 given, expected a text".to_owned()),
        ("DebugLogGroups = [1]", "DebugLogGroups: a list given, expected a table".to_owned()),
        ("DebugLogGroups.BounceHandler = \"\"", "DebugLogGroups.BounceHandler: \"\" given, expected a path".to_owned()),
        ("RunJobsLogFormat = 2014", "RunJobsLogFormat: 2014 given, expected \"2014\" or \"1.43\"".to_owned()),
        ("SMTP = \"mail\"", "SMTP: a text given, expected a table".to_owned()),
        ("SMTP = {}", "SMTP: the key `host` is missing".to_owned()),
        ("SMTP = { host = \"a\", port = 65536 }", "SMTP.port: 65536 given, expected a whole number from 0 to 65535".to_owned()),
        (
            "Users = [{ id = 1, name = \"A\", registration = 2026-01-01 }]",
            format!("Users[0].registration: \"2026-01-01\" given, expected {digits}"),
        ),
        (
            "Users = [{ id = 1, name = \"A\", email_authenticated = \"20260230000000\" }]",
            format!("Users[0].email_authenticated: \"20260230000000\" given, expected {digits}"),
        ),
        (
            "Listen = \"localhost:80\"",
            "Listen: \"localhost:80\" given, expected an IP address and a port like 127.0.0.1:8080 or [::1]:8080".to_owned(),
        ),
    ];
    for (line, expected) in table {
        let error = load_file("a.toml", &format!("# one\n{line}\n")).unwrap_err();
        assert_eq!(error, format!("FILE, line 2: {expected}"));
    }
}

#[test]
fn a_wrong_text_from_the_environment_or_a_flag_is_reported() {
    let table = [
        (
            load_environment(&[("BOUNCEHANDLERD_SHOW_HOSTNAMES", "yes")]),
            "environment variable BOUNCEHANDLERD_SHOW_HOSTNAMES: ShowHostnames: \"yes\" given, expected true or false",
        ),
        (
            load_flags(&[("JobRunRate", "fast")]),
            "command line: JobRunRate: \"fast\" given, expected a number",
        ),
        (
            load_flags(&[("Databases", "[a")]),
            "command line: Databases: not valid JSON (expected value at line 1 column 2); \
             give tables as JSON, lists as JSON or separated by commas",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err(), expected);
    }
}

#[test]
fn a_setting_given_twice_in_one_source_is_an_error() {
    let table = [
        load_file("a.json", r#"{"JobRunRate": 1, "JobRunRate": 2}"#),
        load_file("a.json", r#"{"JobRunRate": 1, "RunJobRate": 2}"#),
        load_flags(&[("RunJobRate", "1"), ("JobRunRate", "2")]),
        load_environment(&[
            ("BOUNCEHANDLERD_RUN_JOB_RATE", "1"),
            ("BOUNCEHANDLERD_JOB_RUN_RATE", "2"),
        ]),
    ];
    for result in table {
        let error = result.unwrap_err();
        assert!(
            error.ends_with(": `JobRunRate` is given twice; keep one of the two"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason_of_the_system() {
    let sources = LoadSources {
        file: Some(PathBuf::from("/nonexistent/a.toml")),
        ..LoadSources::default()
    };
    let error = Settings::load(sources).unwrap_err().to_string();
    let expected = "cannot read the settings file /nonexistent/a.toml: No such file or directory";
    assert!(error.starts_with(expected), "{error}");
    let table = [
        (
            "a.ini",
            "",
            "FILE: the name of a settings file must end in .toml or .json",
        ),
        (
            "a",
            "",
            "FILE: the name of a settings file must end in .toml or .json",
        ),
        (
            "a.json",
            "[\"s3cret\"]",
            "FILE: not valid JSON: the file must be one object",
        ),
        (
            "a.json",
            "{\"Sitename\": ",
            "FILE: not valid JSON: EOF while parsing a value at line 1 column 13",
        ),
    ];
    for (name, content, expected) in table {
        assert_eq!(load_file(name, content).unwrap_err(), expected);
    }
    let error = load_file("a.toml", "Sitename = \"x\"\nSitename = \"y\"\n").unwrap_err();
    assert!(
        error.starts_with("FILE, line 2: not valid TOML: "),
        "{error}"
    );
}

#[test]
fn a_deeply_nested_file_is_an_error_and_no_overflow() {
    let deep = [
        "a = ".to_owned() + &"[".repeat(50_000),
        vec!["a"; 50_000].join(".") + " = 1",
    ];
    for content in &deep {
        assert!(load_file("a.toml", content).is_err());
    }
    assert!(load_file("a.json", &format!("{{\"a\": {}", "[".repeat(50_000))).is_err());
}
