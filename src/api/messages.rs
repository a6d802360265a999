//! The messages of the API: their keys, their texts, and how params are put into them.
//!
//! Texts are wikitext with `$1`, `$2`..., as MediaWiki has them in English. The language `qqx` shows keys and params in
//! place of texts. Recorded cases: `errors/*`.

mod duration;
mod texts;

pub(super) use texts::*;

use super::markup::escape_html;
use super::result::{Object, Value};

/// A message without its params.
#[derive(Debug, PartialEq, Eq)]
pub struct MessageText {
    /// MediaWiki's message key.
    key: &'static str,
    english: &'static str,
    /// The text for when a number among the params is neither 1 nor -1, if that is another one.
    english_plural: Option<&'static str>,
}

/// What is put into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageParam {
    /// Wikitext; nothing that a user wrote, unless its markup is escaped.
    Text(String),
    /// Text in which markup means nothing.
    Plaintext(String),
    /// A number that is `1` among raw params.
    Number(i64),
    /// A number that is `{"num": 1}` among raw params.
    MarkedNumber(i64),
    /// The place of a number where there is none, `{"num": ""}` among raw params.
    NoNumber,
    /// Seconds, shown in the largest units that fit, `{"duration": 300}` among raw params.
    Duration(i64),
    /// Wikitexts, joined by commas.
    CommaList(Vec<String>),
    /// Texts in which markup means nothing, joined by commas.
    PlaintextCommaList(Vec<String>),
    /// Names from this program's tables, joined by commas and a last "and".
    TextList(Vec<&'static str>),
    /// Names of params, marked up as such and joined in the same way.
    Variables(Vec<&'static str>),
}

/// The languages in which messages exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// `en`.
    English,
    /// The language with this code, whose texts are the English ones.
    Other(String),
    /// `qqx`: keys in place of texts.
    Qqx,
}

impl MessageText {
    /// Its key.
    pub fn key(&self) -> &'static str {
        self.key
    }
}

impl Language {
    /// The language with this code; any other text is as good as English.
    pub fn of_code(code: &str) -> Self {
        match code {
            "qqx" => Self::Qqx,
            "en" => Self::English,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its code.
    pub fn code(&self) -> &str {
        match self {
            Self::English => "en",
            Self::Other(code) => code,
            Self::Qqx => "qqx",
        }
    }
}

/// What kind of text a message becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// Wikitext; plain params stand in it as they are.
    Wikitext,
    /// HTML; plain params are escaped.
    Html,
}

/// A message with its params.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    text: &'static MessageText,
    params: Vec<MessageParam>,
}

impl Message {
    /// A message with the params `$1`, `$2`...
    pub fn new(text: &'static MessageText, params: impl Into<Vec<MessageParam>>) -> Self {
        Self {
            text,
            params: params.into(),
        }
    }

    /// Its key.
    pub fn key(&self) -> &'static str {
        self.text.key
    }

    /// Key and params, as the error format `raw` shows them.
    pub fn raw(&self) -> Object {
        Object::of([
            ("key", Value::text(self.key())),
            ("params", self.raw_params()),
        ])
    }

    /// The params as the error format `raw` shows them.
    pub fn raw_params(&self) -> Value {
        Value::list("param", self.params.iter().map(MessageParam::raw))
    }

    /// The text with its params put in.
    pub fn render(&self, language: &Language, form: TextForm) -> String {
        let params = self.params.iter().map(|param| param.show(language, form));
        match language {
            Language::English | Language::Other(_) => self.fill(&params.collect::<Vec<_>>()),
            // A text that is no more than its param has no name that could be shown.
            Language::Qqx if self.text.key == ONLY_TEXT.key => params.collect(),
            Language::Qqx => in_qqx(self.text.key, params),
        }
    }

    /// Goes through the text once, so that nothing within a param is taken for a param.
    fn fill(&self, params: &[String]) -> String {
        let mut pieces = self.english().split('$');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (param, after) = numbered_param(piece, params).unwrap_or(("$", piece));
            text.push_str(param);
            text.push_str(after);
        }
        text
    }

    fn english(&self) -> &'static str {
        let many = |param: &MessageParam| match param {
            MessageParam::Number(number) | MessageParam::MarkedNumber(number) => {
                number.unsigned_abs() != 1
            }
            MessageParam::Text(_)
            | MessageParam::Plaintext(_)
            | MessageParam::NoNumber
            | MessageParam::Duration(_)
            | MessageParam::CommaList(_)
            | MessageParam::PlaintextCommaList(_)
            | MessageParam::TextList(_)
            | MessageParam::Variables(_) => false,
        };
        match self.text.english_plural {
            Some(plural) if self.params.iter().any(many) => plural,
            Some(_) | None => self.text.english,
        }
    }
}

