//! The module `list=users`: what there is to know about users that are named.
//!
//! MediaWiki: `ApiQueryUsers`. Recorded cases: `query/users-*`, `paraminfo/users`.

use super::user_entry;
use crate::account::{Account, IMPLICIT_GROUPS, canonical_name, is_creatable_name};
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::error_format::ErrorFormatter;
use crate::api::exception::Exception;
use crate::api::messages;
use crate::api::module::{
    CacheMode, Group, ModuleInfo, QueryCall, QueryExecute, QueryFuture, QueryModule,
};
use crate::api::param_mix::ParamMixError;
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::report::Report;
use crate::api::result::{Object, Value};
use crate::effects::UserId;
use crate::store::Store;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "users",
        path: PATH,
        prefix: "us",
        group: Group::List,
        class: "MediaWiki\\Api\\ApiQueryUsers",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Users"],
        summary: "Tells about users that are named.",
        examples: &[(
            "action=query&list=users&ususers=Bob&usprop=groups|emailable",
            "Tells the groups of <kbd>Bob</kbd>, and whether mail can be sent to him.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::AnonPublicUserPrivate,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::FromStore(execute),
};

const PATH: &str = "query+users";
const PROP: &str = "usprop";
const ATTACHED_WIKI: &str = "usattachedwiki";
const USERS: &str = "ususers";
const USER_IDS: &str = "ususerids";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(PROP, ParamKind::Choice(props)).multi().help(
        "What to tell: the block on the user (<kbd>blockinfo</kbd>), whether an account of that name can be made \
         (<kbd>cancreate</kbd>), the numbers of the user across wikis (<kbd>centralids</kbd>), the number of edits, whether \
         there is a confirmed address to send mail to (<kbd>emailable</kbd>), the gender that was chosen, groups with their \
         expiry, groups, groups without being put into them, when the account was made, rights.",
    ),
    ParamSpec::optional(ATTACHED_WIKI, ParamKind::Text).help(
        "With <kbd>usprop=centralids</kbd>: another wiki, of which to tell whether it knows the user under the same number.",
    ),
    ParamSpec::optional(USERS, ParamKind::Text)
        .multi()
        .help("The users, by name."),
    ParamSpec::optional(USER_IDS, ParamKind::Integer { min: None })
        .multi()
        .help("The users, by number."),
];

fn props() -> Vec<&'static str> {
    vec![
        "blockinfo",
        "cancreate",
        "centralids",
        "editcount",
        "emailable",
        "gender",
        "groupmemberships",
        "groups",
        "implicitgroups",
        "registration",
        "rights",
    ]
}

fn execute<'q>(
    call: &'q QueryCall<'q>,
    store: &'q Store,
    answer: &'q mut Answer,
) -> QueryFuture<'q> {
    Box::pin(async move {
        let params = [USERS, USER_IDS];
        if params.iter().all(|param| call.params.is_present(param)) {
            return Err(ParamMixError::exclusive(PATH, &params).into());
        }
        let mut entries = Vec::new();
        for named in named_users(call) {
            entries.push(Value::Object(
                entry(call, store, named, answer.reporting()).await?,
            ));
        }
        let entries = Value::list("user", entries);
        answer.result.set_in("query", "users", entries);
        Ok(None)
    })
}

/// A user as the request names them.
enum NamedUser<'c> {
    /// Nobody can have this name.
    Invalid(&'c str),
    /// By name, in canonical form.
    ByName(String),
    /// By number.
    ById(i64),
}

/// Names that nobody can have come first.
fn named_users<'c>(call: &QueryCall<'c>) -> Vec<NamedUser<'c>> {
    let (mut invalid, mut valid) = (Vec::new(), Vec::new());
    for name in call.params.values(USERS) {
        match canonical_name(name) {
            Some(name) => valid.push(NamedUser::ByName(name)),
            None => invalid.push(NamedUser::Invalid(name)),
        }
    }
    let ids = call
        .params
        .numbers(USER_IDS)
        .into_iter()
        .map(NamedUser::ById);
    invalid.into_iter().chain(valid).chain(ids).collect()
}

