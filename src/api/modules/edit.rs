//! The module `edit`: its gates, and the answer of a wiki that lets nobody change a page, because it keeps none.
//!
//! MediaWiki: `ApiEditPage`; the order of the checks is that of a MediaWiki 1.39. Recorded cases: `auth/edit-*`,
//! `modes/readonly-edit`.

use crate::api::answer::Answer;
use crate::api::behind_gates::Unavailable;
use crate::api::error::ApiError;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo};
use crate::api::param_mix::ParamMixError;
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: PATH,
        path: PATH,
        class: "MediaWiki\\Api\\ApiEditPage",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Edit"],
        summary: "Changes a page; not on this server, which keeps none and says so.",
        examples: &[(
            "action=edit&title=Test&text=Hello&token=TOKEN",
            "Try to change a page.",
        )],
        params: PARAMS,
        must_be_posted: true,
        is_write_mode: true,
        ..ModuleInfo::BASE
    },
    execute,
};

const PATH: &str = "edit";

/// A page is named by one of these.
const PAGE: [&str; 2] = ["title", "pageid"];

/// At least one of these says what to do.
const CHANGE: [&str; 4] = ["text", "appendtext", "prependtext", "undo"];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional("title", ParamKind::Text).help("Title of the page."),
    ParamSpec::optional("pageid", ParamKind::Integer { min: None }).help("Number of the page."),
    ParamSpec::optional("section", ParamKind::Text).help("The section to change."),
    ParamSpec::optional("sectiontitle", ParamKind::Text).help("Heading of a new section."),
    ParamSpec::optional("text", ParamKind::Text)
        .long()
        .help("The text of the page."),
    ParamSpec::optional("summary", ParamKind::Text).help("Summary of the change."),
    ParamSpec::optional("tags", ParamKind::Choice(Vec::new))
        .multi()
        .help("Tags of the change; there are none."),
    ParamSpec::optional("minor", ParamKind::Presence).help("Whether the change is a small one."),
    ParamSpec::optional("notminor", ParamKind::Presence).help("Whether it is not."),
    ParamSpec::optional("bot", ParamKind::Presence).help("Whether a bot makes it."),
    ParamSpec::optional("baserevid", ParamKind::Integer { min: None })
        .help("Number of the version that was changed."),
    ParamSpec::optional("basetimestamp", ParamKind::Moment)
        .help("Time of the version that was changed."),
    ParamSpec::optional("starttimestamp", ParamKind::Moment)
        .help("Time at which the change was begun."),
    ParamSpec::optional("recreate", ParamKind::Presence)
        .help("Whether a page may be made that was deleted meanwhile."),
    ParamSpec::optional("createonly", ParamKind::Presence).help("Whether the page must be new."),
    ParamSpec::optional("nocreate", ParamKind::Presence).help("Whether the page must be there."),
    ParamSpec::optional("watch", ParamKind::Presence)
        .deprecated()
        .help("Whether to watch the page."),
    ParamSpec::optional("unwatch", ParamKind::Presence)
        .deprecated()
        .help("Whether to stop watching the page."),
    ParamSpec::with_default(
        "watchlist",
        ParamKind::Choice(watchlist_actions),
        "preferences",
    )
    .help("What becomes of the page in the watchlist."),
    ParamSpec::optional("md5", ParamKind::Text)
        .help("Hash of the text, to find damage on the way."),
    ParamSpec::optional("prependtext", ParamKind::Text)
        .long()
        .help("Text to put in front."),
    ParamSpec::optional("appendtext", ParamKind::Text)
        .long()
        .help("Text to put at the end."),
    ParamSpec::optional("undo", ParamKind::Integer { min: Some(0) })
        .help("Number of the version to undo."),
    ParamSpec::optional("undoafter", ParamKind::Integer { min: Some(0) })
        .help("Number of the last version to keep."),
    ParamSpec::optional("redirect", ParamKind::Presence).help("Whether to follow redirects."),
    ParamSpec::optional("contentformat", ParamKind::Choice(content_formats))
        .help("Format of the text."),
    ParamSpec::optional("contentmodel", ParamKind::Choice(content_models))
        .help("Model of the text."),
    ParamSpec::token("token", TokenType::Csrf).help("A token of the type <kbd>csrf</kbd>."),
];

fn watchlist_actions() -> Vec<&'static str> {
    vec!["nochange", "preferences", "unwatch", "watch"]
}

fn content_formats() -> Vec<&'static str> {
    vec![
        "application/json",
        "application/octet-stream",
        "application/unknown",
        "application/x-binary",
        "text/css",
        "text/javascript",
        "text/plain",
        "text/unknown",
        "text/x-wiki",
        "unknown/unknown",
    ]
}

fn content_models() -> Vec<&'static str> {
    vec!["css", "javascript", "json", "text", "unknown", "wikitext"]
}

fn execute(call: &ModuleCall<'_>, _answer: &mut Answer) -> Result<Execution, ApiError> {
    let is_given = |name: &&str| call.params.is_present(name);
    match PAGE.iter().filter(|name| is_given(name)).count() {
        0 => return Err(ParamMixError::one_of(PATH, &PAGE).into()),
        1 => {}
        _ => return Err(ParamMixError::exclusive(PATH, &PAGE).into()),
    }
    if !CHANGE.iter().any(|name| call.params.is_present(name)) {
        return Err(ParamMixError::at_least_one_of(PATH, &CHANGE).into());
    }
    Err(ApiError::Unavailable(Unavailable::Editing))
}
