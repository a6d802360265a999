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
    /// `retry-abandoned` makes abandoned jobs ready again; `delete-abandoned` deletes them;
    /// `release-held` carries out un-confirmations that `UnconfirmBrake` holds; `drop-held` drops them, and what was counted
    /// against their addresses
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// Only the job of this number, as `showjobs --list` shows it (not for repush-abandoned)
    #[arg(long, value_name = "ID")]
    job: Option<u64>,
    /// Only un-confirmations of addresses at this domain (release-held, drop-held)
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
}

impl Arguments {
    /// What is to be done; the original's words where there is no such action.
    pub(super) fn request(&self) -> Result<ManageRequest, String> {
        let action = ManageAction::named(&self.action);
        Ok(ManageRequest {
            kind: self.kind.clone(),
            action: action.ok_or_else(|| format!("Invalid action '{}'.", self.action))?,
            job: self.job,
            domain: self.domain.clone(),
        })
    }
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let request = match arguments.request() {
        Ok(request) => request,
        Err(refusal) => {
            print_refusal(&refusal);
            return Ok(ExitCode::FAILURE);
        }
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
fn print_refusal(refusal: &str) {
    eprintln!("{refusal}");
}
