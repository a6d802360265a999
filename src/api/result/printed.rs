//! What format versions 1 and 2 make of a tree. The format `xml` has rules of its own.

use super::{FormatVersion, List, Object, Value};
use std::borrow::Cow;

/// A value as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printed<'r> {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(i64),
    /// A number that is not whole, in decimal digits.
    Decimal(&'r str),
    /// A text.
    Text(&'r str),
    /// Values without names.
    List(Vec<Self>),
    /// Values with names.
    Map(Vec<(Cow<'r, str>, Self)>),
}

impl<'r> Printed<'r> {
    /// A whole result in this version.
    pub fn result(result: &'r Object, version: FormatVersion) -> Self {
        Self::of_object(result, version)
    }

    /// A value in this version. Results are made by modules and are not deep, so it may call itself.
    pub fn of(value: &'r Value, version: FormatVersion) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(true) if version == FormatVersion::V1 => Self::Text(""),
            Value::Bool(yes) | Value::PlainBool(yes) => Self::Bool(*yes),
            Value::Number(number) => Self::Number(*number),
            Value::Decimal(digits) => Self::Decimal(digits),
            Value::Text(text) => Self::Text(text),
            Value::List(list) => Self::of_list(list, version),
            Value::Object(object) => Self::of_object(object, version),
        }
    }

    /// Version 1 leaves out each no, and what is not there leaves a gap among the numbers: then it is no list any more.
    fn of_list(list: &'r List, version: FormatVersion) -> Self {
        let items = list.items.iter();
        if list.items.iter().any(|value| is_absent(value, version)) {
            let numbered = items
                .enumerate()
                .filter(|(_, item)| !is_absent(item, version));
            let entries =
                numbered.map(|(at, item)| (at.to_string().into(), Self::of(item, version)));
            return without_names(entries.collect());
        }
        Self::List(items.map(|item| Self::of(item, version)).collect())
    }

    fn of_object(object: &'r Object, version: FormatVersion) -> Self {
        let entries: Vec<_> = object
            .entries(version)
            .map(|(name, value)| (Cow::Borrowed(name), Self::of(value, version)))
            .collect();
        let entries = if object.is_listed_by_number {
            match listed_by_number(entries, version) {
                Ok(values) => return Self::List(values),
                Err(entries) => entries,
            }
        } else {
            entries
        };
        match version {
            FormatVersion::V1 if object.listed_in_v1 => without_names(entries),
            _ if object.empty_is_list && entries.is_empty() => Self::List(Vec::new()),
            _ => Self::Map(entries),
        }
    }
}

/// A list, if the names are the numbers from 0 on.
fn without_names<'r>(entries: Vec<(Cow<'r, str>, Printed<'r>)>) -> Printed<'r> {
    let mut names = entries.iter().map(|(name, _)| name).enumerate();
    if names.all(|(at, name)| *name == at.to_string()) {
        return Printed::List(entries.into_iter().map(|(_, value)| value).collect());
    }
    Printed::Map(entries)
}

/// The values of entries whose names are numbers, if this version has a list in their place: version 2 has, sorted; so has
/// version 1 if the greatest number is that of the last place.
fn listed_by_number<'r>(
    entries: Vec<(Cow<'r, str>, Printed<'r>)>,
    version: FormatVersion,
) -> Result<Vec<Printed<'r>>, Vec<(Cow<'r, str>, Printed<'r>)>> {
    let number = |name: &str| name.parse::<i64>().unwrap_or_default();
    let greatest = entries.iter().map(|(name, _)| number(name)).max();
    let last = i64::try_from(entries.len())
        .unwrap_or(i64::MAX)
        .saturating_sub(1);
    let mut entries = entries;
    match version {
        FormatVersion::V1 if greatest != Some(last) => return Err(entries),
        FormatVersion::V1 => {}
        FormatVersion::V2 => entries.sort_by_key(|(name, _)| number(name)),
    }
    Ok(entries.into_iter().map(|(_, value)| value).collect())
}

