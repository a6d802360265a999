//! `serve`: builds the rooms, runs the server and the runner until told to stop.

use super::CommonArguments;
use super::backend::{ServerFile, configured_users, store_options};
use super::verp::usable_keys;
use crate::admin::Admin;
use crate::api::{Api, ApiOptions, RestrictedIpResponse};
use crate::clock::Clock;
use crate::ip::{self, IpRangeList, TrustedProxies};
use crate::job::WikiId;
use crate::mailer::{Mailer, SmtpServer};
use crate::runner::Runner;
use crate::runner::background::Background;
use crate::runner::kinds::KindRegistry;
use crate::runner::kinds::bounce_handler::{BounceHandler, BouncePolicy};
use crate::runner::kinds::unrecognized_notice::UnrecognizedNotice;
use crate::runner::log_line::LogFormat;
use crate::server::{self, Server};
use crate::settings::{self, RunJobsLogFormat, Settings};
use crate::stop;
use crate::store::Store;
use anyhow::{Context as _, bail};
use clap::Args;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

/// The secret that everybody knows, because it is the extension's default.
const PUBLIC_SECRET: &str = "MediawikiVERP";

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<()> {
    let listen = arguments
        .listen
        .iter()
        .map(|address| ("Listen".to_owned(), address.clone()));
    let settings = common.settings(common.config.clone(), listen.collect())?;
    start_log(&settings)?;
    check_secret(&settings)?;
    warn_of_unusable_entries(&settings);
    let directory = settings.storage.data_directory.clone();
    let store = Store::open(store_options(&settings, Some(configured_users(&settings))))?;
    let listener = server::listen(settings.network.listen).with_context(|| {
        format!(
            "cannot listen on {} (setting Listen, flag --listen)",
            settings.network.listen
        )
    })?;
    let address = listener.local_addr()?;
    let config = common
        .config
        .as_ref()
        .map(std::path::absolute)
        .transpose()?;
    let url = format!("http://{}", reachable(address));
    ServerFile {
        url: Some(url.clone()),
        config: config.clone(),
    }
    .write(&directory)?;
    greet(&settings, &url)?;
    let served = serve(&settings, store.clone(), listener, address);
    ServerFile { url: None, config }.write(&directory)?;
    store.close();
    log::info!(target: "server", "stopped");
    served
}

