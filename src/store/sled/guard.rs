//! sled panics over some damage and some failed writes instead of returning an error. Here its panics become errors.

use crate::store::StoreError;
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread becomes an error, which tells of it.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls sled; a panic becomes [`StoreError::Damaged`].
///
/// What sled holds after a panic is not to be used any further, except to be dropped under the same guard.
pub(super) fn guarded<T>(
    directory: &Path,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    match quietly(work) {
        Ok(done) => done.map_err(|error| located(error, directory)),
        Err(panic) => Err(StoreError::Damaged {
            directory: directory.to_path_buf(),
            what: format!("sled gave up ({})", panic_text(panic.as_ref())),
        }),
    }
}

/// An error that does not say which directory it is about is about this one.
pub(super) fn located(mut error: StoreError, place: &Path) -> StoreError {
    if let StoreError::Damaged { directory, .. } | StoreError::Version { directory, .. } =
        &mut error
        && directory.as_os_str().is_empty()
    {
        *directory = place.to_path_buf();
    }
    error
}

/// Drops something of sled's, whatever state it is in.
pub(super) fn discard<T>(thing: T) {
    if let Err(panic) = quietly(move || drop(thing)) {
        log::warn!(target: "store", "sled gave up while it was closed: {}", panic_text(panic.as_ref()));
    }
}

fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    silence_guarded_threads();
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    result
}

/// Puts a hook before the present one that keeps still where a guard tells of the panic; once, since hooks are global.
fn silence_guarded_threads() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                loud(info);
            }
        }));
    });
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_it() {
        let result: Result<(), _> = guarded(Path::new("data"), || panic!("segment 7"));
        let error = result.unwrap_err().to_string();
        assert!(error.contains("segment 7"), "{error}");
        assert!(!GUARDED.get());
    }
}
