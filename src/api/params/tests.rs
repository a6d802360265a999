use super::*;
use crate::api::param_error::{ParamError, ParamFault};
use crate::api::param_spec::ParamKind;
use crate::api::php_input::PhpInput;
use crate::api::tests::support::{get, given};

const SPECS: &[ParamSpec] = &[
    ParamSpec::required("mail", ParamKind::Text),
    ParamSpec::with_default("size", ParamKind::Choice(|| vec!["s", "m"]), "m"),
    ParamSpec::optional("note", ParamKind::Text),
    ParamSpec::optional("yes", ParamKind::Presence),
];

fn reading<T>(query: &str, look: impl FnOnce(GivenParams<'_>) -> T) -> T {
    let request = get(query);
    let input = PhpInput::read(&request, 1000);
    look(given("test", SPECS, &input))
}

fn error(query: &str) -> String {
    reading(query, |given| match given.accept() {
        Ok(_) => "none".to_owned(),
        Err(ApiError::Param(ParamError { param, fault, .. })) => match fault {
            ParamFault::Missing => format!("missing {param}"),
            ParamFault::BadValue { value, .. } => format!("bad {param}: {value}"),
            ParamFault::NotMultiValued { value } => format!("multi {param}: {value:?}"),
            other => format!("{other:?}"),
        },
        Err(other) => panic!("{other:?}"),
    })
}

#[test]
fn values_are_checked_by_the_table_and_the_first_error_of_the_table_counts() {
    let table = [
        ("mail=x", "none"),
        ("mail=0&size=s", "none"),
        ("", "missing mail"),
        ("mail=", "missing mail"),
        ("mail[]=x", "missing mail"),
        ("size=x", "missing mail"),
        ("size=&mail=x", "bad size: "),
        ("size=S&mail=x", "bad size: S"),
        ("mail=%1Fa%1Fb", "multi mail: \"\\u{1f}a\\u{1f}b\""),
        ("mail=x&note=%1F", "multi note: \"\\u{1f}\""),
        ("mail=x&note=", "none"),
    ];
    for (query, expected) in table {
        assert_eq!(error(query), expected, "{query}");
    }
}

#[test]
fn params_have_their_values_defaults_or_nothing() {
    reading("mail=a+b&yes=", |given| {
        let params = given.accept().unwrap();
        assert_eq!(params.text("mail"), Some("a b"));
        assert_eq!(params.text("size"), Some("m"));
        assert_eq!(params.text("note"), None);
        assert!(params.is_present("yes") && !params.is_present("note"));
        assert_eq!(params.into_owned().text("mail"), Some("a b"));
    });
    assert_eq!(Params::defaults(SPECS).text("size"), Some("m"));
    assert!(!Params::defaults(SPECS).is_present("mail"));
}

#[test]
fn what_is_wrong_with_one_param_does_not_hide_the_others() {
    reading("note=n&size=x", |given| {
        assert_eq!((given.text("note"), given.text("size")), (Some("n"), None));
        assert!(!given.is_present("size") && given.is_present("note"));
    });
}

#[test]
fn changed_values_and_arrays_are_warned_of() {
    reading("mail=e%CC%81&size[]=s&yes=%00&note[a][b]=1", |given| {
        let warnings = given.warnings.iter();
        let shown: Vec<_> = warnings
            .map(|(module, warning)| format!("{module} {warning:?}"))
            .collect();
        assert_eq!(
            shown,
            [
                "test Param(ParamWarning { param: \"mail\", remark: BadUtf8 })",
                "main Param(ParamWarning { param: \"size\", remark: UnsupportedArray })",
                "main Param(ParamWarning { param: \"note\", remark: UnsupportedArray })",
            ]
        );
        assert_eq!(given.text("mail"), Some("\u{e9}"));
    });
}
