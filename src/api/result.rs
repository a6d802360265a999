//! The tree of an answer, in order, and how format versions 1 and 2 differ in it.

use super::text;

/// A value in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(i64),
    /// A text: valid UTF-8 in normalisation form C.
    Text(String),
    /// Values without names.
    List(Vec<Value>),
    /// Values with names.
    Object(Object),
}

impl Value {
    /// A text, brought into the form that all texts of an answer have.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text::clean(text.as_ref().as_bytes()).into_owned())
    }

    /// The entries of the object; none if there is no object.
    pub fn into_object(value: Option<Self>) -> Object {
        match value {
            Some(Self::Object(object)) => object,
            Some(Self::Number(_) | Self::Text(_) | Self::List(_)) | None => Object::default(),
        }
    }

    /// The values of the list; none if there is no list.
    pub fn into_list(value: Option<Self>) -> Vec<Self> {
        match value {
            Some(Self::List(values)) => values,
            Some(Self::Number(_) | Self::Text(_) | Self::Object(_)) | None => Vec::new(),
        }
    }

    /// A count.
    pub fn number(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// Values with names, in order. One of them may be the content: what the object is, where the others are about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    entries: Vec<(&'static str, Value)>,
    content: Option<&'static str>,
}

/// The `formatversion` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatVersion {
    /// `1`: the content is last and its name is `*`.
    V1,
    /// `2`: as in the tree.
    V2,
}

impl Object {
    /// An object with these entries.
    pub fn of<const N: usize>(entries: [(&'static str, Value); N]) -> Self {
        Self {
            entries: entries.into(),
            content: None,
        }
    }

    /// The entry with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let entry = self.entries.iter().find(|(known, _)| *known == name);
        entry.map(|(_, value)| value)
    }

    /// Puts an entry last, or in the place of the one with its name.
    pub fn set(&mut self, name: &'static str, value: Value) {
        match self.get_mut(name) {
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
            None => self.entries.insert(0, (name, value)),
        }
    }

    /// Changes an entry in its place; if there is none, what `update` makes of that is put first.
    pub fn update_on_top(
        &mut self,
        name: &'static str,
        update: impl FnOnce(Option<Value>) -> Value,
    ) {
        let old = self.get_mut(name).map(std::mem::take);
        self.set_on_top(name, update(old));
    }

    /// Appends the entries of another object.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Takes the entry with this name out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.entries.iter().position(|(known, _)| *known == name)?;
        Some(self.entries.remove(place).1)
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let entry = self.entries.iter_mut().find(|(known, _)| *known == name);
        entry.map(|(_, value)| value)
    }

    /// The entries as this version has them.
    pub fn entries(&self, version: FormatVersion) -> impl Iterator<Item = (&'static str, &Value)> {
        let moved = match version {
            FormatVersion::V1 => self.content,
            FormatVersion::V2 => None,
        };
        let in_place = self
            .entries
            .iter()
            .filter(move |(name, _)| Some(*name) != moved);
        let last = moved
            .and_then(|name| self.get(name))
            .map(|value| ("*", value));
        in_place.map(|(name, value)| (*name, value)).chain(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(object: &Object, version: FormatVersion) -> Vec<&'static str> {
        object.entries(version).map(|(name, _)| name).collect()
    }

    #[test]
    fn the_content_is_last_and_nameless_in_version_1() {
        let mut object = Object::of([("code", Value::text("c"))]);
        object.set_content("text", Value::text("t"));
        object.set("module", Value::text("m"));
        assert_eq!(
            names(&object, FormatVersion::V2),
            ["code", "text", "module"]
        );
        assert_eq!(names(&object, FormatVersion::V1), ["code", "module", "*"]);
    }

    #[test]
    fn entries_keep_their_place_and_new_ones_go_where_they_are_put() {
        let mut object = Object::of([("a", Value::Number(1)), ("b", Value::Number(2))]);
        object.set("a", Value::Number(3));
        object.set_on_top("b", Value::Number(4));
        object.set_on_top("c", Value::Number(5));
        object.update_on_top("a", |old| {
            assert_eq!(old, Some(Value::Number(3)));
            Value::Number(6)
        });
        object.update_on_top("d", |old| {
            assert_eq!(old, None);
            Value::Number(7)
        });
        let entries: Vec<_> = object.entries(FormatVersion::V2).collect();
        let numbers = [7, 5, 6, 4].map(Value::Number);
        assert_eq!(
            entries,
            ["d", "c", "a", "b"]
                .into_iter()
                .zip(&numbers)
                .collect::<Vec<_>>()
        );
        assert_eq!(object.take("c"), Some(Value::Number(5)));
        assert_eq!(object.get("c"), None);
    }

    #[test]
    fn texts_are_clean_text() {
        assert_eq!(
            Value::text("e\u{301}\0"),
            Value::Text("\u{e9}\u{fffd}".to_owned())
        );
    }
}
