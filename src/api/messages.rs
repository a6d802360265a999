//! The messages of the API: their keys, their texts, and how params are put into them.
//!
//! Texts are wikitext with `$1`, `$2`..., as MediaWiki has them in English. The language `qqx` shows keys and params in
//! place of texts. Recorded cases: `errors/*`.

use super::markup::escape_html;
use super::result::{Object, Value};

/// A message without its params.
#[derive(Debug, PartialEq, Eq)]
pub struct MessageText {
    /// MediaWiki's message key.
    key: &'static str,
    english: &'static str,
    /// The text for when a number among the params is not 1, if that is another one.
    english_plural: Option<&'static str>,
}

/// Declares a constant for each message, so that a message that does not exist does not compile.
macro_rules! messages {
    (@plural) => { None };
    (@plural $plural:literal) => { Some($plural) };
    ($($name:ident: $key:literal = $english:literal $(| $plural:literal)?;)+) => {
        $(pub(super) static $name: MessageText = MessageText {
            key: $key,
            english: $english,
            english_plural: messages!(@plural $($plural)?),
        };)+
    };
}

messages! {
    API_USAGE: "api-usage-docref" = "See $1 for API usage.";
    BAD_UTF8: "apiwarn-badutf8" =
        "The value passed for <var>$1</var> contains invalid or non-normalized data. Textual data should be valid, \
         NFC-normalized Unicode without C0 control characters other than HT (\\t), LF (\\n), and CR (\\r).";
    BAD_VALUE: "paramvalidator-badvalue-enumnotmulti" = "Unrecognized value for parameter \"$1\": $2.";
    CONTENT_TOO_LARGE: "apierror-http-contenttoolarge" = "The request body is larger than $1 bytes.";
    DEBUG_API: "apiwarn-wgdebugapi" = "<strong>Security Warning</strong>: <var>$wgDebugAPI</var> is enabled.";
    ERROR_PRINTER_FAILED: "apiwarn-errorprinterfailed" = "Error printer failed. Will retry without params.";
    EXCEPTION: "apierror-exceptioncaught" = "[$1] Exception caught: $2";
    EXCEPTION_TYPE: "apierror-exceptioncaughttype" = "[$1] Caught exception of type $2";
    INTERNAL_USE_ONLY: "apierror-bouncehandler-internalonly" = "This API module is for internal use only.";
    INVALID_METHOD: "apierror-invalidmethod" = "Invalid HTTP method. Consider using GET or POST.";
    MAILING_LIST: "api-usage-mailinglist-ref" =
        "Subscribe to the mediawiki-api-announce mailing list at \
         &lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/&gt; \
         for notice of API deprecations and breaking changes.";
    MISSING_PARAM: "paramvalidator-missingparam" = "The \"$1\" parameter must be set.";
    MUST_BE_POSTED: "apierror-mustbeposted" = "The <kbd>$1</kbd> module requires a POST request.";
    NOT_MULTI: "paramvalidator-notmulti" =
        "Parameter \"$1\" accepts only a single value. U+001F multi-value separation may only be used for multi-valued \
         parameters.";
    POST_WITHOUT_CONTENT_TYPE: "apiwarn-deprecation-post-without-content-type" =
        "A POST request was made without a <code>Content-Type</code> header. This does not work reliably.";
    PROMISED_NON_WRITE: "apierror-promised-nonwrite-api" =
        "The <code>Promise-Non-Write-API-Action</code> HTTP header cannot be sent to write-mode API modules.";
    UNRECOGNIZED_PARAMS: "apierror-unrecognizedparams" =
        "Unrecognized parameter: $1." | "Unrecognized parameters: $1.";
    UNSUPPORTED_ARRAY: "apiwarn-unsupportedarray" =
        "Parameter <var>$1</var> uses unsupported PHP array syntax.";
}

/// What is put into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageParam {
    /// Wikitext; nothing that a user wrote, unless its markup is escaped.
    Text(String),
    /// Text in which markup means nothing.
    Plaintext(String),
    /// A number that is `1` among raw params.
    Number(usize),
    /// A number that is `{"num": 1}` among raw params.
    MarkedNumber(usize),
    /// Wikitexts, joined by commas.
    CommaList(Vec<String>),
    /// Names from this program's tables, joined by commas and a last "and".
    TextList(Vec<&'static str>),
}

/// The languages in which messages exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `en`, and whatever else is asked for.
    English,
    /// `qqx`: keys in place of texts.
    Qqx,
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

    /// The params as the error format `raw` shows them.
    pub fn raw_params(&self) -> Value {
        Value::List(self.params.iter().map(MessageParam::raw).collect())
    }

    /// The text with its params put in.
    pub fn render(&self, language: Language, form: TextForm) -> String {
        let mut params = self.params.iter().map(|param| param.show(language, form));
        match language {
            Language::English => self.fill(&params.collect::<Vec<_>>()),
            Language::Qqx => match params.next() {
                None => format!("({})", self.text.key),
                Some(first) => {
                    let params: Vec<_> = std::iter::once(first).chain(params).collect();
                    format!("({}: {})", self.text.key, params.join(", "))
                }
            },
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
        let many = |param: &MessageParam| matches!(param, MessageParam::Number(2..));
        match self.text.english_plural {
            Some(plural) if self.params.iter().any(many) => plural,
            Some(_) | None => self.text.english,
        }
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
    fn show(&self, language: Language, form: TextForm) -> String {
        match self {
            Self::Plaintext(text) if form == TextForm::Html => escape_html(text),
            Self::Text(text) | Self::Plaintext(text) => text.clone(),
            Self::Number(number) | Self::MarkedNumber(number) => number.to_string(),
            Self::CommaList(texts) => texts.join(comma(language)),
            Self::TextList(names) => match names.as_slice() {
                [first @ .., before_last, last] => {
                    let listed: Vec<_> = first.iter().chain([before_last]).copied().collect();
                    [&listed.join(comma(language)), and(language), last].concat()
                }
                names => names.concat(),
            },
        }
    }

    fn raw(&self) -> Value {
        match self {
            Self::Text(text) => Value::text(text),
            Self::Plaintext(text) => marked("plaintext", Value::text(text)),
            Self::Number(number) => Value::number(*number),
            Self::MarkedNumber(number) => marked("num", Value::number(*number)),
            Self::CommaList(texts) => list(texts.iter().map(Value::text), "comma"),
            Self::TextList(names) => {
                let name = |name: &&str| marked("plaintext", Value::text(name));
                list(names.iter().map(name), "text")
            }
        }
    }
}

fn marked(mark: &'static str, value: Value) -> Value {
    Value::Object(Object::of([(mark, value)]))
}

fn list(values: impl Iterator<Item = Value>, kind: &str) -> Value {
    Value::Object(Object::of([
        ("list", Value::List(values.collect())),
        ("type", Value::text(kind)),
    ]))
}

fn comma(language: Language) -> &'static str {
    match language {
        Language::English => ", ",
        Language::Qqx => "(comma-separator)",
    }
}

fn and(language: Language) -> &'static str {
    match language {
        Language::English => " and ",
        Language::Qqx => "(and)(word-separator)",
    }
}

#[cfg(test)]
mod tests;
