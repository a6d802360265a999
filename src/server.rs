//! Sockets and HTTP. Only this room names actix.

mod admin;
mod body;
mod connection;
mod descriptors;
mod health;
mod index_php;
mod limits;
mod request;
mod request_target;
mod respond;
mod routes;

pub use self::limits::Limits;

use self::body::BodyMemory;
use self::connection::{Crowd, Watched, turn_away};
use self::request_target::EncodedTargets;
use crate::admin::Admin;
use crate::api::Api;
use crate::clock::Clock;
use crate::ip::TrustedProxies;
use crate::runner::background::Background;
use crate::stop::{self, Stop, Stopper};
use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive};
use actix_server::{GracefulShutdownSignal, ServerBuilder, ServerHandle};
use actix_service::{
    IntoServiceFactory as _, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_web::dev::AppConfig;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, web};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// Seconds that requests under way have to end once the server is told to stop.
const STOP_SECONDS: u64 = 5;

/// Connections that may wait to be accepted. The system may allow fewer.
const BACKLOG: i32 = 4096;

/// How long an answer is left to be read while the client still sends the body of its request.
const DISCONNECT_TIME: Duration = Duration::from_secs(1);

/// Connections of one worker beyond all that may be open: those that are turned away.
const BEYOND: usize = 1024;

/// The most threads that the library can be told to use.
const MOST_WORKERS: usize = 512;

/// What the server works with.
#[derive(Debug, Clone)]
pub struct Server {
    /// The emulated API.
    pub api: Arc<Api>,
    /// Running and looking at jobs.
    pub admin: Arc<Admin>,
    /// Whose word on the client's address counts.
    pub proxies: Arc<TrustedProxies>,
    /// The header in which they may name the client, as configured and as it is looked up.
    pub client_ip_header: Option<ClientIpHeader>,
    /// What a client may take.
    pub limits: Arc<Limits>,
    /// Told of each push and of each page that was seen, after which jobs may run.
    pub background: Background,
}

/// The header that `ClientIPHeader` names.
#[derive(Debug, Clone)]
pub struct ClientIpHeader {
    /// As configured.
    pub name: Arc<str>,
    /// As it is looked up.
    key: HeaderName,
}

impl ClientIpHeader {
    /// `None` if no header can have this name.
    pub fn new(name: &str) -> Option<Self> {
        Some(Self {
            name: name.into(),
            key: HeaderName::try_from(name).ok()?,
        })
    }

    fn is_in(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(&self.key)
    }
}

/// Opens the socket, so that a failure is told before anything else is started.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    // The standard library lets 128 wait; then the others' opening is lost and tried again a second later.
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

/// Serves until the process is told to stop; then takes no new connections, ends the requests under way and returns.
/// Blocks. Runs say stop through `stopper` to everybody who holds a `stop`.
pub fn run(
    server: Server,
    listener: TcpListener,
    workers: usize,
    stopper: Stopper,
    mut stop: Stop,
) -> io::Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let (running, handle) = start(server, listener, workers)?;
        let ending = async move {
            stop.wait().await;
            handle.stop(true).await;
        };
        let signals = actix_web::rt::spawn(stop::on_signal(stopper));
        let (result, ()) = tokio::join!(running, ending);
        signals.abort();
        result
    })
}

fn start(
    server: Server,
    listener: TcpListener,
    workers: usize,
) -> io::Result<(actix_server::Server, ServerHandle)> {
    let most = descriptors::connections(server.limits.connections);
    let crowd = Arc::new(Crowd::new(most, Clock::System));
    let memory = Arc::new(BodyMemory::new(server.limits.memory));
    let builder = ServerBuilder::new()
        .workers(workers.clamp(1, MOST_WORKERS))
        .max_concurrent_connections(most.saturating_add(BEYOND))
        .shutdown_timeout(STOP_SECONDS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let service = move || service(&server, &crowd, &memory, stopping.clone());
    let running = builder.listen("api", listener, service)?.run();
    let handle = running.handle();
    Ok((running, handle))
}

/// What a worker does with a connection: it is watched, and what comes over it is HTTP for the routes.
fn service(
    server: &Server,
    crowd: &Arc<Crowd>,
    memory: &Arc<BodyMemory>,
    stopping: GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
+ use<> {
    let app = App::new()
        .app_data(web::Data::new(server.clone()))
        .app_data(web::Data::from(Arc::clone(memory)))
        .configure(routes::add)
        .into_factory()
        .map_err(|error: Error| error.error_response());
    // Time is up to the watch over the socket alone.
    let http = HttpService::build()
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_TIME)
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .on_connect_ext(|socket: &EncodedTargets<Watched<TcpStream>>, data| {
            data.insert(Arc::clone(socket.stream().line()));
        })
        .h1(map_config(app, |()| AppConfig::default()));
    let (crowd, limits) = (Arc::clone(crowd), Arc::clone(&server.limits));
    fn_service(move |stream: TcpStream| {
        let (crowd, limits) = (Arc::clone(&crowd), Arc::clone(&limits));
        async move {
            let peer = stream.peer_addr().ok();
            let Some(place) = crowd.place() else {
                turn_away(stream, &crowd).await;
                return Err(DispatchError::DisconnectTimeout);
            };
            let watched = Watched::new(stream, place, limits);
            Ok((EncodedTargets::new(watched), peer))
        }
    })
    .and_then(http)
}
