//! Where a command finds the jobs: in the data directory, or, if a server holds that, at the server.

use super::CommonArguments;
use super::build::{self, store_options};
use crate::admin::{Admin, Output};
use crate::settings::Settings;
use crate::stop;
use crate::store::{Store, StoreError};
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use ureq::{Agent, AsSendBody};

/// File in the data directory that says how to reach the server that holds it.
const SERVER_FILE: &str = "server.json";

/// What a server leaves in its data directory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ServerFile {
    /// Where it listens; gone once it has stopped.
    pub(super) url: Option<String>,
    /// The settings file it was started with, which other commands use if they are not given one.
    pub(super) config: Option<PathBuf>,
}

impl ServerFile {
    /// Reads the file; one that is not there says nothing.
    fn read(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join(SERVER_FILE);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("cannot understand {}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes the file whole, so that no reader sees half of it, not even after a power cut.
    pub(super) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let path = directory.join(SERVER_FILE);
        let draft = directory.join("server.json.new");
        let text = serde_json::to_vec(self)?;
        File::create(&draft)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&draft, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The way to the jobs.
pub(super) enum Backend {
    /// The store itself, which nobody else holds.
    Local {
        store: Store,
        settings: Box<Settings>,
    },
    /// A running server.
    Server { url: String, token: Option<String> },
}

impl Backend {
    /// Opens the data directory, or finds the server that has it open.
    pub(super) fn find(common: &CommonArguments) -> anyhow::Result<Self> {
        let first = common.settings(common.config.clone(), Vec::new())?;
        let server = ServerFile::read(&first.storage.data_directory)?;
        let config = common
            .config
            .clone()
            .or_else(|| server.config.clone().filter(|path| path.exists()));
        let mut more = Vec::new();
        if common.data_dir.is_none() && common.config.is_none() && config.is_some() {
            // The server's own settings file may name another directory than the one that was asked for.
            more.push((
                "DataDirectory".to_owned(),
                first.storage.data_directory.to_string_lossy().into_owned(),
            ));
        }
        let settings = common.settings(config, more)?;
        let directory = settings.storage.data_directory.clone();
        if !directory.exists() {
            bail!(
                "there is no data directory {}; start a server first, or name its directory with --data-dir",
                directory.display()
            );
        }
        match Store::open(store_options(&settings, None)) {
            Ok(store) => Ok(Self::Local {
                store,
                settings: Box::new(settings),
            }),
            Err(StoreError::Locked { directory, pid }) => match server.url {
                Some(url) => {
                    let token = settings
                        .network
                        .admin_token
                        .as_ref()
                        .map(|token| token.expose().to_owned());
                    Ok(Self::Server { url, token })
                }
                None => Err(StoreError::Locked { directory, pid }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// Asks a server and hands its answer to `take` as it comes.
pub(super) fn ask(
    method: &str,
    url: &str,
    path: &str,
    token: Option<&str>,
    take: impl FnMut(&[u8]) -> io::Result<()>,
) -> anyhow::Result<()> {
    ask_with(method, url, path, token, (), take)
}

/// The same with a body.
pub(super) fn ask_with(
    method: &str,
    url: &str,
    path: &str,
    token: Option<&str>,
    body: impl AsSendBody,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> anyhow::Result<()> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{url}{path}"));
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut response = agent
        .run(request.body(body)?)
        .with_context(|| format!("the server at {url} did not answer"))?;
    let status = response.status();
    let mut body = response.body_mut().as_reader();
    if !status.is_success() {
        let mut text = String::new();
        body.take(10_000).read_to_string(&mut text)?;
        bail!(
            "the server at {url} refused with status {status}: {}",
            text.trim()
        );
    }
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = body.read(&mut chunk)?;
        match chunk.get(..length) {
            Some([]) | None => return Ok(()),
            Some(read) => take(read)?,
        }
    }
}

/// Does something with a store that this process holds, prints what comes of it, and closes the store.
pub(super) fn work_here(
    settings: &Settings,
    store: Store,
    start: impl FnOnce(&Admin) -> Output,
) -> anyhow::Result<()> {
    build::start_log(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (_stopper, stop) = stop::channel();
    let done = runtime.block_on(async {
        let runner = build::runner(settings, store.clone())?;
        let admin = build::admin(settings, runner, stop, mpsc::channel().0);
        let mut output = start(&admin);
        while let Some(chunk) = output.next().await {
            to_screen(&chunk?)?;
        }
        anyhow::Ok(())
    });
    store.close();
    done
}

/// Writes to standard output at once.
pub(super) fn to_screen(chunk: &[u8]) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    screen.write_all(chunk).and_then(|()| screen.flush())
}
