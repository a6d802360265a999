//! Commands: their names, their arguments, what they print. Only this room prints.

mod backend;
mod build;
mod greeting;
mod invalidate_email;
mod listing;
mod manage_jobs;
mod parse;
mod queue;
mod run_jobs;
mod serve;
mod submit;
mod verp;

use crate::settings::{LoadSources, Settings, process_environment};
use crate::store::StoreError;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{self, ExitCode};

/// Takes bounce mails in the place of a MediaWiki wiki with the BounceHandler extension, and acts on them.
#[derive(Debug, Parser)]
#[command(name = "bouncehandlerd", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    common: CommonArguments,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct CommonArguments {
    /// Settings file, TOML or JSON by its ending (docs/SETTINGS.md lists all settings)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory that holds jobs, users and records [default: bouncehandlerd-data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A setting, over what the file and the environment say; may be repeated
    #[arg(long = "set", global = true, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Run the jobs that wait, and print a line before and after each, as MediaWiki's runJobs.php does
    Runjobs(run_jobs::Arguments),
    /// Print how many jobs wait, or which, as MediaWiki's showJobs.php does
    Showjobs(listing::JobsArguments),
    /// Delete jobs, or run abandoned ones again, as MediaWiki's manageJobs.php does
    Managejobs(manage_jobs::Arguments),
    /// Un-confirm the addresses of listed users, as BounceHandler's invalidateEmail.php does
    Invalidateemail(invalidate_email::Arguments),
    /// Print the bounce records, one JSON object a line
    Records(listing::RecordsArguments),
    /// Print the users and whether their addresses are confirmed, one JSON object a line
    Users(listing::UsersArguments),
    /// Check, export, import or rescue the queue as a whole
    #[command(subcommand)]
    Queue(queue::Command),
    /// Hand the mail on standard input to the API, with exit codes that mail servers understand
    Submit(submit::Arguments),
    /// Say what bounce mails tell: what failed, for whom, why, and which line says so
    Parse(parse::Arguments),
    /// Make and read the return-path addresses that bounces come back to
    #[command(subcommand)]
    Verp(verp::Command),
}

/// Reads the command line and does what it says; prints a failure once, with its causes.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // To a mail server the usual code for a wrong command line means that the mail is lost.
        Err(error) if error.use_stderr() && submit::is_meant(env::args_os()) => {
            return submit::wrong_usage(&error);
        }
        // The scripts of MediaWiki that these stand for end with 1.
        Err(error) if error.use_stderr() && is_script(env::args_os()) => {
            // There is nobody left to tell that nobody reads it.
            drop(error.print());
            return ExitCode::FAILURE;
        }
        Err(error) => error.exit(),
    };
    match arguments.run() {
        Ok(code) => code,
        // A reader such as `head` has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whether a command is meant that stands for a script of MediaWiki.
fn is_script(arguments: impl Iterator<Item = OsString>) -> bool {
    let scripts = ["runjobs", "showjobs", "managejobs", "invalidateemail"];
    let mut words = arguments.skip(1);
    words.any(|word| scripts.iter().any(|script| word == *script))
}

impl Arguments {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Submit(arguments) => return Ok(submit::run(&arguments)),
            Command::Serve(arguments) => serve::run(&self.common, &arguments),
            Command::Runjobs(arguments) => return run_jobs::run(&self.common, &arguments),
            Command::Showjobs(arguments) => listing::show_jobs(&self.common, arguments),
            Command::Managejobs(arguments) => return manage_jobs::run(&self.common, &arguments),
            Command::Queue(command) => return queue::run(&self.common, &command),
            Command::Invalidateemail(arguments) => {
                return invalidate_email::run(&self.common, &arguments);
            }
            Command::Records(arguments) => listing::records(&self.common, &arguments),
            Command::Users(arguments) => listing::users(&self.common, &arguments),
            Command::Parse(arguments) => return parse::run(&self.common, &arguments),
            Command::Verp(command) => verp::run(&self.common, &command),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl CommonArguments {
    /// Loads the settings; `more` are settings that the command has flags of its own for.
    fn settings(
        &self,
        config: Option<PathBuf>,
        more: Vec<(String, String)>,
    ) -> anyhow::Result<Settings> {
        let mut flags = Vec::with_capacity(self.set.len().saturating_add(more.len()));
        for pair in &self.set {
            let (name, value) = pair.split_once('=').with_context(|| {
                format!("--set {pair}: expected NAME=VALUE, for example --set JobRunRate=1")
            })?;
            flags.push((name.to_owned(), value.to_owned()));
        }
        if let Some(directory) = &self.data_dir {
            flags.push((
                "DataDirectory".to_owned(),
                directory.to_string_lossy().into_owned(),
            ));
        }
        flags.extend(more);
        let environment = process_environment()?;
        Ok(Settings::load(LoadSources {
            file: config,
            environment,
            flags,
        })?)
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io_error = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>());
    io_error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[expect(
    clippy::print_stderr,
    reason = "the one place where a command's failure is told"
)]
fn print_error(error: &anyhow::Error) {
    eprintln!("bouncehandlerd: {error:#}");
}

/// Tells a failure from which no thread can return.
fn end(error: &StoreError) -> ! {
    print_error(&anyhow::Error::new(error.clone()));
    process::exit(1)
}

#[cfg(test)]
mod tests;
