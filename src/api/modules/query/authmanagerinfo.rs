//! The module `authmanagerinfo` of `query`: how one can log in.
//!
//! MediaWiki: `ApiQueryAuthManagerInfo`. Recorded case: `query/authmanagerinfo`; the requests as a MediaWiki 1.39
//! describes them. Accounts come from the settings, so nothing is asked for to make or to change one.

use crate::api::answer::Answer;
use crate::api::auth_request::{MessageFormat, RequestDescriber};
use crate::api::error::ApiError;
use crate::api::module::{Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{Object, Value};

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "authmanagerinfo",
        path: "query+authmanagerinfo",
        prefix: "ami",
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQueryAuthManagerInfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Authmanagerinfo"],
        summary: "Tells how one can log in.",
        examples: &[(
            "action=query&meta=authmanagerinfo&amirequestsfor=login",
            "See what a login asks for.",
        )],
        params: &[
            ParamSpec::optional(OPERATION, ParamKind::Text)
                .help("Whether the session is good enough for this operation."),
            ParamSpec::optional(REQUESTS_FOR, ParamKind::Choice(purposes))
                .help("What is asked for to do this."),
            ParamSpec::optional(MERGE_FIELDS, ParamKind::Presence)
                .help("Whether the fields of all requests are put together."),
            ParamSpec::with_default(
                MESSAGE_FORMAT,
                ParamKind::Choice(MessageFormat::names),
                "wikitext",
            )
            .help("How messages are given."),
        ],
        is_read_mode: false,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const OPERATION: &str = "amisecuritysensitiveoperation";
const REQUESTS_FOR: &str = "amirequestsfor";
const MERGE_FIELDS: &str = "amimergerequestfields";
const MESSAGE_FORMAT: &str = "amimessageformat";

fn purposes() -> Vec<&'static str> {
    vec![
        "change",
        "create",
        "create-continue",
        "link",
        "link-continue",
        "login",
        "login-continue",
        "remove",
        "unlink",
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is the table's")]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    let can_authenticate = !call.session.is_of_bot();
    let mut info = Object::of([
        ("canauthenticatenow", Value::Bool(can_authenticate)),
        ("cancreateaccounts", Value::Bool(true)),
        ("canlinkaccounts", Value::Bool(false)),
    ]);
    if call.params.is_present(OPERATION) {
        let status = match can_authenticate {
            true if call.authority.is_anonymous() => "reauth",
            true => "ok",
            false => "fail",
        };
        info.set("securitysensitiveoperationstatus", Value::text(status));
    }
    if let Some(purpose) = call.params.text(REQUESTS_FOR) {
        info.set("haspreservedstate", Value::Bool(false));
        info.set("hasprimarypreservedstate", Value::Bool(false));
        info.set("preservedusername", Value::text(""));
        info.extend(requests(call, answer, purpose));
    }
    answer.result.set_in("query", "authmanagerinfo", info);
    Ok(None)
}

fn requests(call: &QueryCall<'_>, answer: &Answer, purpose: &str) -> Object {
    let merge_fields = call.params.is_present(MERGE_FIELDS);
    if purpose == "login" {
        let account = call.authority.account();
        let describer = RequestDescriber {
            format: MessageFormat::of(call.params.text(MESSAGE_FORMAT)),
            language: answer.language(),
            account: account.map_or("", |account| &account.name),
        };
        return describer.login(merge_fields);
    }
    let mut none = Object::of([("requests", Value::list("_v", []))]);
    if merge_fields {
        none.set("fields", Object::default());
    }
    none
}
