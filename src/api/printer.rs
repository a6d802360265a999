//! What an answer will be printed with.

use super::error::ApiError;
use super::formats::FormatInfo;
use super::main_module;
use super::params::{GivenParams, ParamReader, Params};
use super::warning::ApiWarning;

/// The format of an answer. What is wrong with its params is found when the answer is printed, after all else.
#[derive(Debug)]
pub(super) struct Printer {
    pub(super) format: &'static FormatInfo,
    pub(super) params: Result<Params<'static>, ApiError>,
    pub(super) warnings: Vec<(&'static str, ApiWarning)>,
}

impl Printer {
    /// The format that the request asks for, or the default.
    pub(super) fn new(reader: &ParamReader<'_, '_>, given: &GivenParams<'_>) -> Self {
        let catalogue = reader.catalogue;
        let format = main_module::format(given)
            .and_then(|name| catalogue.format(name))
            .unwrap_or(catalogue.default_format);
        let mut given = reader.read(format.info.path, format.info.params);
        let warnings = std::mem::take(&mut given.warnings);
        let params = given.accept().map(Params::into_owned);
        Self {
            format,
            params,
            warnings,
        }
    }
}
