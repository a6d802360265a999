//! The tree of an answer, in order, and how format versions 1 and 2 differ in it.
//!
//! MediaWiki: `ApiResult`. What only some formats need (names of list elements, what is an element of its own in XML) is
//! said where the value is made. What the versions make of it is in `printed`.

mod printed;

pub use self::printed::Printed;

use super::params::Params;
use super::text;
use std::borrow::Cow;

/// A value in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no. Version 1 has an empty text for yes, and leaves no out.
    Bool(bool),
    /// Yes or no that is `true` or `false` in version 1 too (MediaWiki: `META_BC_BOOLS`).
    PlainBool(bool),
    /// A number.
    Number(i64),
    /// A number that is not whole, in decimal digits as it is printed.
    Decimal(String),
    /// A text: valid UTF-8 in normalisation form C.
    Text(String),
    /// Values without names.
    List(List),
    /// Values with names.
    Object(Object),
}

impl Value {
    /// A text, brought into the form that all texts of an answer have.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text::clean(text.as_ref().as_bytes()).into_owned())
    }

    /// Texts in a list whose elements have this name in XML.
    pub fn texts<T: AsRef<str>>(tag: &'static str, texts: impl IntoIterator<Item = T>) -> Self {
        Self::list(tag, texts.into_iter().map(Value::text))
    }

    /// Values in a list whose elements have this name in XML.
    pub fn list(tag: &'static str, items: impl IntoIterator<Item = Self>) -> Self {
        let items = items.into_iter().collect();
        Self::List(List { tag, items })
    }

    /// The entries of the object; none if there is no object.
    pub fn into_object(value: Option<Self>) -> Object {
        match value {
            Some(Self::Object(object)) => object,
            Some(
                Self::Null
                | Self::Bool(_)
                | Self::PlainBool(_)
                | Self::Number(_)
                | Self::Decimal(_)
                | Self::Text(_)
                | Self::List(_),
            )
            | None => Object::default(),
        }
    }

    /// The values of the list; none if there is no list.
    pub fn into_items(value: Option<Self>) -> Vec<Self> {
        match value {
            Some(Self::List(list)) => list.items,
            Some(
                Self::Null
                | Self::Bool(_)
                | Self::PlainBool(_)
                | Self::Number(_)
                | Self::Decimal(_)
                | Self::Text(_)
                | Self::Object(_),
            )
            | None => Vec::new(),
        }
    }

    /// A count.
    pub fn number(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// Values without names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The name of its elements in XML (MediaWiki: `META_INDEXED_TAG_NAME`); empty if they have none.
    pub tag: &'static str,
    /// The values.
    pub items: Vec<Value>,
}

/// Values with names, in order. One of them may be the content: what the object is, where the others are about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    entries: Vec<(Key, Value)>,
    content: Option<&'static str>,
    subelements: Vec<&'static str>,
    number_tag: Option<&'static str>,
    empty_is_list: bool,
    listed_in_v1: bool,
    code_tag: Option<&'static str>,
    is_listed_by_number: bool,
}

/// The name of a value.
pub type Key = Cow<'static, str>;

/// The `formatversion` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatVersion {
    /// `1`: the content is last and its name is `*`.
    V1,
    /// `2`: as in the tree.
    V2,
}

impl FormatVersion {
    /// The version that the params of a format ask for.
    pub fn asked_by(params: &Params<'_>) -> Self {
        match params.text("formatversion") {
            Some("2" | "latest") => Self::V2,
            Some(_) | None => Self::V1,
        }
    }
}

