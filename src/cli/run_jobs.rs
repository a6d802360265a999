//! `runjobs`.

use super::CommonArguments;
use super::backend::{self, Backend};
use super::build;
use crate::admin::RunRequest;
use crate::runner::log_line::LogFormat;
use crate::runner::{RunLimits, RunOutput};
use crate::stop;
use clap::Args;
use std::io::{self, Write as _};
use std::time::Duration;
use tokio::sync::mpsc;

/// Arguments of `runjobs`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Stop after this many jobs, failed ones included; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    maxjobs: u64,
    /// Stop after a job once all jobs together took longer than this many seconds; 0 for no limit
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    maxtime: Duration,
    /// Run only this job type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// `json` prints one JSON document at the end in place of the lines
    #[arg(long, value_name = "FORMAT")]
    result: Option<String>,
    /// Format of the lines: 2014 or 1.43 [default: the setting `RunJobsLogFormat`]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Print nothing
    #[arg(long, short)]
    quiet: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected a number of seconds".to_owned())
}

impl Arguments {
    fn request(&self) -> RunRequest {
        RunRequest {
            limits: RunLimits {
                max_jobs: (self.maxjobs > 0).then_some(self.maxjobs),
                max_time: (!self.maxtime.is_zero()).then_some(self.maxtime),
                kind: self.kind.clone(),
            },
            json: self.result.as_deref() == Some("json"),
            log_format: self.log_format,
        }
    }
}

pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<()> {
    let request = arguments.request();
    let (store, settings) = match Backend::find(common)? {
        Backend::Server { url, token } => {
            let path = format!("/admin/runJobs?{}", request.to_query()?);
            return backend::ask("POST", &url, &path, token.as_deref(), arguments.quiet);
        }
        Backend::Local { store, settings } => (store, settings),
    };
    build::start_log(&settings)?;
    let runner = build::runner(&settings, store.clone())?;
    let output = if arguments.quiet {
        RunOutput::Quiet
    } else {
        request.output(build::log_format(&settings))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (stopper, stop) = stop::channel();
        let (out, mut chunks) = mpsc::channel::<Vec<u8>>(16);
        let signals = tokio::spawn(stop::on_signal(stopper));
        let print = tokio::task::spawn_blocking(move || -> io::Result<()> {
            while let Some(chunk) = chunks.blocking_recv() {
                let mut screen = io::stdout().lock();
                screen.write_all(&chunk).and_then(|()| screen.flush())?;
            }
            Ok(())
        });
        let ran = runner.run(&request.limits, output, &out, &stop).await;
        drop(out);
        signals.abort();
        print.await??;
        anyhow::Ok(ran.map(drop)?)
    })?;
    drop(runner);
    store.close();
    Ok(())
}
