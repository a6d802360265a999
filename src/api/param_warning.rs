//! What is warned of in the value of a param, and what each warning is on the wire.
//!
//! MediaWiki: `ParamValidator` and its type definitions. Recorded cases: `params/*`, `core/utf8-*`.

use super::messages::{self, MessageParam, MessageText};
use super::report::Report;
use super::result::{Object, Value};

/// What is warned of in a param of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamWarning {
    /// The name of the param on the wire.
    pub param: &'static str,
    /// What is to be said.
    pub remark: ParamRemark,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamRemark {
    /// The value had to be changed to be clean text.
    BadUtf8,
    /// It came as `name[]`.
    UnsupportedArray,
    /// Some of the values are none that the param takes; they are left out.
    UnrecognizedValues {
        /// All that was given.
        given: String,
        /// Those that are left out.
        values: Vec<String>,
    },
    /// The number was brought into its range.
    OutOfRange {
        /// What was given.
        given: String,
        /// The range.
        range: NumberRange,
    },
    /// A moment was given in a way that means the present one, and is going to end.
    UnclearNow {
        /// What was given.
        given: String,
    },
    /// The param will go away.
    Deprecated {
        /// What was given.
        given: String,
        /// The use of it, as a query.
        feature: String,
    },
}

/// What numbers a param takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    /// The least.
    pub min: i64,
    /// The greatest: for this client, for most, and for those with the right `apihighlimits`.
    pub max: Option<[i64; 3]>,
}

impl ParamWarning {
    /// What it is on the wire, in the name of the module with this path.
    pub fn report(&self, module: &'static str) -> Report {
        let param = self.param;
        let report = |code: &'static str, text: &'static MessageText, params: Vec<MessageParam>| {
            Report::new(module, code, text, params)
        };
        match &self.remark {
            ParamRemark::BadUtf8 => report(
                "badutf8",
                &messages::BAD_UTF8,
                vec![MessageParam::text(param)],
            ),
            ParamRemark::UnsupportedArray => {
                let text = &messages::UNSUPPORTED_ARRAY;
                report("unsupportedarray", text, vec![MessageParam::text(param)])
            }
            ParamRemark::UnrecognizedValues { given, values } => {
                unrecognized_values(module, param, given, values)
            }
            ParamRemark::OutOfRange { given, range } => out_of_range(module, param, given, *range),
            ParamRemark::UnclearNow { given } => {
                let params = vec![MessageParam::plain(param), MessageParam::plain(given)];
                report("unclearnowtimestamp", &messages::UNCLEAR_NOW, params)
            }
            ParamRemark::Deprecated { given, feature } => {
                let params = vec![MessageParam::plain(param), MessageParam::plain(given)];
                let data = Object::of([("feature", Value::text(feature))]);
                report("deprecation", &messages::PARAM_DEPRECATED, params).with_data(data)
            }
        }
    }
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
