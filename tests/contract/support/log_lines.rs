//! The lines of the `BounceHandler` channel, caught in the thread that wrote them.

use bouncehandlerd::log::BOUNCE_HANDLER;
use log::{LevelFilter, Log, Metadata, Record};
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Catcher;

impl Log for Catcher {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == BOUNCE_HANDLER
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            LINES.with_borrow_mut(|lines| lines.push(record.args().to_string()));
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

/// What was caught since, in this thread.
pub fn caught() -> Vec<String> {
    LINES.with_borrow_mut(std::mem::take)
}
