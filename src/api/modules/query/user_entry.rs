//! What several modules of `query` tell of a user in the same way.

use crate::account::{Account, Accounts, Block, BlockExpiry};
use crate::api::module::QueryCall;
use crate::api::result::{Object, Value};
use crate::effects::UserId;
use crate::job::WikiId;

/// What an entry about a user begins with.
pub(super) fn of_account(account: &Account) -> Object {
    Object::of([
        ("userid", id(account.id)),
        ("name", Value::text(&account.name)),
    ])
}

/// MediaWiki's `user_id`.
pub(super) fn id(id: UserId) -> Value {
    Value::Number(i64::try_from(id.0).unwrap_or(i64::MAX))
}

/// The number of edits.
pub(super) fn edit_count(account: &Account) -> Value {
    Value::Number(i64::try_from(account.edit_count).unwrap_or(i64::MAX))
}

/// When the account was made.
pub(super) fn registration(account: &Account) -> Value {
    let moment = account.registration;
    moment.map_or(Value::Null, |moment| Value::text(moment.to_iso()))
}

/// Names of groups.
pub(super) fn groups<G: AsRef<str>>(groups: impl IntoIterator<Item = G>) -> Value {
    Value::texts("g", groups)
}

/// What the groups may do.
pub(super) fn rights(call: &QueryCall<'_>, groups: &[&str]) -> Value {
    let permissions = call.api.accounts.permissions();
    Value::texts("r", permissions.rights_of(groups))
}

/// Adds under which number other wikis know the account: only this one does. `attached` is another wiki that is asked
/// about.
pub(super) fn add_central_ids(
    entry: &mut Object,
    account: &Account,
    wiki: &WikiId,
    attached: Option<&str>,
) {
    let local = |value| Value::Object(Object::of([("local", value)]));
    entry.set("centralids", local(id(account.id)));
    entry.set("attachedlocal", local(Value::Bool(true)));
    if let Some(attached) = attached.filter(|attached| !attached.is_empty()) {
        let is_this = attached == wiki.0;
        entry.set("attachedwiki", local(Value::Bool(is_this)));
    }
}

/// Adds the block that the account is under, if it is under one.
pub(super) fn add_block(entry: &mut Object, account: &Account, call: &QueryCall<'_>) {
    if let Some(block) = block_in_force(account, call) {
        entry.extend(of_block(block, &call.api.accounts));
    }
}

/// The block that the account is under.
pub(super) fn block_in_force<'a>(account: &'a Account, call: &QueryCall<'_>) -> Option<&'a Block> {
    let block = account.block.as_ref();
    block.filter(|block| block.is_in_force(call.now))
}

/// Recorded case `query/users-props-v1`; the places of what is false were asked of a MediaWiki 1.39.
fn of_block(block: &Block, accounts: &Accounts) -> Object {
    let expiry = match block.expiry {
        BlockExpiry::Infinity => Value::text("infinite"),
        BlockExpiry::At(end) => Value::text(end.to_iso()),
    };
    let mut entry = Object::of([
        ("blockid", number(block)),
        ("blockedby", Value::text(&block.by)),
        ("blockedbyid", id(blocker(block, accounts))),
        ("blockreason", Value::text(&block.reason)),
        ("blockedtimestamp", Value::text(block.placed.to_iso())),
        ("blockexpiry", expiry),
        ("blockpartial", Value::Bool(false)),
        ("blocknocreate", Value::Bool(block.no_create)),
        ("blockanononly", Value::Bool(false)),
        ("blockemail", Value::Bool(block.no_email)),
        ("blockowntalk", Value::Bool(block.no_user_talk)),
        (
            "blockedtimestampformatted",
            Value::text(block.placed.to_wiki_time()),
        ),
    ]);
    if let BlockExpiry::At(end) = block.expiry {
        let end = Value::text(end.to_wiki_time());
        entry.set("blockexpiryformatted", end.clone());
        entry.set("blockexpiryrelative", end);
    }
    entry
}

/// The number of the block.
pub(super) fn number(block: &Block) -> Value {
    Value::Number(i64::try_from(block.id).unwrap_or(i64::MAX))
}

/// Who placed the block; nobody's number is 0.
pub(super) fn blocker(block: &Block, accounts: &Accounts) -> UserId {
    let blocker = accounts.by_name(&block.by);
    blocker.map_or(UserId(0), |account| account.id)
}
