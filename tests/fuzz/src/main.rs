//! Reads damaged mails, and looks for panics, hangs, memory, and answers that cannot be.
//!
//! Every execution follows from the seed, its number and the mails: a failure is repeated with `--only`.

mod campaign;
mod dictionary;
mod memory;
mod mutation;
mod return_paths;
mod seeds;
mod target;

use anyhow::Context as _;
use clap::Parser;
use peak_alloc::PeakAlloc;
use std::path::PathBuf;
use std::process::ExitCode;

/// Counts what is allocated, for the memory that one reading takes.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Reads damaged mails.
#[derive(Debug, Parser)]
struct Options {
    /// Executions in all.
    #[arg(long, default_value_t = 1_000_000)]
    executions: u64,
    /// What the damage follows from; the same seed and the same mails give the same damage.
    #[arg(long, default_value_t = 5)]
    seed: u64,
    /// Threads that read.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Repeats the execution of this number, without catching its panic.
    #[arg(long)]
    only: Option<u64>,
    /// Where the inputs go that fail.
    #[arg(long, default_value = "target/fuzz")]
    findings: PathBuf,
    /// Directories with mails to damage; those that are missing are left out.
    #[arg(required = true)]
    mails: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bouncehandlerd-fuzz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<bool> {
    let seeds = seeds::Seeds::load(&options.mails)?;
    println!(
        "{} mails, {} of them with delivery reports; seed {}",
        seeds.mails.len(),
        seeds.reports.len(),
        options.seed
    );
    std::fs::create_dir_all(&options.findings)
        .with_context(|| format!("{} cannot be made", options.findings.display()))?;
    let campaign = campaign::Campaign {
        seed: options.seed,
        threads: options.threads.max(1),
        findings: &options.findings,
        seeds: &seeds,
    };
    if let Some(number) = options.only {
        campaign.repeat(number)?;
        return Ok(true);
    }
    // One thread, and before the others start: what they allocate could not be told apart.
    let measured = options.executions / 50;
    let frugal = memory::measure(&campaign, measured, ALLOCATED)?;
    let sound = campaign.run(measured, options.executions);
    let failed = u8::from(!frugal).saturating_add(u8::from(!sound));
    println!("{} passed, {failed} failed", 2_u8.saturating_sub(failed));
    Ok(failed == 0)
}
