//! Whose mail bounced.

use super::{BounceHandler, shown};
use crate::bounce::compatible::CompatibleReading;
use crate::bounce::recipient_fields;
use crate::clock::Timestamp;
use crate::effects::UserId;
use crate::job::WikiId;
use crate::runner::kinds::JobError;
use crate::store::{StoreError, User};
use crate::verp::strict::{self, KnownReturnPaths};
use crate::verp::{Base36Number, VerpAddress, VerpKeys, VerpParts, VerpRejection};

/// A user found through a VERP address.
pub(super) struct FailedUser {
    pub(super) wiki: WikiId,
    pub(super) user: User,
    /// When the mail that bounced was sent.
    pub(super) sent: Timestamp,
}

/// Nobody was found.
pub(super) struct NotFound {
    /// What the original's log says of it, if it says anything.
    pub(super) log_line: Option<String>,
}

impl NotFound {
    fn of(rejection: &VerpRejection) -> Result<Self, JobError> {
        let line = rejection
            .log_line()
            .ok_or_else(|| JobError::failed(rejection.to_string()))?;
        Ok(Self {
            log_line: Some(line),
        })
    }
}

impl BounceHandler {
    /// The user whose mail bounced, by the proof in the recipient's address.
    pub(super) async fn failed_user(
        &self,
        mail: &[u8],
        reading: &CompatibleReading<'_>,
    ) -> Result<Result<FailedUser, NotFound>, JobError> {
        let proved = match &self.strict_return_paths {
            Some(known) => self.proved_in_any_form(mail, known),
            None => self.proved(reading),
        };
        match proved? {
            Ok(parts) => self.named_user(parts).await,
            Err(not_found) => Ok(Err(not_found)),
        }
    }

    /// What the address proves to which the mail came.
    fn proved(
        &self,
        reading: &CompatibleReading<'_>,
    ) -> Result<Result<VerpParts, NotFound>, JobError> {
        let to = reading.headers.to.unwrap_or_default();
        if to.is_empty() {
            return Ok(Err(NotFound { log_line: None }));
        }
        let address = match VerpAddress::parse(to) {
            Ok(address) => address,
            Err(rejection) => return NotFound::of(&rejection).map(Err),
        };
        match address.verify(self.clock.now().unix(), self.usable_keys()?) {
            Ok(parts) => Ok(Ok(parts)),
            Err(rejection) => NotFound::of(&rejection).map(Err),
        }
    }

    /// What any address proves that the mail came to, in any form and any field in which a mail server may have left it.
    fn proved_in_any_form(
        &self,
        mail: &[u8],
        known: &KnownReturnPaths,
    ) -> Result<Result<VerpParts, NotFound>, JobError> {
        let values = recipient_fields::scan(mail).map(|field| field.value);
        match strict::find(values, self.clock.now().unix(), self.usable_keys()?, known) {
            Ok(found) => Ok(Ok(found.parts)),
            Err(Some(rejection)) => NotFound::of(&rejection).map(Err),
            Err(None) => Ok(Err(NotFound { log_line: None })),
        }
    }

    fn usable_keys(&self) -> Result<&VerpKeys, JobError> {
        let keys = self.keys.as_ref().as_ref();
        keys.map_err(|error| JobError::failed(error.to_string()))
    }

    async fn named_user(&self, parts: VerpParts) -> Result<Result<FailedUser, NotFound>, JobError> {
        let wiki = WikiId(shown(&parts.wiki).into_owned());
        let user = self
            .user(&wiki, &parts.user)
            .await
            .map_err(|error| match error {
                StoreError::UnknownWiki(_) => JobError::failed(error.to_string()),
                error => JobError::Unreachable(error.to_string()),
            })?;
        let sent = Timestamp(parts.time.as_i64().unwrap_or(i64::MAX));
        let id = parts.user.decimal();
        let log_line = || format!("Error fetching email_id of user_id {id} from Database {wiki}.");
        Ok(match user {
            Some(user) => Ok(FailedUser { wiki, user, sent }),
            None => Err(NotFound {
                log_line: Some(log_line()),
            }),
        })
    }

    async fn user(&self, wiki: &WikiId, number: &Base36Number) -> Result<Option<User>, StoreError> {
        let user = match number.as_u64() {
            Some(id) => self.store.user(wiki, UserId(id)).await?,
            None => None,
        };
        Ok(user.filter(|user| !user.email.is_empty()))
    }
}
