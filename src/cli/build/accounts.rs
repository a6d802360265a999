//! From the users of the settings to the accounts of the built-in wiki.

use crate::account::{
    Account, Accounts, AttemptLimit, Block, BlockExpiry, BotPassword, GroupPermissions,
};
use crate::api::SessionOptions;
use crate::effects::UserId;
use crate::settings::{self, Origin, Settings};

/// Who can log in, and what groups may do.
pub(super) fn of(settings: &Settings) -> Accounts {
    let is_private = !has_public_passwords(settings) || settings.network.listen.ip().is_loopback();
    let accounts = settings.wiki.users.iter().map(|user| Account {
        id: UserId(user.id),
        name: user.name.clone(),
        password: user.password.as_ref().filter(|_| is_private).map(exposed),
        groups: user.groups.clone(),
        registration: user.registration,
        edit_count: user.edit_count,
        bot_passwords: user
            .bot_passwords
            .iter()
            .filter(|_| is_private)
            .map(bot_password)
            .collect(),
        block: user.block.as_ref().map(block),
    });
    let permissions = GroupPermissions::with_changes(&settings.wiki.group_permissions);
    Accounts::new(accounts.collect(), permissions)
}

/// Whether the users are the built-in ones, whose passwords everybody knows.
pub(in crate::cli) fn has_public_passwords(settings: &Settings) -> bool {
    matches!(settings.origin("Users"), Some(Origin::Default))
}

/// How sessions are kept.
pub(super) fn sessions(settings: &Settings) -> SessionOptions {
    let wiki = &settings.wiki;
    let limits = wiki.password_attempt_throttle.iter();
    SessionOptions {
        cookie_prefix: match &*wiki.db_prefix {
            "" => wiki.db_name.clone(),
            prefix => format!("{}_{prefix}", wiki.db_name),
        },
        lifetime: wiki.session_expiry.0,
        most: wiki.max_sessions,
        attempt_limits: limits
            .map(|limit| AttemptLimit {
                count: limit.count,
                seconds: i64::try_from(limit.seconds).unwrap_or(i64::MAX),
                all_addresses: limit.all_ips,
            })
            .collect(),
    }
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
