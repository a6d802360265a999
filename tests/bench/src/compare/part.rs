//! The parts of a run.

use clap::ValueEnum;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// Accepted bounces a second, against the ceiling.
    Throughput,
    /// Jobs run a second.
    Jobs,
    /// Memory with a long queue, and the cost of a bounce with a very long one.
    Queue,
    /// Bounces beside many slow connections.
    Slow,
    /// Accepted bodies a second, against Redis and beanstalkd.
    Peers,
    /// Memory, start after a kill, and cost of a push and of a job with a very deep queue.
    Deep,
    /// Memory and disk while very many jobs go through a short queue.
    Soak,
    /// Mails read a second, against other programs that read bounces.
    Bounces,
}
