//! Bodies of requests: how large, how slow, and how many at a time they may be.

mod memory;
mod pace;

pub(super) use self::memory::BodyMemory;

use self::memory::Share;
use self::pace::Pace;
use super::connection::Turn;
use super::limits::Limits;
use crate::clock::Clock;
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use std::sync::Arc;
use tokio::time::timeout;

/// Bodies up to this size are no burden and are always taken.
const SMALL_BODY: usize = 16 << 10;

/// Why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    /// It is longer than `MaxRequestSize`.
    TooLarge,
    /// It kept the server waiting (`RequestBodyTime`, `RequestBodyMinRate`).
    TooSlow,
    /// It was given up for others (`MaxRequestMemory`, `MaxConnections`).
    Crowded,
    /// The connection broke, or what came is no HTTP.
    Broken(PayloadError),
}

/// A body, and the memory that it is accounted for.
#[derive(Debug, Default)]
pub(super) struct Body {
    bytes: BytesMut,
    /// The whole body, where it came in one piece.
    whole: Bytes,
    share: Option<Share>,
}

/// Reads a body to its end.
pub(super) async fn read(
    http: &HttpRequest,
    payload: Payload,
    limits: &Limits,
    memory: &Arc<BodyMemory>,
    turn: &mut Turn,
) -> Result<Body, BodyError> {
    if !turn.has_unread_body() {
        // Where there is an `Upgrade`, the library makes a body of all that follows (RFC 9112 section 6.3: there is none).
        return Ok(Body::default());
    }
    let announced = http
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return Err(BodyError::TooLarge);
    }
    turn.expect_body();
    let body = gather(payload, limits, memory).await;
    match body {
        Ok(body) => {
            turn.has_body();
            Ok(body)
        }
        Err(BodyError::Broken(_)) if turn.is_given_up() => Err(BodyError::Crowded),
        Err(error) => Err(error),
    }
}

async fn gather(
    mut payload: Payload,
    limits: &Limits,
    memory: &Arc<BodyMemory>,
) -> Result<Body, BodyError> {
    let mut pace = Pace::new(limits, Clock::System);
    let mut body = Body::default();
    while let Some(chunk) = next_chunk(&mut payload, &mut pace, body.share.as_ref()).await? {
        pace.count(chunk.len());
        if body.len().saturating_add(chunk.len()) > limits.body_bytes {
            return Err(BodyError::TooLarge);
        }
        body.add(chunk, memory)?;
    }
    if let Some(share) = &body.share {
        share.settle();
    }
    Ok(body)
}

async fn next_chunk(
    payload: &mut Payload,
    pace: &mut Pace,
    share: Option<&Share>,
) -> Result<Option<Bytes>, BodyError> {
    loop {
        let chunk = async {
            match pace.left() {
                Some(left) => timeout(left, payload.next()).await.ok(),
                None => Some(payload.next().await),
            }
        };
        let chunk = match share {
            None => chunk.await,
            Some(share) => tokio::select! {
                biased;
                () = share.revoked() => return Err(BodyError::Crowded),
                chunk = chunk => chunk,
            },
        };
        match chunk {
            Some(chunk) => return chunk.transpose().map_err(BodyError::Broken),
            None if pace.keeps_up() => {}
            None => return Err(BodyError::TooSlow),
        }
    }
}

impl Body {
    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        if self.bytes.is_empty() {
            &self.whole
        } else {
            &self.bytes
        }
    }

    /// Their number.
    pub(super) fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Most bodies are one piece and need no copy.
    fn add(&mut self, chunk: Bytes, memory: &Arc<BodyMemory>) -> Result<(), BodyError> {
        if self.bytes.is_empty() && self.whole.is_empty() && chunk.len() <= SMALL_BODY {
            self.whole = chunk;
            return Ok(());
        }
        if self.bytes.is_empty() {
            let first = std::mem::take(&mut self.whole);
            self.bytes.extend_from_slice(&first);
        }
        self.bytes.extend_from_slice(&chunk);
        if self.bytes.len() > SMALL_BODY {
            let share = self.share.get_or_insert_with(|| memory.share());
            if !share.grow(self.bytes.capacity()) {
                return Err(BodyError::Crowded);
            }
        }
        Ok(())
    }
}
