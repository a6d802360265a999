//! The order of the measurements. Sides take turns, each time on a new data directory, so that what disturbs one
//! disturbs the other.

mod bounces;
mod deep;
mod jobs;
mod part;
mod peers;
mod queue;
mod slow;
mod soak;
mod throughput;

use self::part::Part;
use crate::bounce;
use crate::load::Until;
use crate::measure::{Machine, Sample};
use crate::report::Report;
use crate::server::{Program, Running, write_config};
use anyhow::{Context, Result};
use clap::Args;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fs;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How many connections fill a queue, and measure the cost of a bounce on it.
const MANY_CONNECTIONS: usize = 64;

/// What to measure, and for how long.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// The server program [default: the one that the command `run` builds].
    #[arg(long, required_unless_present = "ceiling_only")]
    server: Option<PathBuf>,
    /// Measure the ceiling alone.
    #[arg(long)]
    ceiling_only: bool,
    /// Measure these only.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Throughput, Part::Jobs, Part::Queue, Part::Slow, Part::Peers, Part::Deep, Part::Soak, Part::Bounces])]
    only: Vec<Part>,
    /// Few and short rounds on short queues: shows that everything works, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// Rounds of each measurement [default: 5, quick: 3].
    #[arg(long)]
    rounds: Option<u32>,
    /// Seconds of each side's turn in a round [default: 3, quick: 0.5].
    #[arg(long)]
    seconds: Option<f64>,
    /// Numbers of connections to compare at.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// Jobs to run in each round [default: 60000, quick: 5000].
    #[arg(long)]
    jobs: Option<u64>,
    /// Queued jobs at which memory is read [default: 100000, quick: 10000].
    #[arg(long)]
    memory: Option<u64>,
    /// Queued jobs at which the cost of a bounce is compared with that on an empty queue [default: 1000000, quick: 20000].
    #[arg(long)]
    growth: Option<u64>,
    /// Slow connections that are held open beside ordinary ones [default: 2000, quick: 200].
    #[arg(long)]
    slow: Option<usize>,
    /// Queued jobs of the very deep queue [default: 10000000, quick: 20000].
    #[arg(long)]
    deep: Option<u64>,
    /// Jobs that go through a short queue, one after the other [default: 5000000, quick: 40000].
    #[arg(long)]
    soak: Option<u64>,
    /// Jobs that this queue holds at most [default: 10000, quick: 1000].
    #[arg(long)]
    soak_length: Option<u64>,
    /// Threads that answer requests, on both sides [default: as many as processor cores].
    #[arg(long)]
    workers: Option<usize>,
    /// VERP address that the server accepts [default: asked of `bouncehandlerd verp encode`].
    #[arg(long)]
    address: Option<String>,
    /// Directory for the servers' data, on a real disk; what is put there is removed again.
    #[arg(long, overrides_with = "work_dir")]
    work_dir: PathBuf,
    /// Directory of the mails that are read as bounces.
    #[arg(long, overrides_with = "mails")]
    mails: PathBuf,
    /// Directory of the scripts that call other programs that read bounces.
    #[arg(long)]
    peers_dir: PathBuf,
    /// Python that has flufl.bounce, if any has.
    #[arg(long)]
    flufl_python: Option<PathBuf>,
    /// File for all figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What all measurements need.
struct Bench {
    ceiling: Program,
    /// The program that is compared with the ceiling, if any is.
    server: Option<Program>,
    /// What the servers accept bounces of.
    address: String,
    request: Vec<u8>,
    workers: usize,
    rounds: u32,
    turn: Duration,
    work: TempDir,
    stop: Arc<AtomicBool>,
}

/// Measures, prints the figures as they come, and fails only if something went wrong.
pub fn compare(plan: &Plan) -> Result<()> {
    let bench = Bench::prepare(plan)?;
    let mut report = bench.report(plan);
    print!("{report}");
    if plan.only.contains(&Part::Throughput) {
        let throughput = bench.throughput(&plan.connections)?;
        print!("{throughput}");
        report.throughput = Some(throughput);
    }
    if let Some(server) = &bench.server {
        bench.foundation(plan, server, &mut report)?;
        bench.scale(plan, server, &mut report)?;
    }
    if plan.only.contains(&Part::Bounces) {
        let bounces = bench.bounces(plan)?;
        print!("{bounces}");
        report.bounces = Some(bounces);
    }
    match &plan.json {
        Some(path) => report.write_json(path),
        None => Ok(()),
    }
}

