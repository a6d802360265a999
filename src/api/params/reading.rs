//! Reading the params of a module out of the input.

use super::moment::{Moment, is_unclear_now};
use super::{GivenParams, Limit, ParamValue};
use crate::account::canonical_name;
use crate::api::catalogue::Catalogue;
use crate::api::error::ApiError;
use crate::api::module::MAIN;
use crate::api::param_error::{ParamFault, ValueLimits};
use crate::api::param_spec::{Absent, Multi, ParamKind, ParamSpec};
use crate::api::php_input::{PhpInput, PhpValue};
use crate::api::text::{self, MULTI_VALUE_SEPARATOR};
use crate::api::warning::{ApiWarning, NumberRange};
use crate::ip::{IpRange, address};
use std::borrow::Cow;

/// What stands for all values, where a param allows that.
const ALL: &str = "*";

/// The limit of those who ask for as many entries as they may get.
const MAX: &str = "max";

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

impl<'r, 'i> ParamReader<'r, 'i> {
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
struct ParamReading<'p, 'r, 'i> {
    reader: &'p ParamReader<'r, 'i>,
    module: &'static str,
    spec: &'p ParamSpec,
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
            Multi::Yes | Multi::OrAll => self.several(text).map(Some),
        }
    }

    fn is_presence(&self) -> bool {
        matches!(self.spec.kind, ParamKind::Presence)
    }

    fn fault(&self, fault: ParamFault) -> ApiError {
        ApiError::of_param(self.module, self.spec.name, fault)
    }

    fn warn(&mut self, warning: ApiWarning) {
        self.warnings.push((self.module, warning));
    }

    fn warn_of_deprecation(&mut self, given: String) {
        let (module, param) = (self.module, self.spec.name);
        let feature = self.reader.catalogue.query_for(module, param);
        self.warn(ApiWarning::ParamDeprecated {
            param,
            given,
            feature,
        });
        self.warnings.push((MAIN, ApiWarning::DeprecationHelp));
    }

    /// What was given, as clean text.
    fn given(&mut self) -> Option<Cow<'i, str>> {
        let param = self.spec.name;
        let input = self.reader.input;
        match input.value(param)? {
            PhpValue::Array => {
                let warning = ApiWarning::UnsupportedArray { param };
                self.warnings.push((MAIN, warning));
                None
            }
            PhpValue::Scalar(_) if self.is_presence() => Some(Cow::Borrowed("")),
            PhpValue::Scalar(raw) => {
                let text = text::of_value(raw, input.is_in_query(param));
                if matches!(text, Cow::Owned(_)) {
                    self.warn(ApiWarning::BadUtf8 { param });
                }
                Some(text)
            }
        }
    }

    fn single(&mut self, text: Cow<'i, str>) -> Result<ParamValue<'i>, ApiError> {
        if text.as_bytes().first() == Some(&MULTI_VALUE_SEPARATOR) {
            let value = text.into_owned();
            return Err(self.fault(ParamFault::NotMultiValued { value }));
        }
        match self.spec.kind {
            ParamKind::Text | ParamKind::Password | ParamKind::Presence => {
                if text.is_empty() && self.spec.absent == Absent::Error {
                    return Err(self.fault(ParamFault::Missing));
                }
                Ok(ParamValue::Text(text))
            }
            ParamKind::Choice(_) | ParamKind::Module(_) => {
                let allowed = self.allowed().unwrap_or_default();
                if allowed.contains(&&*text) {
                    return Ok(ParamValue::Text(text));
                }
                let value = text.into_owned();
                Err(self.fault(ParamFault::BadValue { value, allowed }))
            }
            ParamKind::Integer { min } => self.integer(&text, min).map(ParamValue::Number),
            ParamKind::Limit => self.limit(&text).map(ParamValue::Limit),
            ParamKind::User => self.user(text).map(ParamValue::Text),
            ParamKind::Moment => self.moment(&text).map(ParamValue::Moment),
        }
    }

    /// The values between the separators, none twice.
    fn several(&mut self, text: Cow<'i, str>) -> Result<ParamValue<'i>, ApiError> {
        let (separator, list) = match text.strip_prefix(char::from(MULTI_VALUE_SEPARATOR)) {
            Some(list) => (char::from(MULTI_VALUE_SEPARATOR), list),
            None => ('|', &*text),
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
        self.recognised(&text, values)
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
                    self.warn(ApiWarning::UnrecognizedValues {
                        param: self.spec.name,
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
            | ParamKind::Presence
            | ParamKind::Limit
            | ParamKind::Moment => {}
        }
        Ok(ParamValue::Several(
            values.into_iter().map(Cow::Owned).collect(),
        ))
    }

    /// The names that the param takes; `None` if it takes others too.
    fn allowed(&self) -> Option<Vec<&'static str>> {
        match self.spec.kind {
            ParamKind::Choice(names) => Some(names()),
            ParamKind::Module(group) => Some(self.reader.catalogue.names(group)),
            ParamKind::Text
            | ParamKind::Password
            | ParamKind::Presence
            | ParamKind::Integer { .. }
            | ParamKind::Limit
            | ParamKind::User
            | ParamKind::Moment => None,
        }
    }

    fn integer(&mut self, text: &str, min: Option<i64>) -> Result<i64, ApiError> {
        let number = self.whole_number(text)?;
        match min.filter(|min| number < *min) {
            Some(min) => {
                self.warn_of_range(text, NumberRange { min, max: None });
                Ok(min)
            }
            None => Ok(number),
        }
    }

    fn limit(&mut self, text: &str) -> Result<Limit, ApiError> {
        let entries = self.reader.limit.entries();
        let [own, ..] = entries;
        let is_max = text == MAX;
        let number = if is_max {
            own
        } else {
            let number = self.whole_number(text)?;
            if !(1..=own).contains(&number) {
                let max = Some(entries);
                self.warn_of_range(text, NumberRange { min: 1, max });
            }
            number.clamp(1, own)
        };
        let count = usize::try_from(number).unwrap_or(1);
        Ok(Limit { count, is_max })
    }

    fn whole_number(&self, text: &str) -> Result<i64, ApiError> {
        text.parse().map_err(|_no_number| {
            let value = text.to_owned();
            self.fault(ParamFault::BadInteger { value })
        })
    }

    fn warn_of_range(&mut self, given: &str, range: NumberRange) {
        self.warn(ApiWarning::OutOfRange {
            param: self.spec.name,
            given: given.to_owned(),
            range,
        });
    }

    fn moment(&mut self, text: &str) -> Result<Moment, ApiError> {
        let value = || text.to_owned();
        if is_unclear_now(text) {
            self.warn(ApiWarning::UnclearNow {
                param: self.spec.name,
                given: value(),
            });
        }
        Moment::read(text).ok_or_else(|| self.fault(ParamFault::BadTimestamp { value: value() }))
    }

    fn user<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>, ApiError> {
        if let Some(address) = self.address(&text) {
            return Ok(Cow::Owned(address));
        }
        match canonical_name(&text) {
            Some(name) if name == *text => Ok(text),
            Some(name) => Ok(Cow::Owned(name)),
            None => {
                let value = text.into_owned();
                Err(self.fault(ParamFault::BadUser { value }))
            }
        }
    }

    /// The address or range that the text is, where the param takes such.
    fn address(&self, text: &str) -> Option<String> {
        let subtypes = self.spec.subtypes;
        if let Some(address) = address::sanitize(text).filter(|_| address::is_valid(text)) {
            return subtypes.contains(&"ip").then_some(address);
        }
        let (address, _) = text
            .split_once('/')
            .filter(|_| subtypes.contains(&"cidr"))?;
        let is_range = address::is_valid(address) && !IpRange::parse(text).is_unusable();
        is_range.then(|| text.to_owned())
    }
}
