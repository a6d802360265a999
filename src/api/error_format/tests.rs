use super::*;
use crate::api::formats::{PrintCall, json};
use crate::api::param_warning::{ParamRemark, ParamWarning};
use crate::api::params::Params;
use crate::api::request_id::RequestId;
use crate::api::tests::support::options;

fn missing() -> ApiError {
    ApiError::missing("bouncehandler", "email")
}

fn formatter(format: &str, language: Language) -> ErrorFormatter {
    ErrorFormatter {
        format: ErrorFormat::from_name(format).unwrap(),
        language,
        telling: Telling {
            request_id: RequestId::random(),
            with_details: false,
        },
    }
}

/// As JSON in format version 1.
fn shown(result: &Object) -> String {
    let params = Params::defaults(json::INFO.info.params);
    (json::INFO.print)(&PrintCall::for_tests(&params, &options()), result).text
}

#[test]
fn an_error_is_shown_as_the_format_wants() {
    // Recorded cases core/empty-email, formats/json-*-missing, without the link; qqx: errors/qqx-missing and others.
    let table = [
        (
            "bc",
            Language::English,
            r#"{"error":{"code":"missingparam","info":"The \"email\" parameter must be set."}}"#,
        ),
        (
            "bc",
            Language::Qqx,
            r#"{"error":{"code":"missingparam","info":"The \"email\" parameter must be set."}}"#,
        ),
        (
            "plaintext",
            Language::English,
            r#"{"errors":[{"code":"missingparam","module":"bouncehandler","*":"The \"email\" parameter must be set."}]}"#,
        ),
        (
            "wikitext",
            Language::Qqx,
            r#"{"errors":[{"code":"missingparam","module":"bouncehandler","*":"(paramvalidator-missingparam: email)"}]}"#,
        ),
        (
            "html",
            Language::English,
            r#"{"errors":[{"code":"missingparam","module":"bouncehandler","*":"The \"email\" parameter must be set."}]}"#,
        ),
        (
            "raw",
            Language::English,
            r#"{"errors":[{"code":"missingparam","key":"paramvalidator-missingparam","params":[{"plaintext":"email"}],"module":"bouncehandler"}]}"#,
        ),
        (
            "none",
            Language::English,
            r#"{"errors":[{"code":"missingparam","module":"bouncehandler"}]}"#,
        ),
    ];
    for (format, language, expected) in table {
        let mut result = Object::default();
        formatter(format, language).add_error(&mut result, &missing());
        assert_eq!(shown(&result), expected, "{format}");
    }
}

#[test]
fn warnings_of_a_module_are_lines_without_repetition() {
    let bc = formatter("bc", Language::English);
    let mut result = Object::default();
    let about = |param, remark| ApiWarning::Param(ParamWarning { param, remark });
    let array = |param| about(param, ParamRemark::UnsupportedArray);
    for warning in [
        array("ab"),
        array("a"),
        array("ab"),
        ApiWarning::PostWithoutContentType,
        array("a"),
    ] {
        bc.add_warning(&mut result, "main", &warning);
    }
    bc.add_warning(&mut result, "json", &array("a"));
    assert_eq!(
        shown(&result),
        "{\"warnings\":{\"json\":{\"*\":\"Parameter \\\"a\\\" uses unsupported PHP array syntax.\"},\
         \"main\":{\"*\":\"Parameter \\\"ab\\\" uses unsupported PHP array syntax.\\n\
         Parameter \\\"a\\\" uses unsupported PHP array syntax.\\n\
         A POST request was made without a \\\"Content-Type\\\" header. This does not work reliably.\"}}}"
    );
}

#[test]
fn listed_warnings_are_in_order_without_repetition() {
    let raw = formatter("raw", Language::English);
    let mut result = Object::default();
    let unknown = ApiWarning::UnrecognizedParams(vec![b"foo".to_vec()]);
    for warning in [
        ApiWarning::Param(ParamWarning {
            param: "email",
            remark: ParamRemark::BadUtf8,
        }),
        unknown.clone(),
        unknown,
    ] {
        raw.add_warning(&mut result, "main", &warning);
    }
    // Recorded case errors/warn-raw-fv1, but for the module of the first.
    assert_eq!(
        shown(&result),
        r#"{"warnings":[{"code":"badutf8","key":"apiwarn-badutf8","params":["email"],"module":"main"},{"code":"unrecognizedparams","key":"apierror-unrecognizedparams","params":[{"list":["foo"],"type":"comma"},1],"module":"main"}]}"#
    );
}

#[test]
fn the_link_is_in_the_error_or_beside_the_errors() {
    for (format, expected) in [
        (
            "bc",
            r#"{"error":{"code":"missingparam","info":"The \"email\" parameter must be set.","*":"See u for"#,
        ),
        (
            "none",
            r#"{"errors":[{"code":"missingparam","module":"bouncehandler"}],"*":"See u for"#,
        ),
    ] {
        let mut result = Object::default();
        let formatter = formatter(format, Language::English);
        formatter.add_error(&mut result, &missing());
        formatter.add_docref(&mut result, "u");
        assert!(shown(&result).starts_with(expected), "{}", shown(&result));
    }
}

#[test]
fn a_deprecation_names_its_feature() {
    // The shape of recorded case modes/https-bh-plaintext.
    let mut result = Object::default();
    formatter("none", Language::English).add_warning(
        &mut result,
        "main",
        &ApiWarning::PostWithoutContentType,
    );
    assert_eq!(
        shown(&result),
        r#"{"warnings":[{"code":"deprecation","data":{"feature":"post-without-content-type"},"module":"main"}]}"#
    );
}