/// Whether a version leaves the value out.
fn is_absent(value: &Value, version: FormatVersion) -> bool {
    version == FormatVersion::V1 && matches!(value, Value::Bool(false))
}

impl Object {
    /// The entries as this version has them: in version 1 the content is last and its name is `*`.
    pub fn entries(&self, version: FormatVersion) -> impl Iterator<Item = (&str, &Value)> {
        let moved = match version {
            FormatVersion::V1 => self.content,
            FormatVersion::V2 => None,
        };
        let in_place = self.all().filter(move |(name, _)| Some(*name) != moved);
        let content = moved.and_then(|name| self.get(name));
        in_place
            .chain(content.map(|value| ("*", value)))
            .filter(move |(_, value)| !is_absent(value, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FormatVersion::{V1, V2};

    fn names<'r>(result: &'r Printed<'_>) -> Vec<&'r str> {
        match result {
            Printed::Map(entries) => entries.iter().map(|(name, _)| &**name).collect(),
            other => panic!("no map: {other:?}"),
        }
    }

    #[test]
    fn the_content_is_last_and_nameless_in_version_1() {
        let mut object = Object::of([("code", Value::text("c"))]);
        object.set_content("text", Value::text("t"));
        object.set("module", Value::text("m"));
        let (old, new) = (Printed::result(&object, V1), Printed::result(&object, V2));
        assert_eq!(names(&new), ["code", "text", "module"]);
        assert_eq!(names(&old), ["code", "module", "*"]);
    }

    #[test]
    fn version_1_has_no_yes_and_no() {
        // Asked of a wiki: {"gap":{"2":"p","4":null,"5":""}} of a list with a no at its end.
        let list = Value::list("v", [true, false, true].map(Value::Bool));
        let plain = Value::list("v", [Value::PlainBool(false)]);
        let object = Object::of([
            ("yes", Value::Bool(true)),
            ("no", Value::Bool(false)),
            ("plain", plain),
            ("list", list),
        ]);
        let yes = || Printed::Text("");
        let plain = Printed::List(vec![Printed::Bool(false)]);
        let gap = Printed::Map(vec![("0".into(), yes()), ("2".into(), yes())]);
        let old = Printed::Map(vec![
            ("yes".into(), yes()),
            ("plain".into(), plain.clone()),
            ("list".into(), gap),
        ]);
        assert_eq!(Printed::result(&object, V1), old);
        let new = Printed::Map(vec![
            ("yes".into(), Printed::Bool(true)),
            ("no".into(), Printed::Bool(false)),
            ("plain".into(), plain),
            (
                "list".into(),
                Printed::List([true, false, true].map(Printed::Bool).into()),
            ),
        ]);
        assert_eq!(Printed::result(&object, V2), new);
    }

    #[test]
    fn a_numbered_object_may_be_a_list_in_version_1() {
        // Asked of a wiki: `siprop=general`, where `thumblimits` is a list in version 1 and an object in version 2.
        let object = Object::of([("0", Value::Number(120)), ("1", Value::Number(150))]);
        let object = object.numbered("limit").listed_in_v1();
        let numbers = vec![Printed::Number(120), Printed::Number(150)];
        assert_eq!(Printed::result(&object, V1), Printed::List(numbers));
        assert_eq!(names(&Printed::result(&object, V2)), ["0", "1"]);
    }

    #[test]
    fn an_object_without_entries_may_be_an_empty_list() {
        let object = Object::of([("no", Value::Bool(false))]).or_empty_list();
        assert_eq!(Printed::result(&object, V1), Printed::List(Vec::new()));
        assert_eq!(names(&Printed::result(&object, V2)), ["no"]);
        let empty = Object::default();
        assert_eq!(Printed::result(&empty, V1), Printed::Map(Vec::new()));
    }
}
