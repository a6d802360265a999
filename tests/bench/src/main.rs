//! Compares bouncehandlerd with the ceiling: a server that only makes each body durable.
//!
//! Both are measured in one run, in turns, on one machine, so that the ratios hold where the absolute figures do not.

mod answer;
mod bounce;
mod ceiling;
mod compare;
mod dialect;
mod disk;
mod load;
mod measure;
mod report;
mod run_jobs;
mod server;
mod slow;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The allocator of the program that is measured, for what is measured of it in this process.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Measures bouncehandlerd.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compares the server with the ceiling and prints the ratios.
    Compare(Box<compare::Plan>),
    /// Serves as the ceiling: appends each body to a file and answers when it is durable.
    Ceiling(ceiling::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Compare(plan) => compare::compare(&plan),
        Command::Ceiling(options) => ceiling::serve(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bouncehandlerd-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
