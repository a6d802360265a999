//! How bounces are counted.

use crate::bounce::report::{BounceKind, Reason};
use crate::bounce::strict::StrictVerdict;
use crate::decision::{Brake, Weight};

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
    /// `BounceWeights`, if the strict verdict counts (`BounceVerdict`).
    pub strict: Option<BounceWeights>,
    /// `UnconfirmBrake`, if there is one.
    pub brake: Option<Brake>,
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

/// How much a mail counts, by what the strict judge says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BounceWeights {
    hard: Weight,
    complaint: Weight,
    /// In the order of [`Reason::ALL`].
    soft: [Weight; Reason::ALL.len()],
}

/// What a mail means for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// Mail to the address failed.
    Failure(Weight),
    /// The recipient complained.
    Complaint(Weight),
    /// Nothing: a warning, a success, an automatic answer, or no bounce at all.
    Nothing,
    /// Nobody can tell; a person may.
    Unrecognized,
}

impl BounceWeights {
    /// Weights: of a failure that says that the address is dead, of a complaint, and of other failures by their reasons.
    pub fn new(hard: Weight, complaint: Weight, soft: impl FnMut(Reason) -> Weight) -> Self {
        Self {
            hard,
            complaint,
            soft: Reason::ALL.map(soft),
        }
    }

    /// What a verdict means under these weights. A failure without a reason is one of another reason.
    pub fn bearing(&self, verdict: StrictVerdict) -> Bearing {
        match verdict.kind {
            BounceKind::Permanent | BounceKind::Temporary if verdict.hard => {
                Bearing::Failure(self.hard)
            }
            BounceKind::Permanent | BounceKind::Temporary => {
                Bearing::Failure(self.soft(verdict.reason.unwrap_or(Reason::Other)))
            }
            BounceKind::Feedback => Bearing::Complaint(self.complaint),
            BounceKind::Delayed
            | BounceKind::Delivered
            | BounceKind::Relayed
            | BounceKind::Expanded
            | BounceKind::Vacation
            | BounceKind::Challenge
            | BounceKind::NotABounce => Bearing::Nothing,
            BounceKind::Unknown => Bearing::Unrecognized,
        }
    }

    fn soft(&self, reason: Reason) -> Weight {
        let mut weights = Reason::ALL.iter().zip(self.soft);
        let found = weights.find(|(known, _)| **known == reason);
        found.map_or(Weight::NONE, |(_, weight)| weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearing(kind: BounceKind, hard: bool, reason: Option<Reason>) -> Bearing {
        let weights = BounceWeights::new(Weight::WHOLE, Weight(7), |reason| match reason {
            Reason::Expired => Weight(200),
            Reason::Other => Weight(3),
            _ => Weight::NONE,
        });
        weights.bearing(StrictVerdict { kind, hard, reason })
    }

    #[test]
    fn a_dead_address_counts_whatever_the_reason() {
        for reason in [None, Some(Reason::MailboxUnknown), Some(Reason::Expired)] {
            let hard = bearing(BounceKind::Permanent, true, reason);
            assert_eq!(hard, Bearing::Failure(Weight::WHOLE));
        }
    }

    #[test]
    fn other_failures_count_by_their_reason() {
        use BounceKind::{Permanent, Temporary};
        for (kind, reason, weight) in [
            (Temporary, Some(Reason::Expired), 200),
            (Permanent, Some(Reason::Expired), 200),
            (Permanent, Some(Reason::Blocked), 0),
            (Permanent, None, 3),
        ] {
            let failure = bearing(kind, false, reason);
            assert_eq!(failure, Bearing::Failure(Weight(weight)), "{reason:?}");
        }
    }

    #[test]
    fn what_is_no_failure_counts_nothing() {
        for kind in BounceKind::ALL
            .into_iter()
            .filter(|kind| !kind.is_failure())
        {
            let expected = match kind {
                BounceKind::Feedback => Bearing::Complaint(Weight(7)),
                BounceKind::Unknown => Bearing::Unrecognized,
                _ => Bearing::Nothing,
            };
            assert_eq!(bearing(kind, false, Some(Reason::Expired)), expected);
        }
    }
}
