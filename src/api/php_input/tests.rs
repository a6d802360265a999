use super::*;
use crate::api::tests::support;
use base64::Engine as _;
use proptest::prelude::*;

fn request<'r>(query: &'r [u8], content_type: &'r [u8], body: &'r [u8]) -> ApiRequest<'r> {
    ApiRequest {
        query,
        content_type: Some(content_type),
        body,
        ..support::request()
    }
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

fn names<'i>(input: &'i PhpInput<'_>) -> Vec<&'i str> {
    input
        .names()
        .map(|name| str::from_utf8(name).unwrap())
        .collect()
}

#[test]
fn names_become_the_variables_that_php_makes_of_them() {
    // PHP 8.2: parse_str() of the query; `[]` marks an array.
    let table = [
        ("a=1", "a"),
        ("a", "a"),
        ("a[b.c d=1", "a_b_c_d"),
        ("a.b[c.d=1", "a_b_c_d"),
        ("a[b[c=1", "a_b_c"),
        ("a[=1", "a_"),
        ("a]=1", "a]"),
        ("a[%00]=1", "a_"),
        ("a%00[b]=1", "a"),
        ("+.+a=1", "__a"),
        (".=1", "_"),
        ("a%0a+b=1", "a\n_b"),
        ("%=1", "%"),
        ("%a=1", "%a"),
        ("a[b]c[d=1", "a[]"),
        ("a[b][c=1", "a[]"),
        ("a[b][c]=1", "a[]"),
        ("a[[]=1", "a[]"),
        ("a[]]=1", "a[]"),
        ("a+b[c+d]=1", "a_b[]"),
        ("a%5B%5D=1", "a[]"),
        ("a=1&a[x]=2", "a[]"),
        ("a[x]=1&a=2", "a"),
    ];
    for (query, expected) in table {
        let request = request(query.as_bytes(), b"", b"");
        let input = PhpInput::read(&request, 1000);
        let shown: Vec<_> = names(&input)
            .into_iter()
            .map(|name| match input.value(name).unwrap() {
                PhpValue::Scalar(_) => name.to_owned(),
                PhpValue::Array => format!("{name}[]"),
            })
            .collect();
        assert_eq!(shown, [expected], "{query}");
    }
    for nothing in [
        "", "=1", "%20=1", "+=1", "[=1", "[]=1", "[x]=1", "&=&", "%00a=1",
    ] {
        let request = request(nothing.as_bytes(), b"", b"");
        assert_eq!(
            PhpInput::read(&request, 1000).names().count(),
            0,
            "{nothing}"
        );
    }
}

#[test]
fn what_is_nested_deeper_than_64_levels_takes_the_variable_along() {
    for (levels, names_left) in [(64, vec!["a", "b"]), (65, vec!["b"])] {
        let query = format!("a=0&a{}=1&b=1", "[x]".repeat(levels));
        let request = request(query.as_bytes(), b"", b"");
        assert_eq!(
            names(&PhpInput::read(&request, 1000)),
            names_left,
            "{levels}"
        );
    }
}

#[test]
fn values_are_decoded_and_malformed_sequences_stay() {
    let request = request(b"a=%41+%2b%zz%4&b=x%3Dy=z&c=%c3%A9&d=plain&e=%", b"", b"");
    let input = PhpInput::read(&request, 1000);
    let values: Vec<_> = ["a", "b", "c", "d", "e"]
        .map(|name| input.scalar(name).unwrap())
        .into();
    assert_eq!(
        values,
        [
            b"A +%zz%4".as_slice(),
            b"x=y=z",
            "\u{e9}".as_bytes(),
            b"plain",
            b"%"
        ]
    );
    assert!(matches!(
        input.value("d"),
        Some(PhpValue::Scalar(Cow::Borrowed(_)))
    ));
}

#[test]
fn the_last_value_counts_in_the_first_place_and_the_body_before_the_query() {
    // Recorded cases core/unknown-order and core/unknown-order-dup.
    let request = request(b"aa=1&bb=2&cc=3", FORM, b"zz=0&bb=1&zz=9");
    let input = PhpInput::read(&request, 1000);
    assert_eq!(names(&input), ["zz", "bb", "aa", "cc"]);
    assert_eq!(input.scalar("bb"), Some(b"1".as_slice()));
    assert_eq!(input.scalar("zz"), Some(b"9".as_slice()));
    assert!(input.is_in_query("bb") && !input.is_in_query("zz"));
}

