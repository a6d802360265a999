//! An answer in the making: the result, what is wrong, and how it is going to be printed.

use super::ApiOptions;
use super::caching::Caching;
use super::error::ApiError;
use super::error_format::ErrorFormatter;
use super::exception::Exception;
use super::formats::{Document, PrintCall};
use super::main_module::{self, Languages, RequestedFields};
use super::messages::Language;
use super::module::{CacheMode, MAIN};
use super::param_spec::ParamSpec;
use super::params::{GivenParams, ParamReader, Params};
use super::printer::Printer;
use super::report::Telling;
use super::response::{ApiResponse, Envelope, Header};
use super::result::{Object, Value};
use super::warning::ApiWarning;
use crate::clock::{Clock, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// The status of [`GateError::ContentTooLarge`](super::gate_error::GateError) (RFC 9110 section 15.5.14).
const TOO_LARGE: u16 = 413;

/// The answer to one request. It owns all that it needs, so that it can wait for the store.
#[derive(Debug)]
pub(super) struct Answer {
    options: Arc<ApiOptions>,
    pub(super) envelope: Envelope,
    pub(super) result: Object,
    pub(super) printer: Printer,
    /// Names that no table has, in order; told only if all goes well.
    pub(super) unrecognized: Vec<Vec<u8>>,
    /// How the answer may be kept, if it is no error.
    pub(super) caching: Caching,
    /// Cookies that the client gets: values of the header `Set-Cookie`.
    pub(super) cookies: Vec<String>,
    /// The HTTP status, if the module is not content with 200.
    pub(super) status: Option<u16>,
    /// Whether a page for people was made, if only to be a value in the result: that is told to caches.
    pub(super) made_page: bool,
    /// Whether an error is to be seen by the HTTP status alone.
    pub(super) has_honest_status: bool,
    /// The language of what is no error.
    language: Language,
    reporting: ErrorFormatter,
    requested: RequestedFields,
    error: Option<ApiError>,
    now: Timestamp,
    clock: Clock,
    /// The clock's elapsed time when the request came.
    began: Duration,
}

impl Answer {
    /// An answer that has only what the client asked to find in every one.
    pub(super) fn new(
        options: Arc<ApiOptions>,
        envelope: Envelope,
        reader: &ParamReader<'_, '_>,
        given: &mut GivenParams<'_>,
        clock: &Clock,
    ) -> Self {
        let languages = Languages::of(reader.input, &options.site.language);
        let reporting = ErrorFormatter {
            format: languages.error_format,
            language: languages.of_errors,
            telling: Telling {
                request_id: envelope.request_id.clone(),
                with_details: options.show_exception_details,
            },
        };
        let (shared_seconds, seconds) = main_module::max_ages(given);
        let mut answer = Self {
            printer: Printer::new(reader, given),
            requested: RequestedFields::of(given),
            caching: Caching {
                shared_seconds,
                seconds,
                by_user: languages.by_user,
                by_protocol: options.vary_on_forwarded_proto,
                ..Caching::private()
            },
            language: languages.of_answer,
            result: Object::default(),
            unrecognized: Vec::new(),
            cookies: Vec::new(),
            status: None,
            made_page: false,
            has_honest_status: false,
            error: None,
            options,
            envelope,
            reporting,
            now: clock.now(),
            began: clock.elapsed(),
            clock: clock.clone(),
        };
        answer.add_requested_fields(answer.requested.served_by);
        answer.warn_of_all(std::mem::take(&mut given.warnings));
        answer
    }

    /// The language of what is no error.
    pub(super) fn language(&self) -> &Language {
        &self.language
    }

    /// Turns an error into the text or the entry that the client's error format has for it, for modules that report
    /// errors within their result.
    pub(super) fn reporting(&self) -> &ErrorFormatter {
        &self.reporting
    }

    pub(super) fn warn(&mut self, module: &'static str, warning: &ApiWarning) {
        self.reporting
            .add_warning(&mut self.result, module, warning);
    }

    pub(super) fn warn_of_all(&mut self, warnings: Vec<(&'static str, ApiWarning)>) {
        for (module, warning) in warnings {
            self.warn(module, &warning);
        }
    }

    /// Warns of something that will not work for ever, and says where its end will be announced.
    pub(super) fn warn_of_deprecation(&mut self, warning: &ApiWarning) {
        self.warn(MAIN, warning);
        self.warn(MAIN, &ApiWarning::DeprecationHelp);
    }

    /// Prints the result.
    pub(super) fn complete(mut self) -> ApiResponse {
        self.warn_of_unrecognized();
        self.print()
    }

    /// Gives this page in place of the result.
    pub(super) fn complete_with_page(self, page: Document) -> ApiResponse {
        self.respond(page)
    }

    fn warn_of_unrecognized(&mut self) {
        if !self.unrecognized.is_empty() {
            let names = std::mem::take(&mut self.unrecognized);
            self.warn(MAIN, &ApiWarning::UnrecognizedParams(names));
        }
    }

    /// Prints the error in place of the result; the warnings stay.
    pub(super) fn fail(mut self, error: ApiError) -> ApiResponse {
        self.replace_result(error);
        self.print()
    }

    fn replace_result(&mut self, error: ApiError) {
        let warnings = self.result.take("warnings");
        self.result = Object::default();
        if let Some(warnings) = warnings {
            self.result.set("warnings", warnings);
        }
        self.reporting.add_error(&mut self.result, &error);
        if let ApiError::Exception(exception) = &error {
            log_exception(exception, &self.envelope, &self.options);
        } else {
            let script_url = &self.options.script_url;
            self.reporting.add_docref(&mut self.result, script_url);
        }
        self.add_requested_fields(true);
        self.caching = Caching::private();
        self.made_page = false;
        self.error = Some(error);
    }

    fn add_requested_fields(&mut self, served_by: bool) {
        if let Some(request_id) = &self.requested.request_id {
            self.result.set("requestid", Value::text(request_id));
        }
        if let Some(host_name) = self.options.host_name.as_ref().filter(|_| served_by) {
            self.result.set("servedby", Value::text(host_name));
        }
        if self.requested.current_timestamp {
            self.result
                .set("curtimestamp", Value::text(self.now.to_iso()));
        }
        if self.requested.language_info {
            self.result
                .set("uselang", Value::text(self.language.code()));
            let of_errors = self.reporting.language.code();
            self.result.set("errorlang", Value::text(of_errors));
        }
    }

    fn print(mut self) -> ApiResponse {
        if self.options.debug_api {
            self.warn(MAIN, &ApiWarning::DebugApi);
        }
        let warnings = std::mem::take(&mut self.printer.warnings);
        self.warn_of_all(warnings);
        let format = self.printer.format;
        let params = match &self.printer.params {
            Ok(params) => params.clone(),
            Err(error) => {
                let error = error.clone();
                self.retreat(error);
                Params::defaults(format.info.params)
            }
        };
        if let Some(warning) = (format.warn)(&params) {
            self.warn(format.info.path, &warning);
        }
        let call = PrintCall {
            params: &params,
            options: &self.options,
            status: self.status(),
            query: self.envelope.query.as_deref(),
            elapsed: self.clock.elapsed().saturating_sub(self.began),
        };
        let document = (format.print)(&call, &self.result);
        self.respond(document)
    }

    fn respond(self, document: Document) -> ApiResponse {
        // A page for people has status 200 whatever is wrong with the request; only a body that was not read shows.
        let status = match self.status() {
            status @ TOO_LARGE => status,
            _ if document.tells_status && !self.has_honest_status => 200,
            status => status,
        };
        let headers = self.headers(document.is_page || self.made_page);
        let frame_options = self.options.frame_options;
        let mut response = ApiResponse::document(status, document, frame_options, &self.envelope);
        response.headers.extend(headers);
        if let Some(error) = &self.error {
            response.headers.extend(error.headers());
            response.add_error_code(error.report(&self.reporting.telling).code);
        }
        for cookie in self.cookies {
            response.add("Set-Cookie", cookie);
        }
        response
    }

    fn status(&self) -> u16 {
        match &self.error {
            Some(error) if self.has_honest_status => error.honest_status(),
            Some(error) => error.http_status(),
            None => self.status.unwrap_or(200),
        }
    }

    /// What is said to caches; of a page for people, whatever is in it, when it ends and by what it differs, too.
    fn headers(&self, is_page: bool) -> Vec<Header> {
        let mut headers = self.caching.headers(self.now, !self.cookies.is_empty());
        let of_pages: [Header; 2] = [
            ("Vary", "Accept-Encoding, Cookie".into()),
            ("Expires", Timestamp(0).to_http().into()),
        ];
        for (name, value) in of_pages.into_iter().filter(|_| is_page) {
            if headers.iter().all(|(known, _)| *known != name) {
                headers.push((name, value));
            }
        }
        headers
    }

    /// What becomes of a result that cannot be printed as the client wants it (recorded cases `formats/formatversion-*`).
    fn retreat(&mut self, error: ApiError) {
        if self.error.is_none() {
            self.replace_result(error.clone());
        }
        self.warn(MAIN, &ApiWarning::ErrorPrinterFailed);
        self.warn(self.printer.format.info.path, &ApiWarning::Tolerated(error));
    }

    /// Takes the names of params that a table has out of those that no table has.
    pub(super) fn recognize(&mut self, specs: &[ParamSpec]) {
        self.unrecognized.retain(|name| {
            specs
                .iter()
                .all(|spec| spec.name.as_bytes() != name.as_slice())
        });
    }

    /// Lets the answer be kept by no more caches than this.
    pub(super) fn limit_caching(&mut self, mode: CacheMode) {
        self.caching.mode = self.caching.mode.min(mode);
    }
}

/// The log has what the client is not told, under the identifier that the client is told.
pub(super) fn log_exception(exception: &Exception, envelope: &Envelope, options: &ApiOptions) {
    let (id, class) = (envelope.request_id.as_str(), exception.class());
    log::error!(target: "exception", wiki = options.wiki.as_str(); "[{id}] {class}: {exception}");
}
