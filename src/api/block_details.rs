//! What is told of a block.
//!
//! MediaWiki: `ApiBlockInfoTrait`. Recorded case: `query/users-props-v1`.

use super::result::{Object, Value};
use crate::account::{Accounts, Block, BlockExpiry};
use crate::clock::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The entries about a block, for an object about the user who is under it.
pub fn block_details(block: &Block, accounts: &Accounts) -> Object {
    let by = accounts.by_name(&block.by);
    let by = by.map_or(0, |account| i64::try_from(account.id.0).unwrap_or(i64::MAX));
    let expiry = match block.expiry {
        BlockExpiry::Infinity => "infinite".to_owned(),
        BlockExpiry::At(end) => end.to_iso(),
    };
    Object::of([
        (
            "blockid",
            Value::Number(i64::try_from(block.id).unwrap_or(i64::MAX)),
        ),
        ("blockedby", Value::text(&block.by)),
        ("blockedbyid", Value::Number(by)),
        ("blockreason", Value::text(&block.reason)),
        ("blockedtimestamp", Value::text(block.placed.to_iso())),
        ("blockexpiry", Value::text(expiry)),
        ("blockpartial", Value::Bool(false)),
        ("blocknocreate", Value::Bool(block.no_create)),
        ("blockanononly", Value::Bool(false)),
        ("blockemail", Value::Bool(block.no_email)),
        ("blockowntalk", Value::Bool(block.no_user_talk)),
        (
            "blockedtimestampformatted",
            Value::text(in_words(block.placed)),
        ),
    ])
}

/// `00:00, 2 January 2026`, as English wikis write a moment.
fn in_words(moment: Timestamp) -> String {
    let digits = moment.to_mw();
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let month = part(4..6).parse::<usize>().unwrap_or_default();
    let month = month.checked_sub(1).and_then(|place| MONTHS.get(place));
    let (hour, minute) = (part(8..10), part(10..12));
    let day = part(6..8).trim_start_matches('0');
    let year = part(0..4);
    format!(
        "{hour}:{minute}, {day} {} {year}",
        month.copied().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_in_english_wikis() {
        // Recorded case query/users-props-v1.
        let moment = Timestamp::from_mw("20260102000000").unwrap();
        assert_eq!(in_words(moment), "00:00, 2 January 2026");
    }
}
