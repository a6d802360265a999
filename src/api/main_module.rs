//! The main module: the params that every request may have.

use super::error::ApiError;
use super::error_format::ErrorFormat;
use super::formats::FormatInfo;
use super::messages::Language;
use super::module::ModuleInfo;
use super::param_spec::{ParamKind, ParamSpec};
use super::params::GivenParams;
use super::php_input::PhpInput;
use super::registry;
use std::str;

/// The name under which it reports.
pub const NAME: &str = "main";

const ACTION: &str = "action";
const ERROR_FORMAT: &str = "errorformat";
const ERROR_LANGUAGE: &str = "errorlang";
const USER_LANGUAGE: &str = "uselang";
const REQUEST_ID: &str = "requestid";
const SERVED_BY: &str = "servedby";
const FORMAT: &str = "format";

/// Its params. Without `action` the original shows its help pages.
pub static PARAMS: &[ParamSpec] = &[
    ParamSpec::required(ACTION, ParamKind::Choice(registry::module_names)),
    ParamSpec::with_default(
        FORMAT,
        ParamKind::Choice(registry::format_names),
        registry::DEFAULT_FORMAT.name,
    ),
    ParamSpec::optional(REQUEST_ID, ParamKind::Text),
    ParamSpec::optional(SERVED_BY, ParamKind::Presence),
    ParamSpec::with_default(USER_LANGUAGE, ParamKind::Text, "user"),
    ParamSpec::with_default(ERROR_FORMAT, ParamKind::Choice(ErrorFormat::names), "bc"),
    ParamSpec::with_default(ERROR_LANGUAGE, ParamKind::Text, "uselang"),
    ParamSpec::optional("errorsuselocal", ParamKind::Presence),
];

/// The module that the request is for, or the first thing wrong with its main params.
pub fn action(given: GivenParams<'_>) -> Result<&'static ModuleInfo, ApiError> {
    let params = given.accept()?;
    let module = params.text(ACTION).and_then(registry::module);
    module.ok_or(ApiError::MissingParam {
        module: NAME,
        param: ACTION,
    })
}

/// The format in which the request is answered, also if that is with an error.
pub fn format(given: &GivenParams<'_>) -> &'static FormatInfo {
    given
        .text(FORMAT)
        .and_then(registry::format)
        .unwrap_or(registry::DEFAULT_FORMAT)
}

/// What the client wants to find in every answer.
#[derive(Debug)]
pub struct RequestedFields {
    /// `requestid`: to be returned as it is.
    pub request_id: Option<String>,
    /// `servedby`: the name of the machine.
    pub served_by: bool,
}

impl RequestedFields {
    /// Those of the given params; one that something is wrong with counts as not given.
    pub fn of(given: &GivenParams<'_>) -> Self {
        Self {
            request_id: given.text(REQUEST_ID).map(str::to_owned),
            served_by: given.is_present(SERVED_BY),
        }
    }
}

/// In what format and language errors are reported. It has to be known before anything can be wrong, so a value that is
/// not understood is the default here; as a param it is an error all the same.
pub fn error_reporting(input: &PhpInput<'_>) -> (ErrorFormat, Language) {
    let scalar = |name: &str| str::from_utf8(input.scalar(name)?).ok();
    let format = scalar(ERROR_FORMAT)
        .and_then(ErrorFormat::from_name)
        .unwrap_or(ErrorFormat::Bc);
    let code = match scalar(ERROR_LANGUAGE).unwrap_or("uselang") {
        "uselang" => scalar(USER_LANGUAGE).unwrap_or("user"),
        code => code,
    };
    let is_qqx = code.eq_ignore_ascii_case("qqx");
    (
        format,
        if is_qqx {
            Language::Qqx
        } else {
            Language::English
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_format::ListedAs;
    use crate::api::tests::support::get;

    #[test]
    fn errors_are_reported_as_asked_before_anything_is_checked() {
        let plaintext = ErrorFormat::List(ListedAs::Plaintext);
        let table = [
            ("", ErrorFormat::Bc, Language::English),
            ("errorformat=plaintext", plaintext, Language::English),
            ("errorformat=HTML", ErrorFormat::Bc, Language::English),
            ("errorformat[]=html", ErrorFormat::Bc, Language::English),
            ("uselang=qqx", ErrorFormat::Bc, Language::Qqx),
            // Recorded case errors/errorlang-over-uselang, and the other way round.
            ("uselang=en&errorlang=qqx", ErrorFormat::Bc, Language::Qqx),
            (
                "uselang=qqx&errorlang=en",
                ErrorFormat::Bc,
                Language::English,
            ),
            (
                "uselang=qqx&errorlang=uselang",
                ErrorFormat::Bc,
                Language::Qqx,
            ),
            (
                "uselang=x%3Cy&errorlang=",
                ErrorFormat::Bc,
                Language::English,
            ),
        ];
        for (query, format, language) in table {
            let request = get(query);
            let input = PhpInput::read(&request, 1000);
            assert_eq!(error_reporting(&input), (format, language), "{query}");
        }
    }
}
