//! The emulated `api.php`: takes a request as bytes, gives an answer as status, headers and bytes.
//!
//! MediaWiki 1.43: the Action API. The tables are the only statement of the protocol: modules and formats in
//! `registry`, params in the rows of `param_spec`, errors in `error`, warnings in `warning`, texts in `messages`.
//! The room knows nothing of sockets, of how the store stores, or of what becomes of a job.

mod accepted_languages;
mod answer;
mod auth_request;
mod authentication;
mod behind_gates;
mod caching;
mod catalogue;
mod cors;
mod error;
mod error_format;
mod exception;
mod formats;
mod gate_error;
mod gates;
mod help_text;
mod index_php;
mod login_fault;
mod login_warning;
mod main_module;
mod markup;
mod messages;
mod module;
mod module_path;
mod modules;
mod multipart;
mod options;
mod page;
mod param_error;
mod param_mix;
mod param_spec;
mod param_warning;
mod params;
mod php_input;
mod printer;
mod query_error;
mod rate_limits;
mod registry;
mod report;
mod request;
mod request_id;
mod response;
mod result;
mod session;
mod site;
mod text;
mod title;
mod user_options;
mod warning;

#[cfg(test)]
mod tests;

pub use self::cors::CrossSiteDomains;
pub use self::index_php::{FieldValue, IndexRequest, View};
pub use self::options::{ApiOptions, RestrictedIpResponse};
pub use self::request::{ApiRequest, Method};
pub use self::response::ApiResponse;
pub use self::session::SessionOptions;
pub use self::site::Site;

use self::answer::Answer;
use self::cors::CorsOutcome;
use self::error::ApiError;
use self::exception::Exception;
use self::gate_error::GateError;
use self::gates::GateCall;
use self::messages::{Language, TextForm};
use self::module::{Execution, MAIN};
use self::modules::bouncehandler::{self, Submission};
use self::modules::query::{self, PendingQuery};
use self::params::{GivenParams, ParamReader, ValueLimit};
use self::php_input::PhpInput;
use self::registry::CATALOGUE;
use self::report::Telling;
use self::request_id::RequestId;
use self::response::Envelope;
use self::session::{Opening, Session, Sessions};
use crate::clock::Clock;
use crate::ip::ClientAddress;
use crate::store::Store;
use std::sync::Arc;

/// The API of one wiki.
#[derive(Debug, Clone)]
pub struct Api {
    options: Arc<ApiOptions>,
    sessions: Arc<Sessions>,
    store: Store,
    clock: Clock,
}

/// A request that has been dealt with as far as computing goes.
#[derive(Debug)]
pub enum Prepared {
    /// There is nothing more to do.
    Answered(ApiResponse),
    /// The store has something to do before the answer is true.
    Pending(Box<PendingAnswer>),
}

/// An answer that waits for the store.
#[derive(Debug)]
pub struct PendingAnswer {
    answer: Answer,
    work: PendingWork,
    session: Arc<Session>,
}

/// What the store has to do.
#[derive(Debug)]
enum PendingWork {
    /// Take a bounce.
    Submit(Submission),
    /// Be asked by modules of `query`.
    Query(PendingQuery),
}

