//! The API as a whole: requests in, answers, log lines and jobs out.

mod gates;
mod normalise;
mod properties;
mod replay;
pub(in crate::api) mod support;
