//! What the settings say about the API.

use super::cors::CrossSiteDomains;
use super::session::SessionOptions;
use super::site::Site;
use crate::account::Accounts;
use crate::ip::IpRangeList;
use crate::job::WikiId;
use crate::verp::strict::KnownReturnPaths;
use crate::verp::{AlgorithmError, VerpKeys};

/// The settings of the API.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct ApiOptions {
    /// The wiki as its settings describe it to clients.
    pub site: Site,
    /// Where clients find this API, for the link in errors: `Server`, `ScriptPath`, `/api.php`.
    pub script_url: String,
    /// The wiki that is stood in for.
    pub wiki: WikiId,
    /// The other wikis whose jobs are taken (`LocalDatabases`).
    pub local_databases: Vec<WikiId>,
    /// Who may deliver bounces (`BounceHandlerInternalIPs`, the defaults included).
    pub internal_ips: IpRangeList,
    /// What others are told.
    pub restricted_ip_response: RestrictedIpResponse,
    /// With what VERP addresses are proved; with an algorithm that cannot be used, none is.
    pub verp_keys: Result<VerpKeys, AlgorithmError>,
    /// What is known of the wikis' return paths, if they are taken in all forms in which mail servers give them back
    /// (`BounceVerdict = "strict"`); else only as `BounceHandler` takes them.
    pub strict_return_paths: Option<KnownReturnPaths>,
    /// The most variables taken from the query string, and again from the body (`MaxInputVars`).
    pub max_input_vars: usize,
    /// The header `X-Frame-Options` (`ApiFrameOptions`).
    pub frame_options: Option<&'static str>,
    /// The name of this machine, if answers may tell it (`ShowHostnames`).
    pub host_name: Option<String>,
    /// Whether a module that must be posted is content with a warning (`DebugAPI`).
    pub debug_api: bool,
    /// Whether exceptions are shown with their details (`ShowExceptionDetails`).
    pub show_exception_details: bool,
    /// Why the wiki is for reading only, if it is (`ReadOnly`).
    pub read_only: Option<String>,
    /// Whether requests by HTTP are warned (`ForceHTTPS`).
    pub force_https: bool,
    /// Whether caches are told that answers differ by `X-Forwarded-Proto` (`VaryOnXFP`).
    pub vary_on_forwarded_proto: bool,
    /// Whose pages may use the API in the name of their users.
    pub cross_site_domains: CrossSiteDomains,
    /// Whether the HTTP status tells that a bounce was not stored (`BounceHandlerHttpErrors`).
    pub bounce_handler_http_errors: bool,
    /// Who can log in, and what groups may do.
    pub accounts: Accounts,
    /// How sessions are kept.
    pub sessions: SessionOptions,
}

/// What a client outside `BounceHandlerInternalIPs` is told (`RestrictedIPResponse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestrictedIpResponse {
    /// The error `invalid-ip`.
    Error,
    /// Nothing.
    Empty,
}
