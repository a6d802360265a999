use super::{answer, ask, ask_of};
use crate::account::{Account, Accounts, GroupPermissions};
use crate::api::ApiOptions;
use crate::api::tests::support::{BOB, Wiki, body, get, options};
use crate::effects::UserId;
use crate::job::JobType;
use serde_json::{Value, json};

fn account(id: u64, name: &str, groups: &[&str], edit_count: u64) -> Account {
    Account {
        id: UserId(id),
        name: name.to_owned(),
        password: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        registration: None,
        edit_count,
        bot_passwords: Vec::new(),
        block: None,
    }
}

fn with_accounts() -> ApiOptions {
    let accounts = vec![
        account(1, "Admin", &["bureaucrat", "sysop"], 0),
        account(2, "MediaWiki default", &[], 1),
        account(3, "Bob", &[], 0),
    ];
    ApiOptions {
        accounts: Accounts::new(accounts, GroupPermissions::default()),
        ..options()
    }
}

#[test]
fn statistics_count_accounts_and_jobs_of_known_types() {
    // Recorded case siteinfo/statistics-fv1, with the accounts of this test.
    let query = "action=query&meta=siteinfo&siprop=statistics&format=json";
    let count = |types: Vec<JobType>| {
        let mut options = with_accounts();
        options.site.job_types = types;
        let wiki = Wiki::with(options, &["testwiki"]);
        for _ in 0..2 {
            wiki.post(&format!(
                "action=bouncehandler&format=json&email=To: {}",
                BOB.replace('+', "%2B")
            ));
        }
        assert_eq!(wiki.new_jobs().len(), 2, "they are claimed now");
        wiki.post(&format!(
            "action=bouncehandler&format=json&email=To: {}",
            BOB.replace('+', "%2B")
        ));
        let answer: Value = serde_json::from_str(&body(&wiki.answer(&get(query)).0)).unwrap();
        answer["query"]["statistics"].to_string()
    };
    let expected = r#"{"pages":1,"articles":0,"edits":1,"images":0,"users":3,"activeusers":0,"admins":1,"jobs":3}"#;
    assert_eq!(count(vec![JobType::BOUNCE_HANDLER]), expected);
    let other = vec![JobType::known("other")];
    assert_eq!(count(other), expected.replace("\"jobs\":3", "\"jobs\":0"));
}

#[test]
fn groups_are_told_with_rights_and_if_wanted_with_their_size() {
    // Recorded case siteinfo/usergroups-fv2; which groups are counted is as a MediaWiki 1.39 does.
    let everybody = json!({"name": "*", "rights": ["createaccount", "read", "edit", "createpage", "createtalk",
        "viewmyprivateinfo", "editmyprivateinfo", "editmyoptions"]});
    let groups = ask("siprop=usergroups&formatversion=2")["usergroups"].clone();
    assert_eq!(groups[0], everybody);
    let mut options = with_accounts();
    let changes =
        json!({"sysop": {"block": true}, "user": {"move": true}, "watchers": {"read": true}});
    let permissions = GroupPermissions::with_changes(&serde_json::from_value(changes).unwrap());
    let accounts = options
        .accounts
        .all()
        .iter()
        .map(|account| (**account).clone());
    options.accounts = Accounts::new(accounts.collect(), permissions);
    let groups = ask_of(
        options,
        "siprop=usergroups&sinumberingroup=&formatversion=2",
    )["usergroups"]
        .clone();
    let number = |name: &str| {
        let group = groups
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["name"] == name);
        group.unwrap().get("number").and_then(Value::as_u64)
    };
    assert_eq!(groups[0], everybody);
    let numbers = ["*", "user", "sysop", "watchers"].map(number);
    assert_eq!(numbers, [None, Some(3), Some(1), Some(0)]);
}

#[test]
fn all_database_servers_are_told_where_names_are() {
    // Recorded case siteinfo/showalldb-hidden; answers of a MediaWiki 1.39 where names are told.
    let query = "siprop=dbrepllag&sishowalldb=1&errorformat=plaintext";
    let hidden = answer(options(), query);
    let expected = "Cannot view all servers' info unless \\\"$wgShowHostnames\\\" is true.";
    assert!(body(&hidden).contains(expected), "{}", body(&hidden));
    let named = || ApiOptions {
        host_name: Some("db1".to_owned()),
        ..options()
    };
    let lag = |options, query| ask_of(options, query)["dbrepllag"].to_string();
    assert_eq!(
        lag(options(), "siprop=dbrepllag"),
        r#"[{"host":"","lag":-1}]"#
    );
    assert_eq!(
        lag(named(), "siprop=dbrepllag"),
        r#"[{"host":"db1","lag":-1}]"#
    );
    assert_eq!(lag(named(), query), r#"[{"host":"db1","lag":0}]"#);
}
