//! The groups of users: what they may do, and how one gets into them.

use super::{NUMBER_IN_GROUP, SiteCall, statistics};
use crate::api::result::{Object, Value};

/// The group of everybody who is logged in.
const USERS: &str = "user";

/// Groups that nobody was put into and whose members nobody counts.
const UNCOUNTED: [&str; 2] = ["*", "autoconfirmed"];

/// `usergroups`
pub(super) fn user_groups(call: &SiteCall<'_>) -> Value {
    let with_number = call.query.params.is_present(NUMBER_IN_GROUP);
    let accounts = &call.query.api.accounts;
    let rows = accounts.permissions().groups().map(|(name, rights)| {
        let mut row = Object::of([
            ("name", Value::text(name)),
            ("rights", Value::texts("permission", rights)),
        ]);
        if with_number && !UNCOUNTED.contains(&name) {
            let number = match name {
                USERS => accounts.all().len(),
                group => statistics::members(accounts, group),
            };
            row.set("number", Value::number(number));
        }
        row.into()
    });
    Value::list("group", rows)
}

/// `autocreatetempuser`: strangers get no temporary accounts.
pub(super) fn auto_create_temp_user(_: &SiteCall<'_>) -> Value {
    let enabled = [("enabled", Value::Bool(false))];
    Object::of(enabled).or_empty_list().into()
}

/// `autopromote`: who is in a group as long as some conditions hold. No edits and no age make everybody autoconfirmed.
pub(super) fn autopromote(_: &SiteCall<'_>) -> Value {
    let condition = |name: &str| {
        Object::of([
            ("condname", Value::text(name)),
            ("params", Value::list("param", [Value::Number(0)])),
        ])
    };
    let mut conditions = Object::of([("operand", Value::text("&"))]).numbered("condition");
    conditions.set("0", condition("APCOND_EDITCOUNT"));
    conditions.set("1", condition("APCOND_AGE"));
    Object::of([("autoconfirmed", conditions.into())]).into()
}

/// `autopromoteonce`: who is put into a group when some conditions hold for the first time. There is no such group.
pub(super) fn autopromote_once(_: &SiteCall<'_>) -> Value {
    Object::of([("onEdit", Object::default().or_empty_list().into())]).into()
}
