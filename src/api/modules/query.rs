//! The module `query`: has its own modules, which `prop`, `list` and `meta` name, put their parts into one answer.
//!
//! MediaWiki: `ApiQuery` and `ApiContinuationManager`. Recorded cases: `query/*`, `siteinfo/*`, `params/limit-*`.

pub mod all_messages;
pub mod all_users;
pub mod authmanagerinfo;
pub mod blocks;
mod continuing;
pub mod file_repo_info;
pub mod info;
mod page_set;
pub mod revisions;
pub mod siteinfo;
#[cfg(test)]
mod tests;
pub mod tokens;
mod user_entry;
pub mod userinfo;
pub mod users;

pub use self::page_set::PageSet;

use self::continuing::Progress;
use crate::api::ApiOptions;
use crate::api::answer::Answer;
use crate::api::catalogue::Catalogue;
use crate::api::error::ApiError;
use crate::api::module::{
    ActionModule, CacheMode, Execution, Group, ModuleCall, ModuleInfo, QueryCall, QueryExecute,
    QueryModule,
};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::params::{GivenParams, Params};
use crate::api::session::Session;
use crate::api::warning::ApiWarning;
use crate::clock::Timestamp;
use crate::store::Store;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: NAME,
        path: NAME,
        class: "MediaWiki\\Api\\ApiQuery",
        help_urls: &[
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Query",
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Meta",
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Properties",
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Lists",
        ],
        summary: "Asks about the wiki, its users and pages. Any number of modules answer in one answer.",
        examples: &[(
            "action=query&format=json&formatversion=2",
            "Asks for nothing, to see that the wiki answers.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::Public,
        ..ModuleInfo::BASE
    },
    execute,
};

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(Group::Prop.name(), ParamKind::Module(Group::Prop))
        .multi()
        .help("What to tell of the pages that are named."),
    ParamSpec::optional(Group::List.name(), ParamKind::Module(Group::List))
        .multi()
        .help("What to list."),
    ParamSpec::optional(Group::Meta.name(), ParamKind::Module(Group::Meta))
        .multi()
        .help("What to tell of the wiki and of who asks."),
    ParamSpec::optional(page_set::INDEX_PAGE_IDS, ParamKind::Presence)
        .help("Whether to list the numbers of the pages as well."),
    ParamSpec::optional(CONTINUE, ParamKind::Text)
        .help("What an answer said to go on with; empty at the beginning."),
    ParamSpec::optional(RAW_CONTINUE, ParamKind::Presence)
        .help("Whether to tell in the form from before MediaWiki 1.21 what to go on with."),
    ParamSpec::optional(page_set::TITLES, ParamKind::Text)
        .multi()
        .help("The pages, by title."),
    ParamSpec::optional(page_set::PAGE_IDS, ParamKind::Integer { min: None })
        .multi()
        .help("The pages, by number."),
    ParamSpec::optional(page_set::REVISION_IDS, ParamKind::Integer { min: None })
        .multi()
        .help("The pages, by the numbers of revisions."),
    ParamSpec::optional(page_set::GENERATOR, ParamKind::Generator)
        .help("The module whose pages to tell of. None of the modules here has pages."),
    ParamSpec::optional("redirects", ParamKind::Presence)
        .help("Whether to go where redirects lead. There are none here."),
    ParamSpec::optional("converttitles", ParamKind::Presence)
        .help("Whether to try other variants of the language. The language here has none."),
];

/// Its name.
pub const NAME: &str = "query";

const CONTINUE: &str = "continue";
const RAW_CONTINUE: &str = "rawcontinue";

/// The modules that a request names, ready to be executed.
#[derive(Debug)]
pub struct PendingQuery {
    modules: Vec<PendingModule>,
    pages: PageSet,
    progress: Progress,
    accept_language: String,
    now: Timestamp,
}

