//! What modules answer that have gates, and nothing behind them: the built-in wiki keeps no pages and sends no mail from
//! user to user. The errors are such as no client waits upon; each is what a wiki says that forbids it to everybody.

use super::messages::{self, MessageParam};
use super::report::Report;

/// What is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// Changing pages.
    Editing,
    /// Mail from user to user.
    UserMail,
}

impl Unavailable {
    /// What it is on the wire.
    pub fn report(self) -> Report {
        match self {
            Self::Editing => {
                let action = MessageParam::text("edit this page");
                let (code, text) = ("permissiondenied", &messages::EDIT_DENIED);
                Report::new("edit", code, text, [action])
            }
            Self::UserMail => {
                let (code, text) = ("usermaildisabled", &messages::USER_MAIL_DISABLED);
                Report::new("emailuser", code, text, [])
            }
        }
    }
}