impl Bench {
    /// Jobs, long queues and slow connections.
    fn foundation(&self, plan: &Plan, server: &Program, report: &mut Report) -> Result<()> {
        if plan.only.contains(&Part::Jobs) {
            let jobs = self.jobs(server, plan.length(60_000, 5_000, plan.jobs))?;
            print!("{jobs}");
            report.jobs = Some(jobs);
        }
        if plan.only.contains(&Part::Queue) {
            let (memory_at, long) = (
                plan.length(100_000, 10_000, plan.memory),
                plan.length(1_000_000, 20_000, plan.growth),
            );
            let queue = self.queue(server, memory_at, long)?;
            print!("{queue}");
            report.queue = Some(queue);
        }
        if plan.only.contains(&Part::Slow) {
            let slow = self.slow(server, plan.connections_beside_slow(), plan.slow())?;
            print!("{slow}");
            report.slow = Some(slow);
        }
        Ok(())
    }

    /// Other queues, very deep ones, and very many jobs.
    fn scale(&self, plan: &Plan, server: &Program, report: &mut Report) -> Result<()> {
        if plan.only.contains(&Part::Peers) {
            let peers = self.peers(server, plan.connections_of_peers())?;
            print!("{peers}");
            report.peers = Some(peers);
        }
        if plan.only.contains(&Part::Deep) {
            let jobs = plan.length(60_000, 5_000, plan.jobs);
            let deep = self.deep(server, plan.length(10_000_000, 20_000, plan.deep), jobs)?;
            print!("{deep}");
            report.deep = Some(deep);
        }
        if plan.only.contains(&Part::Soak) {
            let length = plan.length(10_000, 1_000, plan.soak_length);
            let soak = self.soak(server, plan.length(5_000_000, 40_000, plan.soak), length)?;
            print!("{soak}");
            report.soak = Some(soak);
        }
        Ok(())
    }

    fn prepare(plan: &Plan) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        fs::create_dir_all(&plan.work_dir)?;
        let work = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(&plan.work_dir)?;
        let workers = plan.workers();
        let ceiling = Program::Ceiling { workers };
        let config = write_config(work.path(), "bench.toml", workers, "")?;
        let path = plan.server.clone().filter(|_| !plan.ceiling_only);
        let server = path.map(|path| Program::Bouncehandlerd { path, config });
        let address = match &plan.address {
            Some(address) => address.clone(),
            None => server.as_ref().unwrap_or(&ceiling).address()?,
        };
        let seconds = plan.seconds.unwrap_or(if plan.quick { 0.5 } else { 3.0 });
        Ok(Self {
            ceiling,
            server,
            request: bounce::request(&bounce::mail(&address)),
            address,
            workers,
            rounds: plan.rounds.unwrap_or(if plan.quick { 3 } else { 5 }).max(1),
            turn: Duration::try_from_secs_f64(seconds).context("--seconds")?,
            work,
            stop,
        })
    }

    fn report(&self, plan: &Plan) -> Report {
        Report {
            machine: Machine::of(self.work.path()),
            rounds: self.rounds,
            turn_seconds: self.turn.as_secs_f64(),
            workers: plan.workers(),
            request_bytes: self.request.len(),
            throughput: None,
            jobs: None,
            queue: None,
            slow: None,
            peers: None,
            deep: None,
            soak: None,
            bounces: None,
        }
    }

    fn start(&self, program: &Program) -> Result<Running> {
        Running::start(program, self.work.path())
    }

    /// Measures a server that runs for one turn.
    fn turn(&self, running: &mut Running, connections: usize) -> Result<Sample> {
        running.measure(&self.request, connections, self.turn, &self.stop)
    }

    /// Brings bounces until the server has accepted `total` since its start.
    fn fill(&self, running: &mut Running, total: u64) -> Result<()> {
        self.fill_with(&self.request, running, total)
    }

    /// The same with another request.
    fn fill_with(&self, request: &[u8], running: &mut Running, total: u64) -> Result<()> {
        let missing = total.saturating_sub(running.accepted());
        if missing > 0 {
            running.load(request, MANY_CONNECTIONS, Until::Sent(missing), &self.stop)?;
        }
        Ok(())
    }
}

impl Plan {
    /// A smoke run needs one number of connections only.
    fn connections_beside_slow(&self) -> &[usize] {
        match self.connections.as_slice() {
            [.., last] if self.quick => slice::from_ref(last),
            all => all,
        }
    }

    /// A smoke run needs one number of connections only.
    fn connections_of_peers(&self) -> &[usize] {
        match self.connections.as_slice() {
            [_, .., last] if self.quick => slice::from_ref(last),
            all => all,
        }
    }

    fn length(&self, normal: u64, quick: u64, given: Option<u64>) -> u64 {
        given.unwrap_or(if self.quick { quick } else { normal })
    }

    fn slow(&self) -> usize {
        self.slow.unwrap_or(if self.quick { 200 } else { 2000 })
    }

    fn workers(&self) -> usize {
        self.workers
            .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
    }
}
