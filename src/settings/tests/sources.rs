//! The sources, their order, and what their values become.

use super::*;

#[test]
fn each_source_is_stronger_than_the_one_before_and_the_origin_tells_which_won() {
    let (_directory, path) = file(
        "wiki.toml",
        "Sitename = \"file\"\n\nVERPprefix = \"file\"\nVERPsecret = \"file\"\n",
    );
    let settings = Settings::load(LoadSources {
        file: Some(path.clone()),
        environment: pairs(&[
            ("BOUNCEHANDLERD_VERP_PREFIX", "environment"),
            ("BOUNCEHANDLERD_VERP_SECRET", "environment"),
            ("PATH", "/bin"),
        ]),
        flags: pairs(&[("VERPsecret", "flag")]),
    })
    .unwrap();
    let verp = &settings.verp;
    let got = [
        &verp.algorithm,
        &settings.wiki.sitename,
        &verp.prefix,
        verp.secret.expose(),
    ];
    assert_eq!(got, ["md5", "file", "environment", "flag"]);
    assert_eq!(settings.origin("VERPalgorithm"), Some(&Origin::Default));
    assert_eq!(
        settings.origin("Sitename"),
        Some(&Origin::File {
            path: path.clone(),
            line: Some(1)
        })
    );
    let variable = "BOUNCEHANDLERD_VERP_PREFIX".to_owned();
    assert_eq!(
        settings.origin("VERPprefix"),
        Some(&Origin::Environment { variable })
    );
    assert_eq!(settings.origin("VERPsecret"), Some(&Origin::CommandLine));
    assert_eq!(settings.origin("NoSuchSetting"), None);
}

#[test]
fn the_defaults_are_those_of_the_wiki_and_the_extension() {
    let settings = Settings::defaults();
    assert_eq!(settings.bouncehandler.record_limit, 10);
    assert_eq!(settings.bouncehandler.record_period, Seconds(7 * 86_400));
    assert_eq!(settings.bouncehandler.record_max_age, Seconds(60 * 86_400));
    assert_eq!(
        settings.bouncehandler.internal_ips.entries(),
        ["127.0.0.1", "::1"]
    );
    assert_eq!(settings.verp.accept_time, Seconds(3 * 86_400));
    assert_eq!(settings.verp.secret.expose(), "MediawikiVERP");
    assert_eq!(settings.network.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        settings.network.max_request_size,
        ByteSize(64 * 1024 * 1024)
    );
    assert!(settings.mail.smtp.is_none() && settings.network.admin_token.is_none());
    let users: Vec<_> = settings
        .wiki
        .users
        .iter()
        .map(|user| (user.id, user.name.as_str()))
        .collect();
    assert_eq!(users, [(1, "Admin"), (2, "Alice"), (3, "Bob")]);
}

#[test]
fn a_text_from_the_environment_or_a_flag_is_parsed_by_the_type_of_the_setting() {
    let given = [
        ("Sitename", "true"),
        ("Server", ""),
        ("ShowHostnames", "1"),
        ("BounceHandlerUnconfirmUsers", "false"),
        ("JobRunRate", "0.5"),
        ("Workers", " 4 "),
        ("BounceRecordPeriod", "1 week"),
        ("StoreCacheSize", "1M"),
        ("CdnServers", "10.0.0.1, 2001:db8::1,"),
        ("LocalDatabases", "[\"a,b\"]"),
        ("RunJobsLogFormat", "1.43"),
        ("DebugLogGroups", "{\"BounceHandler\": \"/tmp/b.log\"}"),
        ("SMTP", "{\"host\": \"mail\"}"),
        ("AdminToken", "42"),
    ];
    let variables: Vec<_> = given
        .iter()
        .map(|(name, value)| {
            (
                find_row(name).unwrap().environment_name(),
                (*value).to_owned(),
            )
        })
        .collect();
    let environment = LoadSources {
        environment: variables,
        ..LoadSources::default()
    };
    for settings in [
        load_flags(&given).unwrap(),
        Settings::load(environment).unwrap(),
    ] {
        assert_eq!(settings.wiki.sitename, "true");
        assert_eq!(settings.wiki.server, None);
        assert!(settings.wiki.show_hostnames && !settings.bouncehandler.unconfirm_users);
        assert_eq!(format!("{:?}", settings.jobs.run_rate), "0.5");
        assert_eq!(settings.network.workers, 4);
        assert_eq!(settings.bouncehandler.record_period, Seconds(604_800));
        assert_eq!(settings.storage.store_cache_size, ByteSize(1 << 20));
        assert_eq!(settings.network.cdn_servers, ["10.0.0.1", "2001:db8::1"]);
        assert_eq!(settings.wiki.local_databases, ["a,b"]);
        assert_eq!(settings.jobs.run_jobs_log_format, RunJobsLogFormat::Of143);
        assert_eq!(
            settings.log.debug_log_groups["BounceHandler"],
            PathBuf::from("/tmp/b.log")
        );
        assert_eq!(
            settings
                .mail
                .smtp
                .as_ref()
                .map(|smtp| (smtp.host.as_str(), smtp.port)),
            Some(("mail", 25))
        );
        assert_eq!(
            settings.network.admin_token.as_ref().map(Secret::expose),
            Some("42")
        );
    }
}

