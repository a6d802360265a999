//! An answer in the making: the result, what is wrong, and how it is going to be printed.

use super::ApiOptions;
use super::error::{ApiError, Exception};
use super::error_format::ErrorFormatter;
use super::formats::FormatInfo;
use super::main_module::{self, RequestedFields};
use super::params::{GivenParams, Params};
use super::php_input::PhpInput;
use super::response::{ApiResponse, Envelope};
use super::result::{Object, Value};
use super::warning::ApiWarning;
use std::sync::Arc;

/// The answer to one request. It owns all that it needs, so that it can wait for the store.
#[derive(Debug)]
pub(super) struct Answer {
    options: Arc<ApiOptions>,
    pub(super) envelope: Envelope,
    pub(super) result: Object,
    pub(super) printer: Printer,
    /// Names that no table has, in order; told only if all goes well.
    pub(super) unrecognized: Vec<Vec<u8>>,
    reporting: ErrorFormatter,
    requested: RequestedFields,
    error: Option<ApiError>,
}

/// The format of an answer. What is wrong with its params is found when the answer is printed, after all else.
#[derive(Debug)]
pub(super) struct Printer {
    pub(super) format: &'static FormatInfo,
    params: Result<Params<'static>, ApiError>,
    warnings: Vec<(&'static str, ApiWarning)>,
}

impl Printer {
    pub(super) fn new(format: &'static FormatInfo, input: &PhpInput<'_>) -> Self {
        let mut given = GivenParams::read(format.name, format.params, input);
        let warnings = std::mem::take(&mut given.warnings);
        let params = given.accept().map(Params::into_owned);
        Self {
            format,
            params,
            warnings,
        }
    }
}

impl Answer {
    /// An answer that has only what the client asked to find in every one.
    pub(super) fn new(
        options: Arc<ApiOptions>,
        envelope: Envelope,
        input: &PhpInput<'_>,
        given: &mut GivenParams<'_>,
    ) -> Self {
        let (format, language) = main_module::error_reporting(input);
        let reporting = ErrorFormatter {
            format,
            language,
            request_id: envelope.request_id.clone(),
            with_details: options.show_exception_details,
        };
        let mut answer = Self {
            printer: Printer::new(main_module::format(given), input),
            requested: RequestedFields::of(given),
            result: Object::default(),
            unrecognized: Vec::new(),
            error: None,
            options,
            envelope,
            reporting,
        };
        answer.add_requested_fields(answer.requested.served_by);
        answer.warn_of_all(std::mem::take(&mut given.warnings));
        answer
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

    /// Prints the result.
    pub(super) fn complete(mut self) -> ApiResponse {
        if !self.unrecognized.is_empty() {
            let names = std::mem::take(&mut self.unrecognized);
            self.warn(main_module::NAME, &ApiWarning::UnrecognizedParams(names));
        }
        self.print()
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
        self.error = Some(error);
    }

    fn add_requested_fields(&mut self, served_by: bool) {
        if let Some(request_id) = &self.requested.request_id {
            self.result.set("requestid", Value::text(request_id));
        }
        if let Some(host_name) = self.options.host_name.as_ref().filter(|_| served_by) {
            self.result.set("servedby", Value::text(host_name));
        }
    }

    fn print(mut self) -> ApiResponse {
        if self.options.debug_api {
            self.warn(main_module::NAME, &ApiWarning::DebugApi);
        }
        let warnings = std::mem::take(&mut self.printer.warnings);
        self.warn_of_all(warnings);
        let format = self.printer.format;
        let document = match &self.printer.params {
            Ok(params) => (format.print)(params, &self.result),
            Err(error) => {
                let error = error.clone();
                self.retreat(error);
                (format.print)(&Params::defaults(format.params), &self.result)
            }
        };
        let status = self.error.as_ref().map_or(200, ApiError::http_status);
        let frame_options = self.options.frame_options.as_deref();
        let mut response = ApiResponse::document(status, document, frame_options, &self.envelope);
        if let Some(error) = &self.error {
            response.add_error_code(error.code());
        }
        response
    }

    /// What becomes of a result that cannot be printed as the client wants it (recorded cases `formats/formatversion-*`).
    fn retreat(&mut self, error: ApiError) {
        if self.error.is_none() {
            self.replace_result(error.clone());
        }
        self.warn(main_module::NAME, &ApiWarning::ErrorPrinterFailed);
        self.warn(self.printer.format.name, &ApiWarning::Tolerated(error));
    }
}

/// The log has what the client is not told, under the identifier that the client is told.
pub(super) fn log_exception(exception: &Exception, envelope: &Envelope, options: &ApiOptions) {
    let (id, class) = (envelope.request_id.as_str(), exception.class());
    log::error!(target: "exception", wiki = options.wiki.as_str(); "[{id}] {class}: {exception}");
}
