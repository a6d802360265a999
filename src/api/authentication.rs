//! Is this the password? Attempts are counted, and told to the log.
//!
//! MediaWiki: `AuthManager` with local passwords, and `BotPassword`. The order of the checks is that of a MediaWiki 1.39.

use super::login_fault::LoginFault;
use super::module::ModuleCall;
use crate::account::{Account, BotPassword, canonical_name};
use std::sync::Arc;

/// The fewest characters of a bot password. Shorter ones, and ones with other characters, are never looked at as such.
const SHORTEST_BOT_PASSWORD: usize = 32;

/// What attempts are counted as.
const PASSWORD: &str = "password";
const BOT_PASSWORD: &str = "botpassword";

/// The bot password that name and password of a login may mean.
#[derive(Debug, PartialEq, Eq)]
pub struct BotLogin<'l> {
    /// The name of the user.
    pub user: &'l str,
    /// The name of the bot.
    pub app_id: &'l str,
    /// The password.
    pub password: &'l str,
    /// Whether it cannot mean the account's own password.
    pub is_certain: bool,
}

impl<'l> BotLogin<'l> {
    /// `User@app` with a password, or `User` with `app@password`.
    pub fn read(name: &'l str, password: &'l str) -> Option<Self> {
        if let Some((user, app_id)) = name.rsplit_once('@') {
            return is_bot_password(password).then_some(Self {
                user,
                app_id,
                password,
                is_certain: true,
            });
        }
        let (app_id, password) = password.rsplit_once('@')?;
        is_bot_password(password).then_some(Self {
            user: name,
            app_id,
            password,
            is_certain: false,
        })
    }
}

fn is_bot_password(password: &str) -> bool {
    password.len() >= SHORTEST_BOT_PASSWORD
        && password
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'w'))
}

/// The account of this name, if the password is its own.
pub fn account(
    call: &ModuleCall<'_>,
    name: &str,
    password: &str,
) -> Result<Arc<Account>, LoginFault> {
    let name = canonical_name(name).filter(|_| !password.is_empty());
    let name = name.ok_or(LoginFault::NothingToTry)?;
    count(call, PASSWORD, &name)?;
    let account = call.api.accounts.by_name(&name);
    let account = account.ok_or_else(|| failed(call, &name, LoginFault::WrongPassword))?;
    if account.password.is_none() {
        return Err(failed(call, &name, LoginFault::NothingToTry));
    }
    if !account.has_password(password) {
        return Err(failed(call, &name, LoginFault::WrongPassword));
    }
    forget(call, PASSWORD, &name);
    Ok(Arc::clone(account))
}

/// The account and the bot password that are meant.
pub fn bot<'c>(
    call: &ModuleCall<'c>,
    login: &BotLogin<'_>,
) -> Result<(&'c Arc<Account>, &'c BotPassword), LoginFault> {
    let name = canonical_name(login.user).ok_or(LoginFault::NothingToTry)?;
    count(call, BOT_PASSWORD, &name)?;
    let account = call.api.accounts.by_name(&name);
    let found = account.and_then(|account| {
        let bot = account.bot_password(login.app_id, login.password)?;
        Some((account, bot))
    });
    let found = found.ok_or_else(|| failed(call, &name, LoginFault::WrongPassword))?;
    forget(call, BOT_PASSWORD, &name);
    Ok(found)
}

fn count(call: &ModuleCall<'_>, kind: &'static str, name: &str) -> Result<(), LoginFault> {
    let address = call.client.to_string();
    let counted = call.session.attempt(kind, name, &address, call.now);
    counted.map_err(|seconds| failed(call, name, LoginFault::Throttled { seconds }))
}

fn forget(call: &ModuleCall<'_>, kind: &'static str, name: &str) {
    let address = call.client.to_string();
    call.session.forget_attempts(kind, name, &address);
}

/// The operator learns who tries; what was tried is nobody's business.
fn failed(call: &ModuleCall<'_>, name: &str, fault: LoginFault) -> LoginFault {
    let (wiki, client) = (call.api.wiki.as_str(), call.client);
    let code = fault.code();
    log::info!(target: "authentication", wiki = wiki; "login of {name:?} from {client} failed: {code}");
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "flowsflowsflowsflowsflowsflows12";

    #[test]
    fn only_well_formed_passwords_are_those_of_bots() {
        let read = |name, password| {
            BotLogin::read(name, password).map(|login| (login.user, login.app_id, login.is_certain))
        };
        assert_eq!(read("Bob@flows", GOOD), Some(("Bob", "flows", true)));
        assert_eq!(read("B@b@flows", GOOD), Some(("B@b", "flows", true)));
        let with_app = format!("flows@{GOOD}");
        assert_eq!(read("Bob", &with_app), Some(("Bob", "flows", false)));
        // Recorded cases auth/login-bp-ok-fv2, auth/login-bp-short.
        assert_eq!(
            read("Bounce Bot@bounce", "abcdefghijklmnopqrstuvwxyz012345"),
            None
        );
        assert_eq!(read("Bounce Bot@bounce", "short"), None);
        assert_eq!(read("Bob", GOOD), None);
        assert_eq!(read("Bob", "me@example.com"), None);
    }
}
