//! The module `prop=info`: what there is to know about pages without looking into them.
//!
//! MediaWiki: `ApiQueryInfo`, asked of a MediaWiki 1.39. Addresses of pages and what watchers see are left out.

use super::page_set::{MAIN_PAGE_ID, Page, PageKind};
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::module::{
    CacheMode, Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule,
};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{Object, Value};
use crate::api::title::Title;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "info",
        path: "query+info",
        prefix: "in",
        group: Group::Prop,
        class: "MediaWiki\\Api\\ApiQueryInfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Info"],
        summary: "Tells about pages without looking into them.",
        examples: &[(
            "action=query&prop=info&titles=Main%20Page",
            "Tells about the main page.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::Public,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const PROP: &str = "inprop";

const PARAMS: &[ParamSpec] = &[ParamSpec::optional(PROP, ParamKind::Choice(props))
    .multi()
    .help(
        "What to tell besides: the page of the talk about it, or that it is the talk about; the title as it is shown; how it \
         is protected.",
    )];

fn props() -> Vec<&'static str> {
    vec!["associatedpage", "displaytitle", "protection"]
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other modules of the table fail, or go on"
)]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    call.pages.add(answer, |page| describe(call, page));
    Ok(None)
}

fn describe(call: &QueryCall<'_>, page: &Page) -> Option<Object> {
    let (title, is_there) = match &page.kind {
        PageKind::Missing(title) => (title, false),
        PageKind::Main(title) => (title, true),
        PageKind::Invalid(..) | PageKind::MissingId | PageKind::Special(_) => return None,
    };
    let mut entry = Object::of([
        ("contentmodel", Value::text(content_model(title))),
        ("pagelanguage", Value::text("en")),
        ("pagelanguagehtmlcode", Value::text("en")),
        ("pagelanguagedir", Value::text("ltr")),
    ]);
    if is_there {
        if let Some(made) = call.api.accounts.oldest_registration() {
            entry.set("touched", Value::text(made.to_iso()));
        }
        entry.set("lastrevid", Value::Number(MAIN_PAGE_ID));
        entry.set("length", Value::Number(0));
        entry.set("new", Value::Bool(true));
    }
    add_props(&mut entry, call, title, is_there);
    Some(entry)
}

fn add_props(entry: &mut Object, call: &QueryCall<'_>, title: &Title, is_there: bool) {
    let has = |prop| call.params.has_value(PROP, prop);
    let site_name = call.api.site.name.as_str();
    if has("protection") {
        entry.set("protection", Value::list("pr", []));
        let types: &[&str] = if is_there {
            &["edit", "move"]
        } else {
            &["create"]
        };
        entry.set("restrictiontypes", Value::texts("rt", types));
    }
    let talk = title.namespace.associated();
    if let Some(namespace) = talk.filter(|_| has("associatedpage")) {
        let text = title.text.clone();
        let associated = Title { namespace, text }.prefixed(site_name);
        entry.set("associatedpage", Value::text(associated));
    }
    if has("displaytitle") {
        let shown = crate::api::markup::escape_html(&title.prefixed(site_name));
        entry.set("displaytitle", Value::text(shown));
    }
}

/// Style sheets, scripts and data among the wiki's own messages, and below the pages of users, are what they look like.
fn content_model(title: &Title) -> &'static str {
    let is_code = match title.namespace.id {
        8 => true,
        2 => title.text.contains('/'),
        _ => false,
    };
    match title.text.rsplit_once('.') {
        Some((_, "css")) if is_code => "css",
        Some((_, "js")) if is_code => "javascript",
        Some((_, "json")) if is_code => "json",
        Some(_) | None => "wikitext",
    }
}
