//! How errors and warnings are put into an answer: the param `errorformat`.

use super::error::ApiError;
use super::markup::to_plain_text;
use super::messages::{self, Language, Message, MessageParam, TextForm};
use super::request_id::RequestId;
use super::result::{Object, Value};
use super::warning::ApiWarning;

/// The formats of `errorformat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorFormat {
    /// One error, and warnings by module, always in English.
    Bc,
    /// A list of errors and one of warnings.
    List(ListedAs),
}

/// What an entry has for its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedAs {
    /// Text without markup.
    Plaintext,
    /// Wikitext.
    Wikitext,
    /// HTML.
    Html,
    /// Message key and params.
    Raw,
    /// Nothing.
    None,
}

impl ErrorFormat {
    /// The formats and their names, in the order of the original.
    const NAMED: [(&'static str, Self); 6] = [
        ("plaintext", Self::List(ListedAs::Plaintext)),
        ("wikitext", Self::List(ListedAs::Wikitext)),
        ("html", Self::List(ListedAs::Html)),
        ("raw", Self::List(ListedAs::Raw)),
        ("none", Self::List(ListedAs::None)),
        ("bc", Self::Bc),
    ];

    /// The names of the formats.
    pub fn names() -> Vec<&'static str> {
        Self::NAMED.iter().map(|(name, _)| *name).collect()
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let format = Self::NAMED.iter().find(|(known, _)| *known == name);
        format.map(|(_, format)| *format)
    }
}

/// Puts errors and warnings into the answer to one request.
#[derive(Debug)]
pub struct ErrorFormatter {
    /// The format.
    pub format: ErrorFormat,
    /// The language of the texts; `bc` is English whatever this says.
    pub language: Language,
    /// The request that is answered.
    pub request_id: RequestId,
    /// Whether exceptions are shown with their details (`ShowExceptionDetails`).
    pub with_details: bool,
}

/// What errors and warnings have in common.
struct Report {
    module: Option<&'static str>,
    code: &'static str,
    message: Message,
    data: Object,
}

impl ErrorFormatter {
    /// Puts the error on top.
    pub fn add_error(&self, result: &mut Object, error: &ApiError) {
        let report = Report {
            module: error.module(),
            code: error.code(),
            message: error.message(&self.request_id, self.with_details),
            data: error.data(),
        };
        match self.format {
            ErrorFormat::Bc => {
                let info = plain_text(&report.message, Language::English);
                let code = Value::text(report.code);
                let mut entry = Object::of([("code", code), ("info", Value::text(info))]);
                entry.extend(report.data);
                result.set_on_top("error", Value::Object(entry));
            }
            ErrorFormat::List(form) => add_to_list(result, "errors", self.entry(report, form)),
        }
    }

    /// Adds a warning of a module. What was warned of before is not repeated.
    pub fn add_warning(&self, result: &mut Object, module: &'static str, warning: &ApiWarning) {
        let report = Report {
            module: Some(module),
            code: warning.code(),
            message: warning.message(&self.request_id, self.with_details),
            data: warning.data(),
        };
        match self.format {
            ErrorFormat::Bc => {
                let line = plain_text(&report.message, Language::English);
                add_to_module(result, module, &line);
            }
            ErrorFormat::List(form) => add_to_list(result, "warnings", self.entry(report, form)),
        }
    }

    /// Says where the API is described: in the error, or beside the errors.
    pub fn add_docref(&self, result: &mut Object, script_url: &str) {
        let link = MessageParam::Text(script_url.to_owned());
        let usage = Message::new(&messages::API_USAGE, [link]);
        let mailing_list = Message::new(&messages::MAILING_LIST, []);
        let language = match self.format {
            ErrorFormat::Bc => Language::English,
            ErrorFormat::List(_) => self.language,
        };
        let texts = [usage, mailing_list].map(|text| text.render(language, TextForm::Wikitext));
        let docref = Value::text(texts.join(" "));
        match self.format {
            ErrorFormat::Bc => result.update_on_top("error", |error| {
                let mut error = Value::into_object(error);
                error.set_content("docref", docref);
                Value::Object(error)
            }),
            ErrorFormat::List(_) => result.set_content("docref", docref),
        }
    }