impl Object {
    /// An object with these entries.
    pub fn of<const N: usize>(entries: [(&'static str, Value); N]) -> Self {
        let entries = entries.map(|(name, value)| (Cow::Borrowed(name), value));
        Self {
            entries: entries.into(),
            ..Self::default()
        }
    }

    /// The object; where its names are numbers, its elements have this name in XML.
    #[must_use]
    pub fn numbered(mut self, tag: &'static str) -> Self {
        self.number_tag = Some(tag);
        self
    }

    /// The object; these texts in it are elements of their own in XML.
    #[must_use]
    pub fn with_subelements(mut self, names: &[&'static str]) -> Self {
        self.subelements = names.to_vec();
        self
    }

    /// The object; without entries it is printed as an empty list. A PHP array of no declared type does that.
    #[must_use]
    pub fn or_empty_list(mut self) -> Self {
        self.empty_is_list = true;
        self
    }

    /// The object, whose names are the numbers from 0 on; version 1 has a list in its place (MediaWiki: `BCassoc`).
    #[must_use]
    pub fn listed_in_v1(mut self) -> Self {
        self.listed_in_v1 = true;
        self
    }

    /// The object; in XML its elements have this name, and their own names in the attribute `code`.
    #[must_use]
    pub fn coded(mut self, tag: &'static str) -> Self {
        self.code_tag = Some(tag);
        self
    }

    /// The object, whose names are numbers. Version 2 has a list in its place, sorted by number; so has version 1 if the
    /// greatest number is that of the last place in the list (MediaWiki: `BCarray`).
    #[must_use]
    pub fn listed_by_number(mut self) -> Self {
        self.is_listed_by_number = true;
        self
    }

    /// The entry with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let entry = self.entries.iter().find(|(known, _)| known == name);
        entry.map(|(_, value)| value)
    }

    /// Puts an entry last, or in the place of the one with its name.
    pub fn set(&mut self, name: impl Into<Key>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(old) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    /// As [`Object::set`]; the entry becomes the content.
    pub fn set_content(&mut self, name: &'static str, value: Value) {
        self.set(name, value);
        self.content = Some(name);
    }

    /// Puts an entry first, or in the place of the one with its name.
    pub fn set_on_top(&mut self, name: &'static str, value: Value) {
        match self.get_mut(name) {
            Some(old) => *old = value,
            None => self.entries.insert(0, (Cow::Borrowed(name), value)),
        }
    }

    /// Changes an entry in its place; if there is none, what `update` makes of that is put first.
    pub fn update_on_top(
        &mut self,
        name: &'static str,
        update: impl FnOnce(Option<Value>) -> Value,
    ) {
        let place = self.entries.iter().position(|(known, _)| known == name);
        match place {
            Some(place) => {
                let (key, old) = self.entries.remove(place);
                self.entries.insert(place, (key, update(Some(old))));
            }
            None => self.entries.insert(0, (Cow::Borrowed(name), update(None))),
        }
    }

    /// Puts an entry last into the object under this name, which is made if it is not there.
    pub fn set_in(&mut self, name: &'static str, key: impl Into<Key>, value: impl Into<Value>) {
        if let Some(Value::Object(object)) = self.get_mut(name) {
            object.set(key, value);
        } else {
            let mut object = Self::default();
            object.set(key, value);
            self.set(name, object);
        }
    }

    /// Appends the entries of another object.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Takes the entry with this name out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.entries.iter().position(|(known, _)| known == name)?;
        Some(self.entries.remove(place).1)
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The name of its content, if it has one.
    pub fn content(&self) -> Option<&'static str> {
        self.content
    }

    /// Whether this text is an element of its own in XML.
    pub fn is_subelement(&self, name: &str) -> bool {
        self.subelements.contains(&name)
    }

    /// The name that all elements have in XML whose own names are in the attribute `code`.
    pub fn code_tag(&self) -> Option<&'static str> {
        self.code_tag
    }

    /// The name that elements have in XML whose own names are numbers.
    pub fn number_tag(&self) -> Option<&'static str> {
        self.number_tag
    }

    /// Whether version 1 has a list in its place.
    pub fn is_listed_in_v1(&self) -> bool {
        self.listed_in_v1
    }

    /// The entry with this name, to be changed in its place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let entry = self.entries.iter_mut().find(|(known, _)| known == name);
        entry.map(|(_, value)| value)
    }

    /// The entries as the tree has them.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }
}

#[cfg(test)]
mod tests;
