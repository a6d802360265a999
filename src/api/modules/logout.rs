//! The module `logout`: ends the session.
//!
//! MediaWiki: `ApiLogout`. Recorded cases: `auth/logout-*`.

use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::login_warning::LoginWarning;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo};
use crate::api::param_spec::{ParamSpec, TokenType};
use crate::api::warning::ApiWarning;

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: PATH,
        path: PATH,
        class: "MediaWiki\\Api\\ApiLogout",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Logout"],
        summary: "Logs the client out and forgets its session.",
        examples: &[("action=logout&token=TOKEN", "Log out.")],
        params: &[
            ParamSpec::token("token", TokenType::Csrf).help("A token of the type <kbd>csrf</kbd>.")
        ],
        must_be_posted: true,
        is_read_mode: false,
        is_write_mode: true,
        ..ModuleInfo::BASE
    },
    execute,
};

const PATH: &str = "logout";

#[expect(clippy::unnecessary_wraps, reason = "the signature is the table's")]
fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    if call.authority.is_anonymous() {
        answer.warn(PATH, &ApiWarning::Login(LoginWarning::NotLoggedIn));
    } else {
        call.session.log_out();
    }
    Ok(Execution::Complete)
}
