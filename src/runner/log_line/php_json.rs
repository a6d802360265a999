//! JSON in the dialect of MediaWiki's log lines: non-ASCII and `< > &` escaped, slashes not.

use super::put;
use crate::php_serialize::{PhpArray, PhpKey, PhpValue, float_text};

/// The longest JSON of an element that is shown, in bytes, all of them ASCII.
const MAX_ELEMENT: usize = 512;

/// What has no JSON, or more of it than is wanted.
struct NoJson;

/// The JSON of an array; elements that have none, or a long one, are shown by their type. Empty if a key has none.
pub(super) fn elements(array: &PhpArray<'_>) -> Vec<u8> {
    let mut json = Json {
        text: Vec::new(),
        end: usize::MAX,
    };
    let shown = json.group(array.is_list(), array.iter(), |json, value| {
        let start = json.text.len();
        json.end = start.saturating_add(MAX_ELEMENT);
        let written = json.value(value);
        json.end = usize::MAX;
        written.or_else(|NoJson| {
            json.text.truncate(start);
            json.string(&[type_name(value), b"(...)"].concat())
        })
    });
    match shown {
        Ok(()) => json.text,
        Err(NoJson) => Vec::new(),
    }
}

/// PHP's `get_debug_type()`: the name of a type, or the class of an object.
fn type_name<'a>(value: &PhpValue<'a>) -> &'a [u8] {
    match value {
        PhpValue::Null => b"null",
        PhpValue::Bool(_) => b"bool",
        PhpValue::Int(_) => b"int",
        PhpValue::Float(_) => b"float",
        PhpValue::Str(_) => b"string",
        PhpValue::Array(_) => b"array",
        PhpValue::Object(object) => object.class,
    }
}

/// JSON that is being written.
struct Json {
    text: Vec<u8>,
    /// How long the text may become.
    end: usize,
}

impl Json {
    fn value(&mut self, value: &PhpValue<'_>) -> Result<(), NoJson> {
        match value {
            PhpValue::Null => self.put(b"null"),
            PhpValue::Bool(true) => self.put(b"true"),
            PhpValue::Bool(false) => self.put(b"false"),
            PhpValue::Int(number) => self.put(number.to_string().as_bytes()),
            PhpValue::Float(number) if number.is_finite() => {
                self.put(float_text(*number).replace('E', "e").as_bytes())
            }
            PhpValue::Float(_) => Err(NoJson),
            PhpValue::Str(text) => self.string(text),
            PhpValue::Array(array) => self.group(array.is_list(), array.iter(), Self::value),
            PhpValue::Object(object) => {
                let shown = object.properties.iter().filter(|(key, _)| !is_hidden(*key));
                self.group(false, shown, Self::value)
            }
        }
    }

    /// A list or an object, its values written by `write`.
    fn group<'v, 'a: 'v>(
        &mut self,
        list: bool,
        elements: impl Iterator<Item = &'v (PhpKey<'a>, PhpValue<'a>)>,
        mut write: impl FnMut(&mut Self, &PhpValue<'a>) -> Result<(), NoJson>,
    ) -> Result<(), NoJson> {
        self.put(if list { b"[" } else { b"{" })?;
        for (place, (key, value)) in elements.enumerate() {
            if place > 0 {
                self.put(b",")?;
            }
            if !list {
                match key {
                    PhpKey::Int(number) => self.put(format!("\"{number}\"").as_bytes())?,
                    PhpKey::Str(name) => self.string(name)?,
                }
                self.put(b":")?;
            }
            write(self, value)?;
        }
        self.put(if list { b"]" } else { b"}" })
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), NoJson> {
        // No byte of text has less than a byte of JSON: a large text is not looked at.
        if bytes.len() > self.end.saturating_sub(self.text.len()) {
            return Err(NoJson);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(NoJson);
        };
        self.put(b"\"")?;
        for character in text.chars() {
            self.character(character);
        }
        self.put(b"\"")
    }

    fn character(&mut self, character: char) {
        let out = &mut self.text;
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '<' => out.extend_from_slice(b"\\u003C"),
            '>' => out.extend_from_slice(b"\\u003E"),
            '&' => out.extend_from_slice(b"\\u0026"),
            ' '..='\u{7f}' => out.extend(u8::try_from(character)),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    put(out, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }

    fn put(&mut self, text: &[u8]) -> Result<(), NoJson> {
        self.text.extend_from_slice(text);
        if self.text.len() > self.end {
            Err(NoJson)
        } else {
            Ok(())
        }
    }
}

/// Protected and private properties, whose names PHP begins with NUL.
fn is_hidden(key: PhpKey<'_>) -> bool {
    matches!(key, PhpKey::Str([0, ..]))
}