async fn entry(
    call: &QueryCall<'_>,
    store: &Store,
    named: NamedUser<'_>,
    reporting: &ErrorFormatter,
) -> Result<Object, ApiError> {
    let missing = |key, value| Object::of([(key, value), ("missing", Value::Bool(true))]);
    let accounts = &call.api.accounts;
    match named {
        NamedUser::Invalid(name) => Ok(Object::of([
            ("name", Value::text(name)),
            ("invalid", Value::Bool(true)),
        ])),
        NamedUser::ByName(name) => {
            if let Some(account) = accounts.by_name(&name) {
                return known(call, store, account).await;
            }
            let mut entry = missing("name", Value::text(&name));
            if call.params.has_value(PROP, "cancreate") {
                add_creatable(&mut entry, &name, reporting);
            }
            Ok(entry)
        }
        NamedUser::ById(id) => {
            let known_id = u64::try_from(id).ok().map(UserId);
            match known_id.and_then(|id| accounts.by_id(id)) {
                Some(account) => known(call, store, account).await,
                None => Ok(missing("userid", Value::Number(id))),
            }
        }
    }
}

/// Whether somebody could make an account of this name; if not, why.
fn add_creatable(entry: &mut Object, name: &str, reporting: &ErrorFormatter) {
    let is_creatable = is_creatable_name(name);
    entry.set("cancreate", Value::Bool(is_creatable));
    if !is_creatable {
        let report = Report::new(PATH, "invaliduser", &messages::NO_NAME, []);
        let report = Report {
            module: None,
            ..report
        };
        let error = Value::Object(reporting.describe(report));
        entry.set("cancreateerror", Value::list("error", [error]));
    }
}

async fn known(call: &QueryCall<'_>, store: &Store, account: &Account) -> Result<Object, ApiError> {
    let has = |prop| call.params.has_value(PROP, prop);
    let mut entry = user_entry::of_account(account);
    if has("editcount") {
        entry.set("editcount", user_entry::edit_count(account));
    }
    if has("registration") {
        entry.set("registration", user_entry::registration(account));
    }
    add_groups(&mut entry, call, account);
    if has("blockinfo") {
        user_entry::add_block(&mut entry, account, call);
    }
    if has("emailable") {
        let is_emailable = is_emailable(call, store, account).await?;
        entry.set("emailable", Value::Bool(is_emailable));
    }
    if has("gender") {
        entry.set("gender", Value::text("unknown"));
    }
    if has("centralids") {
        let attached = call.params.text(ATTACHED_WIKI);
        user_entry::add_central_ids(&mut entry, account, &call.api.wiki, attached);
    }
    Ok(entry)
}

fn add_groups(entry: &mut Object, call: &QueryCall<'_>, account: &Account) {
    let has = |prop| call.params.has_value(PROP, prop);
    let groups = account.effective_groups();
    if has("groups") {
        entry.set("groups", user_entry::groups(&groups));
    }
    if has("groupmemberships") {
        let membership = |group: &String| {
            Value::Object(Object::of([
                ("group", Value::text(group)),
                ("expiry", Value::text("infinity")),
            ]))
        };
        let memberships = account.groups.iter().map(membership);
        let memberships = Value::list("groupmembership", memberships);
        entry.set("groupmemberships", memberships);
    }
    if has("implicitgroups") {
        entry.set("implicitgroups", user_entry::groups(IMPLICIT_GROUPS));
    }
    if has("rights") {
        entry.set("rights", user_entry::rights(call, &groups));
    }
}

/// Whether the user has an address that is confirmed: bounces end that.
async fn is_emailable(
    call: &QueryCall<'_>,
    store: &Store,
    account: &Account,
) -> Result<bool, ApiError> {
    let user = store.user(&call.api.wiki, account.id).await;
    let user = user.map_err(|error| ApiError::Exception(Exception::Store(error)))?;
    Ok(user.is_some_and(|user| !user.email.is_empty() && user.email_authenticated.is_some()))
}
