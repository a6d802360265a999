//! The module `checktoken`: tells whether a token is right.
//!
//! MediaWiki: `ApiCheckToken`. Recorded cases: `auth/checktoken-*`.

use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::login_warning::LoginWarning;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};
use crate::api::result::{Object, Value};
use crate::api::session::{TokenVerdict, made_at};
use crate::api::warning::ApiWarning;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: PATH,
        path: PATH,
        class: "MediaWiki\\Api\\ApiCheckToken",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Checktoken"],
        summary: "Tells whether a token from <kbd>action=query&meta=tokens</kbd> would be accepted.",
        examples: &[(
            "action=checktoken&type=csrf&token=TOKEN",
            "Check a csrf token.",
        )],
        params: &[
            ParamSpec::required(TYPE, ParamKind::Choice(TokenType::names))
                .help("What the token is for."),
            ParamSpec::required(TOKEN, ParamKind::Text)
                .sensitive()
                .help("The token."),
            ParamSpec::optional(MAX_AGE, ParamKind::Integer { min: None })
                .help("How old it may be, in seconds."),
        ],
        ..ModuleInfo::BASE
    },
    execute,
};

const PATH: &str = "checktoken";
const TYPE: &str = "type";
const TOKEN: &str = "token";
const MAX_AGE: &str = "maxtokenage";

/// What the end of a token becomes where `+` was not encoded.
const LOST_SUFFIX: &str = " \\";

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    let missing = |param| move || ApiError::missing(PATH, param);
    let kind = call.params.text(TYPE).and_then(TokenType::from_name);
    let kind = kind.ok_or_else(missing(TYPE))?;
    let token = call.params.text(TOKEN).ok_or_else(missing(TOKEN))?;
    let most_seconds = call.params.number(MAX_AGE);
    let verdict = call.session.verdict(kind, token, most_seconds, call.now);
    if verdict == TokenVerdict::Invalid && token.ends_with(LOST_SUFFIX) {
        answer.warn(PATH, &ApiWarning::Login(LoginWarning::TokenEncoding));
    }
    let result = match verdict {
        TokenVerdict::Valid => "valid",
        TokenVerdict::Expired => "expired",
        TokenVerdict::Invalid => "invalid",
    };
    let mut entry = Object::of([("result", Value::text(result))]);
    if let Some(made) = made_at(token) {
        entry.set("generated", Value::text(made.to_iso()));
    }
    answer.result.set(PATH, entry);
    Ok(Execution::Complete)
}
