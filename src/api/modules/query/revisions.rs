//! The module `prop=revisions`: what pages were and are. The main page has one revision, in which there is nothing.
//!
//! MediaWiki: `ApiQueryRevisions`, asked of a MediaWiki 1.39. A bot library asks it for the time of the last revision.

use super::page_set::{MAIN_PAGE_ID, PageKind};
use crate::account::Account;
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::module::{
    CacheMode, Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule,
};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{Object, Value};

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "revisions",
        path: "query+revisions",
        prefix: "rv",
        group: Group::Prop,
        class: "MediaWiki\\Api\\ApiQueryRevisions",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Revisions"],
        summary: "Tells about the revisions of pages.",
        examples: &[(
            "action=query&prop=revisions&titles=Main%20Page&rvprop=timestamp|user",
            "Tells when the main page was last changed, and by whom.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::Public,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const PROP: &str = "rvprop";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::with_default(
        PROP,
        ParamKind::Choice(props),
        "ids|timestamp|flags|comment|user",
    )
    .multi()
    .help(
        "What to tell: the comment, whether the change is minor, the numbers of the revision and the one before, the comment \
         in HTML, the size, tags, the time, who made it and the number of that user.",
    ),
    ParamSpec::optional("rvlimit", ParamKind::Limit).help("How many revisions to tell of."),
    ParamSpec::with_default("rvdir", ParamKind::Choice(|| vec!["newer", "older"]), "older")
        .help("Whether to go from older revisions to newer ones, or from newer to older."),
];

fn props() -> Vec<&'static str> {
    vec![
        "comment",
        "flags",
        "ids",
        "parsedcomment",
        "size",
        "tags",
        "timestamp",
        "user",
        "userid",
    ]
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other modules of the table fail, or go on"
)]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    call.pages.add(answer, |page| match page.kind {
        PageKind::Main(_) => {
            let revision = Value::Object(revision(call));
            Some(Object::of([("revisions", Value::list("rev", [revision]))]))
        }
        PageKind::Missing(_)
        | PageKind::Invalid(..)
        | PageKind::MissingId
        | PageKind::Special(_) => None,
    });
    Ok(None)
}

/// The first user of an installed wiki makes its main page.
const AUTHOR: &str = "MediaWiki default";

fn revision(call: &QueryCall<'_>) -> Object {
    let accounts = &call.api.accounts;
    let author = accounts
        .by_name(AUTHOR)
        .map(|account: &std::sync::Arc<Account>| account.id);
    let made = accounts.oldest_registration();
    let rows = [
        ("ids", "revid", Some(Value::Number(MAIN_PAGE_ID))),
        ("ids", "parentid", Some(Value::Number(0))),
        ("flags", "minor", Some(Value::Bool(false))),
        ("user", "user", Some(Value::text(AUTHOR))),
        ("userid", "userid", author.map(super::user_entry::id)),
        (
            "timestamp",
            "timestamp",
            made.map(|made| Value::text(made.to_iso())),
        ),
        ("size", "size", Some(Value::Number(0))),
        ("comment", "comment", Some(Value::text(""))),
        ("parsedcomment", "parsedcomment", Some(Value::text(""))),
        ("tags", "tags", Some(Value::list("tag", []))),
    ];
    let mut entry = Object::default();
    for (prop, name, value) in rows {
        if let Some(value) = value.filter(|_| call.params.has_value(PROP, prop)) {
            entry.set(name, value);
        }
    }
    entry
}
