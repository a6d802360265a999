//! How a tree becomes elements.

use super::names;
use crate::api::formats::Layout;
use crate::api::result::{List, Object, Value};

/// The name of the element that holds all.
const ROOT: &str = "api";

/// The name of elements of which nobody said what they are.
const UNNAMED: &str = "_v";

/// The attribute that says that white space counts.
const PRESERVE: (&str, &str) = ("xml:space", "preserve");

/// The result as a document, in this namespace.
pub fn write(result: &Object, namespace: Option<&str>, layout: Layout) -> String {
    let mut writer = Writer {
        layout,
        namespace,
        depth: 0,
        text: "<?xml version=\"1.0\"?>".to_owned(),
    };
    writer.object(ROOT, None, result);
    writer.text
}

/// Results are made by modules and are not deep, so it may call itself.
struct Writer<'n> {
    layout: Layout,
    /// The namespace, until the first element, which is the root, has been given it.
    namespace: Option<&'n str>,
    depth: usize,
    text: String,
}

/// An attribute that is not in the tree.
type Extra<'e> = Option<(&'e str, &'e str)>;

/// What an object is made of.
#[derive(Default)]
struct Parts<'r> {
    attributes: Vec<(&'r str, &'r Value)>,
    elements: Vec<(&'r str, &'r Value)>,
    numbered: Vec<(&'r str, &'r Value)>,
    content: Option<String>,
}

impl<'r> Parts<'r> {
    fn of(object: &'r Object) -> Self {
        let mut parts = Self::default();
        for (name, value) in object.all() {
            let is_content = object.content() == Some(name);
            if is_number(name) {
                parts.numbered.push((name, value));
            } else if plain(value).is_none() || (object.is_subelement(name) && !is_content) {
                parts.elements.push((name, value));
            } else if !is_content {
                parts.attributes.push((name, value));
            }
        }
        parts.place_content(object);
        parts
    }

    /// The content stands between the tags, unless elements stand there: then it is one of them.
    fn place_content(&mut self, object: &'r Object) {
        let content = object
            .content()
            .and_then(|name| Some((name, object.get(name)?)));
        let Some((name, value)) = content else {
            return;
        };
        match plain(value) {
            Some(text) if self.elements.is_empty() && self.numbered.is_empty() => {
                self.content = Some(text);
            }
            Some(_) => self.elements.push((name, value)),
            // It is an element already.
            None => {}
        }
    }
}

/// Whether PHP has the name as a number.
fn is_number(name: &str) -> bool {
    name.parse::<i64>()
        .is_ok_and(|number| number.to_string() == name)
}

impl Writer<'_> {
    fn value(&mut self, name: &str, extra: Extra<'_>, value: &Value) {
        match value {
            Value::Object(object) => self.object(name, extra, object),
            Value::List(list) => self.list(name, extra, list),
            value => {
                self.begin(name, extra);
                self.end_with_text(name, &plain(value).unwrap_or_default());
            }
        }
    }

    fn object(&mut self, name: &str, extra: Extra<'_>, object: &Object) {
        let parts = Parts::of(object);
        self.begin(name, extra);
        for (name, value) in &parts.attributes {
            self.attribute_of(name, value);
        }
        if let Some(namespace) = self.namespace.take() {
            self.attribute("xmlns", namespace);
        }
        if let Some(content) = &parts.content {
            self.attribute(PRESERVE.0, PRESERVE.1);
            self.end_with_text(name, content);
            return;
        }
        if parts.elements.is_empty() && parts.numbered.is_empty() {
            self.text.push_str(" />");
            return;
        }
        self.open();
        for (name, value) in parts.elements {
            let preserve = plain(value).map(|_| PRESERVE);
            match object.code_tag() {
                Some(tag) => self.value(tag, Some(("code", name)), value),
                None => self.value(&names::encode(name), preserve, value),
            }
        }
        let tag = object.number_tag().unwrap_or(UNNAMED);
        for (number, value) in parts.numbered {
            self.value(&names::encode(tag), Some(("_idx", number)), value);
        }
        self.close(name);
    }

    fn list(&mut self, name: &str, extra: Extra<'_>, list: &List) {
        self.begin(name, extra);
        if list.items.is_empty() {
            self.text.push_str(" />");
            return;
        }
        self.open();
        let tag = if list.tag.is_empty() {
            UNNAMED
        } else {
            list.tag
        };
        for item in &list.items {
            self.value(&names::encode(tag), None, item);
        }
        self.close(name);
    }

    /// Writes a tag up to where attributes go on.
    fn begin(&mut self, name: &str, extra: Extra<'_>) {
        self.new_line();
        self.text.push('<');
        self.text.push_str(name);
        if let Some((name, value)) = extra {
            self.attribute(name, value);
        }
    }

    fn open(&mut self) {
        self.text.push('>');
        self.depth = self.depth.saturating_add(1);
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.new_line();
        self.end_tag(name);
    }

    fn end_with_text(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            self.text.push_str(" />");
            return;
        }
        self.text.push('>');
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                other => self.text.push(other),
            }
        }
        self.end_tag(name);
    }

    fn end_tag(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// Yes is an attribute without a text; no and nothing are none.
    fn attribute_of(&mut self, name: &str, value: &Value) {
        let name = names::encode(name);
        match value {
            Value::Bool(true) | Value::PlainBool(true) => self.attribute(&name, ""),
            Value::Bool(false) | Value::PlainBool(false) | Value::Null => {}
            value => self.attribute(&name, &plain(value).unwrap_or_default()),
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        for character in value.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#039;"),
                '\n' => self.text.push_str("&#10;"),
                '\r' => self.text.push_str("&#13;"),
                '\t' => self.text.push_str("&#9;"),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    fn new_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.text.push('\n');
            self.text.extend((0..self.depth).map(|_| "  "));
        }
    }
}

/// The text of a value that holds no others.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(yes) | Value::PlainBool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Decimal(digits) => Some(digits.clone()),
        Value::Text(text) => Some(text.clone()),
        Value::List(_) | Value::Object(_) => None,
    }
}
