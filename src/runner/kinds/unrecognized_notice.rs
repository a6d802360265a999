//! The mail that shows the wiki's admins a bounce which was not recognized.
//!
//! A job of its own, so that a mail server that is down loses nothing: the bounce job is settled together with the push
//! of this one. It may be sent twice if the program dies between sending and settling.

use super::{JobError, JobFuture, Kind};
use crate::effects::Effect;
use crate::job::{BOUNCE_HANDLER_TITLE, JobType, NewJob, WikiId};
use crate::mailer::{Letter, Mailer};
use crate::php_serialize::{self, PhpArray, PhpValue};
use std::sync::Arc;

/// Name of the type.
pub const NAME: JobType = JobType::known("UnrecognizedBounceNotice");

/// The Subject: the extension sends the untranslated message key.
const SUBJECT: &str = "bouncehandler-notify_subject";

/// What the job works with.
#[derive(Debug, Clone)]
pub struct UnrecognizedNotice {
    /// How mail leaves.
    pub mailer: Mailer,
    /// `Sitename`.
    pub site_name: String,
    /// `PasswordSender`.
    pub sender: String,
    /// `UnrecognizedBounceNotify`.
    pub recipients: Vec<String>,
}

/// The job that forwards this mail.
pub fn job(wiki: WikiId, mail: &[u8]) -> NewJob {
    let params = PhpArray::from_pairs([
        ("email", PhpValue::Str(mail)),
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(BOUNCE_HANDLER_TITLE.as_bytes())),
    ]);
    NewJob {
        kind: NAME,
        wiki,
        params: php_serialize::write(&PhpValue::Array(params)),
        unique: None,
    }
}

impl UnrecognizedNotice {
    /// The job type.
    pub fn kind(self) -> Kind {
        let this = Arc::new(self);
        let kind = Kind::new(NAME, move |_job, params| -> JobFuture<'_> {
            let sent = this.send(params.get_str("email").unwrap_or_default());
            Box::pin(std::future::ready(sent))
        });
        Kind {
            waits: true,
            ..kind
        }
    }

    fn send(&self, mail: &[u8]) -> Result<Vec<Effect>, JobError> {
        if self.recipients.is_empty() {
            return Ok(Vec::new());
        }
        let letter = Letter {
            from_name: &self.site_name,
            from: &self.sender,
            to: &self.recipients,
            subject: SUBJECT,
            body: mail,
        };
        self.mailer
            .send(&letter)
            .map_err(|error| JobError::failed(error.to_string()))?;
        Ok(Vec::new())
    }
}
