//! Texts that describe modules and params, in the forms that `paraminfo` and `help` give them.
//!
//! The texts stand in the rows, in wikitext that is as simple as possible: elements for code (`<kbd>`, `<var>`, `<samp>`,
//! `<code>`), and an empty line between paragraphs. What would be their messages has the original's keys, for `qqx` and `raw`.

use super::markup::escape_html;
use super::messages::Language;
use super::module::ModuleInfo;
use super::param_spec::ParamSpec;
use super::result::{Object, Value};

/// In what form `paraminfo` has descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelpFormat {
    /// `html`
    Html,
    /// `none`: not at all.
    None,
    /// `raw`: keys and params of messages.
    Raw,
    /// `wikitext`
    Wikitext,
}

impl HelpFormat {
    /// The names.
    pub fn names() -> Vec<&'static str> {
        vec!["html", "none", "raw", "wikitext"]
    }

    /// The format with this name; anything else is none.
    pub fn from_name(name: &str) -> Self {
        match name {
            "html" => Self::Html,
            "raw" => Self::Raw,
            "wikitext" => Self::Wikitext,
            _ => Self::None,
        }
    }
}

/// A description: the text, and the message that it would be.
#[derive(Debug, Clone)]
pub struct HelpText {
    text: &'static str,
    key: String,
    params: Vec<&'static str>,
}

impl HelpText {
    /// What a module does.
    pub fn of_module(info: &ModuleInfo) -> Self {
        Self::new(info, info.summary, "summary")
    }

    /// What the example in this place does.
    pub fn of_example(info: &ModuleInfo, place: usize, text: &'static str) -> Self {
        let number = place.saturating_add(1);
        Self::new(info, text, &format!("example-{number}"))
    }

    /// What a param is for.
    pub fn of_param(info: &ModuleInfo, spec: &ParamSpec) -> Self {
        let name = info.short_name(spec);
        let mut text = match spec.token_type {
            Some(token_type) => Self {
                text: "",
                key: "api-help-param-token".to_owned(),
                params: vec![token_type.name(), info.prefix],
            },
            None => Self {
                text: spec.help,
                key: format!("apihelp-{}-param-{name}", info.path),
                params: vec![info.prefix],
            },
        };
        text.params.extend([name, info.name, info.path]);
        text
    }

    fn new(info: &ModuleInfo, text: &'static str, what: &str) -> Self {
        Self {
            text,
            key: format!("apihelp-{}-{what}", info.path),
            params: vec![info.prefix, info.name, info.path],
        }
    }

    /// The text as wikitext.
    pub fn wikitext(&self, language: &Language) -> String {
        match (language, self.params.as_slice()) {
            (Language::Qqx, params) => format!("({}: {})", self.key, params.join(", ")),
            (_, [token_type, ..]) if self.text.is_empty() => format!(
                "A <kbd>{token_type}</kbd> token, as <kbd>action=query&meta=tokens</kbd> gives it."
            ),
            _ => self.text.to_owned(),
        }
    }

    /// The text as HTML, in paragraphs if it has more than one.
    pub fn html(&self, language: &Language) -> String {
        to_html(&self.wikitext(language))
    }

    /// The message: its key and params.
    pub fn message(&self) -> Object {
        let params = Value::texts("param", &self.params);
        Object::of([("key", Value::text(&self.key)), ("params", params)])
    }
}

/// HTML of the simple wikitext that stands in rows.
fn to_html(wikitext: &str) -> String {
    let paragraphs: Vec<_> = wikitext.split("\n\n").map(inline_html).collect();
    match paragraphs.as_slice() {
        [only] => only.clone(),
        several => {
            let wrapped = several.iter().map(|text| format!("<p>{text}\n</p>"));
            wrapped.collect::<Vec<_>>().join("\n")
        }
    }
}

/// Everything is escaped but the elements for code.
fn inline_html(wikitext: &str) -> String {
    let mut html = escape_html(wikitext);
    for name in ["code", "kbd", "samp", "var"] {
        html = html
            .replace(&format!("&lt;{name}&gt;"), &format!("<{name}>"))
            .replace(&format!("&lt;/{name}&gt;"), &format!("</{name}>"));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_for_code_stay_and_all_else_is_escaped() {
        assert_eq!(
            to_html("<kbd>a&b</kbd> is \"<b>\" <var>x</var>"),
            "<kbd>a&amp;b</kbd> is &quot;&lt;b&gt;&quot; <var>x</var>"
        );
        assert_eq!(to_html("a\n\nb"), "<p>a\n</p>\n<p>b\n</p>");
    }

    #[test]
    fn every_name_of_a_help_format_is_known() {
        use HelpFormat::{Html, None, Raw, Wikitext};
        let known = HelpFormat::names().into_iter().map(HelpFormat::from_name);
        assert_eq!(known.collect::<Vec<_>>(), [Html, None, Raw, Wikitext]);
    }
}
