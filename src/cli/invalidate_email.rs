//! `invalidateemail`.

use super::CommonArguments;
use super::backend::{self, Backend};
use crate::admin::InvalidateRequest;
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `invalidateemail`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File with the names of the users, one a line; a blank line ends the list
    #[arg(long, value_name = "FILE")]
    pub(super) userlist: PathBuf,
    /// Only print what would be done
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Arguments {
    /// What is to be done; the original's words where there is no such file.
    pub(super) fn request(&self) -> Result<InvalidateRequest, String> {
        let list = fs::read(&self.userlist).map_err(|_cannot_be_read| {
            format!("ERROR - File not found: {}", self.userlist.display())
        })?;
        Ok(InvalidateRequest {
            list,
            dry_run: self.dry_run,
        })
    }
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let request = match arguments.request() {
        Ok(request) => request,
        Err(refusal) => {
            // The original says it on standard output, without a line end.
            backend::to_screen(refusal.as_bytes())?;
            return Ok(ExitCode::FAILURE);
        }
    };
    match Backend::find(common)? {
        Backend::Server { url, token } => {
            let path = format!("/admin/invalidateEmail?{}", request.to_query());
            let token = token.as_deref();
            backend::ask_with(
                "POST",
                &url,
                &path,
                token,
                &request.list,
                backend::to_screen,
            )?;
        }
        Backend::Local { store, settings } => {
            backend::work_here(&settings, store, |admin| admin.start_invalidating(request))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
