//! The emulated `api.php`: takes a request as bytes, gives an answer as status, headers and bytes.
//!
//! MediaWiki 1.43: the Action API. The tables are the only statement of the protocol: modules and formats in
//! `registry`, params in the rows of `param_spec`, errors in `error`, warnings in `warning`, texts in `messages`.
//! The room knows nothing of sockets, of how the store stores, or of what becomes of a job.

mod answer;
mod error;
mod error_format;
mod formats;
mod gates;
mod main_module;
mod markup;
mod messages;
mod module;
mod modules;
mod multipart;
mod param_spec;
mod params;
mod php_input;
mod registry;
mod request;
mod request_id;
mod response;
mod result;
mod text;
mod warning;

#[cfg(test)]
mod tests;

pub use self::request::{ApiRequest, Method};
pub use self::response::ApiResponse;

use self::answer::Answer;
use self::error::{ApiError, Exception};
use self::gates::{GateCall, Passage};
use self::module::Execution;
use self::modules::bouncehandler::{self, Submission};
use self::params::GivenParams;
use self::php_input::PhpInput;
use self::request_id::RequestId;
use self::response::Envelope;
use crate::clock::Clock;
use crate::ip::IpRangeList;
use crate::job::WikiId;
use crate::store::Store;
use crate::verp::{AlgorithmError, VerpKeys};
use std::sync::Arc;

/// The settings of the API.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// Where clients find this API, for the link in errors: `Server`, `ScriptPath`, `/api.php`.
    pub script_url: String,
    /// The wiki that is stood in for.
    pub wiki: WikiId,
    /// The other wikis whose jobs are taken (`LocalDatabases`).
    pub local_databases: Vec<WikiId>,
    /// Who may deliver bounces (`BounceHandlerInternalIPs`, the defaults included).
    pub internal_ips: IpRangeList,
    /// What others are told.
    pub restricted_ip_response: RestrictedIpResponse,
    /// With what VERP addresses are proved; with an algorithm that cannot be used, none is.
    pub verp_keys: Result<VerpKeys, AlgorithmError>,
    /// The most variables taken from the query string, and again from the body (`MaxInputVars`).
    pub max_input_vars: usize,
    /// The header `X-Frame-Options` (`ApiFrameOptions`).
    pub frame_options: Option<String>,
    /// The name of this machine, if answers may tell it (`ShowHostnames`).
    pub host_name: Option<String>,
    /// Whether a module that must be posted is content with a warning (`DebugAPI`).
    pub debug_api: bool,
    /// Whether exceptions are shown with their details (`ShowExceptionDetails`).
    pub show_exception_details: bool,
}

/// What a client outside `BounceHandlerInternalIPs` is told (`RestrictedIPResponse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestrictedIpResponse {
    /// The error `invalid-ip`.
    Error,
    /// Nothing.
    Empty,
}

/// The API of one wiki.
#[derive(Debug, Clone)]
pub struct Api {
    options: Arc<ApiOptions>,
    store: Store,
    clock: Clock,
}

/// A request that has been dealt with as far as computing goes.
#[derive(Debug)]
pub enum Prepared {
    /// There is nothing more to do.
    Answered(ApiResponse),
    /// The store has to take a bounce before the answer is true.
    Pending(Box<PendingAnswer>),
}

/// An answer that waits for the store.
#[derive(Debug)]
pub struct PendingAnswer {
    answer: Answer,
    submission: Submission,
}

impl Api {
    /// An API with these settings.
    pub fn new(options: ApiOptions, store: Store, clock: Clock) -> Self {
        let options = Arc::new(options);
        Self {
            options,
            store,
            clock,
        }
    }

    /// Answers a request. With a large body, [`Api::prepare`] should run where it may take its time.
    pub async fn handle(&self, request: &ApiRequest<'_>) -> ApiResponse {
        self.finish(self.prepare(request)).await
    }

    /// Does all that takes no waiting: reading, checking, proving, and writing of the job.
    pub fn prepare(&self, request: &ApiRequest<'_>) -> Prepared {
        let input = PhpInput::read(request, self.options.max_input_vars);
        let envelope = envelope(request, &input);
        let client = match &request.client {
            Ok(client) => client,
            Err(error) => {
                let exception = Exception::NoClientAddress(error.clone());
                answer::log_exception(&exception, &envelope, &self.options);
                let error = ApiError::Exception(exception);
                return Prepared::Answered(ApiResponse::fatal_page(&error, &envelope));
            }
        };
        if request.method == Method::Options {
            return Prepared::Answered(ApiResponse::empty_page(&envelope));
        }
        let (mut answer, given) = self.begin(envelope, &input);
        let call = GateCall {
            request,
            client,
            input: &input,
            options: &self.options,
            now: self.clock.now(),
        };
        match gates::pass(&call, given, &mut answer) {
            Ok(Passage::NotModified) => {
                Prepared::Answered(ApiResponse::not_modified(&answer.envelope))
            }
            Ok(Passage::Executed(Execution::Complete)) => Prepared::Answered(answer.complete()),
            Ok(Passage::Executed(Execution::Submit(submission))) => {
                Prepared::Pending(Box::new(PendingAnswer { answer, submission }))
            }
            Err(error) => Prepared::Answered(answer.fail(error)),
        }
    }

    /// Waits for the store, where there is something for it to do.
    pub async fn finish(&self, prepared: Prepared) -> ApiResponse {
        let PendingAnswer {
            mut answer,
            submission,
        } = match prepared {
            Prepared::Answered(response) => return response,
            Prepared::Pending(pending) => *pending,
        };
        match bouncehandler::submit(submission, &self.store, &self.options, &mut answer.result)
            .await
        {
            Ok(job) => {
                let mut response = answer.complete();
                response.job = Some(job);
                response
            }
            Err(error) => answer.fail(error),
        }
    }

    /// Refuses a request whose body is larger than `limit` bytes; the body is not looked at.
    pub fn too_large(&self, request: &ApiRequest<'_>, limit: usize) -> ApiResponse {
        let request = ApiRequest {
            body: &[],
            ..request.clone()
        };
        let input = PhpInput::read(&request, self.options.max_input_vars);
        let (answer, _) = self.begin(envelope(&request, &input), &input);
        answer.fail(ApiError::ContentTooLarge { limit })
    }

    /// Reads the params of the main module, and with them how the answer will look.
    fn begin<'i>(&self, envelope: Envelope, input: &'i PhpInput<'_>) -> (Answer, GivenParams<'i>) {
        let mut given = GivenParams::read(main_module::NAME, main_module::PARAMS, input);
        let answer = Answer::new(Arc::clone(&self.options), envelope, input, &mut given);
        (answer, given)
    }
}

fn envelope(request: &ApiRequest<'_>, input: &PhpInput<'_>) -> Envelope {
    Envelope {
        request_id: RequestId::random(),
        login_suppressed: request.treat_as_untrusted || gates::is_script(input),
        without_body: request.method == Method::Head,
    }
}
