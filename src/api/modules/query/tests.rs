//! Expected answers are recorded ones, named as such, or those of a MediaWiki 1.39 to the same query, with this wiki's users.

use crate::account::{Account, Accounts, Block, BlockExpiry, GroupPermissions};
use crate::api::ApiOptions;
use crate::api::tests::support::{Wiki, body, get, options};
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::store::User;

/// Some of the users of the recordings' profile `default`.
fn wiki() -> Wiki {
    let dave = Account {
        block: Some(block()),
        ..account(7, "Dave", &[], 5)
    };
    let accounts = vec![
        account(1, "Admin", &["bureaucrat", "interface-admin", "sysop"], 0),
        account(3, "Bob", &[], 1),
        account(4, "Bounce Bot", &["bot"], 2),
        account(5, "Carol", &[], 3),
        dave,
        account(6, "Ünïcode Üser", &[], 4),
    ];
    let confirmed = |id: u64, is_confirmed: bool| User {
        id: UserId(id),
        name: String::new(),
        email: "user@example.com".to_owned(),
        email_authenticated: is_confirmed.then_some(Timestamp(0)),
        touched: None,
    };
    let options = ApiOptions {
        accounts: Accounts::new(accounts, GroupPermissions::default()),
        ..options()
    };
    let users = [(3, true), (4, true), (5, false), (7, true)];
    let users = users.map(|(id, is_confirmed)| confirmed(id, is_confirmed));
    Wiki::with_users(options, &["testwiki"], users.to_vec())
}

fn account(id: u64, name: &str, groups: &[&str], minute: i64) -> Account {
    let first = Timestamp::from_mw("20260101000000").unwrap();
    Account {
        id: UserId(id),
        name: name.to_owned(),
        password: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        registration: Some(first.plus(minute.saturating_mul(60))),
        edit_count: 0,
        bot_passwords: Vec::new(),
        block: None,
    }
}

fn block() -> Block {
    Block {
        id: 1,
        by: "Admin".to_owned(),
        reason: "Sends unsolicited mail".to_owned(),
        placed: Timestamp::from_mw("20260102000000").unwrap(),
        expiry: BlockExpiry::Infinity,
        no_create: true,
        no_email: true,
        no_user_talk: true,
        autoblock: false,
    }
}

/// What the answer to a query has under `query`, or all of it if there is no such.
fn answer(wiki: &Wiki, query: &str) -> serde_json::Value {
    let request = format!("action=query&format=json&{query}");
    let text = body(&wiki.answer(&get(&request)).0);
    let mut answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    match answer.get_mut("query") {
        Some(query) => query.take(),
        None => answer,
    }
}

fn assert_answers(wiki: &Wiki, table: &[(&str, &str)]) {
    for (query, expected) in table {
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        let answer = answer(wiki, query);
        assert_eq!(answer.to_string(), expected.to_string(), "{query}");
    }
}

