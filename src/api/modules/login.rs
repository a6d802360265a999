//! The module `login`: logs in with a bot password, or with the account's own.
//!
//! MediaWiki: `ApiLogin`. Recorded cases: `auth/login-*`.

use crate::account::Account;
use crate::api::answer::Answer;
use crate::api::authentication::{self, BotLogin};
use crate::api::error::ApiError;
use crate::api::gates::require_posted;
use crate::api::login_fault::LoginFault;
use crate::api::login_warning::LoginWarning;
use crate::api::module::{ActionModule, Execution, MAIN, ModuleCall, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};
use crate::api::result::{Object, Value};
use crate::api::warning::ApiWarning;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: PATH,
        path: PATH,
        prefix: "lg",
        class: "MediaWiki\\Api\\ApiLogin",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Login"],
        summary: "Logs a client in, best with a bot password; the account's own works too, but is deprecated here.",
        examples: &[(
            "action=login&lgname=Bob@bot&lgpassword=PASSWORD&lgtoken=TOKEN",
            "Log in with a bot password.",
        )],
        params: &[
            ParamSpec::optional(NAME, ParamKind::Text)
                .help("Name of the user, or of the user and the bot, joined by <kbd>@</kbd>."),
            ParamSpec::optional(PASSWORD, ParamKind::Password)
                .sensitive()
                .help("The password."),
            ParamSpec::optional("lgdomain", ParamKind::Text).help("Has no effect."),
            ParamSpec::optional(TOKEN, ParamKind::Text)
                .sensitive()
                .help("A token of the type <kbd>login</kbd>."),
        ],
        must_be_posted: true,
        is_read_mode: false,
        is_write_mode: true,
        ..ModuleInfo::BASE
    },
    execute,
};

const PATH: &str = "login";
const NAME: &str = "lgname";
const PASSWORD: &str = "lgpassword";
const TOKEN: &str = "lgtoken";

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    if call.session.is_suppressed() {
        return Ok(complete(answer, aborted(answer, LoginFault::SameOrigin)));
    }
    if !call.api.debug_api {
        require_posted(call.reader.input, PATH, &[PASSWORD, TOKEN])?;
    }
    if call.session.is_of_bot() {
        return Ok(complete(answer, aborted(answer, LoginFault::BotSession)));
    }
    let given = call.params.text(TOKEN).unwrap_or_default();
    let (own, is_new) = call.session.login_token(call.now);
    if given.is_empty() {
        warn(answer, &ApiWarning::Login(LoginWarning::TokenDeprecated));
        let entries = [
            ("result", Value::text("NeedToken")),
            ("token", Value::text(own)),
        ];
        return Ok(complete(answer, Object::of(entries)));
    }
    if is_new {
        return Ok(complete(answer, failed(answer, LoginFault::SessionLost)));
    }
    if !call
        .session
        .accepts_token(TokenType::Login, given, call.now)
    {
        let entry = Object::of([("result", Value::text("WrongToken"))]);
        return Ok(complete(answer, entry));
    }
    let entry = match log_in(call, answer) {
        Ok(entry) => entry,
        Err(fault) => failed(answer, fault),
    };
    Ok(complete(answer, entry))
}

fn log_in(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Object, LoginFault> {
    let name = call.params.text(NAME).unwrap_or_default();
    let password = call.params.text(PASSWORD).unwrap_or_default();
    if let Some(login) = BotLogin::read(name, password) {
        match authentication::bot(call, &login) {
            Ok((account, bot)) => {
                call.session.log_in_bot(account, bot, call.now);
                return Ok(success(account));
            }
            Err(fault @ (LoginFault::WrongPassword | LoginFault::Throttled { .. }))
                if login.is_certain || fault != LoginFault::WrongPassword =>
            {
                return Err(fault);
            }
            // It may be the account's own password all the same.
            Err(_) => {}
        }
    }
    let account = authentication::account(call, name, password)?;
    call.session.log_in(&account, true, call.now);
    warn(
        answer,
        &ApiWarning::Login(LoginWarning::MainAccountDeprecated),
    );
    Ok(success(&account))
}

/// Both are warned of in the module's name, and then where the end will be announced.
fn warn(answer: &mut Answer, warning: &ApiWarning) {
    answer.warn(PATH, warning);
    answer.warn(MAIN, &ApiWarning::DeprecationHelp);
}

fn success(account: &Account) -> Object {
    let id = i64::try_from(account.id.0).unwrap_or(i64::MAX);
    Object::of([
        ("result", Value::text("Success")),
        ("lguserid", Value::Number(id)),
        ("lgusername", Value::text(&account.name)),
    ])
}

fn failed(answer: &Answer, fault: LoginFault) -> Object {
    with_reason(answer, "Failed", fault)
}

fn aborted(answer: &Answer, fault: LoginFault) -> Object {
    with_reason(answer, "Aborted", fault)
}

fn with_reason(answer: &Answer, result: &str, fault: LoginFault) -> Object {
    let reason = answer.reporting().value(fault.report());
    Object::of([("result", Value::text(result)), ("reason", reason)])
}

fn complete(answer: &mut Answer, entry: Object) -> Execution {
    answer.result.set(PATH, entry);
    Execution::Complete
}
