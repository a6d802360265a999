//! How much memory one reading takes.

use crate::campaign::Campaign;
use crate::mutation;
use crate::target;
use bouncehandlerd::bounce::report::{self, ReadLimits};
use bouncehandlerd::bounce::{self, compatible};
use peak_alloc::PeakAlloc;

/// At its peak a reading takes at most so many times the mail,
const MOST_TIMES: usize = 4;

/// and this: what is said of up to `max_recipients` recipients, and the line of JSON about them.
const MOST_MORE: usize = 1_572_864;

/// From this length on, the ratio says more than the constant.
const LARGE: usize = 1_048_576;

/// Reads `executions` damaged mails, one of 32 of them large; false if any took too much.
pub fn measure(
    campaign: &Campaign<'_>,
    executions: u64,
    allocated: PeakAlloc,
) -> anyhow::Result<bool> {
    let limits = ReadLimits::default();
    // What is built once, at the first reading, is no reading's memory.
    read(
        b"Subject: failure notice\n\n<a@example.com>: 550 5.1.1 user unknown\n",
        &limits,
    )?;
    let (mut worst_more, mut worst_times, mut failures) = (0, 0.0_f64, 0_u64);
    for number in 0..executions {
        let mail = input(campaign, number);
        let length = mail.len();
        let before = allocated.current_usage();
        allocated.reset_peak_usage();
        read(&mail, &limits)?;
        let taken = allocated.peak_usage().saturating_sub(before);
        let more = taken.saturating_sub(length.saturating_mul(MOST_TIMES));
        worst_more = worst_more.max(more);
        if length >= LARGE {
            worst_times = worst_times.max(ratio(taken, length));
        }
        if more > MOST_MORE {
            failures = failures.saturating_add(1);
            let kept = campaign.keep(number, "memory", &mail)?;
            println!("FAIL memory: {taken} bytes for a mail of {length}: {kept}");
        }
    }
    println!(
        "memory of {executions} readings: at most {MOST_TIMES} times the mail and {worst_more} bytes (allowed: {MOST_MORE}), \
         {worst_times:.2} times a mail of {LARGE} bytes and more"
    );
    Ok(failures == 0)
}

fn input(campaign: &Campaign<'_>, number: u64) -> Vec<u8> {
    let mut random = target::random(campaign.seed, number);
    let mut mail = if random.bool() {
        target::damaged_mail(&mut random, campaign.seeds)
    } else {
        target::damaged_report(&mut random, campaign.seeds)
    };
    if random.u8(0..32) == 0 {
        mutation::grow(&mut mail, 1 << random.u8(16..=22), &mut random);
    }
    mail
}

/// The reading and its line, as `parse --json` makes them.
fn read(mail: &[u8], limits: &ReadLimits) -> anyhow::Result<()> {
    let reading = bounce::read(mail, limits);
    let mut line = Vec::new();
    report::write_line(&mut line, None, &reading, &compatible::judge(mail))?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn ratio(taken: usize, of: usize) -> f64 {
    taken as f64 / of as f64
}
