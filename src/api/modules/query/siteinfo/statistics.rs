//! How large the wiki is: its accounts, its jobs, and the page that every wiki begins with.

use super::SiteCall;
use crate::account::Accounts;
use crate::api::result::{Object, Value};
use crate::job::JobType;
use crate::store::CountsByType;

/// The property's name.
pub(super) const NAME: &str = "statistics";

/// The group whose members count as administrators.
const ADMINS: &str = "sysop";

/// `statistics`. The one page is no article, for nothing links from it; making it was an edit.
pub(super) fn statistics(call: &SiteCall<'_>) -> Value {
    let accounts = &call.query.api.accounts;
    let edits: u64 = accounts
        .all()
        .iter()
        .fold(0, |edits, account| edits.saturating_add(account.edit_count));
    let statistics = [
        ("pages", Value::Number(1)),
        ("articles", Value::Number(0)),
        ("edits", number(edits.max(1))),
        ("images", Value::Number(0)),
        ("users", Value::number(accounts.all().len())),
        ("activeusers", Value::Number(0)),
        ("admins", Value::number(members(accounts, ADMINS))),
        ("jobs", number(call.jobs)),
    ];
    Object::of(statistics).into()
}

/// How many jobs of these types there are, also claimed and abandoned ones.
pub(super) fn jobs(counts: &CountsByType, types: &[JobType]) -> u64 {
    let known = types.iter().filter_map(|kind| counts.get(kind));
    known
        .flat_map(|counts| {
            [
                counts.ready,
                counts.claimed,
                counts.delayed,
                counts.abandoned,
            ]
        })
        .fold(0, u64::saturating_add)
}

/// How many accounts were put into a group.
pub(super) fn members(accounts: &Accounts, group: &str) -> usize {
    let is_member = |groups: &[String]| groups.iter().any(|own| own == group);
    let members = accounts.all().iter();
    members.filter(|account| is_member(&account.groups)).count()
}

fn number(count: u64) -> Value {
    Value::Number(i64::try_from(count).unwrap_or(i64::MAX))
}
