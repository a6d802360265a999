//! The module `meta=filerepoinfo`: where files lie. There is the wiki's own place, and uploads are off.
//!
//! MediaWiki: `ApiQueryFileRepoInfo`. Recorded case: `query/filerepoinfo`; the rest was asked of a MediaWiki 1.39.

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
        name: "filerepoinfo",
        path: "query+filerepoinfo",
        prefix: "fri",
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQueryFileRepoInfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Filerepoinfo"],
        summary: "Tells where the files of the wiki lie.",
        examples: &[(
            "action=query&meta=filerepoinfo&friprop=name|url",
            "Tells the names of the places and their addresses.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::Public,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const PROP: &str = "friprop";

const PARAMS: &[ParamSpec] = &[ParamSpec::with_default(
    PROP,
    ParamKind::Choice(props),
    "canUpload|displayname|favicon|initialCapital|local|name|rootUrl|scriptDirUrl|thumbUrl|url",
)
.multi()
.help(
    "What to tell: whether files can be uploaded, the name for people, the icon, whether names begin with a capital, \
     whether the place is the wiki's own, the name, and the addresses of the root, of the scripts, of thumbnails and of \
     files.",
)];

fn props() -> Vec<&'static str> {
    vec![
        "canUpload",
        "displayname",
        "favicon",
        "initialCapital",
        "local",
        "name",
        "rootUrl",
        "scriptDirUrl",
        "thumbUrl",
        "url",
    ]
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other modules of the table fail, or go on"
)]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    let (server, script_path) = (&call.api.site.server, &call.api.site.script_path);
    let images = format!("{script_path}/images");
    let rows = [
        ("name", Value::text("local")),
        ("displayname", Value::text(&call.api.site.name)),
        ("rootUrl", Value::text(&images)),
        ("local", Value::Bool(true)),
        ("url", Value::text(&images)),
        ("thumbUrl", Value::text(format!("{images}/thumb"))),
        ("initialCapital", Value::Bool(true)),
        ("scriptDirUrl", Value::text(script_path)),
        ("favicon", Value::text(format!("{server}/favicon.ico"))),
        ("canUpload", Value::Bool(false)),
    ];
    let wanted = rows
        .into_iter()
        .filter(|(name, _)| call.params.has_value(PROP, name));
    let mut repo = Object::default();
    wanted.for_each(|(name, value)| repo.set(name, value));
    let repos = Value::list("repo", [Value::Object(repo)]);
    answer.result.set_in("query", "repos", repos);
    Ok(None)
}
