//! The module `list=blocks`: the blocks that are in force. Only accounts are blocked here, no addresses.
//!
//! MediaWiki: `ApiQueryBlocks`. Recorded case: `query/blocks`; the rest was asked of a MediaWiki 1.39.

use super::user_entry;
use crate::account::{Account, Block, BlockExpiry};
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::module::{Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule};
use crate::api::param_mix::ParamMixError;
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::query_error::QueryError;
use crate::api::result::{Object, Value};
use crate::clock::Timestamp;
use crate::ip::{IpRange, address};

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: NAME,
        path: PATH,
        prefix: "bk",
        group: Group::List,
        class: "MediaWiki\\Api\\ApiQueryBlocks",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Blocks"],
        summary: "Lists the blocks that are in force.",
        examples: &[
            ("action=query&list=blocks", "Lists blocks."),
            (
                "action=query&list=blocks&bkusers=Bob|Dave",
                "Lists the blocks on <kbd>Bob</kbd> and on <kbd>Dave</kbd>.",
            ),
        ],
        params: PARAMS,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const NAME: &str = "blocks";
const PATH: &str = "query+blocks";
const START: &str = "bkstart";
const END: &str = "bkend";
const DIRECTION: &str = "bkdir";
const IDS: &str = "bkids";
const USERS: &str = "bkusers";
const IP: &str = "bkip";
const LIMIT: &str = "bklimit";
const PROP: &str = "bkprop";
const SHOW: &str = "bkshow";
const CONTINUE: &str = "bkcontinue";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::optional(START, ParamKind::Moment).help("The moment to begin at."),
    ParamSpec::optional(END, ParamKind::Moment).help("The moment to end at."),
    ParamSpec::with_default(DIRECTION, ParamKind::Choice(|| vec!["newer", "older"]), "older")
        .help("Whether to go from older blocks to newer ones, or from newer to older."),
    ParamSpec::optional(IDS, ParamKind::Integer { min: None })
        .multi()
        .help("Only the blocks with these numbers."),
    ParamSpec::optional(USERS, ParamKind::User)
        .multi()
        .subtypes(&["name", "ip", "temp", "cidr"])
        .help("Only blocks on these users."),
    ParamSpec::optional(IP, ParamKind::Text).help(
        "Only blocks on this address, this range, or a range around it. Goes without <var>bkusers</var>, and a range has a \
         prefix of 16 bits or more, of 19 for IPv6.",
    ),
    ParamSpec::with_default(LIMIT, ParamKind::Limit, "10").help("How many blocks to list."),
    ParamSpec::with_default(
        PROP,
        ParamKind::Choice(props),
        "id|user|by|timestamp|expiry|reason|flags",
    )
    .multi()
    .help(
        "What to tell: who placed the block and the number of that user, when it ends, what it forbids (<kbd>flags</kbd>), \
         its number, the first and last address, the reason, what it is restricted to, when it was placed, who is blocked \
         and the number of that user.",
    ),
    ParamSpec::optional(SHOW, ParamKind::Choice(conditions)).multi().help(
        "Only blocks that are all of this; <kbd>!</kbd> stands for not.",
    ),
    ParamSpec::optional(CONTINUE, ParamKind::Text)
        .help("What an answer said to go on with."),
];

fn props() -> Vec<&'static str> {
    vec![
        "by",
        "byid",
        "expiry",
        "flags",
        "id",
        "range",
        "reason",
        "restrictions",
        "timestamp",
        "user",
        "userid",
    ]
}

fn conditions() -> Vec<&'static str> {
    vec![
        "!account", "!ip", "!range", "!temp", "account", "ip", "range", "temp",
    ]
}

fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    let wanted = Wanted::of(call)?;
    let mut blocks: Vec<(&Account, &Block)> = call
        .api
        .accounts
        .all()
        .iter()
        .filter_map(|account| Some((&**account, user_entry::block_in_force(account, call)?)))
        .filter(|(account, block)| wanted.includes(account, block))
        .collect();
    blocks.sort_by_key(|(_, block)| place(block));
    if !wanted.is_newer {
        blocks.reverse();
    }
    let limit = call.params.limit(LIMIT);
    let count = limit.map_or(10, |limit| limit.count);
    if limit.is_some_and(|limit| limit.is_max) {
        answer.result.set_in("limits", NAME, Value::number(count));
    }
    let entries = blocks.iter().take(count);
    let entries = entries.map(|(account, block)| Value::Object(entry(call, account, block)));
    let entries = Value::list("block", entries);
    answer.result.set_in("query", NAME, entries);
    let next = blocks.get(count);
    Ok(next.map(|(_, block)| Continuation {
        param: CONTINUE,
        value: format!("{}|{}", block.placed.to_mw(), block.id),
    }))
}

/// In what order blocks are listed.
fn place(block: &Block) -> (Timestamp, u64) {
    (block.placed, block.id)
}

/// Which blocks are wanted.
struct Wanted<'c> {
    is_newer: bool,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    from: Option<(Timestamp, u64)>,
    ids: Vec<i64>,
    users: Vec<&'c str>,
    /// Whether only blocks on addresses are wanted.
    addresses_only: bool,
    show: Vec<&'c str>,
}

