//! The modules, one file each; [`registry`](super::registry) has the list.

pub mod bouncehandler;
pub mod checktoken;
pub mod clientlogin;
pub mod edit;
pub mod emailuser;
pub mod help;
pub mod login;
pub mod logout;
pub mod paraminfo;
pub mod query;