/// A number as English has it: `5,000`.
fn in_thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-" } else { "" }.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A message that need not exist, in the language `qqx`.
pub fn qqx(key: &str, params: &[MessageParam]) -> String {
    let params = params.iter();
    in_qqx(
        key,
        params.map(|param| param.show(&Language::Qqx, TextForm::Wikitext)),
    )
}

fn in_qqx(key: &str, params: impl Iterator<Item = String>) -> String {
    let params: Vec<_> = params.collect();
    match params.as_slice() {
        [] => format!("({key})"),
        params => format!("({key}: {})", params.join(", ")),
    }
}

/// For a piece that begins with the number of a param: the param, and the remainder of the piece.
fn numbered_param<'t>(piece: &'t str, params: &'t [String]) -> Option<(&'t str, &'t str)> {
    let mut characters = piece.chars();
    let number = usize::try_from(characters.next()?.to_digit(10)?).ok()?;
    let param = params.get(number.checked_sub(1)?)?;
    Some((param, characters.as_str()))
}

impl MessageParam {
    /// [`MessageParam::Plaintext`] of this text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plaintext(text.into())
    }

    /// [`MessageParam::Text`] of this text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// [`MessageParam::Number`] of a count.
    pub fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// [`MessageParam::MarkedNumber`] of a count.
    pub fn marked_count(count: usize) -> Self {
        Self::MarkedNumber(i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn show(&self, language: &Language, form: TextForm) -> String {
        match self {
            Self::Plaintext(text) if form == TextForm::Html => escape_html(text),
            Self::Text(text) | Self::Plaintext(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::MarkedNumber(number) => in_thousands(*number),
            Self::NoNumber => String::new(),
            Self::Duration(seconds) => duration::show(*seconds, language),
            Self::PlaintextCommaList(texts) if form == TextForm::Html => {
                let escaped: Vec<_> = texts.iter().map(|text| escape_html(text)).collect();
                escaped.join(comma(language))
            }
            Self::CommaList(texts) | Self::PlaintextCommaList(texts) => texts.join(comma(language)),
            Self::TextList(names) => text_list(names, language),
            Self::Variables(names) => {
                let marked: Vec<_> = names.iter().map(|name| variable(name)).collect();
                let marked: Vec<_> = marked.iter().map(String::as_str).collect();
                text_list(&marked, language)
            }
        }
    }

    fn raw(&self) -> Value {
        match self {
            Self::Text(text) => Value::text(text),
            Self::Plaintext(text) => marked("plaintext", Value::text(text)),
            Self::Number(number) => Value::Number(*number),
            Self::MarkedNumber(number) => marked("num", Value::Number(*number)),
            Self::NoNumber => marked("num", Value::text("")),
            Self::Duration(seconds) => marked("duration", Value::Number(*seconds)),
            Self::CommaList(texts) => list(texts.iter().map(Value::text), "comma"),
            Self::PlaintextCommaList(texts) => {
                let text = |text: &String| marked("plaintext", Value::text(text));
                list(texts.iter().map(text), "comma")
            }
            Self::TextList(names) => {
                let name = |name: &&str| marked("plaintext", Value::text(name));
                list(names.iter().map(name), "text")
            }
            Self::Variables(names) => {
                let name = |name: &&str| Value::text(variable(name));
                list(names.iter().map(name), "text")
            }
        }
    }
}

fn text_list(texts: &[&str], language: &Language) -> String {
    match texts {
        [first @ .., before_last, last] => {
            let listed: Vec<_> = first.iter().chain([before_last]).copied().collect();
            [&listed.join(comma(language)), and(language), last].concat()
        }
        texts => texts.concat(),
    }
}

fn variable(name: &str) -> String {
    format!("<var>{name}</var>")
}

fn marked(mark: &'static str, value: Value) -> Value {
    Value::Object(Object::of([(mark, value)]))
}

fn list(values: impl Iterator<Item = Value>, kind: &str) -> Value {
    Value::Object(Object::of([
        ("list", Value::list("", values)),
        ("type", Value::text(kind)),
    ]))
}

fn comma(language: &Language) -> &'static str {
    match language {
        Language::English | Language::Other(_) => ", ",
        Language::Qqx => "(comma-separator)",
    }
}

fn and(language: &Language) -> &'static str {
    match language {
        Language::English | Language::Other(_) => " and ",
        Language::Qqx => "(and)(word-separator)",
    }
}

#[cfg(test)]
mod tests;
