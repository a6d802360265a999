//! Who performs a request, and what they may do (MediaWiki: `Authority`).

use super::{ANONYMOUS_GROUPS, Account, Accounts, BotPassword, rights_of_grants};
use crate::effects::UserId;
use std::sync::Arc;

/// The performer of a request.
#[derive(Debug, Clone)]
pub struct Authority {
    name: String,
    account: Option<Arc<Account>>,
    groups: Vec<String>,
    rights: Vec<String>,
}

impl Authority {
    /// A stranger, who is called by their address.
    pub fn anonymous(address: String, accounts: &Accounts) -> Self {
        let rights = accounts.permissions().rights_of(&ANONYMOUS_GROUPS);
        Self {
            name: address,
            account: None,
            groups: ANONYMOUS_GROUPS.map(str::to_owned).to_vec(),
            rights: rights.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Somebody who has logged in; with a bot password, as a bot that has no more rights than it grants.
    pub fn of_account(
        account: Arc<Account>,
        bot: Option<&BotPassword>,
        accounts: &Accounts,
    ) -> Self {
        let groups = account.effective_groups();
        let mut rights = accounts.permissions().rights_of(&groups);
        if let Some(bot) = bot {
            let granted = rights_of_grants(&bot.grants);
            rights.retain(|right| granted.contains(right));
        }
        Self {
            name: account.name.clone(),
            groups: groups.into_iter().map(str::to_owned).collect(),
            rights: rights.into_iter().map(str::to_owned).collect(),
            account: Some(account),
        }
    }

    /// The name of the account, or the address of a stranger.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account; strangers have none.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_deref()
    }

    /// MediaWiki's `user_id`; 0 for strangers.
    pub fn user_id(&self) -> UserId {
        self.account
            .as_ref()
            .map_or(UserId(0), |account| account.id)
    }

    /// Whether nobody is logged in.
    pub fn is_anonymous(&self) -> bool {
        self.account.is_none()
    }

    /// The groups that the performer is in, those that everybody is in included.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// What the performer may do, in MediaWiki's order.
    pub fn rights(&self) -> &[String] {
        &self.rights
    }

    /// Whether the performer has this right.
    pub fn may(&self, right: &str) -> bool {
        self.rights.iter().any(|own| own == right)
    }
}
