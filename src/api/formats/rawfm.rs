//! The format `rawfm`: the tree itself, with what it says to formats, on a page for people.

use super::json::{self, Layout};
use super::pretty::{self, Syntax, View, WRAPPED};
use super::{DATA_FORMATS, Document, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::result::{Object, Printed, Value};

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "rawfm",
        path: "rawfm",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatJson",
        help_urls: DATA_FORMATS,
        summary: "The answer before it is put into a format, on a page for people who write modules.",
        params: &[WRAPPED],
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    let view = View {
        syntax: Syntax::Json,
        called: "raw form",
        plain: None,
        text: json::write(&raw_object(result), Layout::Pretty, false),
    };
    pretty::document(call, result, &view)
}

fn raw(value: &Value) -> Printed<'_> {
    match value {
        Value::Null => Printed::Null,
        Value::Bool(yes) | Value::PlainBool(yes) => Printed::Bool(*yes),
        Value::Number(number) => Printed::Number(*number),
        Value::Decimal(digits) => Printed::Decimal(digits),
        Value::Text(text) => Printed::Text(text),
        Value::Object(object) => raw_object(object),
        Value::List(list) if list.tag.is_empty() => {
            Printed::List(list.items.iter().map(raw).collect())
        }
        Value::List(list) => {
            let items = list.items.iter().enumerate();
            let items = items.map(|(at, item)| (at.to_string().into(), raw(item)));
            let tag = ("_element".into(), Printed::Text(list.tag));
            Printed::Map(items.chain([tag]).collect())
        }
    }
}

/// The names of what is said to formats are the original's.
fn raw_object(object: &Object) -> Printed<'_> {
    let mut entries: Vec<_> = object
        .all()
        .map(|(name, value)| (name.into(), raw(value)))
        .collect();
    let plain = object
        .all()
        .filter(|(_, value)| matches!(value, Value::PlainBool(_)));
    let plain: Vec<_> = plain.map(|(name, _)| Printed::Text(name)).collect();
    let subelements = object.all().filter(|(name, _)| object.is_subelement(name));
    let subelements: Vec<_> = subelements.map(|(name, _)| Printed::Text(name)).collect();
    let lists = [("_BC_bools", plain), ("_subelements", subelements)];
    let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let lists = lists.map(|(name, names)| (name, Printed::List(names)));
    let kind = match (object.is_listed_in_v1(), object.code_tag()) {
        (true, _) => Some("BCassoc"),
        (false, Some(_)) => Some("kvp"),
        (false, None) => None,
    };
    let texts = [
        ("_type", kind),
        ("_element", object.number_tag().or(object.code_tag())),
        ("_kvpkeyname", object.code_tag().map(|_| "code")),
        ("_content", object.content()),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, Printed::Text(text?))));
    entries.extend(texts.chain(lists).map(|(name, value)| (name.into(), value)));
    Printed::Map(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_formats_is_shown() {
        // siprop=namespacealiases|general&format=rawfm, asked of a wiki.
        let mut alias = Object::of([("id", Value::Number(6))]);
        alias.set_content("alias", Value::text("Image"));
        let limits = Object::of([("0", Value::Number(120))]).numbered("limit");
        let result = Object::of([
            ("namespacealiases", Value::list("ns", [alias.into()])),
            ("thumblimits", limits.listed_in_v1().into()),
            ("yes", Value::PlainBool(true)),
        ]);
        assert_eq!(
            json::write(&raw_object(&result), Layout::Compact, false),
            r#"{"namespacealiases":{"0":{"id":6,"alias":"Image","_content":"alias"},"_element":"ns"},"thumblimits":{"0":120,"_type":"BCassoc","_element":"limit"},"yes":true,"_BC_bools":["yes"]}"#
        );
    }
}
