//! From settings to the rooms that work by them.

pub(super) mod accounts;
mod jobs;

pub(super) use jobs::{admin, read_limits, runner};

use crate::api::{Api, ApiOptions, CrossSiteDomains, RestrictedIpResponse, Site};
use crate::clock::{Clock, TimeZone};
use crate::effects::UserId;
use crate::ip::{self, IpRangeList, TrustedProxies};
use crate::job::{JobType, WikiId};
use crate::mailer::{Mailer, SmtpServer};
use crate::runner::kinds::unrecognized_notice;
use crate::runner::log_line::LogFormat;
use crate::server::{ClientIpHeader, Limits};
use crate::settings::{self, BounceVerdict, ByteSize, RunJobsLogFormat, Seconds, Settings, Smtp};
use crate::store::{Store, StoreOptions, User};
use crate::verp::strict::KnownReturnPaths;
use crate::verp::{AlgorithmError, VerpKeys};
use anyhow::Context as _;
use std::time::Duration;

/// Starts logging as the settings say; `RUST_LOG` is not asked, so that one place decides.
pub(super) fn start_log(settings: &Settings) -> anyhow::Result<()> {
    let groups = &settings.log.debug_log_groups;
    Ok(crate::log::start(
        &settings.log.level,
        settings.log.log_addresses,
        groups,
        &settings.wiki.wiki_id(),
        Clock::System,
    )?)
}

/// The format of job lines that the settings name.
pub(super) fn log_format(settings: &Settings) -> LogFormat {
    match settings.jobs.run_jobs_log_format {
        RunJobsLogFormat::Of2014 => LogFormat::Mw2014,
        RunJobsLogFormat::Of143 => LogFormat::Mw143,
    }
}

/// How the store is opened under these settings.
pub(super) fn store_options(settings: &Settings, users: Option<Vec<User>>) -> StoreOptions {
    StoreOptions {
        directory: settings.storage.data_directory.clone(),
        cache_bytes: settings.storage.store_cache_size.0,
        rules: jobs::attempt_rules(settings),
        min_free_bytes: settings.storage.store_min_free_space.0,
        if_endless: super::end,
        wikis: settings
            .wiki
            .existing_databases()
            .into_iter()
            .map(WikiId)
            .collect(),
        users,
        clock: Clock::System,
    }
}

/// The users that the settings name.
pub(super) fn configured_users(settings: &Settings) -> Vec<User> {
    let users = settings.wiki.users.iter().map(|user| User {
        id: UserId(user.id),
        name: user.name.clone(),
        email: user.email.clone(),
        email_authenticated: user.email_authenticated,
        touched: None,
    });
    users.collect()
}

/// What proves addresses under these settings, or the error that the original meets at each address.
///
/// A hash that PHP knows but does not use for proofs (crc32) does not keep the original from starting, nor this
/// program; a name that is none, or that is not available here, does.
pub(super) fn usable_keys(settings: &Settings) -> anyhow::Result<Result<VerpKeys, AlgorithmError>> {
    let verp = &settings.verp;
    match VerpKeys::new(
        &verp.algorithm,
        verp.secret.expose().as_bytes(),
        verp.accept_time.0,
    ) {
        Ok(keys) => Ok(Ok(keys)),
        Err(error @ AlgorithmError::NotForHmac { .. }) => Ok(Err(error)),
        Err(error) => Err(error).context("the setting VERPalgorithm cannot be used"),
    }
}

/// Where the strict verdict counts: what is known of the return paths that are taken here, by which the letters of damaged
/// ones are restored.
fn strict_return_paths(settings: &Settings) -> Option<KnownReturnPaths> {
    match settings.bouncehandler.verdict {
        BounceVerdict::Compatible => None,
        BounceVerdict::Strict => {
            let own = settings.wiki.wiki_id();
            let others = settings.wiki.local_databases.iter().map(String::as_str);
            let wikis = others.chain([own.as_str()]);
            Some(KnownReturnPaths::new(&settings.verp.prefix, wikis))
        }
    }
}

/// Whose word on a client's address counts.
pub(super) fn proxies(settings: &Settings) -> TrustedProxies {
    let cdn_servers = settings
        .network
        .cdn_servers
        .iter()
        .filter_map(|entry| ip::address::parse(entry));
    TrustedProxies {
        cdn_servers: cdn_servers.collect(),
        cdn_servers_no_purge: IpRangeList::parse(&settings.network.cdn_servers_no_purge),
        use_private_ips: settings.network.use_private_ips,
    }
}

