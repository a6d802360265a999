//! What a module of the API is.

use super::ApiOptions;
use super::answer::Answer;
use super::catalogue::Catalogue;
use super::error::ApiError;
use super::formats::Document;
use super::modules::bouncehandler::Submission;
use super::modules::query::{PageSet, PendingQuery};
use super::param_spec::{ParamSpec, TokenType};
use super::params::{ParamReader, Params};
use super::request::ApiRequest;
use super::request_id::RequestId;
use super::session::Session;
use super::site::Site;
use crate::account::Authority;
use crate::clock::Timestamp;
use crate::ip::ClientAddress;
use crate::store::Store;
use futures_util::future::BoxFuture;

/// The path of the main module, under which it reports.
pub const MAIN: &str = "main";

/// What a module is called for: by which param of which module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// `action`
    Action,
    /// `format`
    Format,
    /// `prop` of `query`
    Prop,
    /// `list` of `query`
    List,
    /// `meta` of `query`
    Meta,
}

impl Group {
    /// The name of the param, which `paraminfo` gives as the group.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Format => "format",
            Self::Prop => "prop",
            Self::List => "list",
            Self::Meta => "meta",
        }
    }
}

/// A module: what it is called, what it takes, and what it demands of a request.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the original"
)]
pub struct ModuleInfo {
    /// Its name.
    pub name: &'static str,
    /// Its path: its name, behind that of the module it belongs to, as in `query+siteinfo`.
    pub path: &'static str,
    /// What the names of its params begin with.
    pub prefix: &'static str,
    /// What it is called for.
    pub group: Group,
    /// The class of the original, as `paraminfo` names it.
    pub class: &'static str,
    /// Whose it is.
    pub source: Source,
    /// Where the original is described.
    pub help_urls: &'static [&'static str],
    /// What it does, in wikitext.
    pub summary: &'static str,
    /// Queries that show its use, without the address of the script, and what each does.
    pub examples: &'static [(&'static str, &'static str)],
    /// Its params.
    pub params: &'static [ParamSpec],
    /// Whether it takes `POST` only.
    pub must_be_posted: bool,
    /// Whether it shows what only those may see who may read the wiki.
    pub is_read_mode: bool,
    /// Whether it changes something.
    pub is_write_mode: bool,
    /// Whether it is not meant for everybody.
    pub is_internal: bool,
    /// Whether it will go away.
    pub is_deprecated: bool,
    /// Whether it takes params that no table has, because others say which (MediaWiki: `dynamicparameters`).
    pub has_dynamic_params: bool,
    /// Whose caches may keep its answers (MediaWiki: `getCacheMode`).
    pub cache_mode: CacheMode,
    /// In what it differs from the original's, if it does, in Markdown for `docs/COVERAGE.md`.
    pub difference: Option<&'static str>,
}

/// Whose a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// MediaWiki's own.
    MediaWiki,
    /// The extension's.
    BounceHandler,
}

impl Source {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MediaWiki => "MediaWiki",
            Self::BounceHandler => "BounceHandler",
        }
    }

    /// The licence of the original, by its SPDX identifier.
    pub const fn license(self) -> &'static str {
        match self {
            Self::MediaWiki | Self::BounceHandler => "GPL-2.0-or-later",
        }
    }

    /// The page of the wiki with the text of that licence.
    pub fn license_link(self, site: &Site) -> String {
        let name = self.name();
        site.page_url(&format!("Special:Version/License/{name}"))
    }
}

/// Whose caches may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheMode {
    /// Nobody's but the client's own.
    Private,
    /// Everybody's, if the client has no session.
    AnonPublicUserPrivate,
    /// Everybody's.
    Public,
}

