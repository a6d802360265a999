//! bouncehandlerd: takes bounce mails in the place of a MediaWiki wiki and acts on them.
//!
//! `docs/ARCHITECTURE.md` shows the rooms, what each may know, and the way of one mail through them.

pub mod account;
pub mod admin;
pub mod api;
pub mod bounce;
pub mod cli;
pub mod clock;
pub mod decision;
pub mod effects;
pub mod ip;
pub mod job;
pub mod log;
pub mod mailer;
pub mod metrics;
pub mod php_serialize;
mod process;
pub mod runner;
pub mod server;
pub mod settings;
pub mod stop;
pub mod store;
pub mod verp;
