//! The bounce job: what one bounce mail means for a user of a wiki.

use super::unrecognized_notice;
use super::{JobError, Kind};
use crate::bounce::compatible::{self, Verdict};
use crate::bounce::identity;
use crate::clock::{Clock, Timestamp};
use crate::decision::UnconfirmRule;
use crate::effects::{Bounce, BounceIdentity, BounceRecord, CountOnce, Effect, UserId};
use crate::job::{ClaimedJob, JobType, WikiId};
use crate::log::BOUNCE_HANDLER;
use crate::store::{Store, StoreError, User};
use crate::verp::{AlgorithmError, Base36Number, VerpAddress, VerpKeys, VerpParts, VerpRejection};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::Arc;

/// The most bytes of a Subject that a bounce record keeps (the width of `br_reason`), cut inside a character if need be.
const REASON_BYTES: usize = 255;

/// What the job works with.
#[derive(Debug, Clone)]
pub struct BounceHandler {
    /// Whom to ask for users.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Clock,
    /// What proves an address, or why nothing can.
    pub keys: Arc<Result<VerpKeys, AlgorithmError>>,
    /// How bounces are counted.
    pub policy: BouncePolicy,
    /// Whether somebody wants to see the bounces that are not recognized.
    pub forward_unrecognized: bool,
}

/// How bounces are counted; the fields are the settings of the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BouncePolicy {
    /// `BounceHandlerUnconfirmUsers`.
    pub unconfirm_users: bool,
    /// `BounceRecordLimit`.
    pub record_limit: u64,
    /// `BounceRecordPeriod`, seconds.
    pub record_period: i64,
    /// `BounceRecordMaxAge`, seconds; nothing is pruned unless above 0.
    pub record_max_age: i64,
    /// `CountBounceOnce`.
    pub count_once: CountBounceOnce,
    /// `VERPAcceptTime`, seconds: for how long a bounce may be posted again.
    pub accept_time: i64,
}

/// Which bounces count once only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountBounceOnce {
    /// None: each posted bounce counts, as in the original.
    Off,
    /// The same mail, posted again.
    Message,
    /// All bounces of one mail that the wiki sent, which share its return path.
    Send,
}

/// A user found through a VERP address.
struct FailedUser {
    wiki: WikiId,
    user: User,
    sent: Timestamp,
}

impl BounceHandler {
    /// The job type.
    pub fn kind(self) -> Kind {
        let this = Arc::new(self);
        Kind::new(JobType::BOUNCE_HANDLER, move |job, params| {
            let this = Arc::clone(&this);
            let mail = params.get_str("email").unwrap_or_default();
            Box::pin(async move { this.run(job, mail).await })
        })
    }

    /// Reads the mail and says what is to happen.
    async fn run(&self, job: &ClaimedJob, mail: &[u8]) -> Result<Vec<Effect>, JobError> {
        // PHP takes "0" for nothing.
        if mail.is_empty() || mail == b"0" {
            return Ok(Vec::new());
        }
        let reading = compatible::judge(mail);
        let to = reading.headers.to.unwrap_or_default();
        if reading.verdict == Verdict::Permanent {
            if let Some(failed) = self.failed_user(job, to).await? {
                let reason = reading.headers.subject.unwrap_or_default();
                let once = self.count_once(&failed, mail);
                let bounce = self.bounce(failed, reason, once);
                return Ok(vec![Effect::RecordBounce(bounce)]);
            }
            log_for(
                &job.job.wiki,
                &format!(
                    "Error: Failed to extract user details from verp address {}",
                    shown(to)
                ),
            );
        }
        log_for(
            &job.job.wiki,
            &format!("Received temporary bounce from {}", shown(to)),
        );
        let forward = self
            .forward_unrecognized
            .then(|| unrecognized_notice::job(job.job.wiki.clone(), mail));
        Ok(forward.map(Effect::Push).into_iter().collect())
    }

