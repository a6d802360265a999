//! What the tests share: a place to run in, the program, a server, a tracer, a client, mails, chance and patience.

pub mod chance;
pub mod http;
pub mod mail;
pub mod place;
pub mod process;
pub mod server;
pub mod strace;
pub mod wait;
