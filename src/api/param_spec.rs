//! The rows that describe params. Everything about params is read from them.

/// A param of a module or of a format.
#[derive(Debug)]
pub struct ParamSpec {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: ParamKind,
    /// What holds when it is not given.
    pub absent: Absent,
}

/// What values a param takes.
#[derive(Debug, Clone, Copy)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// One of these names.
    Choice(fn() -> Vec<&'static str>),
    /// Any value, also an empty one, says yes.
    Presence,
}

/// What holds when a param is not given.
#[derive(Debug, Clone, Copy)]
pub enum Absent {
    /// It has no value.
    Nothing,
    /// It has this value.
    Default(&'static str),
    /// That is an error, and so is an empty text.
    Error,
}

impl ParamSpec {
    /// A param that may be left out.
    pub const fn optional(name: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            kind,
            absent: Absent::Nothing,
        }
    }

    /// A param that may be left out and then has this value.
    pub const fn with_default(name: &'static str, kind: ParamKind, default: &'static str) -> Self {
        Self {
            name,
            kind,
            absent: Absent::Default(default),
        }
    }

    /// A param that must be given.
    pub const fn required(name: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            kind,
            absent: Absent::Error,
        }
    }
}
