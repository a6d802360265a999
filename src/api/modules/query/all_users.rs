//! The module `list=allusers`: all users, or some of them, by name.
//!
//! MediaWiki: `ApiQueryAllUsers`. Recorded cases: `params/limit-*`, `params/rawcontinue`; the rest was asked of a
//! MediaWiki 1.39.

mod rights;

use super::user_entry;
use crate::account::{Account, IMPLICIT_GROUPS};
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::module::{
    CacheMode, Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule,
};
use crate::api::param_mix::ParamMixError;
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{Object, Value};
use std::sync::Arc;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: NAME,
        path: PATH,
        prefix: "au",
        group: Group::List,
        class: "MediaWiki\\Api\\ApiQueryAllUsers",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Allusers"],
        summary: "Lists the users of the wiki by name.",
        examples: &[(
            "action=query&list=allusers&aufrom=C&auprop=groups",
            "Lists users from <kbd>C</kbd> on, with their groups.",
        )],
        params: PARAMS,
        cache_mode: CacheMode::AnonPublicUserPrivate,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const NAME: &str = "allusers";
const PATH: &str = "query+allusers";
const FROM: &str = "aufrom";
const TO: &str = "auto";
const PREFIX: &str = "auprefix";
const DIRECTION: &str = "audir";
const GROUP: &str = "augroup";
const EXCLUDE_GROUP: &str = "auexcludegroup";
const RIGHTS: &str = "aurights";
const PROP: &str = "auprop";
const LIMIT: &str = "aulimit";
const WITH_EDITS_ONLY: &str = "auwitheditsonly";
const ACTIVE_USERS: &str = "auactiveusers";
const ATTACHED_WIKI: &str = "auattachedwiki";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(FROM, ParamKind::Text).help("The name to begin at."),
    ParamSpec::optional(TO, ParamKind::Text).help("The name to end at."),
    ParamSpec::optional(PREFIX, ParamKind::Text).help("Only names that begin with this."),
    ParamSpec::with_default(DIRECTION, ParamKind::Choice(directions), "ascending")
        .help("Whether names go up or down."),
    ParamSpec::optional(GROUP, ParamKind::Choice(groups))
        .multi()
        .help("Only users who were put into one of these groups."),
    ParamSpec::optional(EXCLUDE_GROUP, ParamKind::Choice(groups))
        .multi()
        .help("Only users who were put into none of these groups."),
    ParamSpec::optional(RIGHTS, ParamKind::Choice(|| rights::NAMES.to_vec())).multi().help(
        "Only users who were put into a group that gives one of these rights. What everybody may do, nobody is listed for.",
    ),
    ParamSpec::optional(PROP, ParamKind::Choice(props)).multi().help(
        "What to tell: the block on the user (<kbd>blockinfo</kbd>), the numbers of the user across wikis \
         (<kbd>centralids</kbd>), the number of edits, groups, groups without being put into them, when the account was \
         made, rights.",
    ),
    ParamSpec::with_default(LIMIT, ParamKind::Limit, "10").help("How many users to list."),
    ParamSpec::optional(WITH_EDITS_ONLY, ParamKind::Presence).help("Only users who have edited."),
    ParamSpec::optional(ACTIVE_USERS, ParamKind::Presence)
        .help("Only users who have done something of late. This wiki keeps no account of that: nobody is listed."),
    ParamSpec::optional(ATTACHED_WIKI, ParamKind::Text).help(
        "With <kbd>auprop=centralids</kbd>: another wiki, of which to tell whether it knows the user under the same number.",
    ),
];

fn directions() -> Vec<&'static str> {
    vec!["ascending", "descending"]
}

fn groups() -> Vec<&'static str> {
    vec!["bot", "bureaucrat", "interface-admin", "suppress", "sysop"]
}

fn props() -> Vec<&'static str> {
    vec![
        "blockinfo",
        "centralids",
        "editcount",
        "groups",
        "implicitgroups",
        "registration",
        "rights",
    ]
}

fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    let wanted = Wanted::of(call)?;
    let mut accounts: Vec<&Arc<Account>> = call
        .api
        .accounts
        .all()
        .iter()
        .filter(|account| wanted.includes(account))
        .collect();
    if wanted.is_descending {
        accounts.reverse();
    }
    let limit = call.params.limit(LIMIT);
    let count = limit.map_or(10, |limit| limit.count);
    if limit.is_some_and(|limit| limit.is_max) {
        answer.result.set_in("limits", NAME, Value::number(count));
    }
    let entries = accounts.iter().take(count);
    let entries = entries.map(|account| Value::Object(entry(call, account)));
    let entries = Value::list("u", entries);
    answer.result.set_in("query", NAME, entries);
    let next = accounts.get(count);
    Ok(next.map(|account| Continuation {
        param: FROM,
        value: account.name.clone(),
    }))
}

