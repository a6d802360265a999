//! `runjobs`.

mod screen;

use super::CommonArguments;
use super::backend::{self, Backend};
use super::build;
use crate::admin::{Admin, MOST_WORKERS, RunRequest, php_number};
use crate::runner::RunLimits;
use crate::runner::log_line::LogFormat;
use crate::settings::Settings;
use crate::stop;
use crate::store::Store;
use clap::Args;
use screen::Screen;
use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvError};

/// Arguments of `runjobs`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of MediaWiki's runJobs.php"
)]
pub(super) struct Arguments {
    /// Stop after this many jobs, failed ones included; 0 for no limit
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        allow_hyphen_values = true
    )]
    maxjobs: String,
    /// Stop after a job once all jobs together took longer than this many seconds; 0 for no limit
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0",
        allow_hyphen_values = true
    )]
    maxtime: String,
    /// Run only this job type, also if it is excluded from the default queue
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Run with this many workers side by side, 1 to 1000; each has the limits for itself
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    procs: Option<String>,
    /// Do not end when no job is ready: look again every second
    #[arg(long)]
    wait: bool,
    /// Run throttled job types (`JobBackoffThrottling`) without waiting
    #[arg(long)]
    nothrottle: bool,
    /// Stop after a job once 95 % of this much memory is in use, such as 150M; `max` for no limit [default: max]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory_limit: Option<MemoryLimit>,
    /// `json` prints one JSON document at the end in place of the lines
    #[arg(long, value_name = "FORMAT")]
    result: Option<String>,
    /// Format of the lines: 2014 or 1.43 [default: the setting `RunJobsLogFormat`]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Exit with status 1 if a job failed
    #[arg(long)]
    fail_on_error: bool,
    /// Print nothing
    #[arg(long, short)]
    quiet: bool,
}

/// Bytes; `None` for no limit.
#[derive(Debug, Clone, Copy)]
struct MemoryLimit(Option<u64>);

/// Reads a size in PHP's notation.
fn memory(text: &str) -> Result<MemoryLimit, String> {
    if matches!(text, "max" | "default" | "-1") {
        return Ok(MemoryLimit(None));
    }
    let unit = match text.bytes().last().map(|byte| byte.to_ascii_uppercase()) {
        Some(b'K') => 1 << 10,
        Some(b'M') => 1 << 20,
        Some(b'G') => 1 << 30,
        _ => 1,
    };
    let digits = text.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']);
    let bytes = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    bytes
        .map(|bytes| MemoryLimit(Some(bytes)))
        .ok_or_else(|| "expected a size such as 150M, or max".to_owned())
}

impl Arguments {
    /// How many workers; `None` if that many cannot be.
    pub(super) fn workers(&self) -> Option<usize> {
        let Some(procs) = &self.procs else {
            return Some(1);
        };
        let workers = usize::try_from(php_number::whole(procs)).ok()?;
        (1..=MOST_WORKERS).contains(&workers).then_some(workers)
    }

    pub(super) fn request(&self, workers: usize) -> RunRequest {
        // As in MediaWiki: what is no number is no limit, and after a negative number of jobs comes the first.
        let max_jobs = match php_number::whole(&self.maxjobs) {
            0 => None,
            most => Some(u64::try_from(most).unwrap_or(1)),
        };
        let max_time = php_number::float(&self.maxtime);
        RunRequest {
            limits: RunLimits {
                max_jobs,
                max_time: (max_time != 0.0).then_some(max_time),
                max_memory: self.memory_limit.and_then(|MemoryLimit(bytes)| bytes),
                kind: self.kind.clone(),
                wait: self.wait,
                no_throttle: self.nothrottle,
            },
            workers,
            json: self.result.as_deref() == Some("json"),
            quiet: self.quiet,
            log_format: self.log_format,
            progress: self.fail_on_error || Screen::has_terminal(),
        }
    }
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(workers) = arguments.workers() else {
        wrong_procs();
        return Ok(ExitCode::FAILURE);
    };
    let request = arguments.request(workers);
    let mut screen = Screen::new(arguments.quiet, request.json);
    match Backend::find(common)? {
        Backend::Server { url, token } => {
            let path = format!("/admin/runJobs?{}", request.to_query()?);
            let take = |chunk: &[u8]| screen.take(chunk);
            backend::ask("POST", &url, &path, token.as_deref(), take)?;
        }
        Backend::Local { store, settings } => run_here(&settings, store, request, &mut screen)?,
    }
    screen.end()?;
    let failed = arguments.fail_on_error && screen.failed() > 0;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[expect(clippy::print_stderr, reason = "the words of MediaWiki's runJobs.php")]
fn wrong_procs() {
    eprintln!("Invalid argument to --procs");
}

fn run_here(
    settings: &Settings,
    store: Store,
    request: RunRequest,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    build::start_log(settings)?;
    let (alive, all_gone) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let ran = runtime.block_on(async {
        let (stopper, stop) = stop::channel();
        let signals = tokio::spawn(stop::on_signal(stopper));
        let runner = build::runner(settings, store.clone())?;
        let admin: Admin = build::admin(settings, runner, stop, alive);
        let mut output = admin.start_run(request);
        while let Some(chunk) = output.next().await {
            screen.take(&chunk?)?;
        }
        signals.abort();
        anyhow::Ok(())
    });
    // Nothing is ever sent: this ends when nobody works with the store any more.
    let _: Result<Infallible, RecvError> = all_gone.recv();
    store.close();
    ran
}
