//! From the users of the settings to the accounts of the built-in wiki.

use crate::account::{Account, Accounts, Block, BlockExpiry, BotPassword, GroupPermissions};
use crate::effects::UserId;
use crate::settings::{self, Settings};

/// Who can log in, and what groups may do.
pub(super) fn of(settings: &Settings) -> Accounts {
    let accounts = settings.wiki.users.iter().map(|user| Account {
        id: UserId(user.id),
        name: user.name.clone(),
        password: user.password.as_ref().map(exposed),
        groups: user.groups.clone(),
        registration: user.registration,
        edit_count: user.edit_count,
        bot_passwords: user.bot_passwords.iter().map(bot_password).collect(),
        block: user.block.as_ref().map(block),
    });
    let permissions = GroupPermissions::with_changes(&settings.wiki.group_permissions);
    Accounts::new(accounts.collect(), permissions)
}

fn exposed(secret: &settings::Secret) -> String {
    secret.expose().to_owned()
}

fn bot_password(bot: &settings::BotPassword) -> BotPassword {
    BotPassword {
        app_id: bot.app_id.clone(),
        password: exposed(&bot.password),
        grants: bot.grants.clone(),
    }
}

fn block(block: &settings::Block) -> Block {
    Block {
        id: block.id,
        by: block.by.clone(),
        reason: block.reason.clone(),
        placed: block.timestamp,
        expiry: match block.expiry {
            settings::Expiry::Infinity => BlockExpiry::Infinity,
            settings::Expiry::At(moment) => BlockExpiry::At(moment),
        },
        no_create: block.no_create,
        no_email: block.no_email,
        no_user_talk: block.no_user_talk,
        autoblock: block.autoblock,
    }
}
