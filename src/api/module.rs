//! What a module of the API is.

use super::ApiOptions;
use super::error::ApiError;
use super::modules::bouncehandler::Submission;
use super::param_spec::ParamSpec;
use super::params::Params;
use super::request_id::RequestId;
use super::result::Object;
use crate::clock::Timestamp;
use crate::ip::ClientAddress;

/// A module, as the param `action` names it.
#[derive(Debug)]
pub struct ModuleInfo {
    /// Its name.
    pub name: &'static str,
    /// Its params.
    pub params: &'static [ParamSpec],
    /// Whether it takes `POST` only.
    pub must_be_posted: bool,
    /// Whether it changes something.
    pub is_write_mode: bool,
    /// Does what can be done without the store.
    pub execute: fn(&ModuleCall<'_>, &mut Object) -> Result<Execution, ApiError>,
}

/// What a module works with.
#[derive(Debug)]
pub struct ModuleCall<'c> {
    /// The settings of the API.
    pub options: &'c ApiOptions,
    /// Whose request it is.
    pub client: &'c ClientAddress,
    /// The module's params.
    pub params: &'c Params<'c>,
    /// The identifier of the request.
    pub request_id: &'c RequestId,
    /// When the request is answered.
    pub now: Timestamp,
}

/// How far a module got.
#[derive(Debug)]
pub enum Execution {
    /// The result is complete.
    Complete,
    /// The store has to take a bounce first.
    Submit(Submission),
}
