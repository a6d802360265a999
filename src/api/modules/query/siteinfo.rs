//! The module `query+siteinfo`: what the wiki is, has and allows.
//!
//! MediaWiki: `ApiQuerySiteinfo`. Recorded cases: `siteinfo/*`, `params/multi-*`, `modes/*-siteinfo`. A property is a
//! line of [`PROPERTIES`] and a function in the file of what it is about.

mod components;
mod database;
mod general;
mod groups;
mod interwikis;
mod languages;
mod magic_words;
mod namespaces;
mod preferences;
mod protection;
mod special_pages;
mod statistics;
#[cfg(test)]
mod tests;
mod uploads;
mod wikitext;

pub use database::all_servers_hidden;
pub use interwikis::interwiki_prefix;
pub use special_pages::special_page_name;

use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::exception::Exception;
use crate::api::module::{
    CacheMode, Group, ModuleInfo, QueryCall, QueryExecute, QueryFuture, QueryModule,
};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::Value;
use crate::api::site::Site;
use crate::store::Store;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "siteinfo",
        path: PATH,
        prefix: "si",
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQuerySiteinfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Siteinfo"],
        summary: "Tells what the wiki is, has and allows.",
        examples: &[
            (
                "action=query&meta=siteinfo&siprop=general|namespaces|statistics",
                "What kind of wiki it is, its namespaces, and how large it is.",
            ),
            (
                "action=query&meta=siteinfo&siprop=extensions",
                "The extensions that are stood in for.",
            ),
        ],
        params: PARAMS,
        cache_mode: CacheMode::Public,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::FromStore(execute),
};

/// Its path.
const PATH: &str = "query+siteinfo";

const PROP: &str = "siprop";
const FILTER_INTERWIKI: &str = "sifilteriw";
const SHOW_ALL_DATABASES: &str = "sishowalldb";
const NUMBER_IN_GROUP: &str = "sinumberingroup";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::with_default(PROP, ParamKind::Choice(names), "general")
        .multi()
        .help("What to tell: the names of parts, each of which is then a part of the answer."),
    ParamSpec::optional(
        FILTER_INTERWIKI,
        ParamKind::Choice(|| vec!["local", "!local"]),
    )
    .help("Tell only of prefixes of wikis of this farm (<kbd>local</kbd>), or only of the others."),
    ParamSpec::optional(SHOW_ALL_DATABASES, ParamKind::Presence)
        .help("Tell how far each database server is behind, not only the one that is most behind."),
    ParamSpec::optional(NUMBER_IN_GROUP, ParamKind::Presence)
        .help("Tell also how many users each group has."),
    ParamSpec::optional("siinlanguagecode", ParamKind::Text).help(
        "The code of a language in which to name languages. Without the extension CLDR each is named in itself.",
    ),
];

/// What a property is made from.
struct SiteCall<'c> {
    query: &'c QueryCall<'c>,
    /// How many jobs there are.
    jobs: u64,
}

impl SiteCall<'_> {
    fn site(&self) -> &Site {
        &self.query.api.site
    }
}

/// Makes the part of the answer that has the property's name.
enum Tell {
    /// To everybody.
    Always(fn(&SiteCall<'_>) -> Value),
    /// If the settings allow it.
    IfAllowed(fn(&SiteCall<'_>) -> Result<Value, ApiError>),
}

use Tell::{Always, IfAllowed};

/// The properties, sorted by name.
const PROPERTIES: &[(&str, Tell)] = &[
    ("autocreatetempuser", Always(groups::auto_create_temp_user)),
    ("autopromote", Always(groups::autopromote)),
    ("autopromoteonce", Always(groups::autopromote_once)),
    ("clientlibraries", Always(components::client_libraries)),
    ("dbrepllag", IfAllowed(database::replication_lag)),
    ("defaultoptions", Always(preferences::default_options)),
    ("extensions", Always(components::extensions)),
    ("extensiontags", Always(wikitext::extension_tags)),
    ("fileextensions", Always(uploads::file_extensions)),
    ("functionhooks", Always(wikitext::function_hooks)),
    ("general", Always(general::general)),
    ("interwikimap", Always(interwikis::interwiki_map)),
    ("languages", Always(languages::languages)),
    ("languagevariants", Always(languages::variants)),
    ("libraries", Always(components::libraries)),
    ("magicwords", Always(magic_words::magic_words)),
    ("namespacealiases", Always(namespaces::aliases)),
    ("namespaces", Always(namespaces::namespaces)),
    ("protocols", Always(wikitext::protocols)),
    ("restrictions", Always(protection::restrictions)),
    ("rightsinfo", Always(general::rights_info)),
    ("showhooks", Always(components::hooks)),
    ("skins", Always(components::skins)),
    (
        "specialpagealiases",
        Always(special_pages::special_page_aliases),
    ),
    ("statistics", Always(statistics::statistics)),
    ("uploaddialog", Always(uploads::upload_dialog)),
    ("usergroups", Always(groups::user_groups)),
    ("variables", Always(wikitext::variables)),
];

fn names() -> Vec<&'static str> {
    PROPERTIES.iter().map(|(name, _)| *name).collect()
}

fn execute<'q>(
    call: &'q QueryCall<'q>,
    store: &'q Store,
    answer: &'q mut Answer,
) -> QueryFuture<'q> {
    Box::pin(async move {
        let jobs = if call.params.has_value(PROP, statistics::NAME) {
            let counts = store.counts().await;
            let counts = counts.map_err(|error| ApiError::Exception(Exception::Store(error)))?;
            statistics::jobs(&counts, &call.api.site.job_types)
        } else {
            0
        };
        tell(&SiteCall { query: call, jobs }, answer)?;
        Ok(None)
    })
}

/// Puts the properties into the answer in the order in which they were asked for.
fn tell(call: &SiteCall<'_>, answer: &mut Answer) -> Result<(), ApiError> {
    for wanted in call.query.params.values(PROP) {
        let Some((name, tell)) = PROPERTIES.iter().find(|(name, _)| *name == wanted) else {
            continue;
        };
        let value = match tell {
            Always(tell) => tell(call),
            IfAllowed(tell) => tell(call)?,
        };
        answer.result.set_in("query", *name, value);
    }
    Ok(())
}
