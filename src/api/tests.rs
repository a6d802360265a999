//! The API as a whole: requests in, answers, log lines and jobs out.

mod compare;
mod coverage;
mod fixture_coverage;
mod fixtures;
mod gates;
mod hostile;
mod modes;
mod normalise;
mod profile;
mod properties;
mod recordings;
mod registry;
mod replay;
mod sessions;
pub(in crate::api) mod support;
