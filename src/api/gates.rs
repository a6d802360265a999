//! The checks in front of a module, in the order of the original. Recorded cases: `core`, `transport`, `ip`, `modes`,
//! `params`.

use super::ApiOptions;
use super::answer::Answer;
use super::catalogue::Catalogue;
use super::error::ApiError;
use super::formats::json;
use super::gate_error::{GateError, LAG};
use super::main_module::{Assertion, MainParams};
use super::module::{ActionModule, CacheMode, Execution, MAIN, ModuleCall, ModuleInfo};
use super::modules::query;
use super::param_error::ParamFault;
use super::params::{GivenParams, ParamReader, Params};
use super::php_input::PhpInput;
use super::request::{ApiRequest, Method};
use super::request_id::RequestId;
use super::session::Session;
use super::warning::ApiWarning;
use crate::clock::Timestamp;
use crate::ip::ClientAddress;

/// The right to see what the wiki shows.
const READ: &str = "read";

/// What the checks look at.
pub(super) struct GateCall<'g> {
    pub(super) request: &'g ApiRequest<'g>,
    pub(super) client: &'g ClientAddress,
    pub(super) input: &'g PhpInput<'g>,
    pub(super) options: &'g ApiOptions,
    pub(super) catalogue: &'static Catalogue,
    pub(super) session: &'g Session,
    pub(super) now: Timestamp,
}

/// All checks, and then the module; `None` if the client has the answer already. `main` are the params of the main module.
pub(super) fn pass(
    call: &GateCall<'_>,
    main: GivenParams<'_>,
    request_id: &RequestId,
    answer: &mut Answer,
) -> Result<Option<Execution>, ApiError> {
    let main = MainParams::accept(main)?;
    check_assertions(call, &main)?;
    let module = call
        .catalogue
        .action(&main.action)
        .ok_or_else(|| unknown(&main.action))?;
    let reader = call.reader();
    let mut given = reader.read(module.info.path, module.info.params);
    answer.warn_of_all(std::mem::take(&mut given.warnings));
    let params = given.accept()?;
    check_token(call, &module.info, &params)?;
    check_permission(call, &module.info, &params)?;
    if main.max_lag.is_some_and(|allowed| LAG > allowed) {
        let allowed = main.max_lag.unwrap_or_default();
        return Err(GateError::MaxLag { allowed }.into());
    }
    if has_any_answer(call.request) {
        return Ok(None);
    }
    check_method(call, &module.info, answer)?;
    answer.caching.mode = module.info.cache_mode;
    if !call
        .options
        .accounts
        .permissions()
        .is_everyone_allowed(READ)
    {
        // What not everybody may read is in nobody's cache but the client's own (recorded case modes/private-siteinfo-login).
        answer.limit_caching(CacheMode::Private);
    }
    answer.unrecognized = unrecognized(call, module, answer);
    let module_call = ModuleCall {
        api: call.options,
        catalogue: call.catalogue,
        request: call.request,
        client: call.client,
        session: call.session,
        authority: call.session.authority(),
        reader,
        params: &params,
        request_id,
        now: call.now,
    };
    (module.execute)(&module_call, answer).map(Some)
}

impl<'g> GateCall<'g> {
    fn reader(&self) -> ParamReader<'g, 'g> {
        ParamReader {
            input: self.input,
            catalogue: self.catalogue,
            limit: self.session.value_limit(),
        }
    }
}

/// The params were accepted, so there is such a module.
fn unknown(action: &str) -> ApiError {
    let (value, allowed) = (action.to_owned(), Vec::new());
    ApiError::of_param(MAIN, "action", ParamFault::BadValue { value, allowed })
}

