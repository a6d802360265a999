//! Params by the table: taken out of the input, checked, and warned about.
//!
//! MediaWiki: all params of a module are read, whatever is wrong with one of them; then the first error counts.

use super::error::ApiError;
use super::main_module;
use super::param_spec::{Absent, ParamKind, ParamSpec};
use super::php_input::{PhpInput, PhpValue};
use super::text::{self, MULTI_VALUE_SEPARATOR};
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
#[derive(Debug)]
pub struct Params<'i>(Vec<(&'static str, ParamValue<'i>)>);

#[derive(Debug)]
enum ParamValue<'i> {
    Text(Cow<'i, str>),
    Present,
}

impl<'i> GivenParams<'i> {
    /// Reads the params of `module`.
    pub fn read(
        module: &'static str,
        specs: &'static [ParamSpec],
        input: &'i PhpInput<'_>,
    ) -> Self {
        let mut warnings = Vec::new();
        let params = specs.iter().map(|spec| {
            let given = given(module, spec, input, &mut warnings);
            (spec.name, checked(module, spec, given))
        });
        Self {
            params: params.collect(),
            warnings,
        }
    }

    /// The text of a param, if it has one and nothing is wrong with it.
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.params.iter().find(|(known, _)| *known == name)?;
        value.as_ref().ok()?.as_ref()?.text()
    }

    /// Whether a param was given and nothing is wrong with it.
    pub fn is_present(&self, name: &str) -> bool {
        let param = self.params.iter().find(|(known, _)| *known == name);
        matches!(param, Some((_, Ok(Some(_)))))
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

    /// Whether a param was given.
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

impl ParamValue<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Present => None,
        }
    }

    fn into_owned(self) -> ParamValue<'static> {
        match self {
            Self::Text(text) => ParamValue::Text(Cow::Owned(text.into_owned())),
            Self::Present => ParamValue::Present,
        }
    }
}

/// What was given for a param, as clean text.
fn given<'i>(
    module: &'static str,
    spec: &ParamSpec,
    input: &'i PhpInput<'_>,
    warnings: &mut Vec<(&'static str, ApiWarning)>,
) -> Option<ParamValue<'i>> {
    let param = spec.name;
    match (input.value(param)?, spec.kind) {
        (PhpValue::Array, _) => {
            warnings.push((main_module::NAME, ApiWarning::UnsupportedArray { param }));
            None
        }
        (PhpValue::Scalar(_), ParamKind::Presence) => Some(ParamValue::Present),
        (PhpValue::Scalar(raw), ParamKind::Text | ParamKind::Choice(_)) => {
            let text = text::of_value(raw, input.is_in_query(param));
            if matches!(text, Cow::Owned(_)) {
                warnings.push((module, ApiWarning::BadUtf8 { param }));
            }
            Some(ParamValue::Text(text))
        }
    }
}

fn checked<'i>(
    module: &'static str,
    spec: &ParamSpec,
    given: Option<ParamValue<'i>>,
) -> Result<Option<ParamValue<'i>>, ApiError> {
    let param = spec.name;
    let text = match given {
        Some(ParamValue::Text(text)) => text,
        Some(ParamValue::Present) => return Ok(Some(ParamValue::Present)),
        None => match spec.absent {
            Absent::Nothing => return Ok(None),
            Absent::Default(value) => Cow::Borrowed(value),
            Absent::Error => return Err(ApiError::MissingParam { module, param }),
        },
    };
    if text.as_bytes().first() == Some(&MULTI_VALUE_SEPARATOR) {
        let value = text.into_owned();
        return Err(ApiError::NotMultiValued {
            module,
            param,
            value,
        });
    }
    match spec.kind {
        ParamKind::Text | ParamKind::Presence => {
            if text.is_empty() && matches!(spec.absent, Absent::Error) {
                return Err(ApiError::MissingParam { module, param });
            }
        }
        ParamKind::Choice(names) => {
            let allowed = names();
            if !allowed.contains(&text.as_ref()) {
                let value = text.into_owned();
                return Err(ApiError::BadValue {
                    module,
                    param,
                    value,
                    allowed,
                });
            }
        }
    }
    Ok(Some(ParamValue::Text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::tests::support::get;

    const SPECS: &[ParamSpec] = &[
        ParamSpec::required("mail", ParamKind::Text),
        ParamSpec::with_default("size", ParamKind::Choice(|| vec!["s", "m"]), "m"),
        ParamSpec::optional("note", ParamKind::Text),
        ParamSpec::optional("yes", ParamKind::Presence),
    ];

    fn reading<T>(query: &str, look: impl FnOnce(GivenParams<'_>) -> T) -> T {
        let request = get(query);
        let input = PhpInput::read(&request, 1000);
        look(GivenParams::read("test", SPECS, &input))
    }

    fn error(query: &str) -> String {
        reading(query, |given| match given.accept() {
            Ok(_) => "none".to_owned(),
            Err(ApiError::MissingParam { param, .. }) => format!("missing {param}"),
            Err(ApiError::BadValue { param, value, .. }) => format!("bad {param}: {value}"),
            Err(ApiError::NotMultiValued { param, value, .. }) => {
                format!("multi {param}: {value:?}")
            }
            Err(other) => panic!("{other:?}"),
        })
    }

    #[test]
    fn values_are_checked_by_the_table_and_the_first_error_of_the_table_counts() {
        let table = [
            ("mail=x", "none"),
            ("mail=0&size=s", "none"),
            ("", "missing mail"),
            ("mail=", "missing mail"),
            ("mail[]=x", "missing mail"),
            ("size=x", "missing mail"),
            ("size=&mail=x", "bad size: "),
            ("size=S&mail=x", "bad size: S"),
            ("mail=%1Fa%1Fb", "multi mail: \"\\u{1f}a\\u{1f}b\""),
            ("mail=x&note=%1F", "multi note: \"\\u{1f}\""),
            ("mail=x&note=", "none"),
        ];
        for (query, expected) in table {
            assert_eq!(error(query), expected, "{query}");
        }
    }

    #[test]
    fn params_have_their_values_defaults_or_nothing() {
        reading("mail=a+b&yes=", |given| {
            let params = given.accept().unwrap();
            assert_eq!(params.text("mail"), Some("a b"));
            assert_eq!(params.text("size"), Some("m"));
            assert_eq!(params.text("note"), None);
            assert!(params.is_present("yes") && !params.is_present("note"));
            assert_eq!(params.into_owned().text("mail"), Some("a b"));
        });
        assert_eq!(Params::defaults(SPECS).text("size"), Some("m"));
        assert!(!Params::defaults(SPECS).is_present("mail"));
    }

    #[test]
    fn what_is_wrong_with_one_param_does_not_hide_the_others() {
        reading("note=n&size=x", |given| {
            assert_eq!((given.text("note"), given.text("size")), (Some("n"), None));
            assert!(!given.is_present("size") && given.is_present("note"));
        });
    }

    #[test]
    fn changed_values_and_arrays_are_warned_of() {
        reading("mail=e%CC%81&size[]=s&yes=%00&note[a][b]=1", |given| {
            let warnings = given.warnings.iter();
            let shown: Vec<_> = warnings
                .map(|(module, warning)| format!("{module} {warning:?}"))
                .collect();
            assert_eq!(
                shown,
                [
                    "test BadUtf8 { param: \"mail\" }",
                    "main UnsupportedArray { param: \"size\" }",
                    "main UnsupportedArray { param: \"note\" }",
                ]
            );
            assert_eq!(given.text("mail"), Some("\u{e9}"));
        });
    }
}
