//! What an answer warns of, one variant a condition, and what each is on the wire.

use super::error::ApiError;
use super::login_warning::LoginWarning;
use super::markup::escape_wikitext;
use super::messages::{self, MessageParam, MessageText};
use super::module_path::ModulePathError;
use super::report::{Report, Telling};
use super::result::{Object, Value};
use super::text;

/// Something that did not keep the request from being done.
#[derive(Debug, Clone)]
pub enum ApiWarning {
    /// The value of the param had to be changed to be clean text.
    BadUtf8 {
        /// The param.
        param: &'static str,
    },
    /// The param came as `name[]`.
    UnsupportedArray {
        /// The param.
        param: &'static str,
    },
    /// Some of the values are none that the param takes; they are left out.
    UnrecognizedValues {
        /// The param.
        param: &'static str,
        /// All that was given.
        given: String,
        /// Those that are left out.
        values: Vec<String>,
    },
    /// The number was brought into its range.
    OutOfRange {
        /// The param.
        param: &'static str,
        /// What was given.
        given: String,
        /// The range.
        range: NumberRange,
    },
    /// A moment was given in a way that means the present one, and is going to end.
    UnclearNow {
        /// The param.
        param: &'static str,
        /// What was given.
        given: String,
    },
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
    /// The param will go away.
    ParamDeprecated {
        /// The param.
        param: &'static str,
        /// What was given.
        given: String,
        /// The use of it, as a query.
        feature: String,
    },
    /// There is no such module to be described.
    BadModule(ModulePathError),
    /// What would be an error elsewhere.
    Tolerated(ApiError),
}

/// What numbers a param takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    /// The least.
    pub min: i64,
    /// The greatest: for this client, for most, and for those with the right `apihighlimits`.
    pub max: Option<[i64; 3]>,
}

impl ApiWarning {
    /// What it is on the wire, in the name of the module with this path.
    pub fn report(&self, module: &'static str, telling: &Telling) -> Report {
        let report = |code: &'static str, text: &'static MessageText, params: Vec<MessageParam>| {
            Report::new(module, code, text, params)
        };
        match self {
            Self::BadUtf8 { param } => {
                let param = MessageParam::text(*param);
                report("badutf8", &messages::BAD_UTF8, vec![param])
            }
            Self::UnsupportedArray { param } => {
                let param = MessageParam::text(*param);
                report(
                    "unsupportedarray",
                    &messages::UNSUPPORTED_ARRAY,
                    vec![param],
                )
            }
            Self::UnrecognizedValues {
                param,
                given,
                values,
            } => unrecognized_values(module, param, given, values),
            Self::OutOfRange {
                param,
                given,
                range,
            } => out_of_range(module, param, given, *range),
            Self::UnclearNow { param, given } => {
                let params = vec![MessageParam::plain(*param), MessageParam::plain(given)];
                report("unclearnowtimestamp", &messages::UNCLEAR_NOW, params)
            }
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
            Self::ParamDeprecated {
                param,
                given,
                feature,
            } => {
                let params = [MessageParam::plain(*param), MessageParam::plain(given)];
                let data = Object::of([("feature", Value::text(feature))]);
                let text = &messages::PARAM_DEPRECATED;
                Report::new(module, "deprecation", text, params).with_data(data)
            }
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

fn unrecognized_values(
    module: &'static str,
    param: &'static str,
    given: &str,
    values: &[String],
) -> Report {
    let params = [
        MessageParam::plain(param),
        MessageParam::plain(given),
        MessageParam::PlaintextCommaList(values.to_vec()),
        MessageParam::marked_count(values.len()),
    ];
    let data = Object::of([("values", Value::texts("", values))]);
    let text = &messages::UNRECOGNIZED_VALUES;
    Report::new(module, "unrecognizedvalues", text, params).with_data(data)
}

fn out_of_range(
    module: &'static str,
    param: &'static str,
    given: &str,
    range: NumberRange,
) -> Report {
    let (text, max) = match range.max {
        Some([own, ..]) => (
            &messages::OUT_OF_RANGE_MIN_MAX,
            MessageParam::MarkedNumber(own),
        ),
        None => (&messages::OUT_OF_RANGE_MIN, MessageParam::NoNumber),
    };
    let params = [
        MessageParam::plain(param),
        MessageParam::plain(given),
        MessageParam::MarkedNumber(range.min),
        max,
    ];
    let [own, low, high] = range
        .max
        .map_or([Value::Null, Value::Null, Value::Null], |max| {
            max.map(Value::Number)
        });
    Report::new(module, "outofrange", text, params).with_data(Object::of([
        ("min", Value::Number(range.min)),
        ("curmax", own),
        ("max", low),
        ("highmax", high),
    ]))
}
