//! The namespaces of pages. Their names are the English ones, whatever the wiki's language is.

use super::SiteCall;
use crate::api::result::{Object, Value};

/// A namespace.
struct Namespace {
    id: i64,
    name: &'static str,
    has_subpages: bool,
}

const MAIN: i64 = 0;
const PROJECT: i64 = 4;
const PROJECT_TALK: i64 = 5;
const MEDIA_WIKI: i64 = 8;

/// The namespaces, sorted by number.
const NAMESPACES: &[Namespace] = &[
    flat(-2, "Media"),
    flat(-1, "Special"),
    flat(MAIN, ""),
    deep(1, "Talk"),
    deep(2, "User"),
    deep(3, "User talk"),
    deep(PROJECT, "Project"),
    deep(PROJECT_TALK, "Project talk"),
    flat(6, "File"),
    deep(7, "File talk"),
    deep(MEDIA_WIKI, "MediaWiki"),
    deep(9, "MediaWiki talk"),
    deep(10, "Template"),
    deep(11, "Template talk"),
    deep(12, "Help"),
    deep(13, "Help talk"),
    flat(14, "Category"),
    deep(15, "Category talk"),
];

/// A namespace whose pages have no subpages.
const fn flat(id: i64, name: &'static str) -> Namespace {
    Namespace {
        id,
        name,
        has_subpages: false,
    }
}

/// A namespace whose pages have subpages.
const fn deep(id: i64, name: &'static str) -> Namespace {
    Namespace {
        has_subpages: true,
        ..flat(id, name)
    }
}

/// `namespaces`
pub(super) fn namespaces(call: &SiteCall<'_>) -> Value {
    let project = call.site().project_namespace();
    let mut namespaces = Object::default().numbered("ns");
    for namespace in NAMESPACES {
        namespaces.set(namespace.id.to_string(), row(namespace, &project));
    }
    namespaces.into()
}

/// `namespacealiases`: the names from before files could be more than images.
pub(super) fn aliases(_: &SiteCall<'_>) -> Value {
    let aliases = [(6, "Image"), (7, "Image talk")].map(|(id, alias)| {
        let mut row = Object::of([("id", Value::Number(id))]);
        row.set_content("alias", Value::text(alias));
        row.into()
    });
    Value::list("ns", aliases)
}

/// A namespace in the answer. That of the wiki itself has the wiki's name.
fn row(namespace: &Namespace, project: &str) -> Object {
    let name = match namespace.id {
        PROJECT => project.to_owned(),
        PROJECT_TALK => format!("{project} talk"),
        _ => namespace.name.to_owned(),
    };
    let mut row = Object::of([
        ("id", Value::Number(namespace.id)),
        ("case", Value::text("first-letter")),
    ]);
    row.set_content("name", Value::text(name));
    row.set("subpages", Value::Bool(namespace.has_subpages));
    if namespace.id != MAIN {
        row.set("canonical", Value::text(namespace.name));
    }
    row.set("content", Value::Bool(namespace.id == MAIN));
    row.set("nonincludable", Value::Bool(false));
    if namespace.id == MEDIA_WIKI {
        row.set("namespaceprotection", Value::text("editinterface"));
    }
    row
}