    /// The user whose mail bounced, by the proof in the recipient's address.
    async fn failed_user(
        &self,
        job: &ClaimedJob,
        to: &[u8],
    ) -> Result<Option<FailedUser>, JobError> {
        if to.is_empty() {
            return Ok(None);
        }
        let address = match VerpAddress::parse(to) {
            Ok(address) => address,
            Err(rejection) => return Self::rejected(job, &rejection),
        };
        let keys = self
            .keys
            .as_ref()
            .as_ref()
            .map_err(|error| JobError::failed(error.to_string()))?;
        let parts = match address.verify(self.clock.now().unix(), keys) {
            Ok(parts) => parts,
            Err(rejection) => return Self::rejected(job, &rejection),
        };
        self.named_user(job, parts).await
    }

    fn rejected(
        job: &ClaimedJob,
        rejection: &VerpRejection,
    ) -> Result<Option<FailedUser>, JobError> {
        let line = rejection
            .log_line()
            .ok_or_else(|| JobError::failed(rejection.to_string()))?;
        log_for(&job.job.wiki, &line);
        Ok(None)
    }

    async fn named_user(
        &self,
        job: &ClaimedJob,
        parts: VerpParts,
    ) -> Result<Option<FailedUser>, JobError> {
        let wiki = WikiId(shown(&parts.wiki).into_owned());
        let user = self
            .user(&wiki, &parts.user)
            .await
            .map_err(|error| match error {
                StoreError::UnknownWiki(_) => JobError::failed(error.to_string()),
                error => JobError::Unreachable(error.to_string()),
            })?;
        if user.is_none() {
            let id = parts.user.decimal();
            log_for(
                &job.job.wiki,
                &format!("Error fetching email_id of user_id {id} from Database {wiki}."),
            );
        }
        let sent = Timestamp(parts.time.as_i64().unwrap_or(i64::MAX));
        Ok(user.map(|user| FailedUser { wiki, user, sent }))
    }

    async fn user(&self, wiki: &WikiId, number: &Base36Number) -> Result<Option<User>, StoreError> {
        let user = match number.as_u64() {
            Some(id) => self.store.user(wiki, UserId(id)).await?,
            None => None,
        };
        Ok(user.filter(|user| !user.email.is_empty()))
    }

    /// What a repeated bounce has in common with this one: the mail that bounced, and perhaps the bounce itself.
    fn count_once(&self, failed: &FailedUser, mail: &[u8]) -> Option<CountOnce> {
        let FailedUser { wiki, user, sent } = failed;
        let mut hash = Sha256::new();
        hash.update(wiki.as_str());
        hash.update(user.id.0.to_be_bytes());
        hash.update(sent.0.to_be_bytes());
        match self.policy.count_once {
            CountBounceOnce::Off => return None,
            CountBounceOnce::Message => hash.update(identity::of(mail)),
            CountBounceOnce::Send => {}
        }
        let hash: [u8; 32] = hash.finalize().into();
        Some(CountOnce {
            identity: BounceIdentity(*hash.first_chunk()?),
            forget_before: self.clock.now().minus(self.policy.accept_time),
        })
    }

    fn bounce(&self, failed: FailedUser, reason: &[u8], once: Option<CountOnce>) -> Bounce {
        let now = self.clock.now();
        let FailedUser { wiki, user, sent } = failed;
        Bounce {
            wiki,
            user: user.id,
            record: BounceRecord {
                email: user.email,
                timestamp: sent,
                reason: reason.get(..REASON_BYTES).unwrap_or(reason).to_vec(),
            },
            rule: UnconfirmRule {
                enabled: self.policy.unconfirm_users,
                limit: self.policy.record_limit,
                counted_from: now.minus(self.policy.record_period),
            },
            prune_before: (self.policy.record_max_age > 0)
                .then(|| now.minus(self.policy.record_max_age)),
            once,
        }
    }
}

/// Bytes of a mail as text, for a log line or a name.
fn shown(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A line in the extension's channel, trimmed as the extension trims it.
fn log_for(wiki: &WikiId, message: &str) {
    log::info!(target: BOUNCE_HANDLER, wiki = wiki.as_str(); "{}", message.trim());
}