#[test]
fn a_body_is_read_if_it_is_a_posted_form() {
    let read: [&[u8]; 4] = [
        b"application/x-www-form-urlencoded",
        b"Application/X-WWW-Form-urlencoded; charset=x",
        b"application/x-www-form-urlencoded,x",
        b"application/x-www-form-urlencoded x",
    ];
    let unread: [&[u8]; 4] = [
        b"",
        b"text/plain",
        b"application/x-www-form-urlencodedx",
        b"application/json",
    ];
    for (content_type, is_read) in read
        .map(|read| (read, true))
        .into_iter()
        .chain(unread.map(|unread| (unread, false)))
    {
        let request = request(b"", content_type, b"a=1");
        assert_eq!(
            PhpInput::read(&request, 1000).value("a").is_some(),
            is_read,
            "{content_type:?}"
        );
    }
    for method in [Method::Get, Method::Head, Method::Options, Method::Other] {
        let request = ApiRequest {
            method,
            ..request(b"q=1", FORM, b"a=1")
        };
        assert_eq!(names(&PhpInput::read(&request, 1000)), ["q"]);
    }
}

#[test]
fn the_number_of_variables_is_limited_as_in_php() {
    let pairs: Vec<_> = (0..1100).map(|number| format!("v{number}=1")).collect();
    let form = pairs.join("&");
    let parts = (0..1100).map(|number| {
        format!("--X\r\nContent-Disposition: form-data; name=v{number}\r\n\r\n1\r\n")
    });
    let multipart = parts.collect::<String>();
    let empty_first = format!("{}{form}", "&".repeat(50));
    // PHP 8.2 with max_input_vars 1000: $_GET and $_POST.
    let table: [(&str, &[u8], &str, usize); 5] = [
        (&form, b"", "", 1000),
        (&empty_first, b"", "", 1000),
        ("", FORM, &form, 1001),
        ("", FORM, &empty_first, 951),
        ("", b"multipart/form-data; boundary=X", &multipart, 1000),
    ];
    for (query, content_type, body, expected) in table {
        let request = request(query.as_bytes(), content_type, body.as_bytes());
        assert_eq!(PhpInput::read(&request, 1000).names().count(), expected);
    }
}

/// What PHP 8.2 had in `$_GET` and `$_POST`; `fixtures/php/make_input.py` asked it.
#[test]
fn odd_requests_give_the_variables_that_php_makes_of_them() {
    let file = include_str!("../../../fixtures/php/input.jsonl");
    let mut wrong = Vec::new();
    let mut attempted = 0;
    for line in file.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let [query, content_type, body] =
            ["query", "content_type", "body"].map(|part| bytes(&case[part]));
        let request = request(&query, &content_type, &body);
        let input = PhpInput::read(&request, 1000);
        for (variables, name) in [(&input.get, "get"), (&input.post, "post")] {
            let found: Vec<_> = variables
                .names()
                .map(|name| (name.to_vec(), variables.value(name).cloned().unwrap()))
                .collect();
            let expected = expected_variables(&case[name]);
            attempted += 1;
            if found != expected {
                let (shown_query, shown_body) = (query.escape_ascii(), body.escape_ascii());
                wrong.push(format!(
                    "{name} of {shown_query} and {shown_body:.300}: {found:?}, not {expected:?}"
                ));
            }
        }
    }
    assert!(attempted > 100, "{attempted}");
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A text in base64; or a text that is repeated, how often, and what follows.
fn bytes(encoded: &serde_json::Value) -> Vec<u8> {
    match encoded.as_array() {
        Some(pieces) => {
            let times = usize::try_from(pieces[1].as_u64().unwrap()).unwrap();
            [bytes(&pieces[0]).repeat(times), bytes(&pieces[2])].concat()
        }
        None => base64::engine::general_purpose::STANDARD
            .decode(encoded.as_str().unwrap())
            .unwrap(),
    }
}

fn expected_variables(variables: &serde_json::Value) -> Vec<(Vec<u8>, PhpValue<'static>)> {
    let variables = variables.as_array().unwrap().iter();
    let variables = variables.map(|variable| {
        let value = if variable[1].is_null() {
            PhpValue::Array
        } else {
            PhpValue::Scalar(bytes(&variable[1]).into())
        };
        (bytes(&variable[0]), value)
    });
    variables.collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read(
        query in proptest::collection::vec(any::<u8>(), 0..80),
        body in proptest::collection::vec(prop_oneof![Just(b'&'), Just(b'='), Just(b'['), Just(b']'), Just(b'%'), any::<u8>()], 0..80),
    ) {
        let request = request(&query, FORM, &body);
        let input = PhpInput::read(&request, 20);
        prop_assert!(input.names().count() <= 41);
        prop_assert!(input.names().all(|name| !name.is_empty() && !name.contains(&0)));
    }
}
