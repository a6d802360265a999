//! The stop signal: said once, seen by everybody who holds an end of it.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The end that says stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// An end that hears it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A stopper and the signal that it gives.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Says stop; saying it again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Says stop when the process is sent SIGTERM or SIGINT.
pub async fn on_signal(stopper: Stopper) {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        log::error!(target: "server", "signals cannot be caught; SIGTERM will end the program at once");
        return std::future::pending().await;
    };
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    log::info!(target: "server", "{name}: no new requests; the running job ends");
    stopper.stop();
}

impl Stop {
    /// Whether stop was said, or nobody is left to say it.
    pub fn is_set(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits until stop is said, or nobody is left to say it.
    pub async fn wait(&mut self) {
        while !self.is_set() {
            if self.0.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_hears_it_and_a_lost_stopper_counts_as_stop() {
        let (stopper, stop) = channel();
        let other = stop.clone();
        assert!(!stop.is_set());
        stopper.stop();
        assert!(stop.is_set() && other.is_set());
        let (stopper, stop) = channel();
        drop(stopper);
        assert!(stop.is_set());
    }
}
