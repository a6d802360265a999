//! Logins and sessions from one request to the next.

use super::support::{NOW, Wiki, body, get, header, options, request};
use crate::account::{Account, Accounts, AttemptLimit, BotPassword, GroupPermissions};
use crate::api::{ApiOptions, ApiRequest, ApiResponse, SessionOptions};
use crate::clock::Timestamp;
use crate::effects::UserId;
use proptest::prelude::*;
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// A well-formed bot password.
const FLOWS: &str = "flowsflowsflowsflowsflowsflows12";

fn account(id: u64, name: &str, password: Option<&str>) -> Account {
    Account {
        id: UserId(id),
        name: name.to_owned(),
        password: password.map(str::to_owned),
        groups: Vec::new(),
        registration: Some(Timestamp(0)),
        edit_count: 0,
        bot_passwords: vec![BotPassword {
            app_id: "flows".to_owned(),
            password: FLOWS.to_owned(),
            grants: vec!["basic".to_owned(), "editpage".to_owned()],
        }],
        block: None,
    }
}

fn wiki_with(attempt_limits: Vec<AttemptLimit>) -> Wiki {
    let accounts = vec![
        account(3, "Bob", Some("BobPass12345!")),
        account(4, "Alice", Some("AlicePass12345!")),
        account(5, "Nobody's", None),
    ];
    let permissions = GroupPermissions::default();
    let sessions = SessionOptions {
        attempt_limits,
        ..options().sessions
    };
    let options = ApiOptions {
        accounts: Accounts::new(accounts, permissions),
        sessions,
        ..options()
    };
    Wiki::with(options, &["testwiki"])
}

/// A client that keeps cookies.
struct Client<'w> {
    wiki: &'w Wiki,
    jar: BTreeMap<String, String>,
}

impl<'w> Client<'w> {
    fn of(wiki: &'w Wiki) -> Self {
        Self {
            wiki,
            jar: BTreeMap::new(),
        }
    }