/// The code of the error.
fn error(wiki: &Wiki, query: &str) -> String {
    let answer = answer(wiki, query);
    answer["error"]["code"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[test]
fn users_have_what_is_asked_of_them() {
    assert_answers(
        &wiki(),
        &[
            // Recorded cases query/users-props-v1, users-emailable, users-cancreate, users-gender, users-attach.
            (
                "list=users&ususers=Bob|Carol|Dave|Admin&usprop=groups|editcount|registration|emailable|blockinfo",
                r#"{"users":[{"userid":3,"name":"Bob","editcount":0,"registration":"2026-01-01T00:01:00Z","groups":["*","user","autoconfirmed"],"emailable":""},{"userid":5,"name":"Carol","editcount":0,"registration":"2026-01-01T00:03:00Z","groups":["*","user","autoconfirmed"]},{"userid":7,"name":"Dave","editcount":0,"registration":"2026-01-01T00:05:00Z","groups":["*","user","autoconfirmed"],"blockid":1,"blockedby":"Admin","blockedbyid":1,"blockreason":"Sends unsolicited mail","blockedtimestamp":"2026-01-02T00:00:00Z","blockexpiry":"infinite","blocknocreate":"","blockemail":"","blockowntalk":"","blockedtimestampformatted":"00:00, 2 January 2026","emailable":""},{"userid":1,"name":"Admin","editcount":0,"registration":"2026-01-01T00:00:00Z","groups":["bureaucrat","interface-admin","sysop","*","user","autoconfirmed"]}]}"#,
            ),
            (
                "list=users&ususers=Bob|Fresh+Name|a%23b&usprop=cancreate",
                r#"{"users":[{"name":"a#b","invalid":""},{"userid":3,"name":"Bob"},{"name":"Fresh Name","missing":"","cancreate":""}]}"#,
            ),
            (
                "list=users&ususers=Bob|Nobody&usprop=centralids&formatversion=2",
                r#"{"users":[{"userid":3,"name":"Bob","centralids":{"local":3},"attachedlocal":{"local":true}},{"name":"Nobody","missing":true}]}"#,
            ),
            // MediaWiki 1.39.
            (
                "list=users&ususerids=3|99|0|-1",
                r#"{"users":[{"userid":3,"name":"Bob"},{"userid":99,"missing":""},{"userid":0,"missing":""},{"userid":-1,"missing":""}]}"#,
            ),
            (
                "list=users&ususers=bob|Bob|BOB",
                r#"{"users":[{"userid":3,"name":"Bob"},{"userid":3,"name":"Bob"},{"name":"BOB","missing":""}]}"#,
            ),
            (
                "list=users&ususers=Admin&usprop=groupmemberships|implicitgroups",
                r#"{"users":[{"userid":1,"name":"Admin","groupmemberships":[{"group":"bureaucrat","expiry":"infinity"},{"group":"interface-admin","expiry":"infinity"},{"group":"sysop","expiry":"infinity"}],"implicitgroups":["*","user","autoconfirmed"]}]}"#,
            ),
        ],
    );
}

#[test]
fn all_users_are_listed_in_the_order_of_the_bytes_of_their_names() {
    assert_answers(
        &wiki(),
        &[
            (
                "list=allusers&aufrom=c",
                r#"{"allusers":[{"userid":5,"name":"Carol"},{"userid":7,"name":"Dave"},{"userid":6,"name":"Ünïcode Üser"}]}"#,
            ),
            (
                "list=allusers&audir=descending&aufrom=Dave&auto=Bounce_Bot",
                r#"{"allusers":[{"userid":7,"name":"Dave"},{"userid":5,"name":"Carol"},{"userid":4,"name":"Bounce Bot"}]}"#,
            ),
            (
                "list=allusers&auprefix=bounce_B&auprop=groups",
                r#"{"allusers":[{"userid":4,"name":"Bounce Bot","groups":["*","user","autoconfirmed","bot"]}]}"#,
            ),
            (
                "list=allusers&augroup=sysop|bot",
                r#"{"allusers":[{"userid":1,"name":"Admin"},{"userid":4,"name":"Bounce Bot"}]}"#,
            ),
            ("list=allusers&aurights=read", r#"{"allusers":[]}"#),
            ("list=allusers&auwitheditsonly=1", r#"{"allusers":[]}"#),
            ("list=allusers&auactiveusers=1", r#"{"allusers":[]}"#),
        ],
    );
}

#[test]
fn a_long_list_goes_on_where_it_stopped() {
    // Recorded case params/limit-continue.
    let request = "action=query&format=json&list=allusers&aulimit=2";
    assert_eq!(
        body(&wiki().answer(&get(request)).0),
        r#"{"batchcomplete":"","continue":{"aufrom":"Bounce Bot","continue":"-||"},"query":{"allusers":[{"userid":1,"name":"Admin"},{"userid":3,"name":"Bob"}]}}"#
    );
}

#[test]
fn blocks_are_told_as_far_as_is_asked() {
    assert_answers(
        &wiki(),
        &[
            // Recorded case query/blocks.
            (
                "list=blocks&bkprop=user|by|reason|expiry",
                r#"{"blocks":[{"user":"Dave","by":"Admin","expiry":"infinity","reason":"Sends unsolicited mail"}]}"#,
            ),
            // MediaWiki 1.39.
            (
                "list=blocks&bkprop=id|range|flags|restrictions&formatversion=2",
                r#"{"blocks":[{"id":1,"rangestart":"0.0.0.0","rangeend":"0.0.0.0","automatic":false,"anononly":false,"nocreate":true,"autoblock":false,"noemail":true,"hidden":false,"allowusertalk":false,"partial":false,"restrictions":[]}]}"#,
            ),
            (
                "list=blocks&bkprop=&bkusers=dave|1.2.3.4|1.2.3.4/24",
                r#"{"blocks":[{}]}"#,
            ),
            ("list=blocks&bkusers=Bob", r#"{"blocks":[]}"#),
            ("list=blocks&bkip=1.2.3.4", r#"{"blocks":[]}"#),
            ("list=blocks&bkids=9", r#"{"blocks":[]}"#),
            (
                "list=blocks&bkshow=account|!temp&bkprop=id",
                r#"{"blocks":[{"id":1}]}"#,
            ),
            ("list=blocks&bkshow=account|ip", r#"{"blocks":[]}"#),
            (
                "list=blocks&bkstart=2020-01-01T00:00:00Z",
                r#"{"blocks":[]}"#,
            ),
            (
                "list=blocks&bkcontinue=20251125190826|1",
                r#"{"blocks":[]}"#,
            ),
            (
                "list=blocks&bkcontinue=20261125190826|1&bkprop=id",
                r#"{"blocks":[{"id":1}]}"#,
            ),
        ],
    );
}

#[test]
fn messages_and_places_of_files_are_told() {
    assert_answers(
        &wiki(),
        &[
            // Recorded cases query/allmessages-qqx, query/filerepoinfo.
            (
                "meta=allmessages&ammessages=mainpage&amlang=qqx",
                r#"{"allmessages":[{"name":"mainpage","normalizedname":"mainpage","*":"(mainpage)"}]}"#,
            ),
            (
                "meta=filerepoinfo&friprop=name|local",
                r#"{"repos":[{"name":"local","local":""}]}"#,
            ),
            // MediaWiki 1.39.
            (
                "meta=filerepoinfo&friprop=rootUrl|url|thumbUrl|scriptDirUrl|favicon|canUpload&formatversion=2",
                r#"{"repos":[{"rootUrl":"/w/images","url":"/w/images","thumbUrl":"/w/images/thumb","scriptDirUrl":"/w","favicon":"http://127.0.0.1:18043/favicon.ico","canUpload":false}]}"#,
            ),
            (
                "meta=allmessages&ammessages=Mainpage|nosuch|paramvalidator-missingparam&amargs=a|b",
                r#"{"allmessages":[{"name":"Mainpage","normalizedname":"mainpage","*":"Main Page"},{"name":"nosuch","normalizedname":"nosuch","missing":""},{"name":"paramvalidator-missingparam","normalizedname":"paramvalidator-missingparam","*":"The \"a\" parameter must be set."}]}"#,
            ),
            (
                "meta=allmessages&ammessages=mainpage|nosuch&amlang=qqx&amargs=a|a&amto=mainpage",
                r#"{"allmessages":[{"name":"mainpage","normalizedname":"mainpage","*":"(mainpage: a, a)"}]}"#,
            ),
        ],
    );
}

#[test]
fn pages_are_told_of_whether_there_are_any_or_not() {
    assert_answers(
        &wiki(),
        &[
            (
                "titles=A|a|b_c|talk:x|Special:Version|A%3Cb&indexpageids=1&formatversion=2",
                r#"{"normalized":[{"fromencoded":false,"from":"a","to":"A"},{"fromencoded":false,"from":"b_c","to":"B c"},{"fromencoded":false,"from":"talk:x","to":"Talk:X"}],"pageids":["-3","-4","-5","-1","-2"],"pages":[{"ns":1,"title":"Talk:X","missing":true},{"ns":0,"title":"B c","missing":true},{"ns":0,"title":"A","missing":true},{"ns":-1,"title":"Special:Version","special":true},{"title":"A<b","invalidreason":"The requested page title contains invalid characters: \"<\".","invalid":true}]}"#,
            ),
            (
                "titles=A",
                r#"{"pages":{"-1":{"ns":0,"title":"A","missing":""}}}"#,
            ),
            ("pageids=0", r#"{"pages":[{"pageid":0,"missing":""}]}"#),
            ("titles=", r#"{"batchcomplete":""}"#),
            (
                "revids=1|999",
                r#"{"badrevids":{"999":{"revid":999,"missing":""}},"pages":{"1":{"pageid":1,"ns":0,"title":"Main Page"}}}"#,
            ),
            (
                "prop=info&titles=Talk:Y&inprop=protection|associatedpage",
                r#"{"pages":{"-1":{"ns":1,"title":"Talk:Y","missing":"","contentmodel":"wikitext","pagelanguage":"en","pagelanguagehtmlcode":"en","pagelanguagedir":"ltr","protection":[],"restrictiontypes":["create"],"associatedpage":"Y"}}}"#,
            ),
            (
                "prop=revisions&titles=Main_Page|A&rvprop=ids|user|comment",
                r#"{"normalized":[{"from":"Main_Page","to":"Main Page"}],"pages":[{"ns":0,"title":"A","missing":""},{"pageid":1,"ns":0,"title":"Main Page","revisions":[{"revid":1,"parentid":0,"user":"MediaWiki default","comment":""}]}]}"#,
            ),
            ("titles=A&continue=-||", r#"{"batchcomplete":""}"#),
            (
                "titles=A%3C&errorformat=raw",
                r#"{"pages":{"-1":{"title":"A<","invalidreason":{"code":"title-invalid-characters","key":"title-invalid-characters","params":["<","A&#60;"]},"invalid":""}}}"#,
            ),
        ],
    );
}

#[test]
fn what_contradicts_itself_is_an_error() {
    let wiki = wiki();
    for (query, code) in [
        ("list=users&ususerids=1&ususers=Bob", "invalidparammix"),
        ("list=users&ususerids=abc", "badinteger"),
        (
            "list=allusers&aurights=block&auexcludegroup=bot",
            "invalidparammix",
        ),
        ("list=blocks&bkusers=Dave&bkip=1.2.3.4", "invalidparammix"),
        ("list=blocks&bkusers=a%23b", "baduser"),
        ("list=blocks&bkip=abc", "param_ip"),
        ("list=blocks&bkip=", "param_ip"),
        ("list=blocks&bkip=1.2.3.4/8", "cidrtoobroad"),
        ("list=blocks&bkshow=account|!account", "show"),
        ("list=blocks&bkstart=abc", "badtimestamp"),
        ("list=blocks&bkcontinue=x", "badcontinue"),
        ("titles=A&pageids=1", "multisource"),
        ("generator=users", "badgenerator"),
        ("generator=nope", "badgenerator"),
        ("list=blocks&bkstart=", "none"),
    ] {
        assert_eq!(error(&wiki, query), code, "{query}");
    }
    // Recorded case query/users-both; the other is an answer of a MediaWiki 1.39.
    let info = |query| answer(&wiki, query)["error"]["info"].clone();
    assert_eq!(
        info("list=users&ususerids=1&ususers=Bob"),
        "The parameters \"ususers\" and \"ususerids\" can not be used together."
    );
    assert_eq!(
        info("list=blocks&bkip=::1/8"),
        "IPv6 CIDR ranges broader than /19 are not accepted."
    );
}
