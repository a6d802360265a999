//! Reading the params of a module out of the input.

use super::{GivenParams, ParamValue};
use crate::api::catalogue::Catalogue;
use crate::api::error::ApiError;
use crate::api::module::MAIN;
use crate::api::param_error::{ParamFault, ValueLimits};
use crate::api::param_spec::{Absent, Multi, ParamKind, ParamSpec};
use crate::api::param_warning::{ParamRemark, ParamWarning};
use crate::api::php_input::{PhpInput, PhpValue};
use crate::api::text::{self, MULTI_VALUE_SEPARATOR};
use crate::api::warning::ApiWarning;
use std::borrow::Cow;

/// What stands for all values, where a param allows that.
const ALL: &str = "*";

/// How many values, or entries, a client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueLimit {
    /// 50 values, 500 entries.
    Low,
    /// 500 values, 5000 entries: with the right `apihighlimits`.
    High,
}

/// Reads params of one request.
#[derive(Debug, Clone, Copy)]
pub struct ParamReader<'r, 'i> {
    /// All variables of the request.
    pub input: &'i PhpInput<'r>,
    /// What modules there are.
    pub catalogue: &'static Catalogue,
    /// What the client may ask for.
    pub limit: ValueLimit,
}

impl ValueLimit {
    /// The most values for this client, for most, and for those with the right.
    pub fn values(self) -> ValueLimits {
        let (low, high) = (50, 500);
        let own = match self {
            Self::Low => low,
            Self::High => high,
        };
        ValueLimits { own, low, high }
    }

    /// The most entries for this client, for most, and for those with the right.
    pub fn entries(self) -> [i64; 3] {
        let (low, high) = (500, 5000);
        match self {
            Self::Low => [low, low, high],
            Self::High => [high, low, high],
        }
    }
}

impl<'i> ParamReader<'_, 'i> {
    /// The params of this table, which is that of `module`.
    pub fn read(&self, module: &'static str, specs: &[ParamSpec]) -> GivenParams<'i> {
        let mut warnings = Vec::new();
        let params = specs.iter().map(|spec| {
            let mut param = ParamReading {
                reader: self,
                module,
                spec,
                warnings: &mut warnings,
            };
            (spec.name, param.read())
        });
        GivenParams {
            params: params.collect(),
            warnings,
        }
    }
}

/// The reading of one param.
pub(super) struct ParamReading<'p, 'r, 'i> {
    pub(super) reader: &'p ParamReader<'r, 'i>,
    module: &'static str,
    pub(super) spec: &'p ParamSpec,
    warnings: &'p mut Vec<(&'static str, ApiWarning)>,
}

