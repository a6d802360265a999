//! The module `userinfo` of `query`: who performs the request.
//!
//! MediaWiki: `ApiQueryUserInfo`. Recorded cases: `query/userinfo-*`, `auth/userinfo-*`.

use super::user_entry;
use crate::account::Account;
use crate::api::accepted_languages;
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::exception::Exception;
use crate::api::module::{Group, ModuleInfo, QueryCall, QueryExecute, QueryFuture, QueryModule};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::rate_limits;
use crate::api::result::{Object, Value};
use crate::api::user_options;
use crate::store::Store;
use futures_util::FutureExt as _;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: NAME,
        path: "query+userinfo",
        prefix: "ui",
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQueryUserInfo",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Userinfo"],
        summary: "Tells who the client is, and what it may do.",
        examples: &[
            ("action=query&meta=userinfo", "See who you are."),
            (
                "action=query&meta=userinfo&uiprop=groups|rights|email",
                "See what you may do, and your address.",
            ),
        ],
        params: &[
            ParamSpec::optional(PROP, ParamKind::Choice(props))
                .multi_or_all()
                .help("What is told besides number and name."),
            ParamSpec::optional(ATTACHED_WIKI, ParamKind::Text).help(
                "With <kbd>centralids</kbd>: whether the user is the same in the wiki with this identifier.",
            ),
        ],
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::FromStore(execute),
};

const NAME: &str = "userinfo";
const PROP: &str = "uiprop";
const ATTACHED_WIKI: &str = "uiattachedwiki";

/// The right to see what is known of oneself.
const PRIVATE_INFO: &str = "viewmyprivateinfo";

fn props() -> Vec<&'static str> {
    vec![
        "acceptlang",
        "blockinfo",
        "cancreateaccount",
        "centralids",
        "changeablegroups",
        "editcount",
        "email",
        "groupmemberships",
        "groups",
        "hasmsg",
        "implicitgroups",
        "latestcontrib",
        "options",
        "ratelimits",
        "realname",
        "registrationdate",
        "rights",
        "theoreticalratelimits",
        "unreadcount",
    ]
}

fn execute<'q>(
    call: &'q QueryCall<'q>,
    store: &'q Store,
    answer: &'q mut Answer,
) -> QueryFuture<'q> {
    async move {
        let mut info = Object::of([
            ("id", number(call.authority.user_id().0)),
            ("name", Value::text(call.authority.name())),
        ]);
        if call.authority.is_anonymous() {
            info.set("anon", Value::Bool(true));
        }
        let asks = |prop| call.params.has_value(PROP, prop);
        if let Some(account) = call.authority.account().filter(|_| asks("blockinfo")) {
            user_entry::add_block(&mut info, account, call);
        }
        add_rights(call, &mut info);
        add_habits(call, &mut info);
        if asks("email") && call.authority.may(PRIVATE_INFO) {
            add_email(call, store, &mut info).await?;
        }
        add_rest(call, &mut info);
        answer.result.set_in("query", NAME, info);
        Ok(None)
    }
    .boxed()
}

/// Messages, groups and rights.
fn add_rights(call: &QueryCall<'_>, info: &mut Object) {
    let authority = call.authority;
    let asks = |prop| call.params.has_value(PROP, prop);
    let own_groups = authority
        .account()
        .map_or(&[][..], |account| &account.groups);
    if asks("hasmsg") {
        // Nobody can write to a talk page here.
        info.set("messages", Value::Bool(false));
    }
    if asks("groups") {
        info.set("groups", Value::texts("g", authority.groups()));
    }
    if asks("groupmemberships") {
        let membership = |group: &String| {
            Value::Object(Object::of([
                ("group", Value::text(group)),
                ("expiry", Value::text("infinity")),
            ]))
        };
        let memberships = own_groups.iter().map(membership);
        info.set(
            "groupmemberships",
            Value::list("groupmembership", memberships),
        );
    }
    if asks("implicitgroups") {
        let implicit = authority.groups().iter();
        let implicit = implicit.filter(|group| !own_groups.contains(group));
        info.set("implicitgroups", Value::texts("g", implicit));
    }
    if asks("rights") {
        info.set("rights", Value::texts("r", authority.rights()));
    }
    if asks("changeablegroups") {
        info.set("changeablegroups", changeable_groups(call));
    }
}