/// The wiki as the settings describe it, at this server.
fn site(settings: &Settings, server: &str) -> anyhow::Result<Site> {
    let wiki = &settings.wiki;
    let time_zone = TimeZone::named(&wiki.local_timezone).with_context(|| {
        let name = &wiki.local_timezone;
        format!("the setting Localtimezone cannot be used: there is no time zone {name:?}")
    })?;
    let article_path = wiki.article_path.clone();
    Ok(Site {
        name: wiki.sitename.clone(),
        server: server.to_owned(),
        script_path: wiki.script_path.clone(),
        article_path: article_path.unwrap_or_else(|| Site::default_article_path(&wiki.script_path)),
        language: wiki.language_code.clone(),
        time_zone,
        database_type: wiki.db_type.clone(),
        job_types: vec![JobType::BOUNCE_HANDLER, unrecognized_notice::NAME],
    })
}

/// The header in which trusted proxies may name the client.
pub(super) fn client_ip_header(settings: &Settings) -> anyhow::Result<Option<ClientIpHeader>> {
    let name = settings.network.client_ip_header.as_deref();
    let header = |name| {
        ClientIpHeader::new(name).with_context(|| {
            format!("ClientIPHeader: {name:?} is no name of a header; X-Client-IP would be one")
        })
    };
    name.map(header).transpose()
}

/// What a client may take of the server.
pub(super) fn limits(settings: &Settings) -> Limits {
    let network = &settings.network;
    let time = |Seconds(seconds)| {
        let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        seconds.map(Duration::from_secs)
    };
    let bytes = |ByteSize(bytes)| usize::try_from(bytes).unwrap_or(usize::MAX);
    Limits {
        connections: network.max_connections,
        head_bytes: bytes(network.max_request_head_size),
        head_time: time(network.request_head_time),
        body_bytes: bytes(network.max_request_size),
        body_time: time(network.request_body_time),
        body_rate: network.request_body_min_rate.0,
        answer_time: time(network.answer_time),
        keep_alive: time(network.keep_alive_time),
        memory: bytes(network.max_request_memory),
    }
}

/// The API as the settings describe it; `url` is where the server listens.
pub(super) fn api(settings: &Settings, store: Store, url: &str) -> anyhow::Result<Api> {
    let server = settings
        .wiki
        .server
        .clone()
        .unwrap_or_else(|| url.to_owned());
    let options = ApiOptions {
        site: site(settings, &server)?,
        script_url: format!("{server}{}/api.php", settings.wiki.script_path),
        wiki: WikiId(settings.wiki.wiki_id()),
        local_databases: settings
            .wiki
            .local_databases
            .iter()
            .cloned()
            .map(WikiId)
            .collect(),
        internal_ips: IpRangeList::parse(settings.bouncehandler.internal_ips.entries()),
        restricted_ip_response: match settings.bouncehandler.restricted_ip_response {
            settings::RestrictedIpResponse::Error => RestrictedIpResponse::Error,
            settings::RestrictedIpResponse::Empty => RestrictedIpResponse::Empty,
        },
        verp_keys: usable_keys(settings)?,
        strict_return_paths: strict_return_paths(settings),
        max_input_vars: settings.network.max_input_vars,
        frame_options: settings
            .api
            .api_frame_options
            .map(settings::FrameOptions::text),
        host_name: settings.wiki.show_hostnames.then(crate::log::host_name),
        debug_api: settings.api.debug_api,
        show_exception_details: settings.wiki.show_exception_details,
        read_only: settings.wiki.read_only.clone(),
        force_https: settings.wiki.force_https,
        vary_on_forwarded_proto: settings.api.vary_on_xfp,
        cross_site_domains: CrossSiteDomains {
            allowed: settings.api.cross_site_ajax_domains.clone(),
            exceptions: settings.api.cross_site_ajax_domain_exceptions.clone(),
        },
        bounce_handler_http_errors: settings.bouncehandler.http_errors,
        accounts: accounts::of(settings),
        sessions: accounts::sessions(settings),
    };
    Ok(Api::new(options, store, Clock::System))
}

fn mailer(settings: &Settings) -> Mailer {
    match &settings.mail.smtp {
        Some(smtp) => Mailer::smtp(&SmtpServer {
            host: &smtp.host,
            port: smtp.port,
            id_host: &smtp.id_host,
            login: login(smtp),
        }),
        None => Mailer::sendmail(&settings.mail.sendmail_path.to_string_lossy()),
    }
}

/// User and password, where the server wants them.
fn login(smtp: &Smtp) -> Option<(&str, &str)> {
    let user = smtp.username.as_deref().filter(|_| smtp.auth)?;
    Some((
        user,
        smtp.password
            .as_ref()
            .map_or("", |password| password.expose()),
    ))
}
