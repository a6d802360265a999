//! JSON as PHP's `json_encode` writes it with slashes and, if so asked, letters as they are.

use crate::api::result::Printed;

/// Where white space stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Nowhere.
    Compact,
    /// For people: an entry a line, four spaces a level.
    Pretty,
}

/// The text of a value.
pub fn write(value: &Printed<'_>, layout: Layout, only_ascii: bool) -> String {
    let mut writer = Writer {
        layout,
        only_ascii,
        depth: 0,
        text: String::new(),
    };
    writer.value(value);
    writer.text
}

struct Writer {
    layout: Layout,
    only_ascii: bool,
    depth: usize,
    text: String,
}

impl Writer {
    fn value(&mut self, value: &Printed<'_>) {
        match value {
            Printed::Null => self.text.push_str("null"),
            Printed::Bool(yes) => self.text.push_str(if *yes { "true" } else { "false" }),
            Printed::Number(number) => self.text.push_str(&number.to_string()),
            Printed::Decimal(digits) => self.text.push_str(digits),
            Printed::Text(text) => self.string(text),
            Printed::List(items) => self.list(items),
            Printed::Map(entries) => self.map(entries),
        }
    }

    fn list(&mut self, items: &[Printed<'_>]) {
        self.open('[');
        for (place, item) in items.iter().enumerate() {
            self.begin_entry(place);
            self.value(item);
        }
        self.close(']', items.is_empty());
    }

    fn map(&mut self, entries: &[(std::borrow::Cow<'_, str>, Printed<'_>)]) {
        self.open('{');
        for (place, (name, value)) in entries.iter().enumerate() {
            self.begin_entry(place);
            self.string(name);
            self.text.push(':');
            if self.layout == Layout::Pretty {
                self.text.push(' ');
            }
            self.value(value);
        }
        self.close('}', entries.is_empty());
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth = self.depth.saturating_add(1);
    }

    fn begin_entry(&mut self, place: usize) {
        if place > 0 {
            self.text.push(',');
        }
        self.new_line();
    }

    fn close(&mut self, bracket: char, is_empty: bool) {
        self.depth = self.depth.saturating_sub(1);
        if !is_empty {
            self.new_line();
        }
        self.text.push(bracket);
    }

    fn new_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.text.push('\n');
            self.text.extend((0..self.depth).map(|_| "    "));
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => self.code_units(character),
                _ if self.only_ascii && !character.is_ascii() => self.code_units(character),
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    fn code_units(&mut self, character: char) {
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.text.push_str("\\u");
            for byte in unit.to_be_bytes() {
                let digits =
                    [byte >> 4, byte & 0xF].map(|digit| char::from_digit(digit.into(), 16));
                self.text.extend(digits.into_iter().flatten());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_people_each_entry_has_a_line() {
        // As a wiki lays it out: action=query&list=allusers&format=jsonfm.
        let users = Printed::List(vec![Printed::Map(vec![(
            "userid".into(),
            Printed::Number(1),
        )])]);
        let tree = Printed::Map(vec![
            ("batchcomplete".into(), Printed::Text("")),
            ("users".into(), users),
            ("none".into(), Printed::List(Vec::new())),
            ("empty".into(), Printed::Map(Vec::new())),
        ]);
        let lines = [
            "{",
            "    \"batchcomplete\": \"\",",
            "    \"users\": [",
            "        {",
            "            \"userid\": 1",
            "        }",
            "    ],",
            "    \"none\": [],",
            "    \"empty\": {}",
            "}",
        ];
        assert_eq!(write(&tree, Layout::Pretty, true), lines.join("\n"));
        let compact = r#"{"batchcomplete":"","users":[{"userid":1}],"none":[],"empty":{}}"#;
        assert_eq!(write(&tree, Layout::Compact, true), compact);
    }
}