#[test]
fn the_names_of_2014_are_aliases() {
    let given = r#"{"AllowedInternalIPs": ["10.0.0.1"], "RunJobRate": 1}"#;
    let settings = load_file("a.json", given).unwrap();
    assert_eq!(
        settings.bouncehandler.internal_ips.entries(),
        ["127.0.0.1", "::1", "10.0.0.1"]
    );
    assert_eq!(format!("{:?}", settings.jobs.run_rate), "1.0");
    assert_eq!(settings.origin("RunJobRate"), settings.origin("JobRunRate"));
    assert_ne!(settings.origin("JobRunRate"), Some(&Origin::Default));
    let variables = [
        ("BOUNCEHANDLERD_ALLOWED_INTERNAL_IPS", "10.0.0.2"),
        ("BOUNCEHANDLERD_RUN_JOB_RATE", "2"),
    ];
    let settings = load_environment(&variables).unwrap();
    assert_eq!(
        settings.bouncehandler.internal_ips.entries(),
        ["127.0.0.1", "::1", "10.0.0.2"]
    );
}

#[test]
fn a_list_of_internal_addresses_from_a_stronger_source_replaces_only_what_was_added() {
    let (_directory, path) = file("a.json", r#"{"BounceHandlerInternalIPs": ["10.0.0.1"]}"#);
    let settings = Settings::load(LoadSources {
        file: Some(path),
        environment: Vec::new(),
        flags: pairs(&[("BounceHandlerInternalIPs", "10.0.0.2,192.0.2.1 - 192.0.2.9")]),
    })
    .unwrap();
    let expected = ["127.0.0.1", "::1", "10.0.0.2", "192.0.2.1 - 192.0.2.9"];
    assert_eq!(settings.bouncehandler.internal_ips.entries(), expected);
}

#[test]
fn what_is_not_set_is_null_or_false_and_an_empty_php_array_is_any_empty_thing() {
    let given = r#"{"SMTP": false, "ReadOnly": null, "UnrecognizedBounceNotify": null, "DebugLogGroups": []}"#;
    let settings = load_file("a.json", given).unwrap();
    assert!(settings.mail.smtp.is_none() && settings.wiki.read_only.is_none());
    assert!(settings.bouncehandler.unrecognized_bounce_notify.is_empty());
    assert!(settings.log.debug_log_groups.is_empty());
    let settings = load_file("a.toml", "SMTP = false\nAdminToken = \"\"\n").unwrap();
    assert!(settings.mail.smtp.is_none() && settings.network.admin_token.is_none());
}

#[test]
fn names_and_variables_are_distinct() {
    let names: Vec<_> = rows()
        .iter()
        .flat_map(|row| [row.name].into_iter().chain(row.aliases.iter().copied()))
        .collect();
    let variables: Vec<_> = names
        .iter()
        .map(|name| load::environment_name(name))
        .collect();
    for (index, (name, variable)) in names.iter().zip(&variables).enumerate() {
        assert!(!names[..index].contains(name), "{name}");
        assert!(!variables[..index].contains(variable), "{variable}");
    }
}

#[test]
fn the_words_of_a_name_are_found_in_spite_of_abbreviations() {
    let table = [
        ("VERPsecret", "VERP_SECRET"),
        ("VERPAcceptTime", "VERP_ACCEPT_TIME"),
        ("VERPdomainPart", "VERP_DOMAIN_PART"),
        ("DBname", "DB_NAME"),
        ("DebugAPI", "DEBUG_API"),
        ("RestrictedIPResponse", "RESTRICTED_IP_RESPONSE"),
        ("BounceHandlerInternalIPs", "BOUNCE_HANDLER_INTERNAL_IPS"),
        (
            "CrossSiteAJAXdomainExceptions",
            "CROSS_SITE_AJAX_DOMAIN_EXCEPTIONS",
        ),
        ("SMTP", "SMTP"),
        ("Listen", "LISTEN"),
        ("JobClaimTTL", "JOB_CLAIM_TTL"),
        ("VaryOnXFP", "VARY_ON_XFP"),
        ("ForceHTTPS", "FORCE_HTTPS"),
    ];
    for (name, words) in table {
        assert_eq!(
            find_row(name).unwrap().environment_name(),
            format!("BOUNCEHANDLERD_{words}")
        );
    }
}

#[test]
fn variables_of_the_tests_and_of_others_are_no_settings() {
    let given = [
        ("BOUNCEHANDLERD_SHARED", "/x"),
        ("BOUNCEHANDLERD_BLESS", "1"),
        ("HOME", "/root"),
    ];
    assert_eq!(
        values(&load_environment(&given).unwrap()),
        values(&Settings::defaults())
    );
}

#[test]
fn the_wiki_is_identified_by_its_database_and_prefix() {
    let settings = load_flags(&[("DBname", "farm"), ("DBprefix", "x_")]).unwrap();
    assert_eq!(settings.wiki.wiki_id(), "farm-x_");
    assert_eq!(settings.wiki.existing_databases(), ["farm-x_"]);
    let settings = load_flags(&[("Databases", "a,b")]).unwrap();
    assert_eq!(settings.wiki.wiki_id(), "bouncewiki");
    assert_eq!(settings.wiki.existing_databases(), ["a", "b"]);
}

#[test]
fn the_domain_of_verp_addresses_is_given_or_the_host_of_the_server() {
    let table = [
        ("https://wiki.example.org", "wiki.example.org"),
        ("http://wiki.example.org:8080/x", "wiki.example.org"),
        ("//wiki.example.org", "wiki.example.org"),
        ("http://user:word@wiki.example.org", "wiki.example.org"),
        ("http://[::1]:8080", "[::1]"),
        ("wiki.example.org", "localhost"),
        ("http://", "localhost"),
        ("", "localhost"),
    ];
    for (server, domain) in table {
        let settings = load_flags(&[("Server", server)]).unwrap();
        assert_eq!(settings.verp_domain(), domain, "{server}");
    }
    let settings =
        load_flags(&[("Server", "http://a.test"), ("VERPdomainPart", "b.test")]).unwrap();
    assert_eq!(settings.verp_domain(), "b.test");
}