    fn entry(&self, report: Report, form: ListedAs) -> Object {
        let Report {
            module,
            code,
            message,
            data,
        } = report;
        let mut entry = Object::of([("code", Value::text(code))]);
        match form {
            ListedAs::Plaintext => {
                entry.set_content("text", Value::text(plain_text(&message, self.language)));
            }
            ListedAs::Wikitext => {
                let text = message.render(self.language, TextForm::Wikitext);
                entry.set_content("text", Value::text(text));
            }
            ListedAs::Html => {
                let html = message.render(self.language, TextForm::Html);
                entry.set_content("html", Value::text(html));
            }
            ListedAs::Raw => {
                entry.set("key", Value::text(message.key()));
                entry.set("params", message.raw_params());
            }
            ListedAs::None => {}
        }
        if !data.is_empty() {
            entry.set("data", Value::Object(data));
        }
        if let Some(module) = module {
            entry.set("module", Value::text(module));
        }
        entry
    }
}

fn plain_text(message: &Message, language: Language) -> String {
    to_plain_text(&message.render(language, TextForm::Wikitext))
}

/// Adds an entry to a list, which is on top if it is new.
fn add_to_list(result: &mut Object, list: &'static str, entry: Object) {
    result.update_on_top(list, |entries| {
        let mut entries = Value::into_list(entries);
        let entry = Value::Object(entry);
        if !entries.contains(&entry) {
            entries.push(entry);
        }
        Value::List(entries)
    });
}

/// Adds a line to the warnings of a module. The module that was first warned of last is on top.
fn add_to_module(result: &mut Object, module: &'static str, line: &str) {
    result.update_on_top("warnings", |modules| {
        let mut modules = Value::into_object(modules);
        modules.update_on_top(module, |warnings| {
            let mut warnings = Value::into_object(warnings);
            let text = match warnings.get("warnings") {
                Some(Value::Text(lines)) if has_lines(lines, line) => lines.clone(),
                Some(Value::Text(lines)) => format!("{lines}\n{line}"),
                _ => line.to_owned(),
            };
            warnings.set_content("warnings", Value::text(text));
            Value::Object(warnings)
        });
        Value::Object(modules)
    });
}

/// Whether `text` has `lines`, whole and one after the other.
fn has_lines(text: &str, lines: &str) -> bool {
    text.match_indices(lines).any(|(at, found)| {
        let (before, from) = text.split_at(at);
        let after = from.strip_prefix(found).unwrap_or_default();
        (before.is_empty() || before.ends_with('\n'))
            && (after.is_empty() || after.starts_with('\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::formats::json;
    use crate::api::params::Params;

    const MISSING: ApiError = ApiError::MissingParam {
        module: "bouncehandler",
        param: "email",
    };

    fn formatter(format: &str, language: Language) -> ErrorFormatter {
        ErrorFormatter {
            format: ErrorFormat::from_name(format).unwrap(),
            language,
            request_id: RequestId::random(),
            with_details: false,
        }
    }

    /// As JSON in format version 1.
    fn shown(result: &Object) -> String {
        (json::INFO.print)(&Params::defaults(json::INFO.params), result).text
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
            formatter(format, language).add_error(&mut result, &MISSING);
            assert_eq!(shown(&result), expected, "{format}");
        }
    }

    #[test]
    fn warnings_of_a_module_are_lines_without_repetition() {
        let bc = formatter("bc", Language::English);
        let mut result = Object::default();
        let array = |param| ApiWarning::UnsupportedArray { param };
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
            ApiWarning::BadUtf8 { param: "email" },
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
            formatter.add_error(&mut result, &MISSING);
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
}
