//! What can be wrong with params taken together.
//!
//! MediaWiki: `ApiBase::requireOnlyOneParameter`, `requireAtLeastOneParameter`. Recorded case: `auth/edit-no-title`.

use super::error::ApiError;
use super::messages::{self, MessageParam, MessageText};
use super::report::Report;

/// Params of a module that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamMixError {
    module: &'static str,
    params: Vec<&'static str>,
    fault: MixFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MixFault {
    NoneOfOne,
    NoneOfSome,
    Exclusive,
}

impl ParamMixError {
    /// One of these was to be given, and none was.
    pub fn one_of(module: &'static str, params: &[&'static str]) -> Self {
        Self::new(module, params, MixFault::NoneOfOne)
    }

    /// At least one of these was to be given, and none was.
    pub fn at_least_one_of(module: &'static str, params: &[&'static str]) -> Self {
        Self::new(module, params, MixFault::NoneOfSome)
    }

    /// Only one of these may be given.
    pub fn exclusive(module: &'static str, params: &[&'static str]) -> Self {
        Self::new(module, params, MixFault::Exclusive)
    }

    fn new(module: &'static str, params: &[&'static str], fault: MixFault) -> Self {
        Self {
            module,
            params: params.to_vec(),
            fault,
        }
    }

    /// What it is on the wire.
    pub fn report(&self) -> Report {
        let (code, text): (_, &'static MessageText) = match self.fault {
            MixFault::NoneOfOne => ("missingparam", &messages::MISSING_ONE_OF),
            MixFault::NoneOfSome => ("missingparam", &messages::MISSING_AT_LEAST_ONE_OF),
            MixFault::Exclusive => ("invalidparammix", &messages::EXCLUSIVE_PARAMS),
        };
        let params = [
            MessageParam::Variables(self.params.clone()),
            MessageParam::count(self.params.len()),
        ];
        Report::new(self.module, code, text, params)
    }
}

impl From<ParamMixError> for ApiError {
    fn from(error: ParamMixError) -> Self {
        Self::ParamMix(error)
    }
}
