//! The main module: the params that every request may have.

use super::error::ApiError;
use super::error_format::ErrorFormat;
use super::messages::Language;
use super::module::{Group, MAIN, ModuleInfo};
use super::param_spec::{ParamKind, ParamSpec};
use super::params::{GivenParams, Params};
use super::php_input::PhpInput;
use std::str;

const ACTION: &str = "action";
const FORMAT: &str = "format";
const MAX_LAG: &str = "maxlag";
const SHARED_MAX_AGE: &str = "smaxage";
const MAX_AGE: &str = "maxage";
const ASSERT: &str = "assert";
const ASSERT_USER: &str = "assertuser";
const REQUEST_ID: &str = "requestid";
const SERVED_BY: &str = "servedby";
const CURRENT_TIMESTAMP: &str = "curtimestamp";
const LANGUAGE_INFO: &str = "responselanginfo";
const USER_LANGUAGE: &str = "uselang";
const ERROR_FORMAT: &str = "errorformat";
const ERROR_LANGUAGE: &str = "errorlang";

/// The language of all texts, and the wiki's own unless `LanguageCode` says otherwise.
pub const CONTENT_LANGUAGE: &str = "en";

/// The main module.
pub static INFO: ModuleInfo = ModuleInfo {
    name: MAIN,
    path: MAIN,
    class: "MediaWiki\\Api\\ApiMain",
    summary: "Params that every request may have. They say what is to be done, and how the answer is to look.",
    is_read_mode: false,
    params: PARAMS,
    ..ModuleInfo::BASE
};

/// Its params.
const PARAMS: &[ParamSpec] = &[
    ParamSpec::with_default(ACTION, ParamKind::Module(Group::Action), "help")
        .help("What is to be done."),
    ParamSpec::with_default(FORMAT, ParamKind::Module(Group::Format), "jsonfm")
        .help("How the answer is written."),
    ParamSpec::optional(MAX_LAG, ParamKind::Integer { min: None })
        .help(
            "How many seconds the database may be behind. If it is further behind, the answer is the error \
             <samp>maxlag</samp> with a header <samp>Retry-After</samp>. There are no replicas here, and the lag \
             counts as -1.",
        ),
    ParamSpec::with_default(SHARED_MAX_AGE, ParamKind::Integer { min: Some(0) }, "0")
        .help("How many seconds caches that many people share may keep the answer. Errors are never kept."),
    ParamSpec::with_default(MAX_AGE, ParamKind::Integer { min: Some(0) }, "0")
        .help("How many seconds the client may keep the answer. Errors are never kept."),
    ParamSpec::optional(ASSERT, ParamKind::Choice(|| vec!["anon", "user", "bot"]))
        .help(
            "Whom the client believes to be: nobody who is logged in, somebody who is, or somebody with the right \
             <kbd>bot</kbd>. If that is not so, the answer is an error, and nothing is done.",
        ),
    ParamSpec::optional(ASSERT_USER, ParamKind::User)
        .subtypes(&["name", "temp"])
        .help(
            "Which user the client believes to be. If that is not so, the answer is an error, and nothing is done.",
        ),
    ParamSpec::optional(REQUEST_ID, ParamKind::Text)
        .help("A text that is given back in the answer, to tell requests apart."),
    ParamSpec::optional(SERVED_BY, ParamKind::Presence)
        .help("Names the machine that answers, if the settings allow it."),
    ParamSpec::optional(CURRENT_TIMESTAMP, ParamKind::Presence)
        .help("Puts the time into the answer."),
    ParamSpec::optional(LANGUAGE_INFO, ParamKind::Presence)
        .help("Puts the languages of the answer and of its errors into the answer."),
    ParamSpec::optional(super::cors::ORIGIN, ParamKind::Text)
        .help(
            "For scripts on pages of other sites: the origin of the page, as in the header <samp>Origin</samp> of the \
             request. It must be in the query string. <kbd>*</kbd> asks as nobody, from anywhere.",
        ),
    ParamSpec::with_default(USER_LANGUAGE, ParamKind::Text, "user")
        .help(
            "The language of messages, by its code. Texts are English whatever it is; <kbd>qqx</kbd> shows the keys \
             of messages. <kbd>user</kbd> and <kbd>content</kbd> are the languages of the user and of the wiki.",
        )
        .differs("texts are in English for every language but `qqx`"),
    ParamSpec::optional("variant", ParamKind::Text)
        .help("A variant of the language. The wiki has none."),
    ParamSpec::with_default(ERROR_FORMAT, ParamKind::Choice(ErrorFormat::names), "bc")
        .help(
            "How errors and warnings are written. <kbd>bc</kbd> has one error, and warnings by module; all others \
             have lists, whose texts are plain, wikitext, HTML, keys with params, or left out.",
        ),
    ParamSpec::with_default(ERROR_LANGUAGE, ParamKind::Text, "uselang")
        .help(
            "The language of errors and warnings, by its code; with <kbd>uselang</kbd> it is the one that <var>uselang</var> \
             names. The format <kbd>bc</kbd> is in English.",
        ),
    ParamSpec::optional("errorsuselocal", ParamKind::Presence)
        .help("Uses messages that the wiki has changed. It has changed none."),
];

