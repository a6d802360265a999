//! The module `tokens` of `query`: the tokens that other modules ask for.
//!
//! MediaWiki: `ApiQueryTokens`. Recorded cases: `auth/tokens-*`, `formats/callback-tokens`.

use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::login_warning::LoginWarning;
use crate::api::module::{Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule};
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};
use crate::api::result::{Object, Value};
use crate::api::warning::ApiWarning;

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: "tokens",
        path: PATH,
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQueryTokens",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Tokens"],
        summary: "Gives tokens for modules that change something.",
        examples: &[
            ("action=query&meta=tokens", "Get a csrf token."),
            (
                "action=query&meta=tokens&type=login",
                "Get a token for logging in.",
            ),
        ],
        params: &[ParamSpec::with_default(
            TYPE,
            ParamKind::Choice(TokenType::names),
            TokenType::Csrf.name(),
        )
        .multi_or_all()
        .help("What the tokens are for.")],
        is_read_mode: false,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const PATH: &str = "query+tokens";
const TYPE: &str = "type";

#[expect(clippy::unnecessary_wraps, reason = "the signature is the table's")]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    if call.session.is_suppressed() {
        answer.warn(PATH, &ApiWarning::Login(LoginWarning::TokensOfOthers));
        return Ok(None);
    }
    let mut tokens = Object::default();
    for kind in call.params.values(TYPE).filter_map(TokenType::from_name) {
        let token = call.session.token(kind, call.now);
        tokens.set(format!("{}token", kind.name()), Value::text(token));
    }
    answer.result.set_in("query", "tokens", tokens);
    Ok(None)
}