impl<'c> Wanted<'c> {
    fn of(call: &QueryCall<'c>) -> Result<Self, ApiError> {
        let (params, module) = (call.params, PATH);
        if [USERS, IP].iter().all(|param| params.is_present(param)) {
            let params = [USERS, IP];
            return Err(ParamMixError::exclusive(PATH, &params).into());
        }
        if let Some(ip) = params.text(IP) {
            check_address(ip)?;
        }
        let show: Vec<_> = params.values(SHOW).collect();
        let negated = |value: &&str| show.contains(&format!("!{value}").as_str());
        if show.iter().any(negated) {
            return Err(QueryError::ExclusiveValues { module }.into());
        }
        let moment = |param| params.moment(param).map(|moment| moment.at(call.now));
        let is_newer = params.text(DIRECTION) == Some("newer");
        let (start, end) = (moment(START), moment(END));
        let (first, last) = if is_newer { (start, end) } else { (end, start) };
        let from = params.text(CONTINUE).map(|text| {
            let error = || QueryError::BadContinue { module };
            continued(text).ok_or_else(error)
        });
        Ok(Self {
            is_newer,
            first,
            last,
            from: from.transpose()?,
            ids: params.numbers(IDS),
            users: params.values(USERS).collect(),
            addresses_only: params.is_present(IP),
            show,
        })
    }

    fn includes(&self, account: &Account, block: &Block) -> bool {
        let id = i64::try_from(block.id).unwrap_or(i64::MAX);
        let is_after = |from| {
            if self.is_newer {
                place(block) >= from
            } else {
                place(block) <= from
            }
        };
        self.first.is_none_or(|first| block.placed >= first)
            && self.last.is_none_or(|last| block.placed <= last)
            && self.from.is_none_or(is_after)
            && (self.ids.is_empty() || self.ids.contains(&id))
            && (self.users.is_empty() || self.users.contains(&account.name.as_str()))
            && !self.addresses_only
            && self.show.iter().all(|condition| meets(block, condition))
    }
}

/// Whether a block on an account is what the condition says.
fn meets(block: &Block, condition: &str) -> bool {
    match condition {
        "account" | "!ip" | "!range" => true,
        "temp" => block.expiry != BlockExpiry::Infinity,
        "!temp" => block.expiry == BlockExpiry::Infinity,
        _ => false,
    }
}

/// The place that `bkcontinue` tells.
fn continued(text: &str) -> Option<(Timestamp, u64)> {
    let (placed, id) = text.split_once('|')?;
    Some((Timestamp::from_mw(placed)?, id.parse().ok()?))
}

/// Refuses what is neither an address nor a range that may be blocked.
fn check_address(text: &str) -> Result<(), QueryError> {
    let module = PATH;
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    if !address::is_valid(address) || IpRange::parse(text).is_unusable() {
        return Err(QueryError::BadAddress { module });
    }
    let (protocol, least) = if address.contains(':') {
        ("IPv6", 19)
    } else {
        ("IPv4", 16)
    };
    let prefix = text
        .split_once('/')
        .and_then(|(_, bits)| bits.parse::<i64>().ok());
    match prefix.filter(|bits| *bits < least) {
        Some(_) => Err(QueryError::RangeTooBroad {
            module,
            protocol,
            least,
        }),
        None => Ok(()),
    }
}

fn entry(call: &QueryCall<'_>, account: &Account, block: &Block) -> Object {
    let accounts = &call.api.accounts;
    let expiry = match block.expiry {
        BlockExpiry::Infinity => Value::text("infinity"),
        BlockExpiry::At(end) => Value::text(end.to_iso()),
    };
    // What MediaWiki makes of the addresses that a block on an account does not have.
    let no_address = || Value::text("0.0.0.0");
    let blocker = user_entry::blocker(block, accounts);
    let rows = [
        ("id", "id", user_entry::number(block)),
        ("user", "user", Value::text(&account.name)),
        ("userid", "userid", user_entry::id(account.id)),
        ("by", "by", Value::text(&block.by)),
        ("byid", "byid", user_entry::id(blocker)),
        ("timestamp", "timestamp", Value::text(block.placed.to_iso())),
        ("expiry", "expiry", expiry),
        ("reason", "reason", Value::text(&block.reason)),
        ("range", "rangestart", no_address()),
        ("range", "rangeend", no_address()),
        ("flags", "automatic", Value::Bool(false)),
        ("flags", "anononly", Value::Bool(false)),
        ("flags", "nocreate", Value::Bool(block.no_create)),
        ("flags", "autoblock", Value::Bool(block.autoblock)),
        ("flags", "noemail", Value::Bool(block.no_email)),
        ("flags", "hidden", Value::Bool(false)),
        ("flags", "allowusertalk", Value::Bool(!block.no_user_talk)),
        ("flags", "partial", Value::Bool(false)),
        (
            "restrictions",
            "restrictions",
            Value::list("restriction", []),
        ),
    ];
    let mut entry = Object::default();
    for (prop, name, value) in rows {
        if call.params.has_value(PROP, prop) {
            entry.set(name, value);
        }
    }
    entry
}
