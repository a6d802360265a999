//! What a run shows: its lines on standard output, and how far it has come on a terminal.

use crate::admin::{Progress, SEPARATOR};
use crate::clock::Clock;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

/// Clears the line that the cursor is on.
const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// What of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Lines,
    LinesAndProgress,
}

/// Takes what a run writes: lines, and records of its progress between them.
pub(super) struct Screen {
    shown: Shown,
    /// One JSON document, without a line end, in place of lines: a record may follow it directly.
    json: bool,
    /// A record that has begun and not ended.
    pending: Vec<u8>,
    at_line_start: bool,
    began: Duration,
    latest: Progress,
}

impl Screen {
    /// Shows nothing if `quiet`; expects a JSON document in place of lines if `json`.
    pub(super) fn new(quiet: bool, json: bool) -> Self {
        let shown = match (quiet, Self::has_terminal()) {
            (true, _) => Shown::Nothing,
            (false, false) => Shown::Lines,
            (false, true) => Shown::LinesAndProgress,
        };
        Self {
            shown,
            json,
            pending: Vec::new(),
            at_line_start: true,
            began: Clock::System.elapsed(),
            latest: Progress::default(),
        }
    }

    /// Whether somebody can look at the progress.
    pub(super) fn has_terminal() -> bool {
        io::stderr().is_terminal()
    }

    /// How many jobs failed, as far as the run has told.
    pub(super) fn failed(&self) -> u64 {
        self.latest.failed
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        let mut shown = Vec::with_capacity(chunk.len());
        let mut news = false;
        for line in chunk.split_inclusive(|byte| *byte == b'\n') {
            let (before, record) = line.split_at(self.start_of_record(line));
            shown.extend_from_slice(before);
            self.at_line_start = line.last() == Some(&b'\n');
            self.pending.extend_from_slice(record);
            if self.pending.is_empty() {
                continue;
            }
            if self.at_line_start {
                let record = std::mem::take(&mut self.pending);
                match record.get(1..).and_then(Progress::read) {
                    Some(progress) => self.latest = progress,
                    // It only looked like one.
                    None => shown.extend_from_slice(&record),
                }
                news = true;
            }
        }
        self.show(&shown, news)
    }

    /// Where in the line the bytes of a record begin; its length if none do.
    fn start_of_record(&self, line: &[u8]) -> usize {
        if !self.pending.is_empty() {
            return 0;
        }
        let found = line.iter().position(|byte| *byte == SEPARATOR);
        // JSON escapes the separator; a line of text may have one in it, but does not begin with it.
        found
            .filter(|at| self.json || (*at == 0 && self.at_line_start))
            .unwrap_or(line.len())
    }

    fn show(&self, lines: &[u8], news: bool) -> io::Result<()> {
        if self.shown == Shown::Nothing {
            return Ok(());
        }
        let shows_progress = self.shown == Shown::LinesAndProgress;
        let mut progress = io::stderr().lock();
        if shows_progress && (news || !lines.is_empty()) {
            progress.write_all(CLEAR_LINE)?;
        }
        if !lines.is_empty() {
            let mut screen = io::stdout().lock();
            screen.write_all(lines).and_then(|()| screen.flush())?;
        }
        if shows_progress && self.latest.left.is_some() {
            progress.write_all(
                summary(
                    &self.latest,
                    Clock::System.elapsed().saturating_sub(self.began),
                )
                .as_bytes(),
            )?;
        }
        progress.flush()
    }

    /// Takes the progress away.
    pub(super) fn end(&self) -> io::Result<()> {
        if self.shown == Shown::LinesAndProgress {
            io::stderr().write_all(CLEAR_LINE)?;
        }
        Ok(())
    }
}

/// Done, failed, left, rate, time left.
fn summary(progress: &Progress, spent: Duration) -> String {
    let Progress { good, failed, left } = progress;
    let left = left.unwrap_or(0);
    let ended = good.saturating_add(*failed);
    #[expect(clippy::cast_precision_loss, reason = "shown in whole numbers")]
    let (ended_share, left_share) = (ended as f64, left as f64);
    let rate = ended_share / spent.as_secs_f64().max(0.001);
    let rest = if rate > 0.0 {
        duration_text(left_share / rate)
    } else {
        "unknown".to_owned()
    };
    format!("{good} done, {failed} failed, {left} left, {rate:.0} a second, time left {rest}")
}

fn duration_text(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates"
    )]
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, minutes) => format!("{minutes}:{rest:02}"),
        (hours, minutes) => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_how_long_it_will_take() {
        // By hand: 90 + 10 jobs in 2 seconds are 50 a second; 180,000 more take an hour.
        let progress = Progress {
            good: 90,
            failed: 10,
            left: Some(180_000),
        };
        let text = "90 done, 10 failed, 180000 left, 50 a second, time left 1:00:00";
        assert_eq!(summary(&progress, Duration::from_secs(2)), text);
        let none = Progress {
            left: Some(5),
            ..Progress::default()
        };
        let text = "0 done, 0 failed, 5 left, 0 a second, time left unknown";
        assert_eq!(summary(&none, Duration::from_secs(2)), text);
    }

    #[test]
    fn records_are_taken_out_wherever_the_chunks_end() {
        let text = b"\x1e{\"good\":1,\"failed\":2,\"left\":3}\n";
        for cut in 1..text.len() {
            let mut screen = Screen::new(true, false);
            let (one, other) = text.split_at(cut);
            screen.take(one).unwrap();
            screen.take(other).unwrap();
            assert_eq!(screen.failed(), 2, "{cut}");
            assert!(screen.pending.is_empty());
        }
    }
    #[test]
    fn a_record_is_found_directly_after_a_json_document() {
        let mut screen = Screen::new(true, true);
        screen
            .take(b"{\"reached\":\"none-ready\"}\x1e{\"good\":1,\"failed\":2,\"left\":null}\n")
            .unwrap();
        assert_eq!(screen.failed(), 2);
    }

    #[test]
    fn a_separator_within_a_line_of_text_begins_no_record() {
        let mut screen = Screen::new(true, false);
        screen
            .take(b"title \x1e{\"good\":1,\"failed\":2,\"left\":null}\n")
            .unwrap();
        assert_eq!(screen.failed(), 0);
    }
}