/// What the main module's params ask of the checks in front of the module.
#[derive(Debug)]
pub struct MainParams {
    /// The module that the request is for.
    pub action: String,
    /// How far the database may be behind, in seconds.
    pub max_lag: Option<i64>,
    /// Who the client believes to be.
    pub assertion: Option<Assertion>,
    /// Which user the client believes to be.
    pub assert_user: Option<String>,
}

/// Who a client believes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assertion {
    /// Nobody.
    Anonymous,
    /// Somebody who is logged in.
    User,
    /// Somebody who has the right `bot`.
    Bot,
}

impl MainParams {
    /// The params, or the first thing wrong with them.
    pub fn accept(given: GivenParams<'_>) -> Result<Self, ApiError> {
        let params: Params<'_> = given.accept()?;
        let owned = |name: &str| params.text(name).map(str::to_owned);
        Ok(Self {
            action: owned(ACTION).unwrap_or_default(),
            max_lag: params.number(MAX_LAG),
            assertion: params.text(ASSERT).map(|assertion| match assertion {
                "anon" => Assertion::Anonymous,
                "bot" => Assertion::Bot,
                _ => Assertion::User,
            }),
            assert_user: owned(ASSERT_USER),
        })
    }
}

/// The format that was asked for, or the default; `None` if there is no such format.
pub fn format<'g>(given: &'g GivenParams<'_>) -> Option<&'g str> {
    given.text(FORMAT)
}

/// How long caches may keep the answer, in seconds: those that many share, and the client's own.
pub fn max_ages(given: &GivenParams<'_>) -> (i64, i64) {
    let seconds = |name| given.number(name).unwrap_or(0);
    (seconds(SHARED_MAX_AGE), seconds(MAX_AGE))
}

/// What the client wants to find in every answer.
#[derive(Debug)]
pub struct RequestedFields {
    /// `requestid`: to be returned as it is.
    pub request_id: Option<String>,
    /// `servedby`: the name of the machine.
    pub served_by: bool,
    /// `curtimestamp`: the time.
    pub current_timestamp: bool,
    /// `responselanginfo`: the languages of the answer.
    pub language_info: bool,
}

impl RequestedFields {
    /// Those of the given params; one that something is wrong with counts as not given.
    pub fn of(given: &GivenParams<'_>) -> Self {
        Self {
            request_id: given.text(REQUEST_ID).map(str::to_owned),
            served_by: given.is_present(SERVED_BY),
            current_timestamp: given.is_present(CURRENT_TIMESTAMP),
            language_info: given.is_present(LANGUAGE_INFO),
        }
    }
}

/// In what format and languages the answer is. They have to be known before anything can be wrong, so a value that is
/// not understood is the default here; as a param it is an error all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    /// The format of errors.
    pub error_format: ErrorFormat,
    /// The language of errors; the format `bc` is in English whatever this says.
    pub of_errors: Language,
    /// The language of everything else.
    pub of_answer: Language,
    /// Whether the answer depends on which language its reader prefers.
    pub by_user: bool,
}

