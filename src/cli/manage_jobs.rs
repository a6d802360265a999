//! `managejobs`.

use super::CommonArguments;
use super::backend::{self, Backend};
use crate::admin::{ManageAction, ManageRequest};
use clap::Args;
use std::process::ExitCode;

/// Arguments of `managejobs`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The job type
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// `delete` all jobs of the type, claimed ones included; `repush-abandoned` pushes a copy of each abandoned job, once;
    /// `retry-abandoned` makes abandoned jobs ready again; `delete-abandoned` deletes them
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// Only the job of this number, as `showjobs --list` shows it (not for repush-abandoned)
    #[arg(long, value_name = "ID")]
    job: Option<u64>,
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(action) = ManageAction::named(&arguments.action) else {
        wrong_action(&arguments.action);
        return Ok(ExitCode::FAILURE);
    };
    let request = ManageRequest {
        kind: arguments.kind.clone(),
        action,
        job: arguments.job,
    };
    let (store, settings) = match Backend::find(common)? {
        Backend::Server { url, token } => {
            let path = format!("/admin/manageJobs?{}", request.to_query()?);
            backend::ask("POST", &url, &path, token.as_deref(), backend::to_screen)?;
            return Ok(ExitCode::SUCCESS);
        }
        Backend::Local { store, settings } => (store, settings),
    };
    backend::work_here(&settings, store, |admin| admin.start_managing(request))?;
    Ok(ExitCode::SUCCESS)
}

#[expect(
    clippy::print_stderr,
    reason = "the words of MediaWiki's manageJobs.php"
)]
fn wrong_action(action: &str) {
    eprintln!("Invalid action '{action}'.");
}
