//! The rows that describe params. Everything about params is read from them: checking, `paraminfo`, `help`, and the
//! coverage page.

use super::module::Group;

/// A param of a module or of a format.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the original"
)]
pub struct ParamSpec {
    /// Its name on the wire, the prefix of its module included.
    pub name: &'static str,
    /// What it is for, in wikitext, for `help` and `paraminfo`.
    pub help: &'static str,
    /// What values it takes.
    pub kind: ParamKind,
    /// What holds when it is not given.
    pub absent: Absent,
    /// Whether it takes several values, and which short hand there is for all of them.
    pub multi: Multi,
    /// Whether its text may be long and have lines, as `paraminfo` tells clients.
    pub is_long: bool,
    /// Whether its value is nobody else's business: it should not be in a URL, which ends up in logs.
    pub is_sensitive: bool,
    /// Whether it will go away; who gives it is warned.
    pub is_deprecated: bool,
    /// For a token: the kind that is expected, as `paraminfo` tells clients.
    pub token_type: Option<TokenType>,
    /// Whether a value that is given twice counts twice.
    pub allows_duplicates: bool,
    /// For a user: in what ways one may be named, as `paraminfo` tells clients.
    pub subtypes: &'static [&'static str],
    /// In what it differs from the original's, if it does, in Markdown for `docs/COVERAGE.md`.
    pub difference: Option<&'static str>,
}

/// What values a param takes.
#[derive(Debug, Clone, Copy)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// Any text that is not to be shown.
    Password,
    /// One of these names.
    Choice(fn() -> Vec<&'static str>),
    /// The name of a module of this group.
    Module(Group),
    /// The name of a module of `query` that gives pages to tell of. There is none here; `query` itself refuses every name.
    Generator,
    /// Any value, also an empty one, says yes.
    Presence,
    /// A whole number, at least this.
    Integer {
        /// The least number; a smaller one becomes this.
        min: Option<i64>,
    },
    /// How many entries to give: 1 to 500, or `max`; for those with the right `apihighlimits` up to 5000.
    Limit,
    /// A name that a user can have; an address or a range too, where the subtypes have `ip` or `cidr`.
    User,
    /// A moment in one of the forms that MediaWiki reads, or `now`.
    Moment,
}

/// What holds when a param is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It has no value.
    Nothing,
    /// It has this value.
    Default(&'static str),
    /// That is an error, and so is an empty text.
    Error,
}

/// What a token is for: each kind is another text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// `createaccount`: for making an account.
    CreateAccount,
    /// `csrf`: for whatever changes something.
    Csrf,
    /// `login`: for logging in, by a stranger.
    Login,
    /// `patrol`: for marking a change as seen.
    Patrol,
    /// `rollback`: for taking back what somebody wrote.
    Rollback,
    /// `userrights`: for putting users into groups.
    UserRights,
    /// `watch`: for watching pages.
    Watch,
}

impl TokenType {
    /// All of them, sorted by name.
    pub const ALL: [Self; 7] = [
        Self::CreateAccount,
        Self::Csrf,
        Self::Login,
        Self::Patrol,
        Self::Rollback,
        Self::UserRights,
        Self::Watch,
    ];

    /// Their names.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::name).to_vec()
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateAccount => "createaccount",
            Self::Csrf => "csrf",
            Self::Login => "login",
            Self::Patrol => "patrol",
            Self::Rollback => "rollback",
            Self::UserRights => "userrights",
            Self::Watch => "watch",
        }
    }
}

/// Whether a param takes several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multi {
    /// One value.
    No,
    /// Several values, separated by `|`.
    Yes,
    /// The same, and `*` is all of them.
    OrAll,
}

impl ParamSpec {
    /// A param that may be left out.
    pub const fn optional(name: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            help: "",
            kind,
            absent: Absent::Nothing,
            multi: Multi::No,
            is_long: false,
            is_sensitive: false,
            is_deprecated: false,
            token_type: None,
            allows_duplicates: false,
            subtypes: &[],
            difference: None,
        }
    }

    /// A param that may be left out and then has this value.
    pub const fn with_default(name: &'static str, kind: ParamKind, default: &'static str) -> Self {
        Self {
            absent: Absent::Default(default),
            ..Self::optional(name, kind)
        }
    }

    /// A param that must be given.
    pub const fn required(name: &'static str, kind: ParamKind) -> Self {
        Self {
            absent: Absent::Error,
            ..Self::optional(name, kind)
        }
    }

    /// The token of this kind, which the module cannot do without.
    pub const fn token(name: &'static str, token_type: TokenType) -> Self {
        Self {
            token_type: Some(token_type),
            ..Self::required(name, ParamKind::Text).sensitive()
        }
    }

    /// The param, with what it is for.
    #[must_use]
    pub const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// The param, which takes users that are named in these ways.
    #[must_use]
    pub const fn subtypes(self, subtypes: &'static [&'static str]) -> Self {
        Self { subtypes, ..self }
    }

    /// The param, with what is not as in the original.
    #[must_use]
    pub const fn differs(self, difference: &'static str) -> Self {
        Self {
            difference: Some(difference),
            ..self
        }
    }

    /// The param, taking several values.
    #[must_use]
    pub const fn multi(self) -> Self {
        Self {
            multi: Multi::Yes,
            ..self
        }
    }

    /// The param, taking several values, of which some may be the same.
    #[must_use]
    pub const fn multi_with_duplicates(self) -> Self {
        Self {
            allows_duplicates: true,
            ..self.multi()
        }
    }

    /// The param, taking several values or `*` for all.
    #[must_use]
    pub const fn multi_or_all(self) -> Self {
        Self {
            multi: Multi::OrAll,
            ..self
        }
    }

    /// The param, with a text of several lines.
    #[must_use]
    pub const fn long(self) -> Self {
        Self {
            is_long: true,
            ..self
        }
    }

    /// The param, sensitive.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self {
            is_sensitive: true,
            ..self
        }
    }

    /// The param, deprecated.
    #[must_use]
    pub const fn deprecated(self) -> Self {
        Self {
            is_deprecated: true,
            ..self
        }
    }

    /// Whether it must be given.
    pub fn is_required(&self) -> bool {
        self.absent == Absent::Error
    }

    /// Whether it takes several values.
    pub fn is_multi(&self) -> bool {
        self.multi != Multi::No
    }
}
