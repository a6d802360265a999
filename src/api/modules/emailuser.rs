//! The module `emailuser`: its gates, and the answer of a wiki whose users cannot send mail to each other.
//!
//! MediaWiki: `ApiEmailUser`. Recorded cases: `auth/emailuser-*`.

use crate::api::answer::Answer;
use crate::api::behind_gates::Unavailable;
use crate::api::error::ApiError;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec, TokenType};

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: "emailuser",
        path: "emailuser",
        class: "MediaWiki\\Api\\ApiEmailUser",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Email"],
        summary: "Sends mail to a user; not on this server, which says so.",
        examples: &[(
            "action=emailuser&target=Bob&subject=Hello&text=Hello&token=TOKEN",
            "Try to send mail to Bob.",
        )],
        params: &[
            ParamSpec::required("target", ParamKind::Text).help("Name of the user."),
            ParamSpec::required("subject", ParamKind::Text).help("The subject."),
            ParamSpec::required("text", ParamKind::Text)
                .long()
                .help("The text."),
            ParamSpec::optional("ccme", ParamKind::Presence)
                .help("Whether the sender gets a copy."),
            ParamSpec::token("token", TokenType::Csrf).help("A token of the type <kbd>csrf</kbd>."),
        ],
        must_be_posted: true,
        is_write_mode: true,
        ..ModuleInfo::BASE
    },
    execute,
};

fn execute(_call: &ModuleCall<'_>, _answer: &mut Answer) -> Result<Execution, ApiError> {
    Err(ApiError::Unavailable(Unavailable::UserMail))
}
