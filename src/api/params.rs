//! Params by the table: taken out of the input, checked, and warned about.
//!
//! MediaWiki: all params of a module are read, whatever is wrong with one of them; then the first error counts.

mod moment;
mod reading;
mod single_value;
#[cfg(test)]
mod tests;

pub use moment::Moment;
pub use reading::{ParamReader, ValueLimit};

use super::error::ApiError;
use super::param_spec::{Absent, ParamSpec};
use super::warning::ApiWarning;
use std::borrow::Cow;

/// The params of one module as they came, with errors still among them.
#[derive(Debug)]
pub struct GivenParams<'i> {
    params: Vec<(&'static str, Result<Option<ParamValue<'i>>, ApiError>)>,
    /// What to warn of, and in whose name.
    pub warnings: Vec<(&'static str, ApiWarning)>,
}

/// The params of one module, all in order.
#[derive(Debug, Clone)]
pub struct Params<'i>(Vec<(&'static str, ParamValue<'i>)>);

/// What a param has for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ParamValue<'i> {
    Text(Cow<'i, str>),
    Several(Vec<Cow<'i, str>>),
    Number(i64),
    Limit(Limit),
    Moment(Moment),
    Present,
}

/// How many entries are to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number.
    pub count: usize,
    /// Whether the client asked for as many as it may get (`max`), and so does not know the number.
    pub is_max: bool,
}

impl<'i> GivenParams<'i> {
    /// The text of a param, if it has one and nothing is wrong with it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.text()
    }

    /// The number of a param, if it has one and nothing is wrong with it.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.number()
    }

    /// Whether a param was given and nothing is wrong with it.
    pub fn is_present(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The params, or what is wrong with the first of those that something is wrong with.
    pub fn accept(self) -> Result<Params<'i>, ApiError> {
        let params = self.params.into_iter().filter_map(|(name, value)| {
            value
                .map(|value| value.map(|value| (name, value)))
                .transpose()
        });
        params.collect::<Result<_, _>>().map(Params)
    }

    fn value(&self, name: &str) -> Option<&ParamValue<'i>> {
        let (_, value) = self.params.iter().find(|(known, _)| *known == name)?;
        value.as_ref().ok()?.as_ref()
    }
}

impl Params<'_> {
    /// The params of a table when none are given; what must be given is missing from them.
    pub fn defaults(specs: &'static [ParamSpec]) -> Params<'static> {
        let default = |spec: &ParamSpec| match spec.absent {
            Absent::Default(value) => Some((spec.name, ParamValue::Text(Cow::Borrowed(value)))),
            Absent::Nothing | Absent::Error => None,
        };
        Params(specs.iter().filter_map(default).collect())
    }

    /// The text of a param; `None` if it was not given and has no default.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.text()
    }

    /// The values of a param that takes several, in order and none twice; none if it was not given.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> + Clone {
        let values = self.value(name).map_or(&[][..], ParamValue::values);
        values.iter().map(|value| &**value)
    }

    /// Whether this is one of the values of a param that takes several.
    pub fn has_value(&self, name: &str, wanted: &str) -> bool {
        self.values(name).any(|value| value == wanted)
    }

    /// The number of a param; `None` if it was not given and has no default.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.number()
    }

    /// How many entries a param asks for; `None` if it is no such param.
    pub fn limit(&self, name: &str) -> Option<Limit> {
        match self.value(name)? {
            ParamValue::Limit(limit) => Some(*limit),
            ParamValue::Text(_)
            | ParamValue::Several(_)
            | ParamValue::Number(_)
            | ParamValue::Moment(_)
            | ParamValue::Present => None,
        }
    }

    /// The moment of a param; `None` if it was not given and has no default.
    pub fn moment(&self, name: &str) -> Option<Moment> {
        match self.value(name)? {
            ParamValue::Moment(moment) => Some(*moment),
            ParamValue::Text(_)
            | ParamValue::Several(_)
            | ParamValue::Number(_)
            | ParamValue::Limit(_)
            | ParamValue::Present => None,
        }
    }

    /// The numbers of a param that takes several, in order and none twice.
    pub fn numbers(&self, name: &str) -> Vec<i64> {
        let mut numbers = Vec::new();
        for number in self.values(name).filter_map(|value| value.parse().ok()) {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }

    /// Whether a param was given, or has a default.
    pub fn is_present(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The params, independent of the input that they were read from.
    pub fn into_owned(self) -> Params<'static> {
        let params = self
            .0
            .into_iter()
            .map(|(name, value)| (name, value.into_owned()));
        Params(params.collect())
    }

    fn value(&self, name: &str) -> Option<&ParamValue<'_>> {
        let param = self.0.iter().find(|(known, _)| *known == name);
        param.map(|(_, value)| value)
    }
}

impl<'i> ParamValue<'i> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Several(_)
            | Self::Number(_)
            | Self::Limit(_)
            | Self::Moment(_)
            | Self::Present => None,
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Several(_) | Self::Limit(_) | Self::Moment(_) | Self::Present => {
                None
            }
        }
    }

    fn values(&self) -> &[Cow<'i, str>] {
        match self {
            Self::Several(values) => values,
            Self::Text(_) | Self::Number(_) | Self::Limit(_) | Self::Moment(_) | Self::Present => {
                &[]
            }
        }
    }

    fn into_owned(self) -> ParamValue<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text(text) => ParamValue::Text(owned(text)),
            Self::Several(values) => ParamValue::Several(values.into_iter().map(owned).collect()),
            Self::Number(number) => ParamValue::Number(number),
            Self::Limit(limit) => ParamValue::Limit(limit),
            Self::Moment(moment) => ParamValue::Moment(moment),
            Self::Present => ParamValue::Present,
        }
    }
}
