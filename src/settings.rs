//! Names, defaults and origins of all settings; what a value is used for is the business of its readers.
//!
//! A setting is one row of the table in `table.rs`. From that row come its field, its place in the file, in the
//! environment and on the command line, its line in `docs/SETTINGS.md` and in the sample file, and the hint for those
//! who misspell it. Sources in rising order of precedence: built-in default, one file, environment, command line.

mod choices;
mod collections;
mod error;
mod fault;
mod file;
mod hint;
mod load;
mod notation;
mod records;
mod reference;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod within;

pub use choices::{
    BounceVerdict, CountBounceOnce, FrameOptions, JobRetryRule, RestrictedIpResponse,
    RunJobsLogFormat,
};
pub use error::{Origin, SettingsError};
pub use fault::{Fault, Problem};
pub use load::{LoadSources, no_color, process_environment};
pub use records::{
    Block, BotPassword, BounceWeights, Expiry, Factor, Smtp, Throttle, UnconfirmBrake,
    UnconfirmLimit, User,
};
pub use reference::{reference_page, sample_file};
pub use table::{
    ApiSettings, BounceHandlerSettings, JobsSettings, LogSettings, MailSettings, NetworkSettings,
    Settings, StorageSettings, VerpSettings, WikiSettings,
};
pub use types::{ByteSize, InternalIps, Seconds, Secret};
pub use within::Within;

use serde_json::Value;
use std::fmt;
use value::Secrets;

/// What the table says about one setting.
pub struct Row {
    /// The setting's name, as in the file.
    pub name: &'static str,
    /// Other names that are accepted for it.
    pub aliases: &'static [&'static str],
    /// The field of [`Settings`] that it lies in.
    pub section: &'static str,
    /// What it does, in Markdown.
    pub doc: &'static str,
    /// Whether anything happens because of it.
    pub effect: Effect,
    /// Whether its value is never shown.
    pub secret: bool,
    kind: fn() -> String,
    from_text: fn(&str) -> Result<Value, Fault>,
    assign: fn(&mut Settings, &Value) -> Result<(), Fault>,
    show: fn(&Settings, Secrets) -> Value,
}

/// When a setting has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// From the start of the program to its end.
    AtStart,
    /// Never so far: it is accepted and checked, so that a wiki's settings can be given whole.
    NotYet,
}

/// A setting as it stands after all sources were read, for printing: `Name = value  # origin`.
#[derive(Debug, Clone)]
pub struct EffectiveValue<'a> {
    /// The setting's name.
    pub name: &'static str,
    /// The value in TOML notation, secrets replaced by stars.
    pub value: String,
    /// Where the value comes from.
    pub origin: &'a Origin,
}

impl fmt::Display for EffectiveValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} = {}  # {}",
            self.name, self.value, self.origin
        )
    }
}

/// All settings in the order of the reference page.
pub fn rows() -> &'static [Row] {
    table::ROWS
}

/// The row that a name or an alias belongs to.
fn find_row(name: &str) -> Option<&'static Row> {
    rows()
        .iter()
        .find(|row| row.name == name || row.aliases.contains(&name))
}

impl Settings {
    /// Reads all sources in their order of precedence; fails at the first name or value that is wrong.
    pub fn load(sources: LoadSources) -> Result<Self, SettingsError> {
        load::load(sources)
    }

    /// The built-in defaults.
    pub fn defaults() -> Self {
        Self::default()
    }

    /// Where the value of a setting comes from; `None` if there is no such setting. Aliases are understood.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        find_row(name).map(|row| self.row_origin(row))
    }

    /// All settings with their values and origins, in the order of the reference page.
    pub fn effective(&self) -> Vec<EffectiveValue<'_>> {
        rows()
            .iter()
            .map(|row| EffectiveValue {
                name: row.name,
                value: notation::toml_text(&(row.show)(self, Secrets::Starred)),
                origin: self.row_origin(row),
            })
            .collect()
    }

    /// The domain of VERP addresses: `VERPdomainPart`, else the host of `Server`, else `localhost`.
    pub fn verp_domain(&self) -> &str {
        let given = self.verp.domain_part.as_deref();
        given
            .or_else(|| self.wiki.server.as_deref().and_then(host))
            .unwrap_or("localhost")
    }

    fn row_origin(&self, row: &Row) -> &Origin {
        self.origins.get(row.name).unwrap_or(&Origin::Default)
    }
}

impl WikiSettings {
    /// The wiki's identifier: `DBname`, or `DBname-DBprefix` if there is a prefix.
    pub fn wiki_id(&self) -> String {
        if self.db_prefix.is_empty() {
            self.db_name.clone()
        } else {
            format!("{}-{}", self.db_name, self.db_prefix)
        }
    }

    /// The wikis whose databases exist: `Databases`, or this wiki alone if none are named.
    pub fn existing_databases(&self) -> Vec<String> {
        if self.databases.is_empty() {
            vec![self.wiki_id()]
        } else {
            self.databases.clone()
        }
    }
}

impl BounceHandlerSettings {
    /// Which bounces count once: as `CountBounceOnce` says, else all of one sent mail if the strict verdict counts.
    pub fn effective_count_once(&self) -> CountBounceOnce {
        self.count_once.unwrap_or(match self.verdict {
            BounceVerdict::Compatible => CountBounceOnce::Off,
            BounceVerdict::Strict => CountBounceOnce::Send,
        })
    }

    /// How many un-confirmations of a domain are too many within an hour: as `UnconfirmBrake` says, else its defaults if the
    /// strict verdict counts; `None` for no brake.
    pub fn effective_brake(&self) -> Option<UnconfirmLimit> {
        match (self.unconfirm_brake, self.verdict) {
            (Some(UnconfirmBrake::Beyond(limit)), _) => Some(limit),
            (Some(UnconfirmBrake::Off), _) | (None, BounceVerdict::Compatible) => None,
            (None, BounceVerdict::Strict) => Some(UnconfirmLimit::default()),
        }
    }
}

impl Row {
    /// The variable of the environment that sets it, such as `BOUNCEHANDLERD_VERP_SECRET`.
    pub fn environment_name(&self) -> String {
        load::environment_name(self.name)
    }

    /// The type of its values, in the words of the reference page.
    pub fn kind(&self) -> String {
        (self.kind)()
    }
}

/// The host in a URL such as `https://wiki.example.org:8080` or `//wiki.example.org`; `None` if it has none.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority
        .rsplit_once('@')
        .map_or(authority, |(_, address)| address);
    let host = match address.find(']') {
        Some(end) => address.get(..=end)?,
        None => address.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}
