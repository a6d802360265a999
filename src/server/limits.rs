//! What a client may take of the server.

use std::time::Duration;

/// The limits that the settings give. A time that is `None` has no limit.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at a time (`MaxConnections`).
    pub connections: usize,
    /// The most bytes of a request's head (`MaxRequestHeadSize`).
    pub head_bytes: usize,
    /// How long a head may take (`RequestHeadTime`).
    pub head_time: Option<Duration>,
    /// The most bytes of a body (`MaxRequestSize`).
    pub body_bytes: usize,
    /// Over which span the rate of a body is taken (`RequestBodyTime`).
    pub body_time: Option<Duration>,
    /// Bytes of a body that have to come each second of that span (`RequestBodyMinRate`).
    pub body_rate: u64,
    /// How long a client may take nothing of its answer (`AnswerTime`).
    pub answer_time: Option<Duration>,
    /// How long a connection may wait for its next request (`KeepAliveTime`).
    pub keep_alive: Option<Duration>,
    /// The most bytes that bodies may take together (`MaxRequestMemory`).
    pub memory: usize,
}
