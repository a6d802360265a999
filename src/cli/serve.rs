//! `serve`: builds the rooms, runs the server and the runner until told to stop.

use super::CommonArguments;
use super::backend::ServerFile;
use super::build;
use super::greeting::greet;
use crate::ip::{self, IpRangeList};
use crate::runner::background::Background;
use crate::server::{self, Server};
use crate::settings::Settings;
use crate::stop;
use crate::store::Store;
use anyhow::{Context as _, bail};
use clap::Args;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The secret that everybody knows, because it is the extension's default.
const PUBLIC_SECRET: &str = "MediawikiVERP";

/// How long a job may take to end when the server is stopped.
const LONGEST_JOB: Duration = Duration::from_mins(1);

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
    build::start_log(&settings)?;
    check_secret(&settings)?;
    warn_of_public_passwords(&settings);
    warn_of_unusable_entries(&settings);
    let directory = settings.storage.data_directory.clone();
    let store = Store::open(build::store_options(
        &settings,
        Some(build::configured_users(&settings)),
    ))?;
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
    let config = ServerFile { url: None, config };
    let running = ServerFile {
        url: Some(url.clone()),
        ..config.clone()
    };
    let served = running
        .write(&directory)
        .and_then(|()| serve(&settings, store.clone(), listener, &url));
    let ended = config.write(&directory);
    store.close();
    log::info!(target: "server", "stopped");
    served.and(ended)
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

fn warn_of_public_passwords(settings: &Settings) {
    if build::accounts::has_public_passwords(settings)
        && !settings.network.listen.ip().is_loopback()
    {
        log::warn!(
            target: "server",
            "the users are the built-in ones, whose passwords everybody knows: nobody can log in on {}; give the wiki \
             its own with the setting Users",
            settings.network.listen
        );
    }
}

/// Where a client on this machine reaches a server that listens on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
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

/// Builds the rooms above the store and serves until SIGTERM or SIGINT.
fn serve(
    settings: &Settings,
    store: Store,
    listener: TcpListener,
    url: &str,
) -> anyhow::Result<()> {
    let (stopper, stop) = stop::channel();
    let (alive, all_gone) = mpsc::channel();
    let runner = build::runner(settings, store.clone())?;
    let background = Background::new(settings.jobs.run_rate, settings.jobs.run_in_background);
    let admin = build::admin(settings, runner.clone(), stop.clone(), alive);
    let server = Server {
        api: Arc::new(build::api(settings, store, url)?),
        admin: Arc::new(admin),
        proxies: Arc::new(build::proxies(settings)),
        client_ip_header: build::client_ip_header(settings)?,
        limits: Arc::new(build::limits(settings)),
        background: background.clone(),
    };
    if let Err(error) = greet(settings, url) {
        log::warn!(target: "server", "nobody reads the greeting: {error}");
    }
    let workers = match settings.network.workers {
        0 => thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let format = build::log_format(settings);
    let running = {
        let stop = stop.clone();
        thread::spawn(move || background.run(&runner, format, &stop))
    };
    let ended = server::run(server, listener, workers, stopper, stop);
    // A run whose reader has gone may still be at its last job. Nothing is ever sent: this ends when all are gone.
    if all_gone.recv_timeout(LONGEST_JOB) == Err(RecvTimeoutError::Timeout) {
        log::error!(target: "server", "a job did not end in time; it will run again");
    }
    if running.join().is_err() {
        bail!("the background runner ended by a panic");
    }
    Ok(ended?)
}
