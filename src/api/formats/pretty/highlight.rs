//! Text as HTML: escaped, its parts in colours, addresses as links.

use crate::api::markup::escape_html;
use std::borrow::Cow;

/// How to read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// As JSON, or a script that calls a function with JSON.
    Json,
    /// As XML.
    Xml,
    /// As it is.
    Plain,
}

/// What may be in an address without being written as a number. Quotes and brackets more often stand around one.
const IN_ADDRESS: &str = "-._~:/?#@!$&()*+,;=%";

/// Where an address ends although the characters could be part of it: written forms of characters that cannot.
const ENDS: [&str; 8] = [
    "&lt;",
    "&gt;",
    "&quot;",
    "&#",
    "&amp;lt;",
    "&amp;gt;",
    "&amp;quot;",
    "&amp;#",
];

/// The HTML of a text.
pub fn to_html(text: &str, syntax: Syntax) -> String {
    let mut writer = Writer {
        syntax,
        html: String::new(),
    };
    match syntax {
        Syntax::Json => writer.json(text),
        Syntax::Xml => writer.xml(text),
        Syntax::Plain => writer.linked(text),
    }
    writer.html
}

struct Writer {
    syntax: Syntax,
    html: String,
}

impl Writer {
    fn json(&mut self, text: &str) {
        let is_word = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '+' | '.')
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = match first {
                '"' => string_end(rest),
                first if is_word(first) => rest.find(|other| !is_word(other)),
                _ => rest.find(|other| other == '"' || is_word(other)),
            };
            let (token, after) = split(rest, end);
            rest = after;
            match first {
                '"' if rest.starts_with(':') => self.span("k", token),
                '"' => self.span("s", token),
                first if is_word(first) => self.span("n", token),
                _ => self.text(token),
            }
        }
    }

    /// Angle brackets are tags: those of texts are written as entities.
    fn xml(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (before, from) = split(rest, rest.find('<'));
            self.linked(before);
            let (tag, after) = split(from, from.find('>').map(|end| end.saturating_add(1)));
            for (place, piece) in tag.split('"').enumerate() {
                if place.is_multiple_of(2) {
                    self.span("k", piece);
                } else {
                    self.span("s", &format!("\"{piece}\""));
                }
            }
            rest = after;
        }
    }

    fn span(&mut self, class: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        self.html.push_str("<span class=\"");
        self.html.push_str(class);
        self.html.push_str("\">");
        self.linked(text);
        self.html.push_str("</span>");
    }

    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = find_address(rest) {
            let (before, from) = split(rest, Some(at));
            self.text(before);
            let (address, after) = split(from, Some(address_end(from)));
            // In JSON the rest of the address would be a number of a letter.
            if after.starts_with("\\u") || address.ends_with("//") {
                self.text(address);
            } else {
                self.link(address);
            }
            rest = after;
        }
        self.text(rest);
    }

    fn link(&mut self, address: &str) {
        let target = match self.syntax {
            Syntax::Xml => Cow::Owned(address.replace("&amp;", "&")),
            Syntax::Json | Syntax::Plain => Cow::Borrowed(address),
        };
        self.html.push_str("<a rel=\"nofollow noreferrer\" href=\"");
        self.text(&target);
        self.html.push_str("\">");
        self.text(address);
        self.html.push_str("</a>");
    }

    fn text(&mut self, text: &str) {
        self.html.push_str(&escape_html(text));
    }
}

/// Where a string ends that begins here, its quotes included.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut characters = text.char_indices().skip(1);
    let end = characters.find(|(_, character)| match character {
        '\\' => {
            escaped = !escaped;
            false
        }
        '"' if !escaped => true,
        _ => {
            escaped = false;
            false
        }
    });
    end.map(|(at, _)| at.saturating_add(1))
}

fn find_address(text: &str) -> Option<usize> {
    let places = ["http://", "https://"].map(|scheme| text.find(scheme));
    places.into_iter().flatten().min()
}

/// How long the address is that begins here.
fn address_end(text: &str) -> usize {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || IN_ADDRESS.contains(character);
    let (mut address, _) = split(text, text.find(|character| !is_part(character)));
    for end in ENDS {
        address = split(address, address.find(end)).0;
    }
    address
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '&'])
        .len()
}

/// The text before and from this place; all of it is before, if there is no such place.
fn split(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}