impl Languages {
    /// Those that the request asks for, at a wiki whose language has this code.
    pub fn of(input: &PhpInput<'_>, content: &str) -> Self {
        let scalar = |name: &str| str::from_utf8(input.scalar(name)?).ok();
        let error_format = scalar(ERROR_FORMAT)
            .and_then(ErrorFormat::from_name)
            .unwrap_or(ErrorFormat::Bc);
        let user_language = scalar(USER_LANGUAGE).unwrap_or("user");
        let error_language = match scalar(ERROR_LANGUAGE).unwrap_or("uselang") {
            "uselang" => user_language,
            code => code,
        };
        let errors_by_user = error_format != ErrorFormat::Bc && error_language == "user";
        Self {
            error_format,
            of_errors: match error_format {
                ErrorFormat::Bc => Language::English,
                ErrorFormat::List(_) => language(error_language, content),
            },
            of_answer: language(user_language, content),
            by_user: user_language == "user" || errors_by_user,
        }
    }
}

/// The language with this code. Codes that none can have, and `user` and `content`, are the wiki's own language.
fn language(code: &str, content: &str) -> Language {
    let is_code = !code.is_empty()
        && !code.contains(|character| {
            matches!(
                character,
                ':' | '/' | '\\' | '\0' | '&' | '<' | '>' | '\'' | '"'
            )
        });
    match code.to_ascii_lowercase().as_str() {
        "qqx" => Language::Qqx,
        "user" | "content" => of_content(content),
        CONTENT_LANGUAGE => Language::English,
        code if is_code => Language::Other(code.to_owned()),
        _ => of_content(content),
    }
}

fn of_content(code: &str) -> Language {
    match code {
        CONTENT_LANGUAGE => Language::English,
        code => Language::Other(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_format::ListedAs;
    use crate::api::tests::support::get;

    #[test]
    fn who_asks_for_no_language_gets_that_of_the_wiki() {
        let table = [
            ("", "de"),
            ("uselang=content", "de"),
            ("uselang=x%3Cy", "de"),
            ("uselang=en", "en"),
            ("uselang=FR", "fr"),
        ];
        for (query, code) in table {
            let request = get(query);
            let input = PhpInput::read(&request, 1000);
            let languages = Languages::of(&input, "de");
            assert_eq!(languages.of_answer.code(), code, "{query}");
        }
    }

    #[test]
    fn errors_are_reported_as_asked_before_anything_is_checked() {
        use Language::{English, Qqx};
        let list = ErrorFormat::List(ListedAs::Plaintext);
        let table = [
            ("", ErrorFormat::Bc, English),
            ("errorformat=plaintext", list, English),
            ("errorformat=PLAINTEXT", ErrorFormat::Bc, English),
            ("errorformat[]=plaintext", ErrorFormat::Bc, English),
            ("errorformat=plaintext&uselang=qqx", list, Qqx),
            // Recorded case errors/errorlang-over-uselang, and the other way round.
            ("errorformat=plaintext&uselang=en&errorlang=qqx", list, Qqx),
            (
                "errorformat=plaintext&uselang=qqx&errorlang=en",
                list,
                English,
            ),
            (
                "errorformat=plaintext&uselang=qqx&errorlang=uselang",
                list,
                Qqx,
            ),
            (
                "errorformat=plaintext&uselang=x%3Cy&errorlang=",
                list,
                English,
            ),
            // Recorded case params/responselanginfo-qqx: the format bc is English.
            ("uselang=qqx", ErrorFormat::Bc, English),
        ];
        for (query, format, language) in table {
            let request = get(query);
            let input = PhpInput::read(&request, 1000);
            let languages = Languages::of(&input, "en");
            assert_eq!(
                (languages.error_format, languages.of_errors),
                (format, language),
                "{query}"
            );
        }
    }
}
