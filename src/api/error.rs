//! What can go wrong with a request, and what each fault is on the wire.

use super::behind_gates::Unavailable;
use super::exception::Exception;
use super::gate_error::GateError;
use super::messages;
use super::module_path::ModulePathError;
use super::modules::query::siteinfo;
use super::param_error::{ParamError, ParamFault};
use super::param_mix::ParamMixError;
use super::query_error::QueryError;
use super::report::{Report, Telling};
use crate::store::StoreError;
use std::borrow::Cow;

/// Why a request is answered with an error.
#[derive(Debug, Clone)]
pub enum ApiError {
    /// Something is wrong with a param.
    Param(ParamError),
    /// Something is wrong with several params together.
    ParamMix(ParamMixError),
    /// The request is refused before its module sees it.
    Gate(GateError),
    /// The module could do nothing but refuse.
    Unavailable(Unavailable),
    /// The client is outside `BounceHandlerInternalIPs`.
    InternalUseOnly {
        /// The module.
        module: &'static str,
    },
    /// `help` is asked for a module that there is not.
    BadModule {
        /// The module that was to describe it.
        module: &'static str,
        /// Why there is none.
        error: ModulePathError,
    },
    /// All database servers were asked for, and their names are not told (`ShowHostnames`).
    AllServersHidden,
    /// Something is wrong with what is asked of `query`.
    Query(QueryError),
    /// A fault of the wiki or its settings.
    Exception(Exception),
}

impl ApiError {
    /// A required param is missing or empty.
    pub fn missing(module: &'static str, param: &'static str) -> Self {
        Self::of_param(module, param, ParamFault::Missing)
    }

    /// Something is wrong with a param.
    pub fn of_param(module: &'static str, param: &'static str, fault: ParamFault) -> Self {
        Self::Param(ParamError {
            module,
            param,
            fault,
        })
    }

    /// What it is on the wire.
    pub fn report(&self, telling: &Telling) -> Report {
        match self {
            Self::Param(error) => error.report(),
            Self::ParamMix(error) => error.report(),
            Self::Gate(error) => error.report(),
            Self::Unavailable(error) => error.report(),
            Self::InternalUseOnly { module } => {
                Report::new(module, "invalid-ip", &messages::INTERNAL_USE_ONLY, [])
            }
            Self::BadModule { module, error } => error.report(module),
            Self::AllServersHidden => siteinfo::all_servers_hidden(),
            Self::Query(error) => error.report(),
            Self::Exception(exception) => exception.report(telling),
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Gate(error) => error.http_status(),
            Self::Exception(exception) => exception.http_status(),
            Self::Param(_)
            | Self::ParamMix(_)
            | Self::Unavailable(_)
            | Self::InternalUseOnly { .. }
            | Self::BadModule { .. }
            | Self::AllServersHidden
            | Self::Query(_) => 200,
        }
    }

    /// The HTTP status for those who look at nothing else (`BounceHandlerHttpErrors`): 503 where the same mail may be
    /// taken later, 4xx where it will not.
    pub fn honest_status(&self) -> u16 {
        match self {
            Self::Exception(Exception::Store(_) | Exception::WikiNotLocal(_)) => 503,
            Self::Exception(_) => 500,
            Self::InternalUseOnly { .. } | Self::Unavailable(_) => 403,
            Self::Param(_)
            | Self::ParamMix(_)
            | Self::BadModule { .. }
            | Self::AllServersHidden
            | Self::Query(_) => 400,
            Self::Gate(error) => error.honest_status(),
        }
    }

    /// The headers of the answer that are only there with this error.
    pub fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        match self {
            Self::Gate(error) => error.headers(),
            Self::Param(_)
            | Self::ParamMix(_)
            | Self::Unavailable(_)
            | Self::InternalUseOnly { .. }
            | Self::BadModule { .. }
            | Self::AllServersHidden
            | Self::Query(_)
            | Self::Exception(_) => Vec::new(),
        }
    }
}

impl From<StoreError> for ApiError {
    /// A store that only cannot be written at present is what a wiki is that is for reading only.
    fn from(error: StoreError) -> Self {
        let reason = match error {
            StoreError::Full { .. } => "There is no room for further bounces",
            StoreError::WriteFailed { .. } | StoreError::NotWritable { .. } => {
                "The queue cannot be written"
            }
            error => return Self::Exception(Exception::Store(error)),
        };
        Self::Gate(GateError::QueueNotWritable { reason })
    }
}

impl From<GateError> for ApiError {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<ParamError> for ApiError {
    fn from(error: ParamError) -> Self {
        Self::Param(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::messages::{Language, TextForm};
    use crate::api::request_id::RequestId;
    use crate::job::WikiId;
    use crate::verp::VerpKeys;

    fn telling(with_details: bool) -> Telling {
        Telling {
            request_id: RequestId::random(),
            with_details,
        }
    }

    fn unknown_wiki(name: &str) -> Exception {
        Exception::Store(StoreError::UnknownWiki(WikiId(name.to_owned())))
    }

    #[test]
    fn conditions_are_on_the_wire_what_they_are_in_the_recordings() {
        let module = "bouncehandler";
        let unusable = VerpKeys::new("crc32", b"", 0).unwrap_err();
        let exceptions = [
            (
                Exception::UnusableAlgorithm(unusable),
                "internal_api_error_ValueError",
            ),
            (
                Exception::WikiNotLocal("w".to_owned()),
                "internal_api_error_LogicException",
            ),
            (unknown_wiki("w"), "internal_api_error_DBQueryError"),
        ];
        let exceptions =
            exceptions.map(|(exception, code)| (ApiError::Exception(exception), code, 200, None));
        let gates = [
            (GateError::PromisedNonWrite, "promised-nonwrite-api", 200),
            (GateError::InvalidMethod, "invalidmethod", 405),
            (GateError::MustBePosted { module }, "mustbeposted", 200),
            (
                GateError::ContentTooLarge { limit: 1 },
                "http-contenttoolarge",
                413,
            ),
            (
                GateError::QueueNotWritable { reason: "full" },
                "readonly",
                503,
            ),
        ];
        let gates = gates.map(|(error, code, status)| (error.into(), code, status, Some("main")));
        let own = [
            (
                ApiError::missing(module, "email"),
                "missingparam",
                200,
                Some(module),
            ),
            (
                ApiError::InternalUseOnly { module },
                "invalid-ip",
                200,
                Some(module),
            ),
        ];
        let table = own.into_iter().chain(gates).chain(exceptions);
        for (error, code, status, module) in table {
            let report = error.report(&telling(false));
            assert_eq!(
                (&*report.code, error.http_status(), report.module),
                (code, status, module)
            );
        }
    }

    #[test]
    fn an_exception_tells_its_class_and_only_on_demand_its_details() {
        let exception = unknown_wiki("nowiki");
        let details = exception.to_string();
        let error = ApiError::Exception(exception);
        for (with_details, expected) in [
            (
                false,
                "Caught exception of type Wikimedia\\Rdbms\\DBQueryError".to_owned(),
            ),
            (true, format!("Exception caught: {details}")),
        ] {
            let telling = telling(with_details);
            let message = error.report(&telling).message;
            let id = telling.request_id.as_str();
            assert_eq!(
                message.render(&Language::English, TextForm::Wikitext),
                format!("[{id}] {expected}")
            );
        }
    }
}
