//! What a very deep queue costs: memory, disk, the start after a kill, and time for each push and each job.

use super::{Bench, MANY_CONNECTIONS};
use crate::bounce;
use crate::disk;
use crate::load::Until;
use crate::measure::float;
use crate::report::Deep;
use crate::run_jobs::run_jobs;
use crate::server::{Program, Running};
use anyhow::{Result, ensure};
use std::time::Instant;

/// Room on the disk for each queued job: nearly twice what 20,000 of them took (1.1 KiB each).
const ROOM: u64 = 2048;

impl Bench {
    /// Fills a queue with `deep` small bounces over HTTP, and compares it with empty queues in turns of `jobs` jobs.
    pub(super) fn deep(&self, server: &Program, deep: u64, jobs: u64) -> Result<Deep> {
        let needed = deep.saturating_mul(ROOM);
        let free = disk::free(self.work.path())?;
        ensure!(
            free >= needed,
            "{deep} queued jobs may need {needed} bytes of the disk, and {free} are free; see --deep"
        );
        let mail = bounce::small_mail(&self.address);
        let request = bounce::request(&mail);
        let mut full = self.start(server)?;
        eprintln!("queueing {deep} jobs over {MANY_CONNECTIONS} connections");
        let began = Instant::now();
        self.fill_with(&request, &mut full, deep)?;
        let fill_seconds = began.elapsed().as_secs_f64();
        let (resident, disk) = (full.used()?.resident, full.disk()?);
        eprintln!("killing the server and starting it again");
        let began = Instant::now();
        let start = full.restart(server)?;
        full.load(&request, 1, Until::Sent(1), &self.stop)?;
        let first_push_seconds = began.elapsed().as_secs_f64();
        let resident_after_start = full.used()?.resident;
        let first_job_seconds = run(&full, 1)?.1;
        let mut measured = Deep {
            jobs: deep,
            body_bytes: mail.len(),
            fill_seconds,
            resident,
            disk,
            start_seconds: start.as_secs_f64(),
            first_push_seconds,
            first_job_seconds,
            resident_after_start,
            pushes_empty: Vec::new(),
            pushes_full: Vec::new(),
            jobs_a_round: jobs,
            runs_empty: Vec::new(),
            runs_full: Vec::new(),
        };
        for round in 1..=self.rounds {
            let rounds = self.rounds;
            eprintln!("empty and deep queue, round {round} of {rounds}");
            self.deep_round(server, &request, &mut full, &mut measured)?;
        }
        Ok(measured)
    }

    /// Pushes to both queues, then jobs of both.
    fn deep_round(
        &self,
        server: &Program,
        request: &[u8],
        full: &mut Running,
        measured: &mut Deep,
    ) -> Result<()> {
        let mut empty = self.start(server)?;
        let pushes = empty.measure(request, MANY_CONNECTIONS, self.turn, &self.stop)?;
        measured.pushes_empty.push(pushes);
        let pushes = full.measure(request, MANY_CONNECTIONS, self.turn, &self.stop)?;
        measured.pushes_full.push(pushes);
        let jobs = measured.jobs_a_round;
        let mut short = self.start(server)?;
        self.fill_with(request, &mut short, jobs)?;
        for (running, rates) in [
            (&short, &mut measured.runs_empty),
            (&*full, &mut measured.runs_full),
        ] {
            let (good, seconds) = run(running, jobs)?;
            rates.push(float(good) / seconds);
        }
        Ok(())
    }
}

/// Runs at most `most` jobs: how many of them were bounces and good, and how many seconds it took.
fn run(running: &Running, most: u64) -> Result<(u64, f64)> {
    let lines = run_jobs(running.address(), Some(most))?;
    // Of the bounces come other jobs, which count too.
    let enough = lines.good > 0 && lines.good >= most.saturating_sub(most / 10);
    ensure!(
        enough && lines.good <= most && lines.first_other.is_none(),
        "of {most} queued jobs {} were run as good; first other line: {:?}",
        lines.good,
        lines.first_other
    );
    Ok((lines.good, lines.elapsed.as_secs_f64()))
}