/// Who may change the groups of users may do so with all that nobody is in without.
fn changeable_groups(call: &QueryCall<'_>) -> Object {
    let groups = call.api.accounts.permissions().groups();
    let explicit = groups
        .map(|(name, _)| name)
        .filter(|name| !crate::account::IMPLICIT_GROUPS.contains(name));
    let explicit: Vec<_> = explicit
        .filter(|_| call.authority.may("userrights"))
        .collect();
    let none = || Value::texts("g", [""; 0]);
    let all = || Value::texts("g", &explicit);
    // In the order of the original bots come first, then by rank.
    Object::of([
        ("add", all()),
        ("remove", all()),
        ("add-self", none()),
        ("remove-self", none()),
    ])
}

/// Options, limits, and what is known of the account.
fn add_habits(call: &QueryCall<'_>, info: &mut Object) {
    let authority = call.authority;
    let asks = |prop| call.params.has_value(PROP, prop);
    if asks("options") {
        info.set("options", user_options::defaults(&call.api.site.language));
    }
    if asks("editcount") {
        let count = authority.account().map_or(0, |account| account.edit_count);
        info.set("editcount", number(count));
    }
    if asks("ratelimits") {
        let limits = if authority.may("noratelimit") {
            Object::default()
        } else {
            rate_limits::of(authority.is_anonymous())
        };
        info.set("ratelimits", limits);
    }
    if asks("theoreticalratelimits") {
        info.set(
            "theoreticalratelimits",
            rate_limits::of(authority.is_anonymous()),
        );
    }
    if asks("realname") {
        info.set("realname", Value::text(""));
    }
}

/// The address, and when it was confirmed: a bounce may have undone that.
async fn add_email(call: &QueryCall<'_>, store: &Store, info: &mut Object) -> Result<(), ApiError> {
    let user = store.user(&call.api.wiki, call.authority.user_id()).await;
    let failed = |error| ApiError::Exception(Exception::Store(error));
    let user = user
        .map_err(failed)?
        .filter(|_| !call.authority.is_anonymous());
    let email = user.as_ref().map_or("", |user| &user.email);
    info.set("email", Value::text(email));
    if let Some(confirmed) = user.as_ref().and_then(|user| user.email_authenticated) {
        info.set("emailauthenticated", Value::text(confirmed.to_iso()));
    }
    Ok(())
}

fn add_rest(call: &QueryCall<'_>, info: &mut Object) {
    let account = call.authority.account();
    let asks = |prop| call.params.has_value(PROP, prop);
    if asks("registrationdate")
        && let Some(moment) = account.and_then(|account| account.registration)
    {
        info.set("registrationdate", Value::text(moment.to_iso()));
    }
    if asks("acceptlang") {
        info.set("acceptlang", accepted_languages::list(call.accept_language));
    }
    if asks("unreadcount") {
        // Nobody can watch a page here.
        info.set("unreadcount", Value::Number(0));
    }
    if asks("centralids") {
        add_central_ids(call, account, info);
    }
    if asks("cancreateaccount") {
        let is_blocked = account
            .and_then(|account| account.block.as_ref())
            .is_some_and(|block| block.no_create && block.is_in_force(call.now));
        let may = call.authority.may("createaccount") && !is_blocked;
        info.set("cancreateaccount", Value::Bool(may));
    }
}

/// Without a central directory of users, the wiki's own is it.
fn add_central_ids(call: &QueryCall<'_>, account: Option<&Account>, info: &mut Object) {
    let of_local = |value| Value::Object(Object::of([("local", value)]));
    info.set("centralids", of_local(number(call.authority.user_id().0)));
    info.set("attachedlocal", of_local(Value::Bool(account.is_some())));
    if let Some(wiki) = call.params.text(ATTACHED_WIKI) {
        let is_own = account.is_some() && wiki == call.api.wiki.as_str();
        info.set("attachedwiki", of_local(Value::Bool(is_own)));
    }
}

fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}
