//! `showjobs`, `records`, `users`.

use super::CommonArguments;
use super::backend::{self, Backend};
use crate::admin::Listing;
use crate::job::WikiId;
use clap::Args;
use std::io::{self, Write as _};
use tokio::sync::mpsc;

/// Arguments of `showjobs`.
#[derive(Debug, Args)]
pub(super) struct JobsArguments {
    /// Print all there are by type and state
    #[arg(long)]
    group: bool,
    /// Only this job type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

/// Arguments of `records`.
#[derive(Debug, Args)]
pub(super) struct RecordsArguments {
    /// One JSON object a line: id, email, timestamp, reason (the only form there is)
    #[arg(long)]
    json: bool,
    /// Only records of this user's address
    #[arg(long, value_name = "ID")]
    user: Option<u64>,
}

/// Arguments of `users`.
#[derive(Debug, Args)]
pub(super) struct UsersArguments {
    /// One JSON object a line: id, name, email, `email_authenticated` (the only form there is)
    #[arg(long)]
    json: bool,
}

pub(super) fn show_jobs(common: &CommonArguments, arguments: JobsArguments) -> anyhow::Result<()> {
    show(
        common,
        &Listing::Jobs {
            group: arguments.group,
            kind: arguments.kind,
        },
    )
}

pub(super) fn records(
    common: &CommonArguments,
    arguments: &RecordsArguments,
) -> anyhow::Result<()> {
    show(
        common,
        &Listing::Records {
            user: arguments.user,
        },
    )
}

pub(super) fn users(common: &CommonArguments, _arguments: &UsersArguments) -> anyhow::Result<()> {
    show(common, &Listing::Users)
}

fn show(common: &CommonArguments, listing: &Listing) -> anyhow::Result<()> {
    let (store, settings) = match Backend::find(common)? {
        Backend::Server { url, token } => {
            return backend::ask(
                "GET",
                &url,
                &listing.to_path()?,
                token.as_deref(),
                backend::to_screen,
            );
        }
        Backend::Local { store, settings } => (store, settings),
    };
    let wiki = WikiId(settings.wiki.wiki_id());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let (out, mut chunks) = mpsc::channel::<Vec<u8>>(1);
        let print = async move {
            while let Some(chunk) = chunks.recv().await {
                io::stdout().write_all(&chunk)?;
            }
            io::stdout().flush()
        };
        let write = async {
            let written = listing.write(&store, &wiki, &out).await;
            drop(out);
            written
        };
        let (written, printed) = tokio::join!(write, print);
        printed?;
        anyhow::Ok(written?)
    })?;
    store.close();
    Ok(())
}