/// Starts logging as the settings say; `RUST_LOG` is not asked, so that one place decides.
pub(super) fn start_log(settings: &Settings) -> anyhow::Result<()> {
    let groups = &settings.log.debug_log_groups;
    Ok(crate::log::start(
        &settings.log.level,
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

/// Where a client on this machine reaches a server that listens on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}

fn check_secret(settings: &Settings) -> anyhow::Result<()> {
    if settings.verp.secret.expose() != PUBLIC_SECRET {
        return Ok(());
    }
    if !settings.network.listen.ip().is_loopback() {
        bail!(
            "VERPsecret has its default, which everybody knows: whoever can reach {} could un-confirm the addresses of \
             your users. Set VERPsecret to the value of the wiki's $wgVERPsecret (and change it there if it is the \
             default), or listen on a loopback address",
            settings.network.listen
        );
    }
    log::warn!(
        target: "server",
        "VERPsecret has its default, which everybody knows; good enough on loopback, refused on any other address"
    );
    Ok(())
}

fn warn_of_unusable_entries(settings: &Settings) {
    for (name, list) in [
        (
            "BounceHandlerInternalIPs",
            IpRangeList::parse(settings.bouncehandler.internal_ips.entries()),
        ),
        (
            "CdnServersNoPurge",
            IpRangeList::parse(&settings.network.cdn_servers_no_purge),
        ),
    ] {
        for (entry, fault) in list.faults() {
            log::warn!(target: "settings", "{name}: the entry {entry:?} matches no client: {fault}");
        }
    }
    for entry in settings
        .network
        .cdn_servers
        .iter()
        .filter(|entry| ip::address::parse(entry).is_none())
    {
        log::warn!(target: "settings", "CdnServers: the entry {entry:?} matches no proxy: it is no single address");
    }
}

/// Says where the server is, what is in it, and how to try it.
fn greet(settings: &Settings, url: &str) -> io::Result<()> {
    let wiki = settings.wiki.wiki_id();
    let mut text = format!(
        "bouncehandlerd {} listens on {url}\n  wiki   {} ({wiki}), API at {url}{}/api.php\n",
        env!("CARGO_PKG_VERSION"),
        settings.wiki.sitename,
        settings.wiki.script_path,
    );
    for user in &settings.wiki.users {
        let address = match (user.email.as_str(), user.email_authenticated) {
            ("", _) => "no address".to_owned(),
            (email, Some(_)) => format!("{email}, confirmed"),
            (email, None) => format!("{email}, not confirmed"),
        };
        text.push_str(&format!("  user   {} {} ({address})\n", user.id, user.name));
    }
    text.push_str(&format!(
        "  data   {}\n",
        settings.storage.data_directory.display()
    ));
    text.push_str(&if settings.jobs.run_rate > 0.0 {
        format!(
            "  jobs   run in the background as they come (JobRunRate = {})\n",
            settings.jobs.run_rate
        )
    } else {
        format!("  jobs   wait for a trigger (JobRunRate = 0): curl -X POST {url}/admin/runJobs\n")
    });
    text.push_str(&format!(
        "  try    curl --data-urlencode email@MAIL '{url}{}/api.php?action=bouncehandler&format=json'\n         \
         with a bounce in the file MAIL whose To: is the output of: bouncehandlerd verp encode --user ID\n",
        settings.wiki.script_path,
    ));
    let mut screen = io::stdout().lock();
    screen.write_all(text.as_bytes())?;
    screen.flush()
}

/// Builds the rooms above the store and serves until SIGTERM or SIGINT.
fn serve(
    settings: &Settings,
    store: Store,
    listener: TcpListener,
    address: SocketAddr,
) -> anyhow::Result<()> {
    let (stopper, stop) = stop::channel();
    let runner = build_runner(settings, store.clone())?;
    let background =
        (settings.jobs.run_rate > 0.0).then(|| Background::new(settings.jobs.run_rate));
    let admin = Admin {
        runner: runner.clone(),
        wiki: WikiId(settings.wiki.wiki_id()),
        log_format: log_format(settings),
        token: settings
            .network
            .admin_token
            .as_ref()
            .map(|token| token.expose().to_owned()),
        stop: stop.clone(),
    };
    let server = Server {
        api: Arc::new(build_api(settings, store, address)?),
        admin: Arc::new(admin),
        proxies: Arc::new(proxies(settings)),
        max_request_bytes: usize::try_from(settings.network.max_request_size.0)
            .unwrap_or(usize::MAX),
        background: background.clone(),
    };
    let workers = match settings.network.workers {
        0 => thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let running = background.map(|background| {
        let (stop, format) = (stop.clone(), log_format(settings));
        thread::spawn(move || background.run(&runner, format, stop))
    });
    server::run(server, listener, workers, stopper, stop)?;
    if running.is_some_and(|running| running.join().is_err()) {
        bail!("the background runner ended by a panic");
    }
    Ok(())
}

fn proxies(settings: &Settings) -> TrustedProxies {
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

fn build_api(settings: &Settings, store: Store, address: SocketAddr) -> anyhow::Result<Api> {
    let server = settings
        .wiki
        .server
        .clone()
        .unwrap_or_else(|| format!("http://{}", reachable(address)));
    let options = ApiOptions {
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
        max_input_vars: settings.network.max_input_vars,
        frame_options: settings
            .api
            .api_frame_options
            .map(|options| options.text().to_owned()),
        host_name: settings.wiki.show_hostnames.then(crate::log::host_name),
        debug_api: settings.api.debug_api,
        show_exception_details: settings.wiki.show_exception_details,
    };
    Ok(Api::new(options, store, Clock::System))
}

/// A runner as the settings describe it.
pub(super) fn build_runner(settings: &Settings, store: Store) -> anyhow::Result<Runner> {
    let mailer = match &settings.mail.smtp {
        Some(smtp) => {
            let password = smtp
                .password
                .as_ref()
                .map_or("", |password| password.expose());
            let login = smtp
                .username
                .as_deref()
                .filter(|_| smtp.auth)
                .map(|user| (user, password));
            Mailer::smtp(&SmtpServer {
                host: &smtp.host,
                port: smtp.port,
                id_host: &smtp.id_host,
                login,
            })
        }
        None => Mailer::sendmail(&settings.mail.sendmail_path.to_string_lossy()),
    };
    let bouncehandler = &settings.bouncehandler;
    let handler = BounceHandler {
        store: store.clone(),
        clock: Clock::System,
        keys: Arc::new(usable_keys(settings)?),
        policy: BouncePolicy {
            unconfirm_users: bouncehandler.unconfirm_users,
            record_limit: bouncehandler.record_limit,
            record_period: bouncehandler.record_period.0,
            record_max_age: bouncehandler.record_max_age.0,
        },
        forward_unrecognized: !bouncehandler.unrecognized_bounce_notify.is_empty(),
    };
    let notice = UnrecognizedNotice {
        mailer,
        site_name: settings.wiki.sitename.clone(),
        sender: settings.wiki.password_sender.clone(),
        recipients: bouncehandler.unrecognized_bounce_notify.clone(),
    };
    Ok(Runner {
        store,
        kinds: Arc::new(KindRegistry::of_bounces(handler, notice)),
        clock: Clock::System,
        claim_ttl: settings.jobs.claim_ttl.0,
        site_name: settings.wiki.sitename.as_str().into(),
    })
}