/// Which users are wanted.
struct Wanted<'c> {
    is_descending: bool,
    least: Option<String>,
    greatest: Option<String>,
    prefix: Option<String>,
    in_groups: Option<Vec<&'c str>>,
    not_in_groups: Vec<&'c str>,
    with_edits_only: bool,
    active_only: bool,
}

impl<'c> Wanted<'c> {
    fn of(call: &QueryCall<'c>) -> Result<Self, ApiError> {
        let params = call.params;
        let bound = |name| params.text(name).map(as_in_names);
        let (from, to) = (bound(FROM), bound(TO));
        let is_descending = params.text(DIRECTION) == Some("descending");
        let (least, greatest) = if is_descending {
            (to, from)
        } else {
            (from, to)
        };
        let in_groups = groups_wanted(call);
        let not_in_groups: Vec<_> = params.values(EXCLUDE_GROUP).collect();
        // A list without names counts as well, and rights stand for the groups that give them.
        let names_groups = in_groups.is_some() || params.is_present(GROUP);
        if names_groups && params.is_present(EXCLUDE_GROUP) {
            let params = [GROUP, EXCLUDE_GROUP];
            return Err(ParamMixError::exclusive(PATH, &params).into());
        }
        Ok(Self {
            is_descending,
            least,
            greatest,
            prefix: bound(PREFIX),
            in_groups,
            not_in_groups,
            with_edits_only: params.is_present(WITH_EDITS_ONLY),
            active_only: params.is_present(ACTIVE_USERS),
        })
    }

    /// Names are compared as the database does it, byte by byte.
    fn includes(&self, account: &Account) -> bool {
        let name = account.name.as_str();
        let is_in = |groups: &[&str]| {
            let mut own = account.groups.iter();
            own.any(|group| groups.contains(&group.as_str()))
        };
        let in_groups = self.in_groups.as_ref();
        self.least.as_deref().is_none_or(|least| name >= least)
            && self.greatest.as_deref().is_none_or(|most| name <= most)
            && self
                .prefix
                .as_deref()
                .is_none_or(|prefix| name.starts_with(prefix))
            && in_groups.is_none_or(|groups| is_in(groups))
            && !is_in(&self.not_in_groups)
            && !(self.with_edits_only && account.edit_count == 0)
            && !self.active_only
    }
}

/// The groups that are asked for and those that give a right that is asked for; `None` if none are asked for.
fn groups_wanted<'c>(call: &QueryCall<'c>) -> Option<Vec<&'c str>> {
    let rights: Vec<_> = call.params.values(RIGHTS).collect();
    let mut wanted: Vec<_> = call.params.values(GROUP).collect();
    if wanted.is_empty() && rights.is_empty() {
        return None;
    }
    let groups = call.api.accounts.permissions().groups();
    let giving =
        groups.filter(|(_, given)| given.iter().any(|right| rights.contains(&right.as_str())));
    wanted.extend(giving.map(|(name, _)| name));
    Some(wanted)
}

/// A text as names have it: a capital at the beginning, spaces for underscores.
fn as_in_names(text: &str) -> String {
    let text = text.replace('_', " ");
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

fn entry(call: &QueryCall<'_>, account: &Account) -> Object {
    let has = |prop| call.params.has_value(PROP, prop);
    let mut entry = user_entry::of_account(account);
    if has("centralids") {
        let attached = call.params.text(ATTACHED_WIKI);
        user_entry::add_central_ids(&mut entry, account, &call.api.wiki, attached);
    }
    if has("blockinfo") {
        user_entry::add_block(&mut entry, account, call);
    }
    if has("editcount") {
        entry.set("editcount", user_entry::edit_count(account));
    }
    if has("registration") {
        entry.set("registration", user_entry::registration(account));
    }
    // Unlike `list=users`, the groups that everybody is in come first.
    let own = account.groups.iter().map(String::as_str);
    let groups: Vec<_> = IMPLICIT_GROUPS.into_iter().chain(own).collect();
    if has("groups") {
        entry.set("groups", user_entry::groups(&groups));
    }
    if has("implicitgroups") {
        entry.set("implicitgroups", user_entry::groups(IMPLICIT_GROUPS));
    }
    if has("rights") {
        entry.set("rights", user_entry::rights(call, &groups));
    }
    entry
}