    fn send(&mut self, request: ApiRequest<'_>) -> ApiResponse {
        let cookies: Vec<_> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let cookie = (!cookies.is_empty()).then_some(cookies.as_bytes());
        let (response, _) = self.wiki.answer(&ApiRequest { cookie, ..request });
        for cookie in set_cookies(&response) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    fn get(&mut self, query: &str) -> Value {
        serde_json::from_str(&body(&self.send(get(query)))).unwrap()
    }

    fn post(&mut self, form: &[(&str, &str)]) -> Value {
        let form = serde_urlencoded::to_string(form).unwrap();
        let request = ApiRequest {
            body: form.as_bytes(),
            ..request()
        };
        serde_json::from_str(&body(&self.send(request))).unwrap()
    }

    fn token(&mut self, kind: &str) -> String {
        let answer = self.get(&format!("action=query&meta=tokens&type={kind}&format=json"));
        let name = format!("{kind}token");
        answer["query"]["tokens"][&name]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn login(&mut self, name: &str, password: &str) -> Value {
        let token = self.token("login");
        self.login_with(name, password, &token)
    }

    fn login_with(&mut self, name: &str, password: &str, token: &str) -> Value {
        let form = [
            ("action", "login"),
            ("format", "json"),
            ("lgname", name),
            ("lgpassword", password),
            ("lgtoken", token),
        ];
        self.post(&form)["login"].clone()
    }

    fn name(&mut self) -> Value {
        let answer = self.get("action=query&meta=userinfo&format=json");
        answer["query"]["userinfo"]["name"].clone()
    }
}

fn set_cookies(response: &ApiResponse) -> Vec<&str> {
    let cookies = response.headers.iter();
    let cookies = cookies.filter(|(name, _)| *name == "Set-Cookie");
    cookies.map(|(_, value)| &**value).collect()
}

#[test]
fn a_login_gives_a_new_session_and_ends_the_old_one_and_its_tokens() {
    let wiki = wiki_with(Vec::new());
    let mut client = Client::of(&wiki);
    let token = client.token("login");
    let before = client.jar.clone();
    assert_eq!(
        client.login_with("bob", "BobPass12345!", &token)["result"],
        "Success"
    );
    assert_ne!(client.jar["testwiki_session"], before["testwiki_session"]);
    assert_eq!(client.name(), "Bob");
    let mut old = Client::of(&wiki);
    old.jar = before;
    assert_eq!(old.name(), "127.0.0.1");
    // As a MediaWiki 1.39: the token is lost with the session; beside a newer one it is wrong.
    let again = client.login_with("Bob", "BobPass12345!", &token);
    assert_eq!(again["result"], "Failed");
    client.token("login");
    let again = client.login_with("Bob", "BobPass12345!", &token);
    assert_eq!(again["result"], "WrongToken");
}

#[test]
fn a_csrf_token_is_of_one_session() {
    let wiki = wiki_with(Vec::new());
    let mut bob = Client::of(&wiki);
    bob.login("Bob", "BobPass12345!");
    let token = bob.token("csrf");
    let check = |client: &mut Client<'_>, kind: &str| {
        let form = [
            ("action", "checktoken"),
            ("format", "json"),
            ("type", kind),
            ("token", &token),
        ];
        client.post(&form)["checktoken"].clone()
    };
    // NOW as 1.39 tells it.
    let generated = "2026-11-23T21:33:23Z";
    assert_eq!(NOW.to_iso(), generated);
    let valid = check(&mut bob, "csrf");
    assert_eq!(
        (&valid["result"], &valid["generated"]),
        (&"valid".into(), &generated.into())
    );
    assert_eq!(check(&mut bob, "watch")["result"], "invalid");
    let mut alice = Client::of(&wiki);
    alice.login("Alice", "AlicePass12345!");
    assert_eq!(check(&mut alice, "csrf")["result"], "invalid");
    assert_eq!(check(&mut Client::of(&wiki), "csrf")["result"], "invalid");
    alice.login("Bob", "BobPass12345!");
    assert_eq!(
        alice.name(),
        "Bob",
        "who is logged in may log in as another"
    );
    assert_eq!(check(&mut alice, "csrf")["result"], "invalid");
}

#[test]
fn a_bot_has_no_more_rights_than_its_grants_and_cannot_become_another() {
    let wiki = wiki_with(Vec::new());
    for (name, password) in [
        ("Bob@flows", FLOWS.to_owned()),
        ("Bob", format!("flows@{FLOWS}")),
    ] {
        let mut bot = Client::of(&wiki);
        assert_eq!(bot.login(name, &password)["result"], "Success");
        assert!(bot.jar.contains_key("testwiki_BPsession"));
        let answer = bot.get("action=query&meta=userinfo&uiprop=rights|email&format=json");
        let info = &answer["query"]["userinfo"];
        let rights: Vec<_> = info["rights"].as_array().unwrap().iter().collect();
        assert!(rights.contains(&&"edit".into()) && !rights.contains(&&"createpage".into()));
        assert!(info.get("email").is_none(), "no right to see it");
        let again = bot.login("Alice", "AlicePass12345!");
        assert_eq!(again["result"], "Aborted");
        let token = bot.token("csrf");
        bot.post(&[("action", "logout"), ("format", "json"), ("token", &token)]);
        assert!(!bot.jar.contains_key("testwiki_BPsession"));
        assert_eq!(bot.name(), "127.0.0.1");
    }
}

#[test]
fn the_token_cookie_logs_in_again_and_only_with_its_user() {
    let wiki = wiki_with(Vec::new());
    let mut client = Client::of(&wiki);
    client.login("Bob", "BobPass12345!");
    client.jar.remove("testwiki_session");
    assert_eq!(client.name(), "Bob");
    assert!(
        client.jar.contains_key("testwiki_session"),
        "in a new session"
    );
    client.jar.remove("testwiki_session");
    client
        .jar
        .insert("testwikiUserID".to_owned(), "4".to_owned());
    assert_eq!(client.name(), "127.0.0.1");
    assert!(
        !client.jar.contains_key("testwikiToken"),
        "wrong cookies go away"
    );
}

#[test]
fn a_client_login_without_remember_me_is_over_with_its_session() {
    let wiki = wiki_with(Vec::new());
    let mut client = Client::of(&wiki);
    let token = client.token("login");
    let mut form = vec![
        ("action", "clientlogin"),
        ("format", "json"),
        ("formatversion", "2"),
        ("username", "Bob"),
        ("password", "wrong"),
        ("loginreturnurl", "http://example.org/"),
        ("logintoken", &token),
    ];
    // As a MediaWiki 1.39 answers.
    assert_eq!(
        client.post(&form)["clientlogin"].to_string(),
        r#"{"status":"FAIL","message":"Incorrect username or password entered.\nPlease try again.","messagecode":"wrongpassword","canpreservestate":false}"#
    );
    form[4].1 = "BobPass12345!";
    assert_eq!(client.post(&form)["clientlogin"]["status"], "PASS");
    assert_eq!(client.name(), "Bob");
    client.jar.remove("testwiki_session");
    assert_eq!(client.name(), "127.0.0.1");
}

#[test]
fn too_many_attempts_have_to_wait() {
    let limit = AttemptLimit {
        count: 2,
        seconds: 300,
        all_addresses: false,
    };
    let wiki = wiki_with(vec![limit]);
    let mut client = Client::of(&wiki);
    for _ in 0..2 {
        let failed = client.login("Bob", "wrong");
        assert_eq!(
            failed["reason"],
            "Incorrect username or password entered. Please try again."
        );
    }
    // As a MediaWiki 1.39 with this limit: the right password has to wait too.
    let throttled = client.login("Bob", "BobPass12345!");
    assert_eq!(
        throttled["reason"],
        "You have made too many recent login attempts. Please wait 5 minutes before trying again."
    );
    assert_eq!(
        client.login("Alice", "AlicePass12345!")["result"],
        "Success"
    );
}

#[test]
fn logging_out_takes_away_what_the_client_brought() {
    let wiki = wiki_with(Vec::new());
    // As recorded of a login by clientlogin, which gives no cookie of a token, and of action=login, which gives one.
    let session = "testwiki_session=deleted";
    let id = "testwikiUserID=deleted";
    for (without, deleted) in [
        (Some("testwikiToken"), &[session, id][..]),
        (None, &[session, id, "testwikiToken=deleted"][..]),
    ] {
        let mut client = Client::of(&wiki);
        client.login("Bob", "BobPass12345!");
        if let Some(name) = without {
            client.jar.remove(name);
        }
        let form = [("action", "logout"), ("token", &*client.token("csrf"))];
        let form = serde_urlencoded::to_string(form).unwrap();
        let answer = client.send(ApiRequest {
            body: form.as_bytes(),
            ..request()
        });
        let cookies = set_cookies(&answer).into_iter();
        let cookies = cookies.map(|cookie| cookie.split(';').next().unwrap());
        assert_eq!(cookies.collect::<Vec<_>>(), deleted);
    }
}

#[test]
fn what_needs_no_session_makes_none() {
    let wiki = wiki_with(Vec::new());
    let mut client = Client::of(&wiki);
    client.post(&[
        ("action", "bouncehandler"),
        ("format", "json"),
        ("email", "x"),
    ]);
    client.get("action=query&meta=tokens|userinfo&format=json");
    client.post(&[("action", "logout"), ("format", "json"), ("token", "+\\")]);
    client.get("action=checktoken&type=csrf&token=%2B%5C&format=json");
    assert!(client.jar.is_empty(), "{:?}", client.jar);
    // As a MediaWiki 1.39: a token for making an account is of a session.
    client.token("createaccount");
    assert_eq!(client.jar.keys().collect::<Vec<_>>(), ["testwiki_session"]);
}

#[test]
fn neither_logs_nor_debug_output_have_a_secret() {
    let wiki = wiki_with(Vec::new());
    let mut client = Client::of(&wiki);
    client.login("Bob", "BobPass12345!");
    let session = client.jar["testwiki_session"].clone();
    let cookie = format!("testwiki_session={session}; testwikiUserID=3");
    let request = ApiRequest {
        cookie: Some(cookie.as_bytes()),
        ..get("action=query&meta=userinfo&format=json")
    };
    let shown = format!("{:?}", wiki.api.prepare(&request));
    assert!(shown.contains("\"Bob\""), "{shown}");
    for secret in [&*session, "BobPass12345!", FLOWS] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn an_answer_with_cookies_is_never_shared() {
    let wiki = wiki_with(Vec::new());
    let request = ApiRequest {
        cookie: Some(b"testwiki_session=0123456789abcdef0123456789abcdef"),
        ..get("action=query&format=json&smaxage=60&maxage=60&uselang=content")
    };
    let (response, _) = wiki.answer(&request);
    assert_eq!(set_cookies(&response).len(), 1);
    // As a MediaWiki 1.39.
    assert_eq!(
        header(&response, "Cache-Control"),
        Some("private, max-age=0, s-maxage=0")
    );
}

thread_local! {
    static WIKI: OnceCell<Wiki> = const { OnceCell::new() };
}

proptest! {
    #[test]
    fn any_cookies_have_an_answer_and_log_nobody_in(
        pieces in proptest::collection::vec(prop_oneof![
            Just(b"testwiki_session=".to_vec()),
            Just(b"testwiki_BPsession=".to_vec()),
            Just(b"testwikiUserID=".to_vec()),
            Just(b"testwikiToken=".to_vec()),
            Just(b"3".to_vec()),
            Just(b"0123456789abcdef0123456789abcdef".to_vec()),
            Just(b"; ".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..4),
        ], 0..12)
    ) {
        let cookie = pieces.concat();
        let request = ApiRequest {
            cookie: Some(&cookie),
            ..get("action=query&meta=userinfo&format=json&formatversion=2")
        };
        let (response, _) = WIKI.with(|wiki| wiki.get_or_init(|| wiki_with(Vec::new())).answer(&request));
        let answer: Value = serde_json::from_str(&body(&response)).unwrap();
        prop_assert_eq!(&answer["query"]["userinfo"]["id"], 0);
        for cookie in set_cookies(&response) {
            prop_assert!(cookie.starts_with("testwiki"));
        }
    }
}