/// A module with its params. What is wrong with them is told when its turn comes.
#[derive(Debug)]
struct PendingModule {
    module: &'static QueryModule,
    params: Result<Params<'static>, ApiError>,
    warnings: Vec<(&'static str, ApiWarning)>,
}

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    let pages = PageSet::of(call.params, call.api, call.catalogue)?;
    let asked = asked_modules(call);
    let names: Vec<_> = asked.iter().map(|module| module.info.name).collect();
    let progress = if call.params.is_present(RAW_CONTINUE) {
        Progress::raw()
    } else {
        let props = asked
            .iter()
            .filter(|module| module.info.group == Group::Prop);
        Progress::read(call.params.text(CONTINUE), &names, props.count())?
    };
    let unfinished = asked
        .into_iter()
        .filter(|module| progress.is_unfinished(module.info.name));
    let modules: Vec<_> = unfinished.map(|module| pending(call, module)).collect();
    for module in &modules {
        answer.limit_caching(module.module.info.cache_mode);
        answer.recognize(module.module.info.params);
    }
    Ok(Execution::Query(PendingQuery {
        modules,
        pages,
        progress,
        accept_language: String::from_utf8_lossy(call.request.accept_language.unwrap_or_default())
            .into_owned(),
        now: call.now,
    }))
}

fn pending(call: &ModuleCall<'_>, module: &'static QueryModule) -> PendingModule {
    let mut given: GivenParams<'_> = call.reader.read(module.info.path, module.info.params);
    let warnings = std::mem::take(&mut given.warnings);
    PendingModule {
        module,
        params: given.accept().map(Params::into_owned),
        warnings,
    }
}

/// Whether it may be asked by those who may not read the wiki: for nothing but what tells them how to log in (recorded
/// cases `modes/private-*`).
pub(in crate::api) fn is_for_all(params: &Params<'_>, catalogue: &Catalogue) -> bool {
    let values = |group: Group| params.values(group.name());
    let metas: Vec<_> = values(Group::Meta)
        .filter_map(|name| catalogue.query(Group::Meta, name))
        .collect();
    let asks_others = values(Group::Prop)
        .chain(values(Group::List))
        .next()
        .is_some();
    let page_params = [
        page_set::TITLES,
        page_set::PAGE_IDS,
        page_set::REVISION_IDS,
        page_set::GENERATOR,
    ];
    let asks_others = asks_others || page_params.iter().any(|name| params.is_present(name));
    !asks_others && !metas.is_empty() && metas.iter().all(|module| !module.info.is_read_mode)
}

/// The modules that the request names, those of `prop` first, then those of `list` and of `meta`.
fn asked_modules(call: &ModuleCall<'_>) -> Vec<&'static QueryModule> {
    let groups = [Group::Prop, Group::List, Group::Meta];
    let modules = groups.into_iter().flat_map(|group| {
        let names = call.params.values(group.name());
        names.filter_map(move |name| call.catalogue.query(group, name))
    });
    modules.collect()
}

/// Executes the modules one after another.
pub(in crate::api) async fn run(
    query: PendingQuery,
    api: &ApiOptions,
    store: &Store,
    session: &Session,
    answer: &mut Answer,
) -> Result<(), ApiError> {
    let mut progress = query.progress;
    if progress.has_pages_left() {
        query.pages.tell(&api.site.name, answer);
    }
    for pending in query.modules {
        answer.warn_of_all(pending.warnings);
        let call = QueryCall {
            api,
            session,
            authority: session.authority(),
            accept_language: &query.accept_language,
            params: &pending.params?,
            pages: &query.pages,
            now: query.now,
        };
        let more = match pending.module.execute {
            QueryExecute::AtOnce(execute) => execute(&call, answer)?,
            QueryExecute::FromStore(execute) => execute(&call, store, answer).await?,
        };
        progress.note(pending.module.info.name, more);
    }
    progress.tell(&mut answer.result);
    Ok(())
}
