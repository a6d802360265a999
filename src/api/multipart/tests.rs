use super::*;
use proptest::prelude::*;

/// The fields of a body with the boundary `X`, as `name=value`.
fn read(body: &str) -> Vec<String> {
    let fields = fields(b"multipart/form-data; boundary=X", body.as_bytes(), 1000);
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields
        .map(|(name, value)| format!("{}={}", shown(&name), shown(value)))
        .collect()
}

/// A part with this `Content-Disposition` and content.
fn part(disposition: &str, content: &str) -> String {
    format!("--X\r\nContent-Disposition: {disposition}\r\n\r\n{content}\r\n")
}

// All expectations are what PHP 8.2 has in $_POST.

#[test]
fn parts_with_a_name_are_fields() {
    let body = [
        part("form-data; name=\"a\"", "1"),
        part("form-data; name=b", "2\r\n"),
        "--X--\r\n".to_owned(),
    ]
    .concat();
    assert_eq!(read(&body), ["a=1", "b=2\r\n"]);
    assert_eq!(read(&body.replace('\r', "")), ["a=1", "b=2\n"]);
    assert_eq!(
        read(&format!("preamble\r\n--Xy\r\n{body}")),
        ["a=1", "b=2\r\n"]
    );
}

#[test]
fn parts_with_a_file_name_are_no_fields() {
    for file in [
        "form-data; name=f; filename=m.eml",
        "form-data; name=f; filename=\"\"",
        "form-data; filename=\"x\"",
    ] {
        assert_eq!(
            read(&[part(file, "1"), part("form-data; name=a", "2")].concat()),
            ["a=2"],
            "{file}"
        );
    }
}

#[test]
fn names_are_quoted_either_way_or_not_at_all() {
    let table = [
        ("form-data; name=\"a b\"", "a b="),
        ("form-data; name='a b'", "a b="),
        ("form-data; name=a b", "a="),
        ("form-data;name=\"a\"", "a="),
        ("form-data;; NAME=\"a\"", "a="),
        ("form-data; x=\"y;z\"; name=a", "a="),
        ("form-data; name=\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d="),
        ("form-data; name=\"a%41\"", "a%41="),
        ("form-data; name=\"open", "open="),
    ];
    for (disposition, expected) in table {
        assert_eq!(read(&part(disposition, "")), [expected], "{disposition}");
    }
}

#[test]
fn headers_are_found_whatever_their_case_and_may_be_folded() {
    for header in [
        "content-disposition:form-data; name=a",
        "X: y\r\nContent-Disposition: form-data;\r\n name=a",
    ] {
        assert_eq!(
            read(&format!("--X\r\n{header}\r\n\r\n1\r\n--X--\r\n")),
            ["a=1"],
            "{header}"
        );
    }
}

#[test]
fn a_part_without_disposition_is_skipped_and_one_without_names_is_the_end() {
    let field = part("form-data; name=a", "1");
    assert_eq!(
        read(&format!(
            "--X\r\nContent-Type: text/plain\r\n\r\n0\r\n{field}"
        )),
        ["a=1"]
    );
    assert_eq!(
        read(&format!("{field}{}{field}", part("form-data", "0"))),
        ["a=1"]
    );
}

#[test]
fn a_content_ends_at_a_delimiter_or_where_one_may_have_been_cut_off() {
    let begun = "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n";
    let table = [
        ("1\r\n--X--", "a=1"),
        ("1\n--Xyz\r\n2", "a=1"),
        ("1--X2", "a=1--X2"),
        ("1\r\n", "a=1"),
        ("1\r\n-", "a=1"),
        ("1\r\n-2", "a=1\r\n-2"),
        ("1\r", "a=1\r"),
        ("", "a="),
    ];
    for (content, expected) in table {
        assert_eq!(
            read(&format!("{begun}{content}")),
            [expected],
            "{content:?}"
        );
    }
}

#[test]
fn the_boundary_is_read_out_of_the_content_type() {
    let table: [(&str, Option<&str>); 7] = [
        ("multipart/form-data; boundary=X", Some("X")),
        ("multipart/form-data; boundary=\"X;y\"; z", Some("X;y")),
        ("multipart/form-data; Boundary=X; charset=y", Some("X")),
        ("multipart/form-data, boundary=X, y", Some("X")),
        ("multipart/form-data boundary = X", Some(" X")),
        ("multipart/form-data; boundary=\"X", None),
        ("multipart/form-data", None),
    ];
    for (content_type, expected) in table {
        assert_eq!(
            boundary(content_type.as_bytes()),
            expected.map(str::as_bytes),
            "{content_type}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(pieces in proptest::collection::vec(prop_oneof![
        Just("--X".to_owned()), Just("\r\n".to_owned()), Just("\n".to_owned()), Just("\0".to_owned()),
        Just("Content-Disposition: form-data; name=\"".to_owned()), Just("\\\"';=: ".to_owned()), "\\PC{0,4}",
    ], 0..24)) {
        let body = pieces.concat();
        let length: usize = read(&body).iter().map(String::len).sum();
        prop_assert!(length <= body.len().saturating_mul(3));
    }
}
