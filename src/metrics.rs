//! What is counted for those who watch the server, and the text that tells it (`OpenMetrics`).

use crate::job::JobType;
use crate::store::CountsByType;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Names and values that tell one number from others.
type Labels = Vec<(&'static str, String)>;

/// Counters since the start of the program; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    bounces: Counter,
    jobs: Family<Labels, Counter>,
    dead: Family<Labels, Counter>,
    taken_back: Counter,
    verdicts: Family<Labels, Counter>,
    complaints: Counter,
    unconfirms: Family<Labels, Counter>,
}

impl Metrics {
    /// A bounce was taken and is queued.
    pub fn bounce_accepted(&self) {
        self.bounces.inc();
    }

    /// A job was run and settled.
    pub fn job_ended(&self, kind: &str, failed: bool) {
        let outcome = if failed { "failed" } else { "good" };
        let labels = vec![("type", kind.to_owned()), ("outcome", outcome.to_owned())];
        self.jobs.get_or_create(&labels).inc();
    }

    /// A job was abandoned after its last attempt.
    pub fn job_abandoned(&self, kind: &str) {
        self.dead
            .get_or_create(&vec![("type", kind.to_owned())])
            .inc();
    }

    /// Claims were taken back from runners that are gone.
    pub fn claims_taken_back(&self, count: u64) {
        self.taken_back.inc_by(count);
    }

    /// A mail was judged: by the extension's rules, by what it says, and why it says so.
    pub fn verdicts(&self, compatible: &'static str, strict: &'static str, reason: &'static str) {
        let labels = vec![
            ("compatible", compatible.to_owned()),
            ("strict", strict.to_owned()),
            ("reason", reason.to_owned()),
        ];
        self.verdicts.get_or_create(&labels).inc();
    }

    /// A complaint was recorded.
    pub fn complaint_recorded(&self) {
        self.complaints.inc();
    }

    /// An address was un-confirmed, or is held back by the brake.
    pub fn unconfirmed(&self, held: bool) {
        let outcome = if held { "held" } else { "done" };
        let labels = vec![("outcome", outcome.to_owned())];
        self.unconfirms.get_or_create(&labels).inc();
    }

    /// All numbers, and how many jobs there are by type and state.
    pub fn text(&self, counts: &CountsByType) -> String {
        let mut registry = Registry::with_prefix("bouncehandlerd");
        let queued = Family::<Labels, Gauge>::default();
        for (kind, counts) in counts {
            let waits = if *kind == JobType::HELD_UNCONFIRM {
                "held"
            } else {
                "ready"
            };
            for (state, count) in [
                (waits, counts.ready),
                ("delayed", counts.delayed),
                ("claimed", counts.claimed),
                ("abandoned", counts.abandoned),
            ] {
                let labels = vec![("type", kind.to_string()), ("state", state.to_owned())];
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                queued.get_or_create(&labels).set(count);
            }
        }
        registry.register("jobs", "Jobs by type and state", queued);
        registry.register(
            "bounces_accepted",
            "Bounces that were queued",
            self.bounces.clone(),
        );
        registry.register("jobs_run", "Jobs that were run", self.jobs.clone());
        registry.register(
            "jobs_abandoned",
            "Jobs that failed for the last time",
            self.dead.clone(),
        );
        registry.register(
            "claims_taken_back",
            "Claims that grew stale",
            self.taken_back.clone(),
        );
        self.register_bounces(&mut registry);
        let mut text = String::new();
        // Writing to memory cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }

    fn register_bounces(&self, registry: &mut Registry) {
        registry.register(
            "verdicts",
            "Mails by both verdicts and the reason",
            self.verdicts.clone(),
        );
        registry.register(
            "complaints",
            "Complaints that were recorded",
            self.complaints.clone(),
        );
        registry.register(
            "unconfirms",
            "Addresses that were un-confirmed for their bounces, or wait for a person",
            self.unconfirms.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::JobCounts;

    #[test]
    fn what_happened_is_told_as_openmetrics() {
        let metrics = Metrics::default();
        metrics.bounce_accepted();
        metrics.job_ended("A", true);
        metrics.job_ended("A", true);
        metrics.job_abandoned("A");
        metrics.claims_taken_back(3);
        let counts = JobCounts {
            ready: 2,
            delayed: 5,
            ..JobCounts::default()
        };
        metrics.verdicts("permanent", "temporary", "mailbox-full");
        metrics.complaint_recorded();
        metrics.unconfirmed(true);
        let kinds = [JobType::known("A"), JobType::HELD_UNCONFIRM];
        let text = metrics.text(&kinds.map(|kind| (kind, counts)).into());
        for line in [
            "bouncehandlerd_bounces_accepted_total 1\n",
            "bouncehandlerd_jobs_run_total{type=\"A\",outcome=\"failed\"} 2\n",
            "bouncehandlerd_jobs_abandoned_total{type=\"A\"} 1\n",
            "bouncehandlerd_claims_taken_back_total 3\n",
            "bouncehandlerd_jobs{type=\"A\",state=\"delayed\"} 5\n",
            "bouncehandlerd_jobs{type=\"HeldUnconfirmJob\",state=\"held\"} 2\n",
            "bouncehandlerd_verdicts_total{compatible=\"permanent\",strict=\"temporary\",reason=\"mailbox-full\"} 1\n",
            "bouncehandlerd_complaints_total 1\n",
            "bouncehandlerd_unconfirms_total{outcome=\"held\"} 1\n",
        ] {
            assert!(text.contains(line), "no {line} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
