use super::*;
use proptest::prelude::*;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const NOW: Timestamp = Timestamp(1_795_470_000);

fn runs(once: Option<usize>) -> SignedRuns {
    SignedRuns::new(Some(KEY.into()), false, AcceptedSignatures::new(once))
}

/// The params of a case, and what is in them.
fn given(params: &[(&str, &str)]) -> impl Fn(&str) -> Option<Given> + use<> {
    let params: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    move |name| {
        let mut found = params.iter().filter(|(own, _)| own == name);
        found.next().map(|(_, value)| Given::Text(value.clone()))
    }
}

/// Signs the params rightly and checks them.
fn signed(params: &[(&str, &str)]) -> Result<SignedRun, Refusal> {
    let runs = runs(None);
    let usual = [("title", "Special:RunJobs"), ("tasks", "jobs")];
    let mut all = [&usual[..], params].concat();
    if !params.iter().any(|(name, _)| *name == "sigexpiry") {
        all.push(("sigexpiry", "1795470624"));
    }
    let signature = runs.sign(&canonical(given(&all)).unwrap()).unwrap();
    all.push(("signature", &signature));
    runs.check(true, given(&all), NOW)
}

#[test]
fn a_recorded_signature_is_right_once() {
    // jobs/golden/special_runjobs.json, async-default.
    let params = [
        ("title", "Special:RunJobs"),
        ("tasks", "jobs"),
        ("sigexpiry", "1795470624"),
        ("signature", "4716c83a929c0ee5e464dc3602216d69c1765d73"),
    ];
    let runs = runs(Some(10));
    let run = runs.check(true, given(&params), NOW).unwrap();
    assert!(run.is_async && !run.stats);
    assert_eq!(run.limits.max_jobs, Some(1));
    assert_eq!(runs.check(true, given(&params), NOW), Err(Refusal::Invalid));
    let without_key = SignedRuns::default();
    assert_eq!(
        without_key.check(true, given(&params), NOW),
        Err(Refusal::Invalid)
    );
}

#[test]
fn when_no_more_can_be_remembered_none_is_accepted() {
    let runs = runs(Some(0));
    let params = [
        ("title", "Special:RunJobs"),
        ("tasks", "jobs"),
        ("sigexpiry", "1795470624"),
        ("signature", "4716c83a929c0ee5e464dc3602216d69c1765d73"),
    ];
    assert_eq!(runs.check(true, given(&params), NOW), Err(Refusal::Full));
}

#[test]
fn an_expiry_is_compared_as_php_compares() {
    // Asked of a MediaWiki 1.39 whose time began with 179.
    for (expiry, is_accepted) in [
        ("abc", true),
        ("-1", false),
        (" 123", false),
        ("1e9", false),
        ("1e10", true),
        ("9e99", true),
        ("0", false),
        ("", false),
        ("99999999999999999999", true),
        ("4102444800abc", true),
        ("0x7fffffff", false),
        ("NaN", true),
        ("INF", true),
        (".5", false),
        ("+4102444800", true),
        ("\t4102444800", true),
        ("4102444800 ", true),
        ("1e10x", true),
        ("\u{ff11}", true),
    ] {
        let checked = signed(&[("sigexpiry", expiry)]);
        assert_eq!(checked.is_ok(), is_accepted, "{expiry:?}");
    }
}

#[test]
fn limits_are_read_as_php_reads_them() {
    // jobs/SPEC.md section 7: missing and 0, negative, non-numeric; between those by PHP's order.
    for (text, most) in [
        ("0", Some(1)),
        ("", Some(1)),
        ("-5", Some(1)),
        ("abc", None),
        ("2.5", Some(3)),
        ("1e1", Some(10)),
        ("5abc", Some(6)),
        (" ", Some(1)),
        ("00", Some(1)),
    ] {
        let run = signed(&[("maxjobs", text)]).unwrap();
        assert_eq!(run.limits.max_jobs, most, "{text:?}");
    }
    for (text, most) in [("0", Some(30.0)), ("1.5", Some(1.5)), ("abc", None)] {
        let run = signed(&[("maxtime", text)]).unwrap();
        assert_eq!(run.limits.max_time, most, "{text:?}");
    }
    for (text, is_async) in [("", false), ("0", false), ("false", true), ("00", true)] {
        let run = signed(&[("async", text)]).unwrap();
        assert_eq!(run.is_async, is_async, "{text:?}");
    }
    assert_eq!(
        signed(&[("type", "")]).unwrap().limits.kind,
        Some(String::new())
    );
}

#[test]
fn an_array_is_not_missing_and_not_right() {
    let params = given(&[("title", "Special:RunJobs"), ("sigexpiry", "1795470624")]);
    let with_array = |name: &str| match name {
        "tasks" | "signature" => Some(Given::Array),
        name => params(name),
    };
    let checked = runs(None).check(true, with_array, NOW);
    assert_eq!(checked, Err(Refusal::Invalid));
}

proptest! {
    #[test]
    fn a_form_reads_what_is_signed_back(
        values in proptest::collection::btree_map(
            proptest::sample::select(&SIGNED[..]), any::<String>(), 0..8)
    ) {
        let params: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signed = canonical(given(&params)).unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.%+=&".contains(&byte);
        prop_assert!(signed.bytes().all(plain));
        let read: Vec<(String, String)> = serde_urlencoded::from_str(&signed).unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        prop_assert_eq!(read, params);
    }

    #[test]
    fn a_signature_of_other_params_is_wrong(tasks in "[a-z]{1,5}", other in "[a-z]{6,9}") {
        let runs = runs(None);
        let expiry = ("sigexpiry", "1795470624");
        let title = ("title", "Special:RunJobs");
        let text = canonical(given(&[title, expiry, ("tasks", &tasks)])).unwrap();
        let signature = runs.sign(&text).unwrap();
        let sent = given(&[title, expiry, ("tasks", &other), ("signature", &signature)]);
        prop_assert_eq!(runs.check(true, sent, NOW), Err(Refusal::Invalid));
    }
}
