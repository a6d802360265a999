//! Where a value comes from, and why loading fails.

use super::fault::Problem;
use super::hint::did_you_mean;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// The place that a value was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program itself.
    Default,
    /// The settings file.
    File {
        /// Its path, as it was given.
        path: PathBuf,
        /// The line, counted from 1; known for TOML only.
        line: Option<usize>,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A flag of the command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("built-in default"),
            Self::File {
                path,
                line: Some(line),
            } => write!(formatter, "{}, line {line}", path.display()),
            Self::File { path, line: None } => write!(formatter, "{}", path.display()),
            Self::Environment { variable } => write!(formatter, "environment variable {variable}"),
            Self::CommandLine => formatter.write_str("command line"),
        }
    }
}

/// Why the settings could not be loaded. No message contains the value of a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file could not be read.
    #[error("cannot read the settings file {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
    /// The notation of the file cannot be told from its name.
    #[error("{}: the name of a settings file must end in .toml or .json", path.display())]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// The file is not in the notation that its name promises.
    #[error("{origin}: not valid {notation}: {reason}")]
    Malformed {
        /// The file, and the line if it is known.
        origin: Origin,
        /// `TOML` or `JSON`.
        notation: &'static str,
        /// The parser's reason.
        reason: String,
    },
    /// There is no such setting.
    #[error("{origin}: unknown setting `{name}`{}", did_you_mean(nearest.as_deref()))]
    UnknownName {
        /// Where it was found.
        origin: Origin,
        /// The unknown name.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
    },
    /// No setting has such a variable.
    #[error("environment variable {variable}: no setting is called so{}", did_you_mean(nearest.as_deref()))]
    UnknownVariable {
        /// The unknown variable.
        variable: String,
        /// A known variable that looks like it.
        nearest: Option<String>,
    },
    /// One source gives a setting twice, perhaps once under its other name.
    #[error("{origin}: `{name}` is given twice; keep one of the two")]
    GivenTwice {
        /// Where it was found the second time.
        origin: Origin,
        /// The setting.
        name: &'static str,
    },
    /// The value does not fit the setting.
    #[error("{origin}: {path}: {problem}")]
    BadValue {
        /// Where it was found.
        origin: Origin,
        /// The setting, and the way to the value inside it, such as `Users[2].email`.
        path: String,
        /// What is wrong.
        problem: Problem,
    },
    /// A variable of the environment is not UTF-8.
    #[error("environment variable {variable}: the value is not valid UTF-8")]
    NotUnicode {
        /// The variable's name, as far as it can be shown.
        variable: String,
    },
}