impl<'i> ParamReading<'_, '_, 'i> {
    fn read(&mut self) -> Result<Option<ParamValue<'i>>, ApiError> {
        let given = self.given();
        if let Some(given) = given.as_deref().filter(|_| self.spec.is_deprecated) {
            self.warn_of_deprecation(given.to_owned());
        }
        if self.is_presence() {
            return Ok(given.map(|_| ParamValue::Present));
        }
        let text = match (given, self.spec.absent) {
            (Some(text), _) => text,
            (None, Absent::Nothing) => return Ok(None),
            (None, Absent::Default(value)) => Cow::Borrowed(value),
            (None, Absent::Error) => return Err(self.fault(ParamFault::Missing)),
        };
        match self.spec.multi {
            Multi::No => self.single(text).map(Some),
            Multi::Yes | Multi::OrAll => self.several(&text).map(Some),
        }
    }

    fn is_presence(&self) -> bool {
        matches!(self.spec.kind, ParamKind::Presence)
    }

    pub(super) fn fault(&self, fault: ParamFault) -> ApiError {
        ApiError::of_param(self.module, self.spec.name, fault)
    }

    pub(super) fn warn(&mut self, remark: ParamRemark) {
        self.warn_as(self.module, remark);
    }

    fn warn_as(&mut self, module: &'static str, remark: ParamRemark) {
        let param = self.spec.name;
        let warning = ApiWarning::Param(ParamWarning { param, remark });
        self.warnings.push((module, warning));
    }

    fn warn_of_deprecation(&mut self, given: String) {
        let (module, param) = (self.module, self.spec.name);
        let feature = self.reader.catalogue.query_for(module, param);
        self.warn(ParamRemark::Deprecated { given, feature });
        self.warnings.push((MAIN, ApiWarning::DeprecationHelp));
    }

    /// What was given, as clean text.
    fn given(&mut self) -> Option<Cow<'i, str>> {
        let param = self.spec.name;
        let input = self.reader.input;
        match input.value(param)? {
            PhpValue::Array => {
                self.warn_as(MAIN, ParamRemark::UnsupportedArray);
                None
            }
            PhpValue::Scalar(_) if self.is_presence() => Some(Cow::Borrowed("")),
            PhpValue::Scalar(raw) => {
                let text = text::of_value(raw, input.is_in_query(param));
                if matches!(text, Cow::Owned(_)) {
                    self.warn(ParamRemark::BadUtf8);
                }
                Some(text)
            }
        }
    }

    /// The values between the separators, none twice.
    fn several(&mut self, text: &str) -> Result<ParamValue<'i>, ApiError> {
        let (separator, list) = match text.strip_prefix(char::from(MULTI_VALUE_SEPARATOR)) {
            Some(list) => (char::from(MULTI_VALUE_SEPARATOR), list),
            None => ('|', text),
        };
        if self.spec.multi == Multi::OrAll && list == ALL {
            let all = self.allowed().unwrap_or_default();
            return Ok(ParamValue::Several(
                all.into_iter().map(Cow::Borrowed).collect(),
            ));
        }
        let limits = self.reader.limit.values();
        let allowed = self.allowed();
        // What the param does not take is warned of as often as it was given.
        let is_unknown = |value| {
            allowed
                .as_ref()
                .is_some_and(|allowed| !allowed.contains(&value))
        };
        let mut values: Vec<String> = Vec::new();
        let parts = (!text.is_empty()).then(|| list.split(separator));
        for (place, value) in parts.into_iter().flatten().enumerate() {
            if place >= limits.own {
                return Err(self.fault(ParamFault::TooManyValues(limits)));
            }
            let may_repeat = self.spec.allows_duplicates || is_unknown(value);
            if may_repeat || !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        }
        if values.is_empty() && self.spec.absent == Absent::Error {
            return Err(self.fault(ParamFault::Missing));
        }
        self.recognised(text, values)
    }

    /// Those of the values that the param takes; the others are warned of or an error, as the kind has it.
    fn recognised(
        &mut self,
        text: &str,
        mut values: Vec<String>,
    ) -> Result<ParamValue<'i>, ApiError> {
        match self.spec.kind {
            ParamKind::Choice(_) | ParamKind::Module(_) => {
                let allowed = self.allowed().unwrap_or_default();
                let unknown: Vec<_> = values
                    .extract_if(.., |value| !allowed.contains(&value.as_str()))
                    .collect();
                if !unknown.is_empty() {
                    self.warn(ParamRemark::UnrecognizedValues {
                        given: text.to_owned(),
                        values: unknown,
                    });
                }
            }
            ParamKind::Integer { min } => {
                for value in &values {
                    self.integer(value, min)?;
                }
            }
            ParamKind::User => {
                for value in &mut values {
                    *value = self.user(Cow::Borrowed(value))?.into_owned();
                }
            }
            ParamKind::Text
            | ParamKind::Password
            | ParamKind::Generator
            | ParamKind::Presence
            | ParamKind::Limit
            | ParamKind::Moment => {}
        }
        Ok(ParamValue::Several(
            values.into_iter().map(Cow::Owned).collect(),
        ))
    }

    /// The names that the param takes; `None` if it takes others too.
    pub(super) fn allowed(&self) -> Option<Vec<&'static str>> {
        match self.spec.kind {
            ParamKind::Choice(names) => Some(names()),
            ParamKind::Module(group) => Some(self.reader.catalogue.names(group)),
            ParamKind::Text
            | ParamKind::Password
            | ParamKind::Generator
            | ParamKind::Presence
            | ParamKind::Integer { .. }
            | ParamKind::Limit
            | ParamKind::User
            | ParamKind::Moment => None,
        }
    }
}
