//! Clients that hold connections and send next to nothing: half of them the head of a request, half of them a body.
//!
//! One thread serves them all: each connection gets a byte now and then, and one that the server has closed is opened anew,
//! as somebody would who means to keep the server busy.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// How often a part of the connections gets a byte, and in how many parts they are: each gets one every five seconds.
const BEAT: Duration = Duration::from_millis(50);
const PARTS: usize = 100;

/// How long the server may take to accept them all.
const ACCEPT_TIME: Duration = Duration::from_secs(30);

/// Files that the server may close meanwhile, the connection by which it was seen to listen among them.
const OTHERS: usize = 8;

/// The beginning of a request that does not end.
const HEAD: &[u8] =
    b"POST /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";

/// A request whose body does not end.
const BODY: &[u8] =
    b"POST /w/api.php?action=bouncehandler&format=json HTTP/1.1\r\nHost: 127.0.0.1\r\n\
      Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\nemail=";

/// Slow connections; they are closed when this goes.
#[derive(Debug)]
pub struct SlowClients {
    stop: Arc<AtomicBool>,
    reopened: Arc<AtomicUsize>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl SlowClients {
    /// Opens `count` connections to a server and waits until it has accepted all of them.
    pub fn open(address: SocketAddr, server: u32, count: usize) -> Result<Self> {
        let before = open_files(server)?.saturating_sub(OTHERS);
        let clients: io::Result<Vec<_>> =
            (0..count).map(|n| SlowClient::open(address, n)).collect();
        let mut clients = clients.context(
            "slow connections cannot be opened; the limit on open files may be too low (ulimit -n)",
        )?;
        let started = Instant::now();
        while open_files(server)? < before.saturating_add(count) {
            if started.elapsed() > ACCEPT_TIME {
                bail!("the server has not accepted {count} slow connections");
            }
            sleep(Duration::from_millis(5));
        }
        let (stop, reopened) = (Arc::default(), Arc::default());
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&reopened));
        let thread = spawn(move || trickle(&mut clients, address, &stopped, &counted));
        Ok(Self {
            stop,
            reopened,
            thread: Some(thread),
        })
    }

    /// Closes them; tells how many had to be opened anew meanwhile.
    pub fn close(mut self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            match thread.join() {
                Ok(trickled) => trickled.context("the slow connections could not be kept open")?,
                Err(_panic) => bail!("the thread of the slow connections has ended"),
            }
        }
        Ok(self.reopened.load(Ordering::Relaxed))
    }
}

impl Drop for SlowClients {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct SlowClient {
    stream: TcpStream,
    number: usize,
}

impl SlowClient {
    fn open(address: SocketAddr, number: usize) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.write_all(if number.is_multiple_of(2) { HEAD } else { BODY })?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, number })
    }

    /// Sends a byte; whether the server still listens.
    fn beat(&mut self) -> bool {
        let silent = matches!(
            self.stream.read(&mut [0; 512]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock
        );
        silent && self.stream.write_all(b"a").is_ok()
    }
}

fn trickle(
    clients: &mut [SlowClient],
    address: SocketAddr,
    stop: &AtomicBool,
    reopened: &AtomicUsize,
) -> io::Result<()> {
    let part = clients.len().div_ceil(PARTS).max(1);
    loop {
        for clients in clients.chunks_mut(part) {
            sleep(BEAT);
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            for client in clients.iter_mut().filter_map(|client| {
                let listened_to = client.beat();
                (!listened_to).then_some(client)
            }) {
                *client = SlowClient::open(address, client.number)?;
                reopened.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// How many files a process has open, connections included (proc(5), `/proc/PID/fd`).
fn open_files(process: u32) -> Result<usize> {
    let path = format!("/proc/{process}/fd");
    let files = fs::read_dir(&path).with_context(|| format!("{path} cannot be read"))?;
    Ok(files.count())
}
