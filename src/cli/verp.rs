//! `verp encode` and `verp decode`.

use super::CommonArguments;
use super::build::usable_keys;
use crate::clock::{Clock, Timestamp};
use crate::verp::{VerpKeys, encode, verify};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::io::{self, Write as _};

/// What can be done with addresses.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a fresh return-path address for a user
    Encode {
        /// Number of the user
        #[arg(long, value_name = "ID")]
        user: u64,
        /// The wiki [default: the one of the settings]
        #[arg(long, value_name = "ID")]
        wiki: Option<String>,
    },
    /// Print what an address says, and whether it is proved
    Decode {
        /// The address, as it stands in the To header
        address: String,
    },
}

pub(super) fn run(common: &CommonArguments, command: &Command) -> anyhow::Result<()> {
    let settings = common.settings(common.config.clone(), Vec::new())?;
    let keys = usable_keys(&settings)?.context("the setting VERPalgorithm cannot be used")?;
    let now = Clock::System.now();
    let text = match command {
        Command::Encode { user, wiki } => {
            let own = settings.wiki.wiki_id();
            let wiki = wiki.as_deref().unwrap_or(&own);
            let address = encode(
                &settings.verp.prefix,
                wiki,
                *user,
                now.unix(),
                settings.verp_domain(),
                &keys,
            );
            format!("{address}\n")
        }
        Command::Decode { address } => decode(address, now, &keys)?,
    };
    Ok(io::stdout().write_all(text.as_bytes())?)
}

fn decode(address: &str, now: Timestamp, keys: &VerpKeys) -> anyhow::Result<String> {
    match verify(address.as_bytes(), now.unix(), keys) {
        Ok(parts) => {
            let sent = parts
                .time
                .as_i64()
                .map_or_else(|| parts.time.to_string(), |time| Timestamp(time).to_mw());
            let wiki = String::from_utf8_lossy(&parts.wiki).into_owned();
            Ok(format!(
                "wiki  {wiki}\nuser  {}\nsent  {sent} UTC\nproof good\n",
                parts.user
            ))
        }
        Err(rejection) => bail!("{address:?} is not accepted: {rejection}"),
    }
}
