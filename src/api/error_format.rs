//! How errors and warnings are put into an answer: the param `errorformat`.

use super::error::ApiError;
use super::markup::to_plain_text;
use super::messages::{self, Language, Message, MessageParam, TextForm};
use super::report::{Report, Telling};
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
    /// What is told of exceptions.
    pub telling: Telling,
}

impl ErrorFormatter {
    /// Puts the error on top.
    pub fn add_error(&self, result: &mut Object, error: &ApiError) {
        let report = error.report(&self.telling);
        match self.format {
            ErrorFormat::Bc => {
                let info = plain_text(&report.message, &Language::English);
                let code = Value::text(&report.code);
                let mut entry = Object::of([("code", code), ("info", Value::text(info))]);
                entry.extend(report.data);
                result.set_on_top("error", Value::Object(entry));
            }
            ErrorFormat::List(form) => {
                add_to_list(result, "errors", "error", self.entry(report, form));
            }
        }
    }

    /// Adds a warning of a module. What was warned of before is not repeated.
    pub fn add_warning(&self, result: &mut Object, module: &'static str, warning: &ApiWarning) {
        let report = warning.report(module, &self.telling);
        match self.format {
            ErrorFormat::Bc => {
                let line = plain_text(&report.message, &Language::English);
                let name = module.rsplit('+').next().unwrap_or(module);
                add_to_module(result, name, &line);
            }
            ErrorFormat::List(form) => {
                add_to_list(result, "warnings", "warning", self.entry(report, form));
            }
        }
    }

    /// A report as a value within a result: the text in English, or an entry of the client's format.
    pub fn show(&self, report: Report) -> Value {
        match self.format {
            ErrorFormat::Bc => Value::text(
                report
                    .message
                    .render(&Language::English, TextForm::Wikitext),
            ),
            ErrorFormat::List(form) => Value::Object(self.entry(report, form)),
        }
    }

    /// A report as an entry of a list of errors within a result.
    pub fn describe(&self, report: Report) -> Object {
        match self.format {
            ErrorFormat::Bc => Object::of([
                ("message", Value::text(report.message.key())),
                ("params", report.message.raw_params()),
                ("code", Value::text(&report.code)),
                ("type", Value::text("error")),
            ]),
            ErrorFormat::List(form) => self.entry(report, form),
        }
    }

    /// Says where the API is described: in the error, or beside the errors.
    pub fn add_docref(&self, result: &mut Object, script_url: &str) {
        let link = MessageParam::Text(script_url.to_owned());
        let usage = Message::new(&messages::API_USAGE, [link]);
        let mailing_list = Message::new(&messages::MAILING_LIST, []);
        let language = match self.format {
            ErrorFormat::Bc => &Language::English,
            ErrorFormat::List(_) => &self.language,
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

    /// What a module has for an error that is part of its result.
    pub fn value(&self, report: Report) -> Value {
        match self.format {
            ErrorFormat::Bc => Value::text(plain_text(&report.message, &Language::English)),
            ErrorFormat::List(form) => {
                let nobodys = Report {
                    module: None,
                    ..report
                };
                Value::Object(self.entry(nobodys, form))
            }
        }
    }

    fn entry(&self, report: Report, form: ListedAs) -> Object {
        let Report {
            module,
            code,
            message,
            data,
        } = report;
        let mut entry = Object::of([("code", Value::text(&code))]);
        match form {
            ListedAs::Plaintext => {
                entry.set_content("text", Value::text(plain_text(&message, &self.language)));
            }
            ListedAs::Wikitext => {
                let text = message.render(&self.language, TextForm::Wikitext);
                entry.set_content("text", Value::text(text));
            }
            ListedAs::Html => {
                let html = message.render(&self.language, TextForm::Html);
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

fn plain_text(message: &Message, language: &Language) -> String {
    to_plain_text(&message.render(language, TextForm::Wikitext))
}

/// Adds an entry to a list, which is on top if it is new.
fn add_to_list(result: &mut Object, list: &'static str, tag: &'static str, entry: Object) {
    result.update_on_top(list, |entries| {
        let mut entries = Value::into_items(entries);
        let entry = Value::Object(entry);
        if !entries.contains(&entry) {
            entries.push(entry);
        }
        Value::list(tag, entries)
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
mod tests;
