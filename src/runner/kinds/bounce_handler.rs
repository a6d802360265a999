//! The bounce job: what one bounce mail means for a user of a wiki.

mod policy;
mod user;

pub use self::policy::{Bearing, BouncePolicy, BounceWeights, CountBounceOnce};

use self::user::{FailedUser, NotFound};
use super::{JobError, Kind};
use super::{held_unconfirm, unrecognized_notice};
use crate::bounce::compatible::{self, CompatibleReading, Verdict};
use crate::bounce::identity;
use crate::bounce::report::ReadLimits;
use crate::bounce::strict::{self, StrictVerdict};
use crate::clock::Clock;
use crate::decision::{UnconfirmRule, Weight};
use crate::effects::{Bounce, BounceIdentity, BounceRecord, CountOnce, Effect, UnconfirmBrake};
use crate::job::{ClaimedJob, JobType, WikiId};
use crate::log::{BOUNCE_HANDLER, BOUNCE_VERDICT};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::verp::strict::KnownReturnPaths;
use crate::verp::{AlgorithmError, VerpKeys};
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
    /// Where return paths are taken in every form in which mail servers hand them back, what is known of them; elsewhere
    /// only the extension's `To` counts.
    pub strict_return_paths: Option<KnownReturnPaths>,
    /// How bounces are counted.
    pub policy: BouncePolicy,
    /// Whether somebody wants to see the bounces that are not recognized.
    pub forward_unrecognized: bool,
    /// How much of a mail is read (`MailMaxDepth`, `MailMaxParts`, `MailMaxLineBytes`).
    pub limits: ReadLimits,
    /// Where verdicts are counted.
    pub metrics: Metrics,
}

