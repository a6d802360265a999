//! Sockets and HTTP. Only this room names actix.

mod admin;
mod health;
mod request;
mod respond;
mod routes;

use crate::admin::Admin;
use crate::api::Api;
use crate::ip::TrustedProxies;
use crate::runner::background::Background;
use crate::stop::{self, Stop, Stopper};
use actix_web::{App, HttpServer, web};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// Seconds that requests under way have to end once the server is told to stop.
const STOP_SECONDS: u64 = 5;

/// Seconds that an idle connection is kept for its next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What the server works with.
#[derive(Debug, Clone)]
pub struct Server {
    /// The emulated API.
    pub api: Arc<Api>,
    /// Running and looking at jobs.
    pub admin: Arc<Admin>,
    /// Whose word on the client's address counts.
    pub proxies: Arc<TrustedProxies>,
    /// The most bytes of a request's body.
    pub max_request_bytes: usize,
    /// Told of each push, where jobs run in the background.
    pub background: Option<Background>,
}

/// Opens the socket, so that a failure is told before anything else is started.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
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
        let app = move || {
            App::new()
                .app_data(web::Data::new(server.clone()))
                .configure(routes::add)
        };
        let running = HttpServer::new(app)
            .workers(workers.max(1))
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(STOP_SECONDS)
            .disable_signals()
            .listen(listener)?
            .run();
        let handle = running.handle();
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
