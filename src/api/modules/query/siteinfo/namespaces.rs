//! The namespaces of pages. Their names are the English ones, whatever the wiki's language is.

use super::SiteCall;
use crate::api::result::{Object, Value};
use crate::api::title::{NAMESPACES, Namespace};

/// The namespace of the wiki's messages.
const MEDIA_WIKI: i64 = 8;

/// `namespaces`
pub(super) fn namespaces(call: &SiteCall<'_>) -> Value {
    let mut namespaces = Object::default().numbered("ns");
    for namespace in &NAMESPACES {
        namespaces.set(namespace.id.to_string(), row(*namespace, &call.site().name));
    }
    namespaces.into()
}

/// `namespacealiases`: the names from before files could be more than images.
pub(super) fn aliases(_: &SiteCall<'_>) -> Value {
    let aliases = NAMESPACES.iter().flat_map(|namespace| {
        namespace.aliases.iter().map(|alias| {
            let mut row = Object::of([("id", Value::Number(namespace.id))]);
            row.set_content("alias", Value::text(alias));
            row.into()
        })
    });
    Value::list("ns", aliases)
}

/// A namespace in the answer. That of the wiki itself has the wiki's name.
fn row(namespace: Namespace, site_name: &str) -> Object {
    let mut row = Object::of([
        ("id", Value::Number(namespace.id)),
        ("case", Value::text("first-letter")),
    ]);
    row.set_content("name", Value::text(namespace.local_name(site_name)));
    row.set("subpages", Value::Bool(namespace.has_subpages));
    if namespace != Namespace::MAIN {
        row.set("canonical", Value::text(namespace.name));
    }
    row.set("content", Value::Bool(namespace == Namespace::MAIN));
    row.set("nonincludable", Value::Bool(false));
    if namespace.id == MEDIA_WIKI {
        row.set("namespaceprotection", Value::text("editinterface"));
    }
    row
}
