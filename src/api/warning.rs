//! What an answer warns of, one variant a condition, and what each is on the wire.

use super::error::ApiError;
use super::login_warning::LoginWarning;
use super::markup::escape_wikitext;
use super::messages::{self, MessageParam, MessageText};
use super::module_path::ModulePathError;
use super::param_warning::ParamWarning;
use super::report::{Report, Telling};
use super::result::{Object, Value};
use super::text;

/// Something that did not keep the request from being done.
#[derive(Debug, Clone)]
pub enum ApiWarning {
    /// Something about the value of a param.
    Param(ParamWarning),
    /// Nobody knows params with these names; any bytes.
    UnrecognizedParams(Vec<Vec<u8>>),
    /// A `POST` that does not say what its body is.
    PostWithoutContentType,
    /// The wiki is for HTTPS only (`ForceHTTPS`), and the request came by HTTP.
    HttpsExpected,
    /// Goes with a warning of something that will end: where the end will be announced.
    DeprecationHelp,
    /// `DebugAPI` is on.
    DebugApi,
    /// The answer was to be printed in a way that there is not.
    ErrorPrinterFailed,
    /// A stylesheet was asked for.
    XsltDisabled,
    /// Something about a login or a token.
    Login(LoginWarning),
    /// There is no such module to be described.
    BadModule(ModulePathError),
    /// What would be an error elsewhere.
    Tolerated(ApiError),
}

impl ApiWarning {
    /// What it is on the wire, in the name of the module with this path.
    pub fn report(&self, module: &'static str, telling: &Telling) -> Report {
        let report = |code: &'static str, text: &'static MessageText, params: Vec<MessageParam>| {
            Report::new(module, code, text, params)
        };
        match self {
            Self::Param(warning) => warning.report(module),
            Self::UnrecognizedParams(names) => {
                let escaped = names.iter().map(|name| escape_wikitext(&text::clean(name)));
                let list = MessageParam::CommaList(escaped.collect());
                let count = MessageParam::count(names.len());
                let text = &messages::UNRECOGNIZED_PARAMS;
                report("unrecognizedparams", text, vec![list, count])
            }
            Self::PostWithoutContentType => deprecation(
                module,
                &messages::POST_WITHOUT_CONTENT_TYPE,
                "post-without-content-type",
            ),
            Self::HttpsExpected => deprecation(module, &messages::HTTPS_EXPECTED, "https-expected"),
            Self::DeprecationHelp => report("deprecation-help", &messages::MAILING_LIST, vec![]),
            Self::DebugApi => report("wgdebugapi", &messages::DEBUG_API, vec![]),
            Self::ErrorPrinterFailed => report(
                "errorprinterfailed",
                &messages::ERROR_PRINTER_FAILED,
                vec![],
            ),
            Self::XsltDisabled => report("xslt-disabled", &messages::XSLT_DISABLED, vec![]),
            Self::Login(warning) => warning.report(module),
            Self::BadModule(error) => error.report(module),
            Self::Tolerated(error) => Report {
                module: Some(module),
                ..error.report(telling)
            },
        }
    }
}

/// Something that will not work for ever. `feature` is what the original counts uses under.
fn deprecation(module: &'static str, text: &'static MessageText, feature: &'static str) -> Report {
    let data = Object::of([("feature", Value::text(feature))]);
    Report::new(module, "deprecation", text, []).with_data(data)
}
