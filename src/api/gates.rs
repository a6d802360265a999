//! The checks in front of a module, in the order of the original. Recorded cases: `core`, `transport`, `ip`.

use super::ApiOptions;
use super::answer::Answer;
use super::error::ApiError;
use super::formats::json;
use super::main_module;
use super::module::{Execution, ModuleCall, ModuleInfo};
use super::param_spec::ParamSpec;
use super::params::GivenParams;
use super::php_input::PhpInput;
use super::request::{ApiRequest, Method};
use super::warning::ApiWarning;
use crate::clock::Timestamp;
use crate::ip::ClientAddress;

/// What the checks look at.
pub(super) struct GateCall<'g> {
    pub(super) request: &'g ApiRequest<'g>,
    pub(super) client: &'g ClientAddress,
    pub(super) input: &'g PhpInput<'g>,
    pub(super) options: &'g ApiOptions,
    pub(super) now: Timestamp,
}

/// What came of the checks, and of the module.
pub(super) enum Passage {
    /// The client has an answer already.
    NotModified,
    /// The module was executed.
    Executed(Execution),
}

/// All checks, and then the module. `main` are the params of the main module.
pub(super) fn pass(
    call: &GateCall<'_>,
    main: GivenParams<'_>,
    answer: &mut Answer,
) -> Result<Passage, ApiError> {
    let module = main_module::action(main)?;
    let mut given = GivenParams::read(module.name, module.params, call.input);
    answer.warn_of_all(std::mem::take(&mut given.warnings));
    let params = given.accept()?;
    if module.is_write_mode && promises_non_write(call.request) {
        return Err(ApiError::PromisedNonWrite);
    }
    if has_any_answer(call.request) {
        return Ok(Passage::NotModified);
    }
    check_method(call, module, answer)?;
    let format = answer.printer.format;
    let tables = [main_module::PARAMS, module.params, format.params];
    answer.unrecognized = unrecognized(call.input, tables);
    let module_call = ModuleCall {
        options: call.options,
        client: call.client,
        params: &params,
        request_id: &answer.envelope.request_id,
        now: call.now,
    };
    (module.execute)(&module_call, &mut answer.result).map(Passage::Executed)
}

/// Whether the header is there and is something that PHP takes for true.
fn promises_non_write(request: &ApiRequest<'_>) -> bool {
    !matches!(request.promise_non_write, None | Some(b"" | b"0"))
}

/// Whether any answer would be one that the client has: `If-None-Match: *` (RFC 9110 section 13.1.2).
fn has_any_answer(request: &ApiRequest<'_>) -> bool {
    let tags = request.if_none_match.unwrap_or_default();
    let tags = tags.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let is_any = tags.filter(|tag| !tag.is_empty()).eq([b"*"]);
    is_any && matches!(request.method, Method::Get | Method::Head)
}

fn check_method(
    call: &GateCall<'_>,
    module: &ModuleInfo,
    answer: &mut Answer,
) -> Result<(), ApiError> {
    match call.request.method {
        Method::Post => {
            if call.request.content_type.is_none_or(<[u8]>::is_empty) {
                answer.warn(main_module::NAME, &ApiWarning::PostWithoutContentType);
                answer.warn(main_module::NAME, &ApiWarning::DeprecationHelp);
            }
            Ok(())
        }
        Method::Get | Method::Head | Method::Options if module.must_be_posted => {
            let module = module.name;
            let error = ApiError::MustBePosted { module };
            if !call.options.debug_api {
                return Err(error);
            }
            answer.warn(main_module::NAME, &ApiWarning::Tolerated(error));
            Ok(())
        }
        Method::Get | Method::Head | Method::Options => Ok(()),
        Method::Other => Err(ApiError::InvalidMethod),
    }
}

/// The names that are in none of the tables. Libraries add `_` to the URL of a script.
fn unrecognized(input: &PhpInput<'_>, tables: [&[ParamSpec]; 3]) -> Vec<Vec<u8>> {
    let is_param = |name: &[u8]| {
        let mut specs = tables.iter().copied().flatten();
        specs.any(|spec| spec.name.as_bytes() == name)
    };
    let is_known = |name: &&[u8]| is_param(name) || (*name == b"_" && is_script(input));
    let names = input.names().filter(|name| !is_known(name));
    names.map(<[u8]>::to_vec).collect()
}

/// Whether the answer may be a script, which any page can load.
pub(super) fn is_script(input: &PhpInput<'_>) -> bool {
    input.scalar(json::CALLBACK).is_some()
}
