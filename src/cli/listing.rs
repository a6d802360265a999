//! `showjobs`, `records`, `users`.

use super::CommonArguments;
use super::backend::{self, Backend};
use crate::admin::{JobList, Listing, php_number};
use crate::runner::log_line::LogFormat;
use clap::Args;

/// Arguments of `showjobs`.
#[derive(Debug, Args)]
pub(super) struct JobsArguments {
    /// Print all there are by type and state
    #[arg(long)]
    group: bool,
    /// Print a line for each job, with its status, and with its error if it failed
    #[arg(long)]
    list: bool,
    /// Only this job type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// With --list, only jobs with this status: unclaimed, delayed, claimed, abandoned or held
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// With --list, end after this many lines
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    limit: Option<String>,
    /// With --list, the format of what is said of a job: 1.43, which has its number, or 2014 [default: 1.43]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
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

impl JobsArguments {
    /// What is to be shown.
    pub(super) fn listing(self) -> Listing {
        Listing::Jobs(JobList {
            group: self.group,
            list: self.list,
            kind: self.kind,
            status: self.status,
            limit: self.limit.as_deref().map(php_number::whole),
            log_format: self.log_format,
        })
    }
}

pub(super) fn show_jobs(common: &CommonArguments, arguments: JobsArguments) -> anyhow::Result<()> {
    show(common, arguments.listing())
}

pub(super) fn records(
    common: &CommonArguments,
    arguments: &RecordsArguments,
) -> anyhow::Result<()> {
    show(
        common,
        Listing::Records {
            user: arguments.user,
        },
    )
}

pub(super) fn users(common: &CommonArguments, _arguments: &UsersArguments) -> anyhow::Result<()> {
    show(common, Listing::Users)
}

fn show(common: &CommonArguments, listing: Listing) -> anyhow::Result<()> {
    let (store, settings) = match Backend::find(common)? {
        Backend::Server { url, token } => {
            let path = listing.to_path()?;
            return backend::ask("GET", &url, &path, token.as_deref(), backend::to_screen);
        }
        Backend::Local { store, settings } => (store, settings),
    };
    backend::work_here(&settings, store, |admin| admin.start_listing(listing))
}
