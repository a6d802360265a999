//! The lines of the channels that tell of bounces, caught in the thread that wrote them.

use bouncehandlerd::log::{BOUNCE_HANDLER, BOUNCE_VERDICT};
use log::{LevelFilter, Log, Metadata, Record};
use std::cell::RefCell;
use std::sync::Once;

/// The channel for what the extension does not know.
pub const BOUNCES: &str = "bounces";

thread_local! {
    static LINES: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

struct Catcher;

impl Log for Catcher {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        [BOUNCE_HANDLER, BOUNCE_VERDICT, BOUNCES].contains(&metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (record.target().to_owned(), record.args().to_string());
            LINES.with_borrow_mut(|lines| lines.push(line));
        }
    }

    fn flush(&self) {}
}

/// Begins to catch, and forgets what was caught in this thread before.
pub fn catch() {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_boxed_logger(Box::new(Catcher)).unwrap();
        log::set_max_level(LevelFilter::Info);
    });
    LINES.with_borrow_mut(Vec::clear);
}

/// What was caught in the extension's channel since, in this thread.
pub fn caught() -> Vec<String> {
    caught_in(BOUNCE_HANDLER)
}

/// What was caught in a channel since, in this thread; forgets the others.
pub fn caught_in(channel: &str) -> Vec<String> {
    let mut lines = LINES.with_borrow_mut(std::mem::take);
    lines.retain(|(target, _)| target == channel);
    lines.into_iter().map(|(_, line)| line).collect()
}
