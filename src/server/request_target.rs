//! Request targets with bytes that RFC 3986 allows in none: `<`, `>`, `"`, and whatever is not ASCII.
//!
//! The web servers that MediaWiki runs behind take them as they are, and clients send them; the HTTP library refuses
//! them. They are percent-encoded on their way in, which means the same to whoever decodes the target.

mod framing;

use actix_web::rt::net::{ActixStream, Ready};
use framing::Framing;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose request targets have no such bytes.
#[derive(Debug)]
pub(super) struct EncodedTargets<S> {
    stream: S,
    framing: Framing,
    /// What was read and encoded and did not fit.
    left_over: Vec<u8>,
}

impl<S> EncodedTargets<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            framing: Framing::default(),
            left_over: Vec::new(),
        }
    }

    /// The connection as it is.
    pub(super) fn stream(&self) -> &S {
        &self.stream
    }

    /// Gives as much of what is left over as there is room for.
    fn give_left_over(&mut self, into: &mut ReadBuf<'_>) {
        let length = self.left_over.len().min(into.remaining());
        let given: Vec<u8> = self.left_over.drain(..length).collect();
        into.put_slice(&given);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for EncodedTargets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.left_over.is_empty() {
            self.give_left_over(into);
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(task, into))?;
        let new = into.filled().get(before..).unwrap_or_default();
        // Nearly always nothing is to be encoded, and the bytes stay where they were read to.
        if let Some(encoded) = self.framing.encode_targets(new) {
            into.set_filled(before);
            self.left_over = encoded;
            self.give_left_over(into);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EncodedTargets<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(task, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl<S: ActixStream> ActixStream for EncodedTargets<S> {
    fn poll_read_ready(&self, task: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        if self.left_over.is_empty() {
            self.stream.poll_read_ready(task)
        } else {
            Poll::Ready(Ok(Ready::READABLE))
        }
    }

    fn poll_write_ready(&self, task: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_write_ready(task)
    }
}