/// A mail, and what was found out about it.
struct Bounced<'a> {
    job: &'a ClaimedJob,
    mail: &'a [u8],
    reading: CompatibleReading<'a>,
    /// Whose mail bounced, why that is not known, or why it cannot be found out now.
    user: Result<Result<FailedUser, NotFound>, JobError>,
    strict: StrictVerdict,
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
        let report = strict::read_guarded(mail, &self.limits);
        if report.is_none() {
            log::error!(target: "bounces", "the mail of {} job {} cannot be judged: reading it panicked", job.job.kind, job.job.id);
        }
        let user = self.failed_user(mail, &reading).await;
        let address = user.as_ref().ok().and_then(|user| user.as_ref().ok());
        let address = address.map(|failed| failed.user.email.as_str());
        let strict = strict::judge(report.as_ref(), address);
        self.tell_verdicts(&job.job.wiki, reading.verdict, strict);
        let bounced = Bounced {
            job,
            mail,
            reading,
            user,
            strict,
        };
        match &self.policy.strict {
            Some(weights) => self.act_strictly(&bounced, weights),
            None => self.act_compatibly(&bounced),
        }
    }

    /// Both verdicts in one line, whichever of them counts.
    fn tell_verdicts(&self, wiki: &WikiId, compatible: Verdict, strict: StrictVerdict) {
        let compatible = match compatible {
            Verdict::Permanent => "permanent",
            Verdict::NotPermanent => "temporary",
        };
        let (kind, reason) = (strict.kind.name(), strict.reason_name());
        self.metrics.verdicts(compatible, kind, reason);
        log::info!(
            target: BOUNCE_VERDICT, wiki = wiki.as_str();
            "verdict compatible={compatible} strict={kind} reason={reason}"
        );
    }

    /// What the original does.
    fn act_compatibly(&self, bounced: &Bounced<'_>) -> Result<Vec<Effect>, JobError> {
        if bounced.reading.verdict == Verdict::NotPermanent {
            return Ok(self.unrecognized(bounced));
        }
        match &bounced.user {
            Ok(Ok(failed)) => Ok(self.recorded(bounced, failed, Weight::WHOLE, false)),
            Ok(Err(not_found)) => Ok(self.of_nobody(bounced, not_found)),
            Err(error) => Err(error.clone()),
        }
    }

    /// Counts what says that the address is dead, and whatever else has a weight.
    fn act_strictly(
        &self,
        bounced: &Bounced<'_>,
        weights: &BounceWeights,
    ) -> Result<Vec<Effect>, JobError> {
        let (weight, complaint) = match weights.bearing(bounced.strict) {
            Bearing::Failure(weight) => (weight, false),
            Bearing::Complaint(weight) => (weight, true),
            Bearing::Nothing => return Ok(Vec::new()),
            Bearing::Unrecognized => return Ok(self.unrecognized(bounced)),
        };
        match &bounced.user {
            Ok(Ok(failed)) if weight == Weight::NONE && !complaint => {
                let (name, reason) = (&failed.user.name, bounced.strict.reason_name());
                log::info!(
                    target: "bounces", wiki = failed.wiki.as_str();
                    "a bounce of mail to {name} counts nothing (BounceWeights): {reason}"
                );
                Ok(Vec::new())
            }
            Ok(Ok(failed)) => Ok(self.recorded(bounced, failed, weight, complaint)),
            Ok(Err(not_found)) => Ok(self.of_nobody(bounced, not_found)),
            Err(error) => Err(error.clone()),
        }
    }

    /// A bounce that counts, of nobody who is known here.
    fn of_nobody(&self, bounced: &Bounced<'_>, not_found: &NotFound) -> Vec<Effect> {
        let wiki = &bounced.job.job.wiki;
        if let Some(line) = &not_found.log_line {
            log_for(wiki, line);
        }
        let to = shown(bounced.reading.headers.to.unwrap_or_default());
        log_for(
            wiki,
            &format!("Error: Failed to extract user details from verp address {to}"),
        );
        self.unrecognized(bounced)
    }

    fn unrecognized(&self, bounced: &Bounced<'_>) -> Vec<Effect> {
        let wiki = &bounced.job.job.wiki;
        let to = shown(bounced.reading.headers.to.unwrap_or_default());
        log_for(wiki, &format!("Received temporary bounce from {to}"));
        let forward = self
            .forward_unrecognized
            .then(|| unrecognized_notice::job(wiki.clone(), bounced.mail));
        forward.map(Effect::Push).into_iter().collect()
    }

    fn recorded(
        &self,
        bounced: &Bounced<'_>,
        failed: &FailedUser,
        weight: Weight,
        complaint: bool,
    ) -> Vec<Effect> {
        let now = self.clock.now();
        let FailedUser { wiki, user, sent } = failed;
        let reason = bounced.reading.headers.subject.unwrap_or_default();
        let policy = &self.policy;
        vec![Effect::RecordBounce(Bounce {
            wiki: wiki.clone(),
            user: user.id,
            record: BounceRecord {
                email: user.email.clone(),
                timestamp: *sent,
                reason: reason.get(..REASON_BYTES).unwrap_or(reason).to_vec(),
                weight,
                complaint,
            },
            rule: UnconfirmRule {
                enabled: policy.unconfirm_users,
                limit: policy.record_limit,
                counted_from: now.minus(policy.record_period),
            },
            prune_before: (policy.record_max_age > 0).then(|| now.minus(policy.record_max_age)),
            once: self.count_once(failed, bounced.mail, complaint),
            brake: policy.brake.map(|brake| UnconfirmBrake {
                brake,
                held: held_unconfirm::job(wiki, user),
            }),
        })]
    }

    /// What a repeated bounce has in common with this one: the mail that bounced, and perhaps the bounce itself. A complaint
    /// does not keep a bounce from counting, nor the other way round.
    fn count_once(&self, failed: &FailedUser, mail: &[u8], complaint: bool) -> Option<CountOnce> {
        let FailedUser { wiki, user, sent } = failed;
        let mut hash = Sha256::new();
        hash.update(wiki.as_str());
        hash.update(user.id.0.to_be_bytes());
        hash.update(sent.0.to_be_bytes());
        if complaint {
            hash.update("complaint");
        }
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
}

/// Bytes of a mail as text, for a log line or a name.
fn shown(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A line in the extension's channel, trimmed as the extension trims it.
fn log_for(wiki: &WikiId, message: &str) {
    log::info!(target: BOUNCE_HANDLER, wiki = wiki.as_str(); "{}", message.trim());
}