impl ModuleInfo {
    /// A row to begin with: a module of MediaWiki that reads the wiki and whose answers are private.
    pub const BASE: Self = Self {
        name: "",
        path: "",
        prefix: "",
        group: Group::Action,
        class: "",
        source: Source::MediaWiki,
        help_urls: &[],
        summary: "",
        examples: &[],
        params: &[],
        must_be_posted: false,
        is_read_mode: true,
        is_write_mode: false,
        is_internal: false,
        is_deprecated: false,
        has_dynamic_params: false,
        cache_mode: CacheMode::Private,
        difference: None,
    };

    /// The param that takes the token, and what kind that is, for a module that cannot do without one.
    pub fn token(&self) -> Option<(&'static ParamSpec, TokenType)> {
        let mut params = self.params.iter();
        params.find_map(|spec| Some((spec, spec.token_type.filter(|_| spec.is_required())?)))
    }

    /// The name of one of its params without the prefix.
    pub fn short_name(&self, spec: &ParamSpec) -> &'static str {
        spec.name.strip_prefix(self.prefix).unwrap_or(spec.name)
    }
}

/// A module that the param `action` names.
#[derive(Debug)]
pub struct ActionModule {
    /// What it is.
    pub info: ModuleInfo,
    /// Does what can be done without waiting.
    pub execute: fn(&ModuleCall<'_>, &mut Answer) -> Result<Execution, ApiError>,
}

/// A module that a param of `query` names.
#[derive(Debug)]
pub struct QueryModule {
    /// What it is.
    pub info: ModuleInfo,
    /// Puts its part into the answer, below `query`, and says where to go on if that was not all.
    pub execute: QueryExecute,
}

/// How a module of `query` does its work.
#[derive(Debug, Clone, Copy)]
pub enum QueryExecute {
    /// From what is in memory.
    AtOnce(fn(&QueryCall<'_>, &mut Answer) -> Result<Option<Continuation>, ApiError>),
    /// From the store.
    FromStore(AskStore),
}

/// A module of `query` that waits for the store.
pub type AskStore = for<'q> fn(&'q QueryCall<'q>, &'q Store, &'q mut Answer) -> QueryFuture<'q>;

/// What such a module will have said at its end.
pub type QueryFuture<'q> = BoxFuture<'q, Result<Option<Continuation>, ApiError>>;

/// What a module works with.
pub struct ModuleCall<'c> {
    /// The API: settings, accounts, sessions.
    pub api: &'c ApiOptions,
    /// What modules and formats there are.
    pub catalogue: &'static Catalogue,
    /// The request as it came.
    pub request: &'c ApiRequest<'c>,
    /// Whose request it is.
    pub client: &'c ClientAddress,
    /// The session that it belongs to.
    pub session: &'c Session,
    /// Who performs it.
    pub authority: &'c Authority,
    /// For reading params of other modules.
    pub reader: ParamReader<'c, 'c>,
    /// The module's params.
    pub params: &'c Params<'c>,
    /// The identifier of the request.
    pub request_id: &'c RequestId,
    /// When the request is answered.
    pub now: Timestamp,
}

/// What a module of `query` works with.
#[derive(Debug, Clone, Copy)]
pub struct QueryCall<'c> {
    /// The API: settings, accounts, sessions.
    pub api: &'c ApiOptions,
    /// The session that the request belongs to.
    pub session: &'c Session,
    /// Who performs it.
    pub authority: &'c Authority,
    /// The header `Accept-Language`.
    pub accept_language: &'c str,
    /// The module's params.
    pub params: &'c Params<'c>,
    /// The pages that the request names.
    pub pages: &'c PageSet,
    /// When the request is answered.
    pub now: Timestamp,
}

/// What is left to do after a module did what takes no waiting.
#[derive(Debug)]
pub enum Execution {
    /// The result is complete.
    Complete,
    /// The answer is this page, whatever the format.
    Page(Document),
    /// The store has to take a bounce first.
    Submit(Submission),
    /// Modules of `query` are to be executed.
    Query(PendingQuery),
}

/// Where a client goes on that has not got all entries: the param to give, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The param.
    pub param: &'static str,
    /// Its value.
    pub value: String,
}
