//! Reading one value of a param, by its kind.

use super::moment::{Moment, is_unclear_now};
use super::reading::ParamReading;
use super::{Limit, ParamValue};
use crate::account::canonical_name;
use crate::api::error::ApiError;
use crate::api::param_error::ParamFault;
use crate::api::param_spec::{Absent, ParamKind};
use crate::api::param_warning::{NumberRange, ParamRemark};
use crate::api::text::MULTI_VALUE_SEPARATOR;
use crate::ip::{IpRange, address};
use std::borrow::Cow;

/// The limit of those who ask for as many entries as they may get.
const MAX: &str = "max";

impl<'i> ParamReading<'_, '_, 'i> {
    pub(super) fn single(&mut self, text: Cow<'i, str>) -> Result<ParamValue<'i>, ApiError> {
        if text.as_bytes().first() == Some(&MULTI_VALUE_SEPARATOR) {
            let value = text.into_owned();
            return Err(self.fault(ParamFault::NotMultiValued { value }));
        }
        match self.spec.kind {
            ParamKind::Text | ParamKind::Password | ParamKind::Generator | ParamKind::Presence => {
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

    pub(super) fn integer(&mut self, text: &str, min: Option<i64>) -> Result<i64, ApiError> {
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
        let given = given.to_owned();
        self.warn(ParamRemark::OutOfRange { given, range });
    }

    fn moment(&mut self, text: &str) -> Result<Moment, ApiError> {
        let value = || text.to_owned();
        if is_unclear_now(text) {
            self.warn(ParamRemark::UnclearNow { given: value() });
        }
        Moment::read(text).ok_or_else(|| self.fault(ParamFault::BadTimestamp { value: value() }))
    }

    pub(super) fn user<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>, ApiError> {
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
