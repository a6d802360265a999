//! The settings under which cases were recorded.

use super::support::{Wiki, options};
use crate::api::ApiOptions;
use crate::ip::{IpRangeList, TrustedProxies, address};
use crate::job::WikiId;
use crate::verp::VerpKeys;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A wiki with the settings of a profile.
pub struct Profile {
    pub wiki: Wiki,
    pub proxies: TrustedProxies,
    /// Whether the wiki is neither read-only nor private nor for HTTPS only.
    pub is_plain: bool,
}

impl Profile {
    pub fn read(conformance: &Path, name: &str) -> Self {
        let file =
            fs::read_to_string(conformance.join("profiles").join(format!("{name}.json"))).unwrap();
        let settings: Value = serde_json::from_str(&file).unwrap();
        let texts = |name: &str| -> Vec<String> {
            settings[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|text| text.as_str().unwrap().to_owned())
                .collect()
        };
        let databases = texts("Databases");
        let is_plain = settings["ReadOnly"].is_null()
            && settings.get("GroupPermissions").is_none()
            && settings.get("ForceHTTPS").is_none();
        Self {
            wiki: Wiki::with(
                profile_options(&settings, &texts),
                &databases.iter().map(String::as_str).collect::<Vec<_>>(),
            ),
            proxies: TrustedProxies {
                cdn_servers: texts("CdnServers")
                    .iter()
                    .filter_map(|proxy| address::parse(proxy))
                    .collect(),
                cdn_servers_no_purge: IpRangeList::parse(&texts("CdnServersNoPurge")),
                use_private_ips: settings["UsePrivateIPs"].as_bool().unwrap(),
            },
            is_plain,
        }
    }
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
        frame_options: Some(text("ApiFrameOptions").to_owned()),
        host_name: on("ShowHostnames").then(|| "host".to_owned()),
        debug_api: on("DebugAPI"),
        show_exception_details: on("ShowExceptionDetails"),
        ..options()
    }
}
