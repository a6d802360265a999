//! The module `clientlogin`: logs a person's program in with the account's password.
//!
//! MediaWiki: `ApiClientLogin` with local passwords only, so one step is all there ever is. Recorded cases:
//! `auth/clientlogin-*`.

use crate::account::Account;
use crate::api::answer::Answer;
use crate::api::auth_request::{self, FIELDS, MessageFormat};
use crate::api::authentication;
use crate::api::error::ApiError;
use crate::api::gates::require_posted;
use crate::api::login_fault::LoginFault;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo};
use crate::api::param_error::ParamFault;
use crate::api::param_mix::ParamMixError;
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};
use crate::api::result::{Object, Value};
use std::sync::Arc;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: PATH,
        path: PATH,
        prefix: "login",
        class: "MediaWiki\\Api\\ApiClientLogin",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Login"],
        summary: "Logs in to an account, the way that is meant for programs of people.",
        examples: &[(
            "action=clientlogin&username=Bob&password=PASSWORD&loginreturnurl=https://example.org/&logintoken=TOKEN",
            "Log in with the account's password.",
        )],
        params: &[
            ParamSpec::optional(REQUESTS, ParamKind::Text)
                .multi()
                .help("Only these authentication requests, by their <samp>id</samp>."),
            ParamSpec::with_default(
                MESSAGE_FORMAT,
                ParamKind::Choice(MessageFormat::names),
                "wikitext",
            )
            .help("How messages are given."),
            ParamSpec::optional("loginmergerequestfields", ParamKind::Presence)
                .help("Has no effect, as no answer has fields."),
            ParamSpec::optional("loginpreservestate", ParamKind::Presence)
                .help("Has no effect, as there is never a second step."),
            ParamSpec::optional(RETURN_URL, ParamKind::Text)
                .help("Where other steps would return to: an absolute URL. It is only checked."),
            ParamSpec::optional(CONTINUE, ParamKind::Presence)
                .help("Continues a login in several steps; there is none here."),
            ParamSpec::token("logintoken", TokenType::Login)
                .help("A token of the type <kbd>login</kbd>."),
        ],
        must_be_posted: true,
        is_read_mode: false,
        is_write_mode: true,
        has_dynamic_params: true,
        ..ModuleInfo::BASE
    },
    execute,
};

const PATH: &str = "clientlogin";
const REQUESTS: &str = "loginrequests";
const MESSAGE_FORMAT: &str = "loginmessageformat";
const RETURN_URL: &str = "loginreturnurl";
const CONTINUE: &str = "logincontinue";

/// What a URL may begin with (MediaWiki: `$wgUrlProtocols` without `//`).
const PROTOCOLS: [&str; 25] = [
    "bitcoin:",
    "ftp://",
    "ftps://",
    "geo:",
    "git://",
    "gopher://",
    "http:",
    "https:",
    "irc://",
    "ircs://",
    "magnet:",
    "mailto:",
    "matrix:",
    "mms://",
    "news:",
    "nntp://",
    "redis://",
    "sftp://",
    "sip:",
    "sips:",
    "sms:",
    "ssh://",
    "svn://",
    "tel:",
    "urn:",
];

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    let continues = call.params.is_present(CONTINUE);
    let return_url = call.params.text(RETURN_URL);
    if return_url.is_none() && !continues {
        let names = &[CONTINUE, RETURN_URL];
        return Err(ParamMixError::at_least_one_of(PATH, names).into());
    }
    if let Some(url) = return_url.filter(|url| !is_absolute(url)) {
        let value = url.to_owned();
        return Err(ApiError::of_param(
            PATH,
            RETURN_URL,
            ParamFault::BadUrl { value },
        ));
    }
    let outcome = if call.session.is_of_bot() {
        Err(LoginFault::CannotLogIn)
    } else if continues {
        Err(LoginFault::NotInProgress)
    } else {
        log_in(call, answer)?
    };
    let entry = match outcome {
        Ok(account) => Object::of([
            ("status", Value::text("PASS")),
            ("username", Value::text(&account.name)),
        ]),
        Err(fault) => failure(call, answer, fault),
    };
    answer.result.set(PATH, entry);
    Ok(Execution::Complete)
}

fn log_in(
    call: &ModuleCall<'_>,
    answer: &mut Answer,
) -> Result<Result<Arc<Account>, LoginFault>, ApiError> {
    let mut wanted = call.params.values(REQUESTS).peekable();
    let takes = |id: &str| call.params.has_value(REQUESTS, id);
    let takes_all = wanted.peek().is_none();
    let (takes_password, takes_remember) = (
        takes_all || takes(auth_request::PASSWORD_REQUEST),
        takes_all || takes(auth_request::REMEMBER_REQUEST),
    );
    let [username, password, remember] = &FIELDS;
    let read: Vec<ParamSpec> = match (takes_password, takes_remember) {
        (true, true) => vec![*username, *password, *remember],
        (true, false) => vec![*username, *password],
        (false, true) => vec![*remember],
        (false, false) => vec![],
    };
    answer.recognize(&read);
    let mut given = call.reader.read(PATH, &read);
    answer.warn_of_all(std::mem::take(&mut given.warnings));
    let fields = given.accept()?;
    if takes_password && !call.api.debug_api {
        require_posted(call.reader.input, PATH, &[password.name])?;
    }
    let text = |spec: &ParamSpec| fields.text(spec.name).unwrap_or_default();
    let account = authentication::account(call, text(username), text(password));
    if let Ok(account) = &account {
        let is_remembered = fields.is_present(remember.name);
        call.session.log_in(account, is_remembered, call.now);
    }
    Ok(account)
}

fn failure(call: &ModuleCall<'_>, answer: &Answer, fault: LoginFault) -> Object {
    let format = MessageFormat::of(call.params.text(MESSAGE_FORMAT));
    let mut entry = Object::of([("status", Value::text("FAIL"))]);
    if let Some(message) = format.value(&fault.message(), answer.language()) {
        entry.set("message", message);
    }
    entry.set("messagecode", Value::text(fault.code()));
    entry.set("canpreservestate", Value::Bool(false));
    entry
}

/// Whether it is a URL that tells its protocol, a known one, and has anything behind `://`.
fn is_absolute(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let is_known = PROTOCOLS.iter().any(|protocol| lower.starts_with(protocol));
    let authority = lower.split_once("://").map(|(_, authority)| authority);
    is_known && authority.is_none_or(|authority| !authority.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a MediaWiki 1.39 took or refused them; recorded case auth/clientlogin-relative-url.
    #[test]
    fn a_url_to_return_to_is_absolute() {
        for url in [
            "http://x/",
            "https://example.org",
            "HTTP://x",
            "http://x y",
            "ftp://h",
            "mailto:a@b",
            "http:/x",
            "http:",
        ] {
            assert!(is_absolute(url), "{url}");
        }
        for url in [
            "",
            "foo",
            "/x",
            "//x/",
            "javascript:alert(1)",
            "foo:bar",
            "http://",
            "x://y",
        ] {
            assert!(!is_absolute(url), "{url}");
        }
    }
}
