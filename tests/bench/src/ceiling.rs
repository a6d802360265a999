//! The ceiling: what a durable server of this kind can reach at most on this machine.
//!
//! The same actix, the same group commit, and nothing else: a body is appended to a file and answered after `fdatasync`.

use crate::bounce::ACCEPTED;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result};
use clap::Args;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// The same options as the server's.
#[derive(Debug, Args)]
pub struct Options {
    /// Address and port to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// Directory of the file.
    #[arg(long)]
    data_dir: PathBuf,
    /// Number of threads that answer requests.
    #[arg(long)]
    workers: usize,
}

/// A body, and whom to tell that it is durable.
type Append = (Bytes, oneshot::Sender<()>);

/// Serves until the process is ended.
pub fn serve(options: &Options) -> Result<()> {
    fs::create_dir_all(&options.data_dir)?;
    let path = options.data_dir.join("bodies");
    let file = File::options().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("{} cannot be opened", path.display()))?;
    let (appends, waiting) = mpsc::unbounded_channel();
    thread::Builder::new()
        .name("committer".to_owned())
        .spawn(move || {
            // Requests that find no committer are answered with status 500.
            if let Err(error) = commit_all(file, waiting) {
                eprintln!("ceiling: nothing is written any more: {error}");
            }
        })?;
    let application = move || {
        App::new()
            .app_data(Data::new(Appends(appends.clone())))
            .default_service(web::to(append))
    };
    let server = HttpServer::new(application)
        .workers(options.workers)
        .bind(options.listen)?;
    actix_web::rt::System::new().block_on(server.run())?;
    Ok(())
}

struct Appends(mpsc::UnboundedSender<Append>);

async fn append(body: Bytes, appends: Data<Appends>) -> HttpResponse {
    let (durable, answer) = oneshot::channel();
    if appends.0.send((body, durable)).is_err() || answer.await.is_err() {
        return HttpResponse::InternalServerError().finish();
    }
    HttpResponse::Ok()
        .content_type("application/json")
        .body(ACCEPTED)
}

/// Writes all that is waiting with one write and one sync, and tells all whose bodies these were.
fn commit_all(mut file: File, mut waiting: mpsc::UnboundedReceiver<Append>) -> io::Result<()> {
    let (mut bytes, mut group) = (Vec::new(), Vec::new());
    while let Some(first) = waiting.blocking_recv() {
        let mut next = Some(first);
        while let Some((body, durable)) = next {
            bytes.extend_from_slice(&body);
            group.push(durable);
            next = waiting.try_recv().ok();
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        bytes.clear();
        for durable in group.drain(..) {
            // Whoever asked may be gone; the body stays durable.
            let _nobody_waits = durable.send(());
        }
    }
    Ok(())
}