fn check_assertions(call: &GateCall<'_>, main: &MainParams) -> Result<(), GateError> {
    let authority = call.session.authority();
    match main.assertion {
        Some(Assertion::User) if authority.is_anonymous() => return Err(GateError::NotUser),
        Some(Assertion::Bot) if !authority.may("bot") => return Err(GateError::NotBot),
        Some(Assertion::Anonymous) if !authority.is_anonymous() => {
            return Err(GateError::NotAnonymous);
        }
        Some(_) | None => {}
    }
    match &main.assert_user {
        Some(name) if authority.is_anonymous() || authority.name() != name => {
            let name = name.clone();
            Err(GateError::NotNamedUser { name })
        }
        Some(_) | None => Ok(()),
    }
}

/// A token shows that the request comes from a page or program that may read answers to this client.
fn check_token(
    call: &GateCall<'_>,
    info: &ModuleInfo,
    params: &Params<'_>,
) -> Result<(), ApiError> {
    let Some((spec, kind)) = info.token() else {
        return Ok(());
    };
    if !call.options.debug_api {
        require_posted(call.input, info.path, &[spec.name])?;
    }
    let token = params.text(spec.name).unwrap_or_default();
    if call.session.accepts_token(kind, token, call.now) {
        return Ok(());
    }
    let module = info.path;
    Err(GateError::BadToken { module }.into())
}

/// Refuses params that are in the URL, where they end up in logs.
pub(super) fn require_posted(
    input: &PhpInput<'_>,
    module: &'static str,
    names: &[&'static str],
) -> Result<(), GateError> {
    let in_query = names.iter().copied().filter(|name| input.is_in_query(name));
    let params: Vec<_> = in_query.collect();
    if params.is_empty() {
        return Ok(());
    }
    Err(GateError::MustPostParams { module, params })
}

fn check_permission(
    call: &GateCall<'_>,
    info: &ModuleInfo,
    params: &Params<'_>,
) -> Result<(), GateError> {
    let reads = info.is_read_mode
        && !(info.path == query::NAME && query::is_for_all(params, call.catalogue));
    if reads && !call.session.authority().may(READ) {
        return Err(GateError::ReadDenied);
    }
    if !info.is_write_mode {
        return Ok(());
    }
    if promises_non_write(call.request) {
        return Err(GateError::PromisedNonWrite);
    }
    match &call.options.read_only {
        Some(reason) => {
            let reason = reason.clone();
            Err(GateError::ReadOnly { reason })
        }
        None => Ok(()),
    }
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
    info: &ModuleInfo,
    answer: &mut Answer,
) -> Result<(), ApiError> {
    match call.request.method {
        Method::Post => {
            if call.request.content_type.is_none_or(<[u8]>::is_empty) {
                answer.warn_of_deprecation(&ApiWarning::PostWithoutContentType);
            }
        }
        Method::Get | Method::Head | Method::Options if info.must_be_posted => {
            let module = info.path;
            let error = GateError::MustBePosted { module }.into();
            if !call.options.debug_api {
                return Err(error);
            }
            answer.warn(MAIN, &ApiWarning::Tolerated(error));
        }
        Method::Get | Method::Head | Method::Options => {}
        Method::Other => return Err(GateError::InvalidMethod.into()),
    }
    if call.options.force_https && !call.request.is_https {
        answer.warn_of_deprecation(&ApiWarning::HttpsExpected);
    }
    Ok(())
}

/// The names that are in none of the tables. Libraries add `_` to the URL of a script.
fn unrecognized(call: &GateCall<'_>, module: &ActionModule, answer: &Answer) -> Vec<Vec<u8>> {
    let format = &answer.printer.format.info;
    let is_param = |name: &[u8]| {
        let infos = [call.catalogue.main, &module.info, format];
        let mut specs = infos.into_iter().flat_map(|info| info.params);
        specs.any(|spec| spec.name.as_bytes() == name)
    };
    let is_known = |name: &&[u8]| is_param(name) || (*name == b"_" && is_script(call.input));
    let names = call.input.names().filter(|name| !is_known(name));
    names.map(<[u8]>::to_vec).collect()
}

/// Whether the answer may be a script, which any page can load.
pub(super) fn is_script(input: &PhpInput<'_>) -> bool {
    input.scalar(json::CALLBACK).is_some()
}
