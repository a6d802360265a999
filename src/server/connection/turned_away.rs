//! Clients for whom there is no room.

use super::crowd::Crowd;
use super::{FAREWELL, LastWords, last_words};
use actix_web::rt::net::TcpStream;
use std::future::poll_fn;
use std::pin::Pin;
use tokio::io::AsyncWrite as _;
use tokio::time::timeout;

/// Tells a client to try again later, and hangs up.
pub(in crate::server) async fn turn_away(mut stream: TcpStream, crowd: &Crowd) {
    // The buffer of a new connection takes it at once; a client that has gone needs no answer.
    let words = last_words(LastWords::Crowded);
    drop(poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, words)).await);
    drop(poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await);
    if let Some(_permit) = crowd.farewell() {
        drop(timeout(FAREWELL, discard(&stream)).await);
    }
}

/// Reads until the client hangs up.
async fn discard(stream: &TcpStream) {
    let mut scratch = [0; 4096];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut scratch) {
            Ok(0) => return,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}