impl Api {
    /// An API with these settings.
    pub fn new(options: ApiOptions, store: Store, clock: Clock) -> Self {
        let sessions = Arc::new(Sessions::new(options.sessions.clone()));
        let options = Arc::new(options);
        Self {
            options,
            sessions,
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
        let mut envelope = envelope(request, &input);
        let client = match &request.client {
            Ok(client) => client,
            Err(error) => {
                let exception = Exception::NoClientAddress(error.clone());
                return Prepared::Answered(self.fatal_page(exception, &envelope));
            }
        };
        let cors = match cors::check(request, &input, &self.options.cross_site_domains) {
            CorsOutcome::Go(cors) => cors,
            CorsOutcome::Mismatch => {
                return Prepared::Answered(ApiResponse::origin_mismatch(&envelope));
            }
            CorsOutcome::MalformedHeader(header) => {
                let exception = Exception::MalformedOrigin(header);
                return Prepared::Answered(self.fatal_page(exception, &envelope));
            }
        };
        envelope.cors = cors.headers;
        if request.method == Method::Options {
            return Prepared::Answered(ApiResponse::empty_page(&envelope));
        }
        let session = Arc::new(self.session(request, client, &envelope));
        let (mut answer, main) = self.begin(envelope, &input, session.value_limit());
        answer.caching.by_origin = cors.by_origin;
        answer.caching.has_session = session.is_persisted();
        let call = GateCall {
            request,
            client,
            input: &input,
            options: &self.options,
            catalogue: &CATALOGUE,
            session: &session,
            now: self.clock.now(),
        };
        let request_id = answer.envelope.request_id.clone();
        let passage = gates::pass(&call, main, &request_id, &mut answer);
        answer.cookies = session.cookies(call.now);
        prepared(passage, answer, session)
    }

    /// Waits for the store, where there is something for it to do.
    pub async fn finish(&self, prepared: Prepared) -> ApiResponse {
        let PendingAnswer {
            mut answer,
            work,
            session,
        } = match prepared {
            Prepared::Answered(response) => return response,
            Prepared::Pending(pending) => *pending,
        };
        let (store, options) = (&self.store, &*self.options);
        let done = match work {
            PendingWork::Submit(submission) => {
                bouncehandler::submit(submission, store, options, &mut answer.result)
                    .await
                    .map(Some)
            }
            PendingWork::Query(query) => {
                let ran = query::run(query, options, store, &session, &mut answer).await;
                answer.cookies = session.cookies(self.clock.now());
                ran.map(|()| None)
            }
        };
        match done {
            Ok(job) => {
                let mut response = answer.complete();
                response.job = job;
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
        let (answer, _) = self.begin(envelope(&request, &input), &input, ValueLimit::Low);
        answer.fail(GateError::ContentTooLarge { limit }.into())
    }

    /// Whose request it is. What any page can make a browser send is nobody's.
    fn session(
        &self,
        request: &ApiRequest<'_>,
        client: &ClientAddress,
        envelope: &Envelope,
    ) -> Session {
        self.sessions.open(Opening {
            cookie: request.cookie,
            client,
            is_https: request.is_https,
            is_suppressed: envelope.login_suppressed,
            accounts: &self.options.accounts,
            now: self.clock.now(),
        })
    }

    /// Reads the params of the main module, and with them how the answer will look.
    fn begin<'i>(
        &self,
        envelope: Envelope,
        input: &'i PhpInput<'_>,
        limit: ValueLimit,
    ) -> (Answer, GivenParams<'i>) {
        let reader = ParamReader {
            input,
            catalogue: &CATALOGUE,
            limit,
        };
        let mut given = reader.read(MAIN, CATALOGUE.main.params);
        let options = Arc::clone(&self.options);
        let mut answer = Answer::new(options, envelope, &reader, &mut given, &self.clock);
        let is_bounce = input.scalar("action") == Some(bouncehandler::NAME.as_bytes());
        answer.has_honest_status = is_bounce && self.options.bounce_handler_http_errors;
        (answer, given)
    }

    /// For a fault that leaves nothing to print an answer with.
    fn fatal_page(&self, exception: Exception, envelope: &Envelope) -> ApiResponse {
        answer::log_exception(&exception, envelope, &self.options);
        let report = ApiError::Exception(exception).report(&Telling {
            request_id: envelope.request_id.clone(),
            with_details: false,
        });
        let message = report.message.render(&Language::English, TextForm::Html);
        ApiResponse::fatal_page(report.code, &message, envelope)
    }
}

fn prepared(
    passage: Result<Option<Execution>, ApiError>,
    answer: Answer,
    session: Arc<Session>,
) -> Prepared {
    let pending = |answer, work| {
        Prepared::Pending(Box::new(PendingAnswer {
            answer,
            work,
            session,
        }))
    };
    match passage {
        Ok(None) => Prepared::Answered(ApiResponse::not_modified(&answer.envelope)),
        Ok(Some(Execution::Complete)) => Prepared::Answered(answer.complete()),
        Ok(Some(Execution::Page(page))) => Prepared::Answered(answer.complete_with_page(page)),
        Ok(Some(Execution::Submit(submission))) => pending(answer, PendingWork::Submit(submission)),
        Ok(Some(Execution::Query(query))) => pending(answer, PendingWork::Query(query)),
        Err(error) => Prepared::Answered(answer.fail(error)),
    }
}

fn envelope(request: &ApiRequest<'_>, input: &PhpInput<'_>) -> Envelope {
    let is_for_others = gates::is_script(input) || cors::is_for_anybody(input);
    Envelope {
        request_id: RequestId::random(),
        login_suppressed: request.treat_as_untrusted || is_for_others,
        without_body: request.method == Method::Head,
        query: matches!(request.method, Method::Get | Method::Head).then(|| request.query.to_vec()),
        cors: Vec::new(),
    }
}
