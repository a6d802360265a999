//! The settings under which cases were recorded.

use super::support::{Wiki, options, site};
use crate::account::{
    Account, Accounts, AttemptLimit, Block, BlockExpiry, BotPassword, GroupPermissions,
};
use crate::api::{ApiOptions, CrossSiteDomains, RestrictedIpResponse, SessionOptions, Site};
use crate::clock::{TimeZone, Timestamp};
use crate::effects::UserId;
use crate::ip::{IpRangeList, TrustedProxies, address};
use crate::job::WikiId;
use crate::store::User;
use crate::verp::VerpKeys;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A wiki with the settings of a profile.
pub struct Profile {
    pub wiki: Wiki,
    pub proxies: TrustedProxies,
}

impl Profile {
    pub fn read(conformance: &Path, name: &str) -> Self {
        Self::of(&settings(conformance, name))
    }

    /// The same, with what the file leaves out as in the profile `default`.
    pub fn read_over_default(fixtures: &Path, name: &str) -> Self {
        let mut all = settings(fixtures, "default");
        let Value::Object(changes) = settings(fixtures, name) else {
            panic!("the settings are an object");
        };
        all.as_object_mut().unwrap().extend(changes);
        Self::of(&all)
    }

    fn of(settings: &Value) -> Self {
        let texts = |name: &str| -> Vec<String> {
            settings[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|text| text.as_str().unwrap().to_owned())
                .collect()
        };
        let databases = texts("Databases");
        Self {
            wiki: Wiki::with_users(
                profile_options(settings, &texts),
                &databases.iter().map(String::as_str).collect::<Vec<_>>(),
                stored_users(settings),
            ),
            proxies: TrustedProxies {
                cdn_servers: texts("CdnServers")
                    .iter()
                    .filter_map(|proxy| address::parse(proxy))
                    .collect(),
                cdn_servers_no_purge: IpRangeList::parse(&texts("CdnServersNoPurge")),
                use_private_ips: settings["UsePrivateIPs"].as_bool().unwrap(),
            },
        }
    }
}

fn settings(directory: &Path, name: &str) -> Value {
    let file = directory.join("profiles").join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn profile_options(settings: &Value, texts: &dyn Fn(&str) -> Vec<String>) -> ApiOptions {
    let text = |name: &str| settings[name].as_str().unwrap();
    let on = |name: &str| settings[name].as_bool().unwrap();
    let wiki = match text("DBprefix") {
        "" => text("DBname").to_owned(),
        prefix => format!("{}-{prefix}", text("DBname")),
    };
    let defaults = ["127.0.0.1".to_owned(), "::1".to_owned()];
    let accept_time = settings["VERPAcceptTime"].as_i64().unwrap();
    ApiOptions {
        site: profile_site(settings),
        script_url: format!("{}{}/api.php", text("Server"), text("ScriptPath")),
        wiki: WikiId(wiki),
        local_databases: texts("LocalDatabases").into_iter().map(WikiId).collect(),
        internal_ips: IpRangeList::parse(
            &[&defaults, texts("BounceHandlerInternalIPs").as_slice()].concat(),
        ),
        verp_keys: VerpKeys::new(
            text("VERPalgorithm"),
            text("VERPsecret").as_bytes(),
            accept_time,
        ),
        frame_options: Some(match text("ApiFrameOptions") {
            "SAMEORIGIN" => "SAMEORIGIN",
            _ => "DENY",
        }),
        host_name: on("ShowHostnames").then(|| "host".to_owned()),
        debug_api: on("DebugAPI"),
        show_exception_details: on("ShowExceptionDetails"),
        read_only: settings["ReadOnly"].as_str().map(str::to_owned),
        force_https: settings["ForceHTTPS"].as_bool().unwrap_or(false),
        vary_on_forwarded_proto: on("VaryOnXFP"),
        cross_site_domains: CrossSiteDomains {
            allowed: texts("CrossSiteAJAXdomains"),
            exceptions: texts("CrossSiteAJAXdomainExceptions"),
        },
        accounts: accounts(settings),
        bounce_handler_http_errors: settings["BounceHandlerHttpErrors"] == true,
        restricted_ip_response: match settings["RestrictedIPResponse"].as_str() {
            Some("empty") => RestrictedIpResponse::Empty,
            _ => RestrictedIpResponse::Error,
        },
        sessions: SessionOptions {
            attempt_limits: settings["PasswordAttemptThrottle"]
                .as_array()
                .into_iter()
                .flatten()
                .map(attempt_limit)
                .collect(),
            cookie_prefix: match text("DBprefix") {
                "" => text("DBname").to_owned(),
                prefix => format!("{}_{prefix}", text("DBname")),
            },
            ..options().sessions
        },
        ..options()
    }
}

fn profile_site(settings: &Value) -> Site {
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    Site {
        name: text("Sitename"),
        server: text("Server"),
        script_path: text("ScriptPath"),
        article_path: text("ArticlePath"),
        language: text("LanguageCode"),
        time_zone: TimeZone::named(&text("Localtimezone")).unwrap(),
        database_type: text("DBtype"),
        ..site()
    }
}

fn accounts(settings: &Value) -> Accounts {
    let users = settings["Users"].as_array().unwrap().iter().map(account);
    let changes = settings
        .get("GroupPermissions")
        .cloned()
        .unwrap_or_default();
    let changes = serde_json::from_value(changes).unwrap_or_default();
    Accounts::new(users.collect(), GroupPermissions::with_changes(&changes))
}

fn account(user: &Value) -> Account {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| -> Vec<Value> { value.as_array().cloned().unwrap_or_default() };
    Account {
        id: UserId(user["id"].as_u64().unwrap()),
        name: text(&user["name"]),
        password: user["password"].as_str().map(str::to_owned),
        groups: list(&user["groups"]).iter().map(text).collect(),
        registration: moment(&user["registration"]),
        edit_count: user["editcount"].as_u64().unwrap(),
        bot_passwords: list(&user["botpasswords"])
            .iter()
            .map(|bot| BotPassword {
                app_id: text(&bot["appid"]),
                password: text(&bot["password"]),
                grants: list(&bot["grants"]).iter().map(text).collect(),
            })
            .collect(),
        block: user.get("block").map(|block| Block {
            id: block["id"].as_u64().unwrap(),
            by: text(&block["by"]),
            reason: text(&block["reason"]),
            placed: moment(&block["timestamp"]).unwrap(),
            expiry: moment(&block["expiry"]).map_or(BlockExpiry::Infinity, BlockExpiry::At),
            no_create: block["nocreate"].as_bool().unwrap(),
            no_email: block["noemail"].as_bool().unwrap(),
            no_user_talk: block["nousertalk"].as_bool().unwrap(),
            autoblock: block["autoblock"].as_bool().unwrap(),
        }),
    }
}

fn attempt_limit(limit: &Value) -> AttemptLimit {
    AttemptLimit {
        count: limit["count"].as_u64().unwrap(),
        seconds: limit["seconds"].as_i64().unwrap(),
        all_addresses: false,
    }
}

fn moment(value: &Value) -> Option<Timestamp> {
    Timestamp::from_mw(value.as_str()?)
}

/// The users as the store has them.
fn stored_users(settings: &Value) -> Vec<User> {
    let users = settings["Users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| User {
            id: UserId(user["id"].as_u64().unwrap()),
            name: user["name"].as_str().unwrap().to_owned(),
            email: user["email"].as_str().unwrap().to_owned(),
            email_authenticated: moment(&user["email_authenticated"]),
            touched: None,
        });
    users.collect()
}
