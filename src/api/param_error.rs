//! What can be wrong with a param, and what each is on the wire.
//!
//! MediaWiki: `ParamValidator` and its type definitions. Recorded cases: `params/*`, `errors/*`, `auth/*`.

use super::messages::{self, MessageParam};
use super::report::Report;
use super::result::{Object, Value};

/// What is wrong with a param of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamError {
    /// The path of the module that has the param.
    pub module: &'static str,
    /// The name of the param on the wire.
    pub param: &'static str,
    /// What is wrong.
    pub fault: ParamFault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamFault {
    /// It is required, and missing or empty.
    Missing,
    /// The value is none of those that the param takes.
    BadValue {
        /// The value.
        value: String,
        /// What the param takes.
        allowed: Vec<&'static str>,
    },
    /// Several values, separated by U+001F, for a param that takes one.
    NotMultiValued {
        /// The value.
        value: String,
    },
    /// More values than the client may give.
    TooManyValues(ValueLimits),
    /// The value is no whole number.
    BadInteger {
        /// The value.
        value: String,
    },
    /// The value is no moment in one of the forms that MediaWiki reads.
    BadTimestamp {
        /// The value.
        value: String,
    },
    /// The value is no name that a user can have.
    BadUser {
        /// The value.
        value: String,
    },
    /// The value is no absolute URL.
    BadUrl {
        /// The value.
        value: String,
    },
}

/// How many values a param takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueLimits {
    /// From this client.
    pub own: usize,
    /// From most.
    pub low: usize,
    /// From those with the right `apihighlimits`.
    pub high: usize,
}

impl ParamError {
    /// What it is on the wire.
    pub fn report(&self) -> Report {
        let param = || MessageParam::plain(self.param);
        let report = |code: &'static str, text, params: Vec<MessageParam>| {
            Report::new(self.module, code, text, params)
        };
        match &self.fault {
            ParamFault::Missing => report("missingparam", &messages::MISSING_PARAM, vec![param()]),
            ParamFault::BadValue { value, allowed } => {
                let count = MessageParam::marked_count(allowed.len());
                let names = MessageParam::TextList(allowed.clone());
                let params = vec![param(), MessageParam::plain(value), names, count];
                report("badvalue", &messages::BAD_VALUE, params)
            }
            ParamFault::NotMultiValued { value } => {
                let params = vec![param(), MessageParam::plain(value)];
                report("badvalue", &messages::NOT_MULTI, params)
            }
            ParamFault::TooManyValues(limits) => self.too_many_values(*limits),
            ParamFault::BadInteger { value } => {
                let params = vec![param(), MessageParam::plain(value)];
                report("badinteger", &messages::BAD_INTEGER, params)
            }
            ParamFault::BadTimestamp { value } => {
                let params = vec![param(), MessageParam::plain(value)];
                report("badtimestamp", &messages::BAD_TIMESTAMP, params)
            }
            ParamFault::BadUser { value } => {
                let params = vec![param(), MessageParam::plain(value)];
                report("baduser", &messages::BAD_USER, params)
            }
            ParamFault::BadUrl { value } => {
                let code = format!("badurl_{}", self.param);
                let params = [param(), MessageParam::plain(value)];
                Report::new(self.module, code, &messages::BAD_URL, params)
            }
        }
    }

    fn too_many_values(&self, limits: ValueLimits) -> Report {
        let limit = MessageParam::marked_count(limits.own);
        let params = [MessageParam::plain(self.param), limit];
        let code = "toomanyvalues";
        Report::new(self.module, code, &messages::TOO_MANY_VALUES, params).with_data(Object::of([
            ("parameter", Value::text(self.param)),
            ("limit", Value::number(limits.own)),
            ("lowlimit", Value::number(limits.low)),
            ("highlimit", Value::number(limits.high)),
        ]))
    }
}
